"""The value between voxels at single places, as the planes show it."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

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
    found = [value for kji in volume.grid.to_kji(places) if (value := _at(volume, kji)) is not None]
    return blend_of(found, slab.blend) if found else None


def _at(volume: Volume, kji: np.ndarray) -> float | None:
    """Interpolate between the eight voxels around fractional indices."""
    if not volume.grid.contains(kji):
        return None
    most = np.asarray(volume.grid.shape_kji) - 1
    kji = np.clip(kji, 0, most)
    low = np.minimum(kji.astype(int), np.maximum(most - 1, 0))
    high = np.minimum(low + 1, most)
    part = kji - low
    needed = volume.state[[low[0], high[0]] if part[0] > 0 else [low[0]]]
    if np.any(needed != READY):
        return None
    eight = volume.voxels[np.ix_(*((a, b) for a, b in zip(low, high, strict=True)))].astype(float)
    for share in part:
        eight = eight[0] * (1 - share) + eight[1] * share
    return float(eight)
