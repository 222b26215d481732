"""What measurements measure."""
