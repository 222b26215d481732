"""Hanging protocols on the screen."""
