"""Outlines: painted, grown, listed, measured."""
