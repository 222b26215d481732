"""What a nodule is made of, told from its HU: solid, part-solid or ground-glass, and whether it is calcified.

The rule, an estimate that the reader may correct. A voxel is solid above SOLID_HU (half-way between ground glass, about
-600, and soft tissue, about 30) in a picture smoothed over 3 x 3 pixels. Around the solid part a rim of RIM_MM and the
next slice are half air and say nothing; beyond, what is denser than lung is ground glass. A nodule is non-solid where
its largest solid part measures less than SMALLEST_PART_MM or is less than SMALLEST_SHARE of it, solid where less than
GLASS_SHARE of it is ground glass, else part-solid. It is calcified where a tenth of its core is above CALCIFIED_HU.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.fields import NON_SOLID, PART_SOLID, SOLID
from medviewer.core.grid import Grid
from medviewer.core.mask import Mask

SOLID_HU, GLASS_HU, CALCIFIED_HU = -300.0, -750.0, 200.0
GLASS_SHARE, SMALLEST_SHARE, CALCIFIED_SHARE = 0.2, 0.03, 0.1
RIM_MM, SMALLEST_PART_MM = 1.5, 2.0
ENOUGH = 12
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Density:
    """The type as in ``core.fields``, the solid part's mean diameter in mm (part-solid only), calcification."""

    nodule_type: str
    solid_part_mm: float | None
    calcified: bool

    def attributes(self) -> dict[str, Any]:
        """Return what a finding says of it."""
        named: dict[str, Any] = {"nodule_type": self.nodule_type, "calcified": self.calcified}
        return named if self.solid_part_mm is None else named | {"solid_part_mm": round(self.solid_part_mm, 1)}


def density(hu: NDArray[np.int16], grid: Grid, mask: Mask) -> Density:
    """Estimate the density of the region ``mask`` of ``hu`` (k, j, i)."""
    smooth = _smooth(hu, mask)
    core = _core(mask.voxels)
    calcified = float((smooth[core] > CALCIFIED_HU).mean()) >= CALCIFIED_SHARE
    solid = _largest(mask.voxels & (smooth > SOLID_HU))
    part_mm = _mean_diameter_mm(solid, grid)
    if part_mm < SMALLEST_PART_MM or solid.sum() < SMALLEST_SHARE * mask.count:
        return Density(NON_SOLID, None, calcified)
    glass = mask.voxels & (smooth > GLASS_HU) & (smooth <= SOLID_HU) & ~_widened(solid, grid)
    if glass.sum() < GLASS_SHARE * mask.count:
        return Density(SOLID, None, calcified)
    return Density(PART_SOLID, part_mm, calcified)


def _smooth(hu: NDArray[np.int16], mask: Mask) -> NDArray[np.float32]:
    from scipy import ndimage

    _ks, rows, columns = mask.box
    top, left = max(rows.start - 1, 0), max(columns.start - 1, 0)
    around = hu[mask.box[0], top : rows.stop + 1, left : columns.stop + 1].astype(np.float32)
    smooth: NDArray[np.float32] = ndimage.uniform_filter(around, (1, 3, 3))
    j, i = rows.start - top, columns.start - left
    return smooth[:, j : j + mask.voxels.shape[1], i : i + mask.voxels.shape[2]]


def _core(voxels: Bools) -> Bools:
    """Leave out the rim, slice by slice, where enough remains."""
    from scipy import ndimage

    core: Bools = ndimage.binary_erosion(voxels, np.array([[[0, 1, 0], [1, 1, 1], [0, 1, 0]]], dtype=np.bool_))
    return core if core.sum() >= ENOUGH else voxels


def _largest(voxels: Bools) -> Bools:
    """Return the largest connected part, nothing where there is none."""
    from scipy import ndimage

    labels, _count = ndimage.label(voxels)
    sizes = np.bincount(labels.ravel(), minlength=2)
    sizes[0] = 0
    largest: Bools = (labels == sizes.argmax()) & voxels
    return largest


def _widened(part: Bools, grid: Grid) -> Bools:
    """Return ``part`` with a rim of RIM_MM within each slice, and the same on the next slices."""
    from scipy import ndimage

    sampling = (1e6, *grid.spacing_kji_mm[1:])  # another slice is never near
    wide: Bools = ndimage.distance_transform_edt(~part, sampling=sampling) <= RIM_MM
    above, below = wide[1:].copy(), wide[:-1].copy()
    wide[:-1] |= above
    wide[1:] |= below
    return wide


def _mean_diameter_mm(part: Bools, grid: Grid) -> float:
    """Return the mean of long and short axis in mm on the slice where ``part`` is largest; 0 where there is none."""
    from medviewer.imaging.measure import axes

    if not part.any():
        return 0.0
    area = part[int(part.sum(axis=(1, 2)).argmax())]
    lines = axes(area, grid.spacing_kji_mm[1], grid.spacing_kji_mm[2])
    return float(np.mean([np.linalg.norm(line[1] - line[0]) for line in lines]))
