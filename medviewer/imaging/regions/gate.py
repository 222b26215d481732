"""Which values belong to what was clicked at: a gate from the place's neighbourhood."""

import numpy as np
from numpy.typing import NDArray

from medviewer.core.grid import Grid
from medviewer.core.mask import Index

Values = NDArray[np.float64]
AROUND_MM = (6.0, 12.0)  # half sizes of the neighbourhoods; the smaller one shows what a small nodule lies in
# Two kinds of tissue rather than one with noise: a bell curve cut in the middle gives 2.65.
TWO_KINDS = 3.5
NOISE_WIDTHS, SHARE_OF_RANGE = 3.0, 0.04
_SD_PER_MAD = 1.4826


def default_gate(voxels: NDArray[np.int16], grid: Grid, seed_kji: Index) -> tuple[int, int]:
    """Return the lowest and highest voxel value to grow through from ``seed_kji`` of ``voxels`` (k, j, i).

    Around the median of the seed's 27 neighbours; as far as half the way to another tissue beside it, where there is
    one (Otsu's threshold), else as far as the noise goes.
    """
    near = _around(voxels, seed_kji, (1, 1, 1))
    center = float(np.median(near))
    reach = NOISE_WIDTHS * _SD_PER_MAD * float(np.median(np.abs(near - center)))
    for half_mm in AROUND_MM:
        values = _around(voxels, seed_kji, [max(1, round(half_mm / mm)) for mm in grid.spacing_kji_mm])
        low, high = np.percentile(values, (1.0, 99.0))
        reach = max(reach, SHARE_OF_RANGE * float(high - low), 1.0)
        border = _between(values)
        if border is not None and abs(center - border) > reach:
            reach = abs(center - border)
            break
    return round(center - reach), round(center + reach)


def _around(voxels: NDArray[np.int16], seed_kji: Index, half: tuple[int, int, int] | list[int]) -> Values:
    """Return the values of a box around the seed, cut to the volume."""
    box = tuple(slice(max(0, at - n), at + n + 1) for at, n in zip(seed_kji, half, strict=True))
    return voxels[box].astype(np.float64).ravel()


def _between(values: Values) -> float | None:
    """Return the value that divides two kinds of tissue best (Otsu 1979); None where there is one kind only."""
    counts, edges = np.histogram(values, bins=96)
    middles = (edges[1:] + edges[:-1]) / 2.0
    below, above = np.cumsum(counts)[:-1], counts.sum() - np.cumsum(counts)[:-1]
    possible = (below > 0) & (above > 0)
    if not possible.any():
        return None
    sums = np.cumsum(counts * middles)
    lower = sums[:-1] / np.maximum(below, 1)
    upper = (sums[-1] - sums[:-1]) / np.maximum(above, 1)
    best = int(np.argmax(np.where(possible, below * above * (upper - lower) ** 2, -1.0)))
    low, high = values[values < edges[best + 1]], values[values >= edges[best + 1]]
    if not low.size or not high.size:
        return None
    spread = np.sqrt((low.var() * low.size + high.var() * high.size) / values.size)
    apart = float(high.mean() - low.mean())
    return float(low.mean() + high.mean()) / 2.0 if apart > TWO_KINDS * max(float(spread), 1e-9) else None
