"""What makes the window the reader's own."""
