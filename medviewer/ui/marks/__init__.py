"""Measurements and annotations: drawn, taken hold of, painted, listed."""
