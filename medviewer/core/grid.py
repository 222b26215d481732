"""Where voxels are in the patient: LPS millimetres, indices (k, j, i) = (slice, row, column)."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

Vector = NDArray[np.float64]


def triple(values: Iterable[float]) -> tuple[float, float, float]:
    """Return a point or direction as three plain floats; ValueError where there are not three."""
    x, y, z = (float(value) for value in values)
    return x, y, z


@dataclass(frozen=True)
class Grid:
    """Geometry of a voxel array ``[k, j, i]``; positions are voxel centres in LPS mm.

    Attributes:
        shape_kji: number of slices, rows, columns.
        origin_lps_mm: centre of voxel (0, 0, 0).
        spacing_kji_mm: distance between voxel centres along k, j, i; positive.
        axes_kji_lps: unit vectors of k, j, i in LPS, one per row. ImageOrientationPatient's first triple
            (direction of increasing column) is the row of i, its second the row of j.
    """

    shape_kji: tuple[int, int, int]
    origin_lps_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)
    spacing_kji_mm: tuple[float, float, float] = (1.0, 1.0, 1.0)
    axes_kji_lps: tuple[tuple[float, float, float], ...] = ((0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0))

    @property
    def steps_lps_mm(self) -> Vector:
        """Matrix (3, 3): row n is the step in LPS mm for one index along axis n of k, j, i."""
        steps: Vector = np.asarray(self.axes_kji_lps) * np.asarray(self.spacing_kji_mm)[:, None]
        return steps

    def to_lps(self, kji: ArrayLike) -> Vector:
        """Map indices (..., 3) in k, j, i, fractions allowed, to LPS mm (..., 3)."""
        lps_mm: Vector = np.asarray(kji, dtype=np.float64) @ self.steps_lps_mm + np.asarray(self.origin_lps_mm)
        return lps_mm

    def to_kji(self, lps_mm: ArrayLike) -> Vector:
        """Map LPS mm (..., 3) to fractional indices (..., 3) in k, j, i."""
        offset = np.asarray(lps_mm, dtype=np.float64) - np.asarray(self.origin_lps_mm)
        kji: Vector = offset @ self._per_mm
        return kji

    @cached_property
    def _per_mm(self) -> Vector:
        """How much each index grows by a mm along L, P and H, (3, 3): asked for at every turn of the wheel."""
        return np.asarray(np.linalg.inv(self.steps_lps_mm), np.float64)

    @property
    def voxel_mm3(self) -> float:
        """Volume of one voxel in mm³."""
        return float(abs(np.linalg.det(self.steps_lps_mm)))

    def contains(self, kji: ArrayLike) -> bool:
        """Whether the voxel nearest to fractional index ``kji`` is inside."""
        nearest = np.rint(np.asarray(kji, dtype=np.float64))
        return bool(np.all(nearest >= 0) and np.all(nearest < np.asarray(self.shape_kji)))
