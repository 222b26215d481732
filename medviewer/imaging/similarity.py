"""How alike two volumes are under a relation, on coarse copies: what a registration is judged by."""

import numpy as np
from numpy.typing import NDArray

from medviewer.core.registration import Matrix
from medviewer.imaging.body import Coarse

BINS = 32
LEAST_SAMPLES = 200
Floats = NDArray[np.float32]


def similarity(fixed: Coarse, moving: Coarse, to_fixed: Matrix, every: int = 1) -> float:
    """Return how much the values of one tell of the other's where both are body: 0 nothing, 1 all.

    It is the informational coefficient of correlation (Linfoot 1957, doi:10.1016/S0019-9958(57)90116-X) on 32 classes,
    which is the correlation where the two depend on each other linearly, and needs no equal values. ``to_fixed`` leads
    from LPS mm of the moving to those of the fixed copy; only each ``every``-th voxel along each axis is looked at.
    """
    mine, theirs = _pairs(fixed, moving, to_fixed, every)
    if mine.size < LEAST_SAMPLES:
        return 0.0
    return float(np.sqrt(1.0 - np.exp(-2.0 * _mutual_information(mine, theirs))))


def joint_share(fixed: Coarse, moving: Coarse, to_fixed: Matrix) -> float:
    """Return the share (0 to 1) of the smaller body that lies in the other one."""
    joint = _both(fixed, moving, to_fixed, 2)[0].sum() * 8 * fixed.grid.voxel_mm3
    return float(min(1.0, joint / max(1.0, min(fixed.body_mm3, moving.body_mm3))))


def _both(fixed: Coarse, moving: Coarse, to_fixed: Matrix, every: int) -> tuple[NDArray[np.bool_], NDArray[np.intp]]:
    """Return which of every n-th fixed voxels are body in both, and the moving voxel (3, n) nearest to each of them."""
    k, j, i = (np.arange(0, n, every) for n in fixed.grid.shape_kji)
    kji = np.stack(np.meshgrid(k, j, i, indexing="ij"), axis=-1).reshape(-1, 3)
    back = np.linalg.inv(to_fixed)
    there = moving.grid.to_kji(fixed.grid.to_lps(kji) @ back[:3, :3].T + back[:3, 3])
    nearest = np.rint(there).astype(np.intp)
    inside = np.all((nearest >= 0) & (nearest < moving.grid.shape_kji), axis=1)
    inside &= fixed.body[kji[:, 0], kji[:, 1], kji[:, 2]]
    inside[inside] = moving.body[tuple(nearest[inside].T)]
    return inside, nearest


def _pairs(fixed: Coarse, moving: Coarse, to_fixed: Matrix, every: int) -> tuple[Floats, Floats]:
    both, nearest = _both(fixed, moving, to_fixed, every)
    mine = fixed.values[::every, ::every, ::every].ravel()[both]
    return mine, moving.values[tuple(nearest[both].T)]


def _mutual_information(mine: Floats, theirs: Floats) -> float:
    """Return the mutual information in nats, on classes between the 0.5 and 99.5 % of each."""
    ends = [tuple(np.percentile(values, (0.5, 99.5))) for values in (mine, theirs)]
    if any(low >= high for low, high in ends):
        return 0.0
    clipped = [np.clip(values, low, high) for values, (low, high) in zip((mine, theirs), ends, strict=True)]
    counts, _x, _y = np.histogram2d(clipped[0], clipped[1], BINS, range=ends)
    chance = counts / counts.sum()
    alone = np.outer(chance.sum(axis=1), chance.sum(axis=0))
    filled = chance > 0
    return float((chance[filled] * np.log(chance[filled] / alone[filled])).sum())
