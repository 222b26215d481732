"""Coarse copies of volumes, and where the body is in them: without table, blankets and the air around."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medviewer.core.grid import Grid, triple

CT_RANGE_HU, BODY_ABOVE_HU = (-1000.0, 1000.0), -300.0
OPENING_MM, SKIN_MM = 9.0, 6.0  # thinner than this is table or cloth; so much around the body belongs to it
LEAST_SHARE = 0.005  # of the voxels: less than that is no body
Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Coarse:
    """A coarse copy: real values ``[k, j, i]`` on ``grid``, and which voxels are body."""

    values: Floats
    grid: Grid
    body: Bools

    @property
    def body_mm3(self) -> float:
        """Volume of the body in mm³."""
        return float(np.count_nonzero(self.body)) * self.grid.voxel_mm3


def coarse(values: Floats, grid: Grid, is_ct: bool) -> Coarse:
    """Return ``values`` of a coarse ``grid`` with the body found in them; CT values end at ``CT_RANGE_HU``."""
    kept = np.clip(values, *CT_RANGE_HU) if is_ct else values
    return Coarse(kept, grid, body_of(kept, grid, is_ct))


def thinned(voxels: NDArray[np.int16], grid: Grid, mm: float, slope: float, intercept: float) -> tuple[Floats, Grid]:
    """Return the mean of blocks of voxels of about ``mm``, as real values, and the grid of these blocks.

    What does not fill a block at the far ends is left out.
    """
    every = [max(1, min(round(mm / step), n)) for step, n in zip(grid.spacing_kji_mm, grid.shape_kji, strict=True)]
    a, b, c = every
    shape = tuple(n // step for n, step in zip(grid.shape_kji, every, strict=True))
    means = np.empty(shape, np.float32)
    for k in range(shape[0]):  # one layer of blocks at a time, so that no copy of the whole is made
        layer = voxels[k * a : (k + 1) * a, : shape[1] * b, : shape[2] * c]
        means[k] = layer.reshape(a, shape[1], b, shape[2], c).mean(axis=(0, 2, 4), dtype=np.float32)
    means *= np.float32(slope)
    means += np.float32(intercept)
    first = triple(grid.to_lps([(step - 1) / 2 for step in every]))
    spacing = triple(np.multiply(grid.spacing_kji_mm, every))
    k, j, i = shape
    return means, Grid((k, j, i), first, spacing, grid.axes_kji_lps)


def body_of(values: Floats, grid: Grid, is_ct: bool) -> Bools:
    """Return the largest connected thing brighter than air, with what it encloses; all where there is none."""
    from scipy import ndimage

    bright = values > (BODY_ABOVE_HU if is_ct else _between(values))
    parts, count = ndimage.label(ndimage.binary_opening(bright, _ball(grid, OPENING_MM / 2)))
    if not count:
        return np.ones(values.shape, np.bool_)
    largest = parts == 1 + int(np.bincount(parts.ravel())[1:].argmax())
    if largest.mean() < LEAST_SHARE:
        return np.ones(values.shape, np.bool_)
    skin = ndimage.binary_dilation(largest, _ball(grid, SKIN_MM))
    return np.stack([ndimage.binary_fill_holes(layer) for layer in skin])


def _ball(grid: Grid, radius_mm: float) -> Bools:
    reach = [int(radius_mm / step) for step in grid.spacing_kji_mm]
    k, j, i = np.ogrid[tuple(slice(-n, n + 1) for n in reach)]
    sk, sj, si = grid.spacing_kji_mm
    ball: Bools = (k * sk) ** 2 + (j * sj) ** 2 + (i * si) ** 2 <= radius_mm**2
    return ball


def _between(values: Floats) -> float:
    """Return the value that parts dark from bright best (Otsu 1979, doi:10.1109/TSMC.1979.4310076).

    Of the square root, lest the hot spots of a PET be all the body there is.
    """
    low, high = (float(end) for end in np.percentile(values, (0.5, 99.0)))
    if low >= high:
        return high
    counts, edges = np.histogram(np.sqrt(np.clip(values, low, high) - low), 256)
    middles = (edges[1:] + edges[:-1]) / 2
    below = np.cumsum(counts)
    sums = np.cumsum(counts * middles)
    above = below[-1] - below
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = below * above * (sums / below - (sums[-1] - sums) / above) ** 2
    return low + float(middles[int(np.nan_to_num(apart).argmax())]) ** 2
