"""What other objects draw over images: segments as voxels, contours as lines, with what they mean in words."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from medviewer.core.grid import Grid, triple
from medviewer.core.mask import Index, Mask
from medviewer.i18n import N_, Message

LayerKind = Literal["segment", "contour"]
# How much of a voxel belongs to the segment, or how likely it belongs to it.
FractionType = Literal["occupancy", "probability"]
ContourForm = Literal["closed", "open", "point"]
Point = tuple[float, float, float]

FRACTION_WORDS: dict[FractionType, Message] = {
    "occupancy": N_("share of each voxel that it fills; the dashed line is at half"),
    "probability": N_("probability, not certainty; the dashed line is at half of the largest value"),
}


@dataclass(frozen=True, eq=False)
class Fractions:
    """A segment without a sharp border, kept as small as its bounding box.

    Attributes:
        offset_kji: the volume's voxel where ``values`` starts.
        values: uint8 (k, j, i), from 0 to ``maximum``.
        maximum: the value that stands for all of the voxel, or for certainty.
        type: what the values mean; a probability is never to be shown as a fact.
    """

    offset_kji: Index
    values: NDArray[np.uint8]
    maximum: int
    type: FractionType

    def plane(self, axis: int, index: int) -> NDArray[np.uint8] | None:
        """Return the box's cut at ``index`` of the volume's axis (0 k, 1 j, 2 i); None where it is outside."""
        local = index - self.offset_kji[axis]
        if not 0 <= local < self.values.shape[axis]:
            return None
        cut: NDArray[np.uint8] = np.take(self.values, [local], axis=axis).squeeze(axis)
        return cut

    @property
    def half(self) -> Mask | None:
        """The voxels of at least half the maximum; None where there are none."""
        inside = self.values * 2.0 >= self.maximum
        return Mask.cut(inside, self.offset_kji) if inside.any() else None


@dataclass(frozen=True, eq=False)
class Contour:
    """One line drawn on slice ``k`` of the images: ``points_lps_mm`` float64 (n, 3).

    A closed one runs back to its first point; a point has one. Holes are cut by a channel to the outside ("keyhole")
    or drawn as contours of their own inside the outer one.
    """

    form: ContourForm
    k: int
    points_lps_mm: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Layer:
    """One segment or one region of contours over the images of a volume.

    Attributes:
        id: unlike every other layer's of the volume.
        title, meaning, algorithm: as the file says; ``meaning`` is what it shows ("Liver, Tissue"), ``algorithm``
            how it was made. Empty where unknown.
        source: what the object is called that it belongs to.
        colour_rgb: the colour recommended by the file, 0 to 255.
        mask: the voxels of a segment, or those that closed contours enclose; None of a fractional segment.
        fractions: the values of a fractional segment.
        contours: the lines of a contour layer.
        center_lps_mm: a place inside it, on its largest slice.
    """

    id: str
    title: str
    colour_rgb: tuple[int, int, int]
    kind: LayerKind = "segment"
    meaning: str = ""
    algorithm: str = ""
    source: str = ""
    mask: Mask | None = None
    fractions: Fractions | None = None
    contours: tuple[Contour, ...] = ()
    center_lps_mm: Point | None = None

    def volume_ml(self, grid: Grid) -> float | None:
        """Return the volume in ml by counting voxels of ``grid``; None without a sharp border."""
        return None if self.mask is None else self.mask.count * grid.voxel_mm3 / 1000.0


def center_of(mask: Mask, grid: Grid) -> Point:
    """Return a true voxel of the mask in LPS mm: on the slice with most of them, nearest to their middle there."""
    local = int(np.argmax(mask.voxels.sum(axis=(1, 2))))
    ji = np.argwhere(mask.voxels[local])
    j, i = ji[np.argmin(((ji - ji.mean(axis=0)) ** 2).sum(axis=1))]
    kji = np.array([local, j, i]) + np.asarray(mask.offset_kji)
    return triple(grid.to_lps(kji))
