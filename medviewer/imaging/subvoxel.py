"""Lengths and volumes finer than a voxel: the rim of a region lies where its chance crosses a level."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]
Points = NDArray[np.float64]
FINE = 4  # how many times finer than the pixels an area is counted


@dataclass(frozen=True, eq=False)
class Rim:
    """The chances (k, j + 2, i + 2) of a region (k, j, i) and one pixel around it, and the level of its outline."""

    chances: Floats
    level: float

    def points(self, k: int, inside: Bools) -> Points:
        """Return the rim on slice ``k``, where the region is ``inside`` (j, i): (n, 2), (row, column) in the region."""
        return rim(self.chances[k], self.level, np.pad(inside, 1)) - 1.0

    def volume_voxels(self, inside: Bools) -> float:
        """Return the volume of the region ``inside`` (k, j, i) in voxels."""
        slices = zip(self.chances, inside, strict=True)
        return sum(area_pixels(chances, self.level, np.pad(own, 1)) for chances, own in slices)


def rim(chances: Floats, level: float, inside: Bools) -> Points:
    """Return where ``chances`` (rows, columns) cross ``level`` around the region ``inside``, (n, 2) as (row, column).

    Between a pixel inside and its neighbour outside, chances are taken as linear; half a pixel out at the array's edge.
    Empty where nothing is inside.
    """
    padded = np.pad(chances.astype(np.float64), 1)
    region = np.pad(inside, 1)
    places = []
    for shift in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        beyond = np.roll(region, (-shift[0], -shift[1]), (0, 1))
        at = np.argwhere(region & ~beyond)
        here, there = padded[tuple(at.T)], padded[tuple((at + shift).T)]
        share = np.clip((here - level) / np.maximum(here - there, 1e-6), 0.0, 1.0)
        places.append(at - 1 + share[:, None] * shift)
    return np.concatenate(places)


def area_pixels(chances: Floats, level: float, inside: Bools) -> float:
    """Return the area in pixels where ``chances`` (rows, columns), interpolated, reach ``level`` in and at ``inside``.

    Pixels that touch the region count as far as they belong to it; others, another region's perhaps, do not.
    """
    import cv2
    from scipy import ndimage

    if not inside.any():
        return 0.0
    near = ndimage.binary_dilation(inside, np.ones((3, 3), np.bool_))
    rows, columns = (np.flatnonzero(near.any(axis=axis)) for axis in (1, 0))
    box = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    own = np.where(near[box], chances[box], 0.0).astype(np.float32)
    fine = cv2.resize(own, None, fx=FINE, fy=FINE, interpolation=cv2.INTER_LINEAR)
    return float(np.count_nonzero(fine >= level)) / FINE**2
