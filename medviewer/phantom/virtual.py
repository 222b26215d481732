"""What a virtual patient is: voxels, where they are, and what is truly in them."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from medviewer.core.grid import Grid

Point = tuple[float, float, float]
NoduleType = Literal["solid", "part-solid", "ground-glass"]
Side = Literal["right", "left"]


@dataclass(frozen=True, slots=True)
class TrueNodule:
    """A nodule as it was drawn; measured on a mask of 0.3 mm, spicules left out as a reader would.

    ``long_axis_mm`` is the longest diameter in an axial cut, ``short_axis_mm`` the longest one perpendicular to it in
    the same cut. ``axes_mm`` are the whole extents along L, P and H. ``mean_hu`` is the mean of the finished picture,
    weighted by how much of each voxel the nodule fills. ``prior_*`` tell the nodule a year earlier.
    """

    id: str
    type: NoduleType
    center_lps_mm: Point
    axes_mm: Point
    long_axis_mm: float
    short_axis_mm: float
    volume_mm3: float
    mean_hu: float
    side: Side
    lobe: str
    calcified: bool = False
    on_pleura: bool = False
    spiculated: bool = False
    lobulated: bool = False
    solid_part_mm: float | None = None
    prior_center_lps_mm: Point | None = None
    prior_long_axis_mm: float | None = None
    prior_short_axis_mm: float | None = None
    prior_volume_mm3: float | None = None
    prior_solid_part_mm: float | None = None

    @property
    def grew(self) -> bool:
        """Whether it was smaller a year before."""
        return self.prior_volume_mm3 is not None and self.volume_mm3 > 1.01 * self.prior_volume_mm3

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data in the form of ``truth.json``."""
        return {**asdict(self), "grew": self.grew}


@dataclass(frozen=True, slots=True)
class Trap:
    """Something that looks like a nodule in one slice and is none."""

    id: str
    kind: str
    center_lps_mm: Point
    diameter_mm: float
    side: Side
    lobe: str


@dataclass(frozen=True, eq=False)
class VirtualCT:
    """A virtual CT: HU int16 ``[k, j, i]``, its place in LPS mm, the nodules and traps in it.

    ``shift_lps_mm`` is how far the patient lies from where the current study has them: zero but for a prior.
    """

    voxels: NDArray[np.int16]
    grid: Grid
    truth: tuple[TrueNodule, ...]
    traps: tuple[Trap, ...] = field(default=())
    shift_lps_mm: Point = (0.0, 0.0, 0.0)
