"""Planes through a volume: upright, thick, tilted, curved."""
