"""Distances to simple bodies and what pixel edges make of them; float32 throughout, lengths in mm."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Field = NDArray[np.float32]
Vec = Sequence[float]


def smooth_min(a: Field, b: Field, blend_mm: float) -> Field:
    """Union of two distance fields with their crease filled over about ``blend_mm`` (polynomial smooth minimum)."""
    gap = np.maximum(blend_mm - np.abs(a - b), 0.0)
    out: Field = np.minimum(a, b) - gap * gap * np.float32(0.25 / blend_mm)
    return out


def cover(distance_mm: Field, width_mm: float) -> Field:
    """Share of a pixel inside a body (1 inside, 0 outside) when its edge is ``width_mm`` soft."""
    out: Field = np.clip(0.5 - distance_mm * np.float32(1.0 / width_mm), 0.0, 1.0)
    return out


def ellipsoid(
    x: ArrayLike, y: ArrayLike, z: ArrayLike, center: Vec, radii: Vec, *, turn: ArrayLike | None = None
) -> Field:
    """Distance to an ellipsoid's surface, negative inside, exact near it; ``turn`` has its axes as rows."""
    d = [np.asarray(v, np.float32) - np.float32(c) for v, c in zip((x, y, z), center, strict=True)]
    if turn is not None:
        rows = np.asarray(turn, np.float32)
        d = [row[0] * d[0] + row[1] * d[1] + row[2] * d[2] for row in rows]
    squares = [(v / np.float32(r)) ** 2 for v, r in zip(d, radii, strict=True)]
    near = squares[0] + squares[1] + squares[2] + np.float32(1e-6)
    steep = sum(s / np.float32(r * r) for s, r in zip(squares, radii, strict=True)) + np.float32(1e-9)
    root = np.sqrt(near)
    out: Field = (root - 1.0) * root / np.sqrt(steep)
    return out


def capsule(x: ArrayLike, y: ArrayLike, z: ArrayLike, start: Vec, stop: Vec, *, radii: tuple[float, float]) -> Field:
    """Distance to a capsule from ``start`` to ``stop`` whose radius runs from one of ``radii`` to the other."""
    step = np.subtract(stop, start).astype(np.float32)
    d = [np.asarray(v, np.float32) - np.float32(c) for v, c in zip((x, y, z), start, strict=True)]
    along = (d[0] * step[0] + d[1] * step[1] + d[2] * step[2]) / np.float32(step @ step)
    t = np.clip(along, 0.0, 1.0)
    square = sum((v - t * s) ** 2 for v, s in zip(d, step, strict=True))
    out: Field = np.sqrt(square) - (np.float32(radii[0]) + t * np.float32(radii[1] - radii[0]))
    return out


def turned(yaw_deg: float, pitch_deg: float = 0.0) -> NDArray[np.float64]:
    """Axes (rows) turned by ``yaw_deg`` in the axial plane and then ``pitch_deg`` towards the head."""
    a, b = np.deg2rad(yaw_deg), np.deg2rad(pitch_deg)
    first = [np.cos(a) * np.cos(b), np.sin(a) * np.cos(b), np.sin(b)]
    second = [-np.sin(a), np.cos(a), 0.0]
    return np.array([first, second, np.cross(first, second)])
