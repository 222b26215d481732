"""The panels at the right: one file each, found by its ``PANEL``."""
