"""The plane along a drawn line, straightened: one picture."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.arrangement import Slab
from medviewer.core.finding import Point
from medviewer.core.volume import READY, Volume
from medviewer.i18n import N_, Message
from medviewer.imaging import curved, reslice
from medviewer.imaging.curved import CurvedGeometry
from medviewer.imaging.frames import upright
from medviewer.imaging.reslice import ORIENTATIONS
from medviewer.imaging.trilinear import value_between
from medviewer.ui.planes.plane import UNREAD
from medviewer.ui.planes.sampled import STRIDE, Check, SampledPlane, Slice


@dataclass(frozen=True, eq=False)
class CurvedPlane(SampledPlane):
    """One straightened picture; ``orientation`` is that of the planes its rows run across."""

    where: CurvedGeometry = field(default=CurvedGeometry((1, 1), (0, 0, 0), (1, 0, 0), (0, 1, 0), (1, 1)))

    @staticmethod
    def through(volume: Volume, points_lps_mm: Sequence[Point], slab: Slab) -> "CurvedPlane":
        """Lay it along a smooth line through the points; ValueError where there are not two places."""
        where = curved.curved_geometry(volume.grid, points_lps_mm)
        nearest = int(np.argmax(np.abs(upright(volume.grid) @ where.down)))
        return CurvedPlane(volume, ORIENTATIONS[nearest], slab, where=where)

    @property
    def title(self) -> Message:
        """What the plane is called."""
        return N_("Curved")

    @property
    def onward(self) -> int:
        """There is no other picture."""
        return 1

    @property
    def count(self) -> int:
        """One picture."""
        return 1

    def index_at(self, _point_lps_mm: Point) -> int:
        """Return 0."""
        return 0

    def moved(self, point_lps_mm: Point, _index: int) -> Point:
        """Return the point as it is: there is no other picture to go to."""
        return point_lps_mm

    def geometry(self, _index: int) -> CurvedGeometry:
        """Return where the pixels are."""
        return self.where

    def cutting(self, _index: int, coarse_layers: int = 0) -> Callable[[Check | None], Slice]:
        """Return what interpolates the picture."""
        where, volume, ready = self.where, self.volume, self.volume.state == READY
        voxels, where = volume.voxels, where.coarser(STRIDE) if coarse_layers else where
        return lambda check: curved.straightened(
            voxels, volume.grid, where, slab_mm=self.slab.mm, blend=self.slab.blend, outside=UNREAD,
            ready=ready, layers=coarse_layers, check=check,
        )  # fmt: skip

    def nearest(self, values: NDArray[Any], _index: int, outside: Any = 0) -> NDArray[Any]:
        """Return another array (k, j, i) on the volume's grid along the line, by the nearest voxels."""
        return reslice.nearest(values, self.volume.grid, self.where, outside)

    def value_at(self, point_lps_mm: Point) -> float | None:
        """Return the real value shown at a point, interpolated; None outside or where nothing was read."""
        column = round(float(self.where.to_xy(point_lps_mm)[0]))
        way = self.where.across[min(max(column, 0), len(self.where.line) - 1)]
        value = value_between(self.volume, point_lps_mm, way, self.slab)
        return None if value is None else self.real(value)
