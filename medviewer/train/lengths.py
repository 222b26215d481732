"""Long axes and volumes of outlines, beside those of the readers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.imaging.measure import axes, axes_of
from medviewer.imaging.subvoxel import area_pixels, rim
from medviewer.train.crops import READERS, Crops
from medviewer.train.evaluate import Bools, Floats, interval, mean_of_rows
from medviewer.train.stacks import steps_mm

CLOSE_MM = 1.5  # what the issue of the reading room calls the same length
Chances = NDArray[np.float16]


def largest_slices(crops: Crops, least_readers: int = 2) -> NDArray[np.int64]:
    """Return for each nodule the crop with the largest area drawn in common, among those of enough readers."""
    areas = np.stack([crops.reader(r).sum(axis=(1, 2)) for r in range(READERS)], axis=1).astype(np.float64)
    enough = (areas > 0).sum(axis=1) >= least_readers
    areas[areas == 0] = np.nan
    mean = mean_of_rows(areas)
    best = [
        int(rows[np.nanargmax(mean[rows])])
        for nodule in np.unique(crops.nodule[enough])
        if len(rows := np.flatnonzero((crops.nodule == nodule) & enough))
    ]
    return np.array(best, dtype=np.int64)


def drawn_axes_mm(masks: Bools, spacing_mm: Floats) -> Floats:
    """Return the long axis in mm of each mask (n, h, w) as drawn, (n,); NaN where it is empty."""
    lengths = np.full(len(masks), np.nan)
    for n in np.flatnonzero(masks.any(axis=(1, 2))):
        line = axes(masks[n], float(spacing_mm[n]), float(spacing_mm[n]))[0]
        lengths[n] = np.linalg.norm(line[1] - line[0])
    return lengths


def fine_axes_mm(chances: Chances, masks: Bools, level: float, spacing_mm: Floats) -> Floats:
    """Return the long axis in mm of each mask (n, h, w) where chances cross ``level``, (n,); 0 where it is empty."""
    lengths = np.zeros(len(masks))
    for n in np.flatnonzero(masks.any(axis=(1, 2))):
        line = axes_of(rim(chances[n].astype(np.float32), level, masks[n]) * spacing_mm[n])[0]
        lengths[n] = np.linalg.norm(line[1] - line[0])
    return lengths


def axis_errors(chances: Chances, masks: Bools, level: float, crops: Crops, on: NDArray[np.int64]) -> dict[str, Any]:
    """Report the long-axis error in mm against the readers' median, on the crops ``on``; none drawn counts as 0 mm.

    ``readers`` is what one reader differs from the median of the others.
    """
    spacing, patients = crops.numbers("pixel_spacing")[on], crops.column("pid")[on]
    drawn = np.stack([drawn_axes_mm(crops.reader(r)[on], spacing) for r in range(READERS)], axis=1)
    error = fine_axes_mm(chances[on], masks[on], level, spacing) - np.nanmedian(drawn, axis=1)
    apart = _apart(drawn)
    return {
        "absolute_mm": interval(np.abs(error), patients),
        "signed_mm": interval(error, patients),
        "share_within_1.5_mm": interval((np.abs(error) <= CLOSE_MM).astype(np.float64), patients),
        "readers_absolute_mm": interval(apart, patients),
        "readers_share_within_1.5_mm": interval(np.where(np.isnan(apart), np.nan, apart <= CLOSE_MM), patients),
    }


def _apart(drawn: Floats) -> Floats:
    """Distance of one reader's number from the median of the others', the mean over readers, (n,)."""
    found = np.full(drawn.shape, np.nan)
    for reader in range(drawn.shape[1]):
        others = np.delete(drawn, reader, axis=1)
        known = ~np.isnan(drawn[:, reader]) & ~np.isnan(others).all(axis=1)
        found[known, reader] = np.abs(drawn[known, reader] - np.nanmedian(others[known], axis=1))
    return mean_of_rows(found)


def volume_errors(chances: Chances, masks: Bools, level: float, crops: Crops) -> dict[str, Any]:
    """Report volumes as shares of the readers' median over all slices of each nodule of two and more readers."""
    step_mm, spacing_mm = steps_mm(crops), crops.numbers("pixel_spacing")
    voxel_mm3 = step_mm * spacing_mm**2
    own = np.array([area_pixels(c.astype(np.float32), level, m) for c, m in zip(chances, masks, strict=True)])
    drawn = np.stack([crops.reader(r).sum(axis=(1, 2)) for r in range(READERS)], axis=1).astype(np.float64)
    shares, patients = [], []
    for nodule in np.unique(crops.nodule):
        rows = np.flatnonzero(crops.nodule == nodule)
        by_reader = (drawn[rows] * voxel_mm3[rows, None]).sum(axis=0)
        if np.count_nonzero(by_reader) >= 2:
            shares.append(float((own[rows] * voxel_mm3[rows]).sum() / np.median(by_reader[by_reader > 0])))
            patients.append(crops.rows[nodule]["pid"])
    names, ratio = np.array(patients, np.str_), np.array(shares)
    return {
        "share_of_readers": interval(ratio, names),
        "absolute_percent": interval(100.0 * np.abs(ratio - 1.0), names),
    }
