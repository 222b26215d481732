"""Where the lungs are in a chest CT, by classical means, and where in the lungs a place is.

Every step works on a copy of about 2 mm voxels, turned so that its axes run to head, back and left.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from medviewer.core.grid import Grid
from medviewer.core.job import Job
from medviewer.i18n import _
from medviewer.imaging.turn import Turn

WORK_MM = 2.0
AIR_BELOW_HU, TISSUE_ABOVE_HU = -400, -300
GAS_BELOW_HU = -975  # bowel and sinuses hold gas alone; lungs hold blood, too
AIRWAY_BELOW_HU, AIRWAY_MM2, AIRWAY_FROM_MIDDLE_MM = -880, 700.0, 45.0
SMALLEST_LUNG_MM3, SMALLEST_SHARE = 100_000.0, 0.08
CLOSING_MM, CHEST_WALL_CLOSING_MM = 15.0, 25.0
MASS_MM2 = 700.0  # what is left of a mass of 60 mm when the lung around it has grown by CLOSING_MM
Side = Literal["right", "left", ""]
Zone = Literal["upper", "middle", "lower", ""]
Bools = NDArray[np.bool_]
Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Side of the patient and third of that lung's height; empty where there is no lung."""

    side: Side
    zone: Zone


@dataclass(frozen=True, eq=False)
class _Work:
    """A coarse copy of a CT, axes head, back, left; ``every`` voxels of the original along each became one."""

    turn: Turn
    every: tuple[int, int, int]
    mm: tuple[float, float, float]
    hu: NDArray[np.int16]

    @staticmethod
    def of(voxels_hu: NDArray[np.int16], grid: Grid) -> "_Work":
        turn = Turn.of(grid)
        mm = [grid.spacing_kji_mm[axis] for axis in turn.order]
        turned = turn.apply(voxels_hu)
        a, b, c = (max(1, min(round(WORK_MM / step), n)) for step, n in zip(mm, turned.shape, strict=True))
        hu = _coarse(turned, (a, b, c))
        return _Work(turn, (a, b, c), (mm[0] * a, mm[1] * b, mm[2] * c), hu)

    @property
    def middle(self) -> float:
        """The column in the middle of the tissue: roughly where left and right part."""
        columns = np.count_nonzero(self.hu > TISSUE_ABOVE_HU, axis=(0, 1))
        return float(np.average(np.arange(len(columns)), weights=columns + 1e-9))

    def fine(self, mask: Bools, shape: Shape) -> Bools:
        """Bring a coarse mask back to the original's axes and ``shape``."""
        turned = mask
        for axis, every in enumerate(self.every):
            length = shape[self.turn.order[axis]]
            nearest = np.minimum(np.arange(length) // every, turned.shape[axis] - 1)
            turned = turned.take(nearest, axis=axis)
        return np.ascontiguousarray(self.turn.undo(turned))


def _coarse(voxels: NDArray[np.int16], every: tuple[int, int, int]) -> NDArray[np.int16]:
    """Average two samples of each ``every`` voxels along each axis: most of the noise gone at little cost."""
    kept = [n // step for n, step in zip(voxels.shape, every, strict=True)]
    total = np.zeros(kept, dtype=np.int32)
    starts = [sorted({0, step // 2}) for step in every]
    for k in starts[0]:
        for j in starts[1]:
            for i in starts[2]:
                part = voxels[k :: every[0], j :: every[1], i :: every[2]]
                total += np.maximum(part[: kept[0], : kept[1], : kept[2]], -1024)
    return (total // (len(starts[0]) * len(starts[1]) * len(starts[2]))).astype(np.int16)


def lung_mask(voxels_hu: NDArray[np.int16], grid: Grid, job: Job | None = None) -> Bools:
    """Return both lungs as bool (k, j, i) with vessels, nodules and masses at their rim closed in.

    All false where there are no lungs in the picture. Windpipe and main bronchi are left out roughly.
    """
    job = job or Job()
    job.step(0.0, _("Finding the lungs"))
    work = _Work.of(voxels_hu, grid)
    job.step(0.2)
    air = (work.hu < AIR_BELOW_HU) & _body(work.hu)
    job.step(0.4)
    lungs = _lungs(air, work)
    job.step(0.6)
    closed = np.zeros_like(air)
    for n, lung in enumerate(lungs):
        closed |= _closed(lung, work, job.part(0.6 + 0.15 * n, 0.75 + 0.15 * n))
    job.step(0.95)
    return work.fine(closed, voxels_hu.shape)


def _body(hu: NDArray[np.int16]) -> Bools:
    """Return the largest piece of tissue with all that it encloses slice by slice; thin shells (the table) opened."""
    from scipy import ndimage

    tissue = ndimage.binary_opening(hu > TISSUE_ABOVE_HU, structure=_flat())
    labels, count = ndimage.label(tissue)
    if not count:
        return np.zeros(hu.shape, dtype=np.bool_)
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    return _holes_filled(labels == sizes.argmax())


def _flat() -> Bools:
    """Neighbours within one slice only: a structure for scipy.ndimage."""
    structure = np.zeros((3, 3, 3), dtype=np.bool_)
    structure[1] = [[0, 1, 0], [1, 1, 1], [0, 1, 0]]
    return structure


def _holes_filled(mask: Bools) -> Bools:
    """Fill what ``mask`` encloses within each slice."""
    from scipy import ndimage

    labels, count = ndimage.label(~mask, structure=_flat())
    outside = np.zeros(count + 1, dtype=np.bool_)
    for edge in (labels[:, 0], labels[:, -1], labels[:, :, 0], labels[:, :, -1]):
        outside[edge.ravel()] = True
    outside[0] = False
    inside: Bools = ~outside[labels]
    return inside


def _lungs(air: Bools, work: _Work) -> list[Bools]:
    """Return the two lungs, or the one there is, or none, without gas elsewhere and without the large airways."""
    from scipy import ndimage

    labels, _count = ndimage.label(_without_airways(air, work))
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    voxel_mm3 = float(np.prod(work.mm))
    worth_a_look = np.flatnonzero(sizes * voxel_mm3 >= SMALLEST_SHARE * SMALLEST_LUNG_MM3)
    largest = sorted((int(n) for n in worth_a_look), key=lambda n: -sizes[n])[:4]
    parts = [n for n in largest if np.median(work.hu[labels == n]) > GAS_BELOW_HU]
    parts = [n for n in parts[:2] if sizes[n] >= SMALLEST_SHARE * sizes[parts[0]]]
    if not parts or sizes[parts[0]] * voxel_mm3 < SMALLEST_LUNG_MM3:
        return []
    return [labels == n for n in parts] if len(parts) == 2 else _parted(labels == parts[0])


def _without_airways(air: Bools, work: _Work) -> Bools:
    """Leave out what in its slice is a small, central island of nearly pure air: windpipe and main bronchi."""
    from scipy import ndimage

    labels, count = ndimage.label(air, structure=_flat())
    if not count:
        return air
    everything = np.arange(count + 1)
    area_mm2 = np.bincount(labels.ravel(), minlength=count + 1) * work.mm[1] * work.mm[2]
    hu = ndimage.mean(work.hu, labels, everything)
    lefts = np.broadcast_to(np.arange(air.shape[2]), air.shape)
    from_middle_mm = np.abs(ndimage.mean(lefts, labels, everything) - lefts[air].mean()) * work.mm[2]
    airway = (area_mm2 < AIRWAY_MM2) & (hu < AIRWAY_BELOW_HU) & (from_middle_mm < AIRWAY_FROM_MIDDLE_MM)
    airway[0] = False
    rest: Bools = air & ~airway[labels]
    return rest


def _parted(both: Bools) -> list[Bools]:
    """Part lungs that touch (at the anterior junction line) by thinning them until two cores are left."""
    from scipy import ndimage

    core = both
    for thinned in range(1, 5):
        core = ndimage.binary_erosion(core)
        labels, _count = ndimage.label(core)
        sizes = np.bincount(labels.ravel(), minlength=3)
        sizes[0] = 0
        first, second = (int(n) for n in np.argsort(sizes)[::-1][:2])
        if sizes[second] > 0.2 * sizes[first]:
            one = ndimage.binary_dilation(labels == first, iterations=thinned + 1) & both & (labels != second)
            return [one, both & ~one]
    return [both]


def _closed(lung: Bools, work: _Work, job: Job) -> Bools:
    """Close one lung slice by slice over what a ball of CLOSING_MM does not fit into, and fill its holes.

    Towards the chest wall, where a lung has no bays of its own, the ball is larger: large masses grow there.
    """
    from scipy.ndimage import distance_transform_edt as distance

    mm = work.mm[1:]
    rim = [int(np.ceil(CHEST_WALL_CLOSING_MM / step)) + 1 for step in mm]
    inner = (slice(rim[0], -rim[0]), slice(rim[1], -rim[1]))
    columns = np.arange(lung.shape[2])
    on_left = np.average(columns, weights=lung.any(axis=0).sum(axis=0)) > work.middle
    out = lung.copy()
    for k in np.flatnonzero(lung.any(axis=(1, 2))):
        if k % 16 == 0:
            job.step(k / len(lung))
        away_mm = distance(np.pad(~lung[k], [(rim[0],) * 2, (rim[1],) * 2], constant_values=True), sampling=mm)
        own_middle = np.average(columns, weights=lung[k].sum(axis=0))
        lateral = columns > own_middle if on_left else columns < own_middle
        grown = _small_holes_filled(away_mm <= CLOSING_MM, MASS_MM2 / (mm[0] * mm[1]))
        out[k] |= (distance(grown, sampling=mm) > CLOSING_MM)[inner]
        grown = away_mm <= CHEST_WALL_CLOSING_MM
        out[k] |= (distance(grown, sampling=mm) > CHEST_WALL_CLOSING_MM)[inner] & lateral
    return _holes_filled(out)


def _small_holes_filled(area: Bools, pixels: float) -> Bools:
    """Fill what a 2-D ``area`` encloses where it has at most so many pixels: a mass behind a rim of lung, no liver."""
    from scipy import ndimage

    labels, _count = ndimage.label(~area)
    small = np.bincount(labels.ravel()) <= pixels
    small[0] = False
    filled: Bools = area | small[labels]
    return filled


def place(grid: Grid, lungs: Bools, lps_mm: ArrayLike) -> Place:
    """Say on which side and in which third of that lung's height the point ``lps_mm`` (3,) is.

    The side is told by the emptiest sagittal plane near the middle between the lungs.
    """
    every = [max(1, round(3.0 / step)) for step in grid.spacing_kji_mm]
    inside = np.argwhere(lungs[:: every[0], :: every[1], :: every[2]]) * every
    if not len(inside):
        return Place("", "")
    left_mm, _back_mm, head_mm = grid.to_lps(inside).T
    x, _y, z = np.asarray(lps_mm, dtype=np.float64)
    middle_mm = _middle(left_mm)
    side: Side = "left" if x > middle_mm else "right"
    own = head_mm[(left_mm > middle_mm) == (side == "left")]
    return Place(side, _third(own if len(own) else head_mm, z))


def _third(heights_mm: NDArray[np.float64], z_mm: float) -> Zone:
    low, high = heights_mm.min(), heights_mm.max()
    share = (z_mm - low) / max(high - low, 1e-6)
    return "upper" if share > 2 / 3 else "lower" if share < 1 / 3 else "middle"


def _middle(left_mm: NDArray[np.float64]) -> float:
    """Return the x in LPS mm of the plane between two lungs."""
    low, high = left_mm.min(), left_mm.max()
    counts, edges = np.histogram(left_mm, bins=max(8, int((high - low) / 5.0)), range=(low, high + 1e-3))
    middles = (edges[:-1] + edges[1:]) / 2
    central = np.abs(middles - (low + high) / 2) < 0.2 * (high - low)
    return float(np.average(middles[central], weights=counts[central] == counts[central].min()))
