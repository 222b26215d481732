"""The value between voxels at single places, as the planes show it."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from medviewer.core.arrangement import Blend, Slab
from medviewer.core.volume import READY, Volume
from medviewer.imaging.reslice import layers_of

_BLENDED: dict[Blend, Callable[[Any], Any]] = {"mean": np.mean, "max": np.max, "min": np.min}


def blend_of(values: ArrayLike, blend: Blend) -> float:
    """Return the mean, greatest or least of values."""
    return float(_BLENDED[blend](values))


def value_between(volume: Volume, at_lps_mm: ArrayLike, across_lps: ArrayLike, slab: Slab) -> float | None:
    """Return the voxels' number at a place, blended over the slab along a unit vector.

    None outside the volume, and where nothing was read; layers there are left out.
    """
    layers = layers_of(volume.grid, slab.mm)
    offsets_mm = np.linspace(-slab.mm / 2, slab.mm / 2, layers) if layers > 1 else np.zeros(1)
    places = np.asarray(at_lps_mm) + offsets_mm[:, None] * np.asarray(across_lps)
    found = _at(volume, volume.grid.to_kji(places))
    return blend_of(found, slab.blend) if found.size else None


def _at(volume: Volume, kji: NDArray[np.float64]) -> NDArray[np.float64]:
    """Interpolate between the eight voxels around fractional indices (n, 3), where they are inside and were read."""
    most = np.asarray(volume.grid.shape_kji) - 1
    nearest = np.rint(kji)
    kji = np.clip(kji[np.all((nearest >= 0) & (nearest <= most), axis=1)], 0, most)
    low = np.minimum(kji.astype(int), np.maximum(most - 1, 0))
    part, read = kji - low, volume.state == READY
    high = np.minimum(low + 1, most)
    taken = read[low[:, 0]] & (read[high[:, 0]] | (part[:, 0] == 0))
    (k, j, i), (k1, j1, i1), part = low[taken].T, high[taken].T, part[taken]
    eight = volume.voxels[
        np.array([k, k, k, k, k1, k1, k1, k1]), np.array([j, j, j1, j1] * 2), np.array([i, i1] * 4)
    ].astype(float)
    for share in (part[:, 0], part[:, 1], part[:, 2]):
        half = len(eight) // 2
        eight = eight[:half] * (1 - share) + eight[half:] * share
    values: NDArray[np.float64] = eight[0]
    return values
