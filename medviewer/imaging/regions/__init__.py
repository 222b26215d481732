"""Painting, growing, filling and smoothing regions."""
