"""What models say beside their findings, in the window."""
