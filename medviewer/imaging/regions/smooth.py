"""Painted regions made tidy: smoother, in one piece, without holes."""

import numpy as np
from numpy.typing import NDArray

from medviewer.core.grid import Grid
from medviewer.core.mask import Mask
from medviewer.core.region_canvas import Canvas

SIGMA_VOXELS = 2.0  # of the smallest voxel side: steps and single voxels go, the form stays


def smooth(mask: Mask, grid: Grid) -> Mask:
    """Return the region smoothed in 3-D, equally far in mm along all axes, with as many voxels as before.

    The blurred region is cut where just that many voxels are left, so it neither shrinks nor swells; up to
    neighbours of equal value.
    """
    from scipy import ndimage

    sigma = [SIGMA_VOXELS * min(grid.spacing_kji_mm) / mm for mm in grid.spacing_kji_mm]
    wide = _roomy(mask, grid, [int(np.ceil(3.0 * each)) for each in sigma])
    flat = [0.0 if size == 1 else each for size, each in zip(mask.voxels.shape, sigma, strict=True)]
    blurred = ndimage.gaussian_filter(wide.voxels.astype(np.float32), flat, mode="nearest", truncate=3.0)
    count = wide.count
    least = np.partition(blurred, -count, axis=None)[-count]
    return Mask.cut(blurred >= max(float(least), 1e-6), wide.offset_kji)


def smooth_slices(mask: Mask, grid: Grid) -> Mask:
    """Return the region smoothed on each slice (k) by itself, as where nobody knows how far apart slices are."""
    k, j, i = mask.offset_kji
    canvas = Canvas(grid.shape_kji)
    for n, area in enumerate(mask.voxels):
        if area.any():
            one = smooth(Mask((k + n, j, i), area[None]), grid)
            canvas.put(one.box, one.voxels, on=True)
    return Mask.cut(canvas.voxels, canvas.offset_kji)


def largest(mask: Mask) -> Mask:
    """Return the largest piece that hangs together by faces, edges or corners."""
    from scipy import ndimage

    labels, _count = ndimage.label(mask.voxels, np.ones((3, 3, 3), np.int8))
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    return Mask.cut(np.asarray(labels == int(sizes.argmax())), mask.offset_kji)


def without_holes(mask: Mask) -> Mask:
    """Return the region with what it encloses, in space and on each of its slices (k)."""
    from scipy import ndimage

    filled = ndimage.binary_fill_holes(mask.voxels)
    whole: NDArray[np.bool_] = np.stack([ndimage.binary_fill_holes(area) for area in filled])
    return Mask.cut(whole, mask.offset_kji)


def _roomy(mask: Mask, grid: Grid, more: list[int]) -> Mask:
    """Return the mask in a box larger on every side, but inside the volume."""
    low = [max(0, part.start - n) for part, n in zip(mask.box, more, strict=True)]
    high = [min(size, part.stop + n) for part, n, size in zip(mask.box, more, grid.shape_kji, strict=True)]
    voxels = np.zeros([b - a for a, b in zip(low, high, strict=True)], np.bool_)
    voxels[tuple(slice(p.start - a, p.stop - a) for p, a in zip(mask.box, low, strict=True))] = mask.voxels
    return Mask((low[0], low[1], low[2]), voxels)
