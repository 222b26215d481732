"""A region of one grid laid onto another."""

import numpy as np
from numpy.typing import NDArray

from medviewer.core.grid import Grid
from medviewer.core.job import Job
from medviewer.core.mask import Mask

Matrix = NDArray[np.float64]


def onto(mask: Mask, own: Grid, other: Grid, to_other: Matrix | None = None, job: Job | None = None) -> Mask | None:
    """Return the voxels of ``other`` whose centre lies in the region of ``own``; None where none does.

    ``to_other`` (4x4) maps LPS mm of ``own`` to those of ``other``; without it both have one patient space.
    """
    way = np.eye(4) if to_other is None else to_other
    back: Matrix = np.linalg.inv(way).astype(np.float64)
    low, high = np.asarray(mask.offset_kji) - 0.5, np.asarray(mask.offset_kji) + mask.voxels.shape - 0.5
    corners = np.stack(np.meshgrid(*np.stack([low, high], axis=1), indexing="ij"), axis=-1).reshape(8, 3)
    there = other.to_kji(_moved(way, own.to_lps(corners)))
    first = np.maximum(np.floor(there.min(axis=0)), 0).astype(int)
    last = np.minimum(np.ceil(there.max(axis=0)) + 1, other.shape_kji).astype(int)
    if np.any(first >= last):
        return None
    j, i = np.meshgrid(np.arange(first[1], last[1]), np.arange(first[2], last[2]), indexing="ij")
    slices = []
    for n, k in enumerate(range(first[0], last[0])):
        if job is not None:
            job.step(n / (last[0] - first[0]))
        lps_mm = _moved(back, other.to_lps(np.stack([np.full_like(j, k), j, i], axis=-1)))
        slices.append(_at(mask, own.to_kji(lps_mm)))
    made = np.stack(slices)
    return Mask.cut(made, (int(first[0]), int(first[1]), int(first[2]))) if made.any() else None


def _moved(matrix: Matrix, lps_mm: Matrix) -> Matrix:
    """Return points (..., 3) mapped by a 4x4 matrix."""
    moved: Matrix = lps_mm @ matrix[:3, :3].T + matrix[:3, 3]
    return moved


def _at(mask: Mask, kji: Matrix) -> NDArray[np.bool_]:
    """Return whether the voxels nearest to fractional indices (..., 3) belong to the region."""
    local = np.rint(kji).astype(np.int64) - mask.offset_kji
    within = np.all((local >= 0) & (local < mask.voxels.shape), axis=-1)
    kept = np.clip(local, 0, np.asarray(mask.voxels.shape) - 1)
    return np.asarray(within & mask.voxels[kept[..., 0], kept[..., 1], kept[..., 2]])
