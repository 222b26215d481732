"""The library: every study opened before, in an index that can be deleted and built again at any time."""
