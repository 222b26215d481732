"""Other examinations beside the one read."""
