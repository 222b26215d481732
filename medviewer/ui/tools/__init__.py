"""The mouse tools: one file each, found by its ``TOOL``."""
