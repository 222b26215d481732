"""Moving pictures and phases."""
