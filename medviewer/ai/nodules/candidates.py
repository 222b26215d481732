"""From chances to candidates: connected regions, bridged over skipped slices, sifted by size, place and form."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medviewer.core.mask import Index, Mask

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]
Millimetres = tuple[float, float, float]
RING, AIR_BELOW_HU = 3, -400
TOP_SHARE = 0.5  # the score is the mean chance of this share of a region's pixels, the surest ones


@dataclass(frozen=True, eq=False)
class Candidate:
    """A connected region; ``mask`` in the indices of the array it was found in, ``score`` 0..1."""

    mask: Mask
    score: float

    def moved(self, by_kji: Index) -> "Candidate":
        """Return the candidate with its mask ``by_kji`` further on."""
        k, j, i = (at + step for at, step in zip(self.mask.offset_kji, by_kji, strict=True))
        return Candidate(Mask((k, j, i), self.mask.voxels), self.score)


def score(chances: Floats) -> float:
    """Return the mean of the surest half of a region's chances (n,): its rim, always unsure, does not count."""
    count = max(1, round(len(chances) * TOP_SHARE))
    return float(np.partition(chances, -count)[-count:].mean())


def regions(chances: NDArray[np.uint8] | Floats, threshold: float, bridge: bool = False) -> list[Candidate]:
    """Return the connected regions of ``chances`` (k, j, i), 0..1 or 0..255 as uint8, of at least ``threshold`` (0..1).

    Corners connect. With ``bridge`` a gap of one slice is closed. Sorted by score, the surest first.
    """
    from scipy import ndimage

    full = 255.0 if chances.dtype == np.uint8 else 1.0
    above = chances >= threshold * full
    if bridge and len(above) > 2:
        above[1:-1] |= above[:-2] & above[2:]
    labels, _count = ndimage.label(above, structure=np.ones((3, 3, 3)))
    found = []
    for number, box in enumerate(ndimage.find_objects(labels), start=1):
        inside = labels[box] == number
        values = (chances[box][inside] / full).astype(np.float32)
        offset = (box[0].start, box[1].start, box[2].start)
        found.append(Candidate(Mask(offset, inside), score(values)))
    return sorted(found, key=lambda candidate: -candidate.score)


def largest_diameter_mm(mask: Mask, spacing_kji_mm: Millimetres) -> float:
    """Return the diameter in mm of the disc that has the area of the mask's largest slice."""
    area_mm2 = float(mask.voxels.sum(axis=(1, 2)).max()) * spacing_kji_mm[1] * spacing_kji_mm[2]
    return 2.0 * float(np.sqrt(area_mm2 / np.pi))


def share_inside(mask: Mask, lungs: Bools) -> float:
    """Return the share of the mask's voxels within ``lungs`` (k, j, i)."""
    return float(lungs[mask.box][mask.voxels].mean())


def elongation(mask: Mask, spacing_kji_mm: Millimetres) -> float:
    """Return how many times longer than wide the region is in space: 1 for a ball, large for a vessel.

    Standard deviation of its voxels along the longest of its three axes over the one along the middle axis.
    """
    places_mm = np.argwhere(mask.voxels) * np.asarray(spacing_kji_mm)
    if len(places_mm) < 4:
        return 1.0
    own = np.diag(np.square(spacing_kji_mm)) / 12.0  # the spread of a voxel itself, so that one slice is no plane
    spread = np.sqrt(np.maximum(np.linalg.eigvalsh(np.cov(places_mm.T) + own), 1e-9))
    return float(spread[2] / spread[1])


def thickness(mask: Mask, spacing_kji_mm: Millimetres) -> float:
    """Return the region's height over the slices as a share of its diameter in them: 1 for a ball, 0.1 for a plate."""
    return len(mask.voxels) * spacing_kji_mm[0] / largest_diameter_mm(mask, spacing_kji_mm)


def share_in_air(mask: Mask, hu: NDArray[np.int16]) -> float:
    """Return the share of the region's surroundings, two pixels wide within the slices of ``hu``, that is lung."""
    from scipy import ndimage

    _k, j, i = mask.offset_kji
    low = (min(j, RING), min(i, RING))
    rows, columns = (
        slice(part.start - before, part.stop + RING) for part, before in zip(mask.box[1:], low, strict=True)
    )
    around = hu[mask.box[0], rows, columns]
    spare = [(0, 0), *((b, n - b - m) for b, n, m in zip(low, around.shape[1:], mask.voxels.shape[1:], strict=True))]
    inside = np.pad(mask.voxels, spare)
    square = np.zeros((3, 3, 3), np.bool_)
    square[1] = True
    ring = ndimage.binary_dilation(inside, square, RING) & ~ndimage.binary_dilation(inside, square)
    return float((around[ring] < AIR_BELOW_HU).mean()) if ring.any() else 0.0


def common(one: Mask, other: Mask) -> int:
    """Return how many voxels two masks of the same volume share."""
    shared = tuple(slice(max(a.start, b.start), min(a.stop, b.stop)) for a, b in zip(one.box, other.box, strict=True))
    if any(part.start >= part.stop for part in shared):
        return 0
    return int(np.count_nonzero(_part(one, shared) & _part(other, shared)))


def _part(mask: Mask, box: tuple[slice, ...]) -> Bools:
    local = tuple(slice(b.start - o, b.stop - o) for b, o in zip(box, mask.offset_kji, strict=True))
    part: Bools = mask.voxels[local]
    return part
