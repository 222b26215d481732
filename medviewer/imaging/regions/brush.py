"""Which voxels a round brush covers on its way from one place to another."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from medviewer.core.finding import Point
from medviewer.core.grid import Grid

Box = tuple[slice, slice, slice]
Vector = NDArray[np.float64]
_TINY = 1e-6


@dataclass(frozen=True)
class Tip:
    """The end of a brush: a ball of ``radius_mm``, or a disc of it where ``normal_lps`` is the unit normal of a plane.

    A disc is as thick as one layer of voxels across that plane.
    """

    radius_mm: float
    normal_lps: Point | None = None


def sweep(grid: Grid, tip: Tip, start_lps_mm: ArrayLike, end_lps_mm: ArrayLike) -> tuple[Box, NDArray[np.bool_]] | None:
    """Return the box of ``grid`` and which of its voxels (k, j, i) have their centre under the brush on its way.

    The voxel nearest to the end is always covered, however small the brush. None where all of it is outside.
    """
    start, end = np.asarray(start_lps_mm, np.float64), np.asarray(end_lps_mm, np.float64)
    reach = _reach(grid, tip)
    ends = grid.to_kji(np.stack([start, end]))
    low = np.maximum(np.ceil(ends.min(axis=0) - reach), 0).astype(int)
    high = np.minimum(np.floor(ends.max(axis=0) + reach) + 1, grid.shape_kji).astype(int)
    nearest = np.rint(ends[1]).astype(int)
    if grid.contains(ends[1]):
        low, high = np.minimum(low, nearest), np.maximum(high, nearest + 1)
    if np.any(low >= high):
        return None
    k, j, i = (slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
    inside = _covered(grid, (k, j, i), tip, start, end)
    if grid.contains(ends[1]):
        inside[tuple(nearest - low)] = True
    return ((k, j, i), inside) if inside.any() else None


def _half_mm(grid: Grid, tip: Tip) -> float:
    """Return half the thickness of a disc: as far as a voxel reaches across its plane."""
    return float(np.abs(grid.steps_lps_mm @ np.asarray(tip.normal_lps)).sum()) / 2.0 - _TINY


def _reach(grid: Grid, tip: Tip) -> Vector:
    """Return how far the tip reaches along k, j, i, in indices."""
    across = np.linalg.inv(grid.steps_lps_mm)  # column a: how index a grows by each mm along L, P, H
    if tip.normal_lps is None:
        return np.asarray(tip.radius_mm * np.linalg.norm(across, axis=0) + _TINY)
    along = np.asarray(tip.normal_lps) @ across
    flat = across - np.outer(tip.normal_lps, along)
    return np.asarray(tip.radius_mm * np.linalg.norm(flat, axis=0) + _half_mm(grid, tip) * np.abs(along) + _TINY)


def _covered(grid: Grid, box: Box, tip: Tip, start: Vector, end: Vector) -> NDArray[np.bool_]:
    """Return which voxels of the box are within the radius of the way, and of a disc within its thickness."""
    offset = grid.to_lps([part.start for part in box]) - start
    steps = grid.steps_lps_mm
    counts = [np.arange(part.stop - part.start, dtype=np.float64) for part in box]

    def along(direction: Vector) -> Vector:
        """How far each voxel's centre lies from the start along a direction, mm."""
        k, j, i = (count * (step @ direction) for count, step in zip(counts, steps, strict=True))
        return np.asarray(offset @ direction + k[:, None, None] + j[:, None] + i)

    way = end - start
    apart = sum(along(axis) ** 2 for axis in np.eye(3))
    if tip.normal_lps is not None:
        height = along(np.asarray(tip.normal_lps))
        apart = apart - height**2
    length = float(np.linalg.norm(way))
    if length > _TINY:
        gone = along(way / length)
        on_way = np.clip(gone, 0.0, length)
        apart = apart - gone**2 + (gone - on_way) ** 2
    covered: NDArray[np.bool_] = np.asarray(apart) <= tip.radius_mm**2 + _TINY
    return covered & (np.abs(height) <= _half_mm(grid, tip)) if tip.normal_lps is not None else covered
