"""Volumes in three dimensions."""
