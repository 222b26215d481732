"""Planes tilted against the array: a stack of parallel ones through the whole volume, interpolated."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.finding import Point
from medviewer.core.grid import triple
from medviewer.core.volume import READY
from medviewer.i18n import N_, Message
from medviewer.imaging import frames, reslice
from medviewer.imaging.frames import Frame
from medviewer.imaging.reslice import ORIENTATIONS, PlaneGeometry
from medviewer.imaging.trilinear import value_between
from medviewer.ui.planes.plane import ONWARD, UNREAD
from medviewer.ui.planes.sampled import STRIDE, Check, SampledPlane, Slice

_SAME = 1e-8  # of a unit vector: some millionths of a millimetre at the edge of a picture
TITLES = {"axial": N_("Axial oblique"), "coronal": N_("Coronal oblique"), "sagittal": N_("Sagittal oblique")}


@dataclass(frozen=True, eq=False)
class ObliquePlane(SampledPlane):
    """The planes of ``axes`` (3, 3), rows towards head, back and left; counted towards the one they are across."""

    axes: Frame = field(default_factory=lambda: np.eye(3))

    def __eq__(self, other: object) -> bool:
        """Whether it shows the same as another: planes turned about their own normal stay what they are."""
        if not isinstance(other, ObliquePlane) or self.volume is not other.volume:
            return False
        alike = (self.orientation, self.slab) == (other.orientation, other.slab)
        return alike and bool(np.abs(self._onto - other._onto).max() < _SAME)

    def __hash__(self) -> int:
        """What is surely one for equal planes."""
        return hash((id(self.volume), self.orientation, self.slab))

    @property
    def title(self) -> Message:
        """What the plane is called."""
        return TITLES[self.orientation]

    @cached_property
    def onward(self) -> int:
        """Whether the next image in reading order has the next (1) or the previous (-1) index."""
        return ONWARD[self.orientation]

    @cached_property
    def _onto(self) -> NDArray[np.float64]:
        return np.asarray(self.axes[ORIENTATIONS.index(self.orientation)])

    @cached_property
    def count(self) -> int:
        """How many planes there are, as close as the closest voxels."""
        deep_mm = frames.extent_mm(self.volume.grid, self._onto)
        return max(1, int(np.ceil(deep_mm / self.between_mm - 1e-6)))

    @cached_property
    def _per_mm(self) -> tuple[float, float, float]:
        return triple(self._onto / self.between_mm)

    @cached_property
    def _shift(self) -> float:
        """The index, not rounded, of the plane through the patient's origin."""
        return (self.count - 1) / 2 - float(frames.middle_of(self.volume.grid) @ self._onto) / self.between_mm

    def index_at(self, point_lps_mm: Point) -> int:
        """Return the plane nearest to a point; the first or last one for a point outside."""
        return min(max(round(self._place(point_lps_mm)), 0), self.count - 1)

    def _place(self, point_lps_mm: Point) -> float:
        (x, y, z), (dx, dy, dz) = point_lps_mm, self._per_mm
        return x * dx + y * dy + z * dz + self._shift

    def moved(self, point_lps_mm: Point, index: int) -> Point:
        """Return the point carried straight onto plane ``index``, kept inside the stack."""
        planes = min(max(index, 0), self.count - 1) - self._place(point_lps_mm)
        return triple(np.asarray(point_lps_mm) + planes * self.between_mm * self._onto)

    def _geometry(self, index: int) -> PlaneGeometry:
        if index == 0:
            return frames.stack_plane(self.volume.grid, self.axes, self.orientation, 0, self.count)
        return self.geometry(0).beside(index, self._onto * self.between_mm)

    def cutting(self, index: int, coarse_layers: int = 0) -> Callable[[Check | None], Slice]:
        """Return what interpolates plane ``index``."""
        where, volume, ready = self.geometry(index), self.volume, self.volume.state == READY
        voxels, where = volume.voxels, where.coarser(STRIDE) if coarse_layers else where
        return lambda check: reslice.oblique(
            voxels, volume.grid, where, slab_mm=self.slab.mm, blend=self.slab.blend, outside=UNREAD,
            ready=ready, layers=coarse_layers, check=check,
        )  # fmt: skip

    def nearest(self, values: NDArray[Any], index: int, outside: Any = 0) -> NDArray[Any]:
        """Return plane ``index`` of another array (k, j, i) on the volume's grid by the nearest voxels."""
        return reslice.nearest(values, self.volume.grid, self.geometry(index), outside)

    def value_at(self, point_lps_mm: Point) -> float | None:
        """Return the real value shown at a point, interpolated; None outside or where nothing was read."""
        way = self.geometry(0).normal_lps
        value = value_between(self.volume, point_lps_mm, way, self.slab)
        return None if value is None else self.real(value)
