"""One orientation through a volume, as a viewport leafs through it; the picture itself comes from ``imaging``."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from medviewer.core.finding import Point
from medviewer.core.grid import triple
from medviewer.core.volume import PENDING, READY, Volume
from medviewer.i18n import N_
from medviewer.imaging import reslice
from medviewer.imaging.reslice import ORIENTATIONS, Orientation, PlaneGeometry
from medviewer.imaging.turn import Turn

TITLES = {"axial": N_("Axial"), "coronal": N_("Coronal"), "sagittal": N_("Sagittal")}
_UNREAD = -32768  # black in every window
# Readers leaf from head to feet, from front to back, from right to left.
_ONWARD: dict[Orientation, int] = {"axial": -1, "coronal": 1, "sagittal": 1}


@dataclass(frozen=True)
class Plane:
    """The slices of ``volume`` in one orientation, by their index along the array axis they are stacked on."""

    volume: Volume
    orientation: Orientation
    _geometries: dict[int, PlaneGeometry] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def axis(self) -> int:
        """The array axis (0 k, 1 j, 2 i) that the slices are stacked on."""
        return reslice.axis_of(self.volume.grid, self.orientation)

    @cached_property
    def onward(self) -> int:
        """Whether the next image in reading order has the next (1) or the previous (-1) index."""
        if not self.volume.regular:
            return 1
        backwards = Turn.of(self.volume.grid).flip[ORIENTATIONS.index(self.orientation)]
        return -_ONWARD[self.orientation] if backwards else _ONWARD[self.orientation]

    @property
    def count(self) -> int:
        """Number of slices."""
        return self.volume.grid.shape_kji[self.axis]

    def number(self, index: int) -> int:
        """Return what the reader calls slice ``index``, from 1 in reading order."""
        return index + 1 if self.onward > 0 else self.count - index

    def index_at(self, point_lps_mm: Point) -> int:
        """Return the slice nearest to a point; the first or last one for a point outside."""
        (x, y, z), (x0, y0, z0) = point_lps_mm, self.volume.grid.origin_lps_mm
        dx, dy, dz = self._per_mm
        at = round((x - x0) * dx + (y - y0) * dy + (z - z0) * dz)
        return min(max(at, 0), self.count - 1)

    @cached_property
    def _per_mm(self) -> tuple[float, float, float]:
        """How much the index grows by each mm along L, P and H: worked out once, for it is asked at every paint."""
        return triple(np.linalg.inv(self.volume.grid.steps_lps_mm)[:, self.axis])

    def moved(self, point_lps_mm: Point, index: int) -> Point:
        """Return the point carried along the stack onto slice ``index``, kept inside the stack."""
        kji = self.volume.grid.to_kji(point_lps_mm)
        kji[self.axis] = min(max(index, 0), self.count - 1)
        return triple(self.volume.grid.to_lps(kji))

    def geometry(self, index: int) -> PlaneGeometry:
        """Return where the pixels of slice ``index`` are."""
        if index not in self._geometries:
            self._geometries[index] = reslice.geometry(self.volume.grid, self.orientation, index)
        return self._geometries[index]

    @cached_property
    def letters(self) -> dict[str, str]:
        """The patient's directions at the edges of every slice."""
        return self.geometry(0).edges

    def state(self, index: int) -> int:
        """Return PENDING, READY or FAILED; a plane across the slices is PENDING until all are in."""
        if self.axis == 0:
            return int(self.volume.state[index])
        return PENDING if bool(np.any(self.volume.state == PENDING)) else READY

    def pixels(self, index: int) -> NDArray[np.int16]:
        """Return slice ``index`` as int16 (rows, columns); black where nothing has been read."""
        shown = reslice.plane(self.volume.voxels, self.volume.grid, self.orientation, index)
        unread = self.volume.state != READY
        if not unread.any():
            return shown
        if self.axis == 0:
            return np.full_like(shown, _UNREAD) if unread[index] else shown
        gone = np.broadcast_to(unread[:, None, None], self.volume.voxels.shape)
        hidden = reslice.plane(gone, self.volume.grid, self.orientation, index)
        return np.where(hidden, np.int16(_UNREAD), shown)

    def colours(self, index: int) -> NDArray[np.uint8] | None:
        """Return slice ``index`` as RGB, uint8 (rows, columns, 3), black where nothing was read; None for greys."""
        colours = self.volume.colours
        if colours is None:
            return None
        whole = colours.view("V3")[..., 0]  # one RGB pixel is one element, so that planes are cut as of greys
        shown = np.ascontiguousarray(reslice.plane(whole, self.volume.grid, self.orientation, index))
        return shown.view(np.uint8).reshape(*shown.shape, 3)

    def colour_at(self, point_lps_mm: Point) -> tuple[int, int, int] | None:
        """Return red, green, blue of the pixel at a point; None for greys, outside or where nothing was read."""
        colours, kji = self.volume.colours, self.volume.grid.to_kji(point_lps_mm)
        if colours is None or not self.volume.grid.contains(kji):
            return None
        k, j, i = (round(float(v)) for v in kji)
        red, green, blue = (int(v) for v in colours[k, j, i])
        return (red, green, blue) if self.volume.state[k] == READY else None

    def value_at(self, point_lps_mm: Point) -> float | None:
        """Return the real value (HU for CT) of the voxel at a point; None outside or where nothing was read."""
        kji = self.volume.grid.to_kji(point_lps_mm)
        if not self.volume.grid.contains(kji):
            return None
        k, j, i = (round(float(v)) for v in kji)
        if self.volume.state[k] != READY:
            return None
        return float(self.volume.voxels[k, j, i]) * self.volume.slope + self.volume.intercept


def native(volume: Volume) -> Orientation:
    """Return the orientation in which the images were made."""
    return next(o for o in ORIENTATIONS if reslice.axis_of(volume.grid, o) == 0)
