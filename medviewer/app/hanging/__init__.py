"""Hanging protocols: files, matching, saving."""
