"""What a viewport leafs through: the slices of a volume in one orientation, thick or thin.

``plane_oblique`` and ``plane_curved`` hold the planes that do not follow the array; ``plane_of`` chooses.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.arrangement import CellKind, Slab
from medviewer.core.finding import Point
from medviewer.core.grid import triple
from medviewer.core.volume import PENDING, READY, Volume
from medviewer.i18n import N_, Message
from medviewer.imaging import reslice
from medviewer.imaging.reslice import ORIENTATIONS, Orientation, PlaneGeometry
from medviewer.imaging.trilinear import blend_of
from medviewer.imaging.turn import Turn
from medviewer.ui.display import Display

TITLES = {"axial": N_("Axial"), "coronal": N_("Coronal"), "sagittal": N_("Sagittal")}
UNREAD = -32768  # black in every window
THIN = Slab()
_PARALLEL = 1.0 - 1e-9  # cosine
# Readers leaf from head to feet, from front to back, from right to left.
ONWARD: dict[Orientation, int] = {"axial": -1, "coronal": 1, "sagittal": 1}


@dataclass(frozen=True)
class Plane:
    """The slices of ``volume`` in one orientation, by their index along the array axis they are stacked on.

    ``slab`` says how thick each is; a picture in colours is always a single slice.
    """

    volume: Volume
    orientation: Orientation
    slab: Slab = THIN
    _geometries: dict[int, PlaneGeometry] = field(default_factory=dict, compare=False, repr=False)
    _last: dict[tuple[int, int], NDArray[np.int16]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def title(self) -> Message:
        """What the plane is called."""
        return TITLES[self.orientation]

    @cached_property
    def axis(self) -> int:
        """The array axis (0 k, 1 j, 2 i) that the slices are stacked on; -1 where they do not follow the array."""
        return reslice.axis_of(self.volume.grid, self.orientation)

    @cached_property
    def onward(self) -> int:
        """Whether the next image in reading order has the next (1) or the previous (-1) index."""
        if not self.volume.regular:
            return 1
        backwards = Turn.of(self.volume.grid).flip[ORIENTATIONS.index(self.orientation)]
        return -ONWARD[self.orientation] if backwards else ONWARD[self.orientation]

    @property
    def count(self) -> int:
        """How many slices there are."""
        return self.volume.grid.shape_kji[self.axis]

    @property
    def between_mm(self) -> float:
        """How far the slices are from each other."""
        return self.volume.grid.spacing_kji_mm[self.axis]

    @cached_property
    def layers(self) -> int:
        """How many layers of voxels one picture blends, at most."""
        if self.slab.mm <= 0 or self.volume.colours is not None or not self.volume.regular:
            return 1
        low, high = reslice.slab_range(self.volume.grid, self.axis, self.count // 2, self.slab.mm)
        return high - low

    def number(self, index: int) -> int:
        """Return the image's number as readers count, from 1 in reading order."""
        return index + 1 if self.onward > 0 else self.count - index

    def index_at(self, point_lps_mm: Point) -> int:
        """Return the slice nearest to a point in LPS mm, kept inside the stack."""
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
            self._geometries[index] = self._geometry(index)
        return self._geometries[index]

    def _geometry(self, index: int) -> PlaneGeometry:
        grid = self.volume.grid
        if index == 0:
            return reslice.geometry(grid, self.orientation, 0)
        return self.geometry(0).beside(index, grid.steps_lps_mm[self.axis])

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
        return self._slice(index) if self.layers == 1 else self.kept(index)

    def kept(self, index: int) -> NDArray[np.int16]:
        """Return a picture that takes long, as ``cut`` makes it; the last one is kept while nothing more is read."""
        key = self._key(index)
        if key not in self._last:
            made = self.cut(index)
            self._last.clear()
            self._last[key] = made
        return self._last[key]

    def _key(self, index: int) -> tuple[int, int]:
        """Return what a picture kept depends on: its slice, and how many have been read."""
        return index, int(np.count_nonzero(self.volume.state == READY))

    def cut(self, index: int) -> NDArray[np.int16]:
        """Blend the layers of slice ``index``."""
        volume = self.volume
        return reslice.slab(
            volume.voxels, volume.grid, self.orientation, index,
            slab_mm=self.slab.mm, blend=self.slab.blend, outside=UNREAD, ready=volume.state == READY,
        )  # fmt: skip

    def _slice(self, index: int) -> NDArray[np.int16]:
        shown = reslice.plane(self.volume.voxels, self.volume.grid, self.orientation, index)
        unread = self.volume.state != READY
        if not unread.any():
            return shown
        if self.axis == 0:
            return np.full_like(shown, UNREAD) if unread[index] else shown
        gone = np.broadcast_to(unread[:, None, None], self.volume.voxels.shape)
        hidden = reslice.plane(gone, self.volume.grid, self.orientation, index)
        return np.where(hidden, np.int16(UNREAD), shown)

    def colours(self, index: int) -> NDArray[np.uint8] | None:
        """Return slice ``index`` as RGB, uint8 (rows, columns, 3), black where nothing was read; None for greys."""
        colours = self.volume.colours
        if colours is None:
            return None
        whole = colours.view("V3")[..., 0]  # one RGB pixel is one element, so that planes are cut as of greys
        shown = np.ascontiguousarray(self.nearest(whole, index, np.zeros(1, "V3")[0]))
        return shown.view(np.uint8).reshape(*shown.shape, 3)

    def nearest(self, values: NDArray[Any], index: int, outside: Any = 0) -> NDArray[Any]:
        """Return slice ``index`` of another array (k, j, i) on the volume's grid, as a mask, by the nearest voxels."""
        return reslice.plane(values, self.volume.grid, self.orientation, index)

    def colour_at(self, point_lps_mm: Point) -> tuple[int, int, int] | None:
        """Return red, green, blue of the pixel at a point; None for greys, outside or where nothing was read."""
        colours, voxel = self.volume.colours, None if self.volume.colours is None else self._voxel(point_lps_mm)
        if colours is None or voxel is None:
            return None
        k, j, i = voxel
        red, green, blue = (int(v) for v in colours[k, j, i])
        return (red, green, blue) if self.volume.state[k] == READY else None

    def value_at(self, point_lps_mm: Point) -> float | None:
        """Return the real value (HU for CT) shown at a point of a slice; None outside or where nothing was read."""
        voxel, volume = self._voxel(point_lps_mm), self.volume
        if voxel is None:
            return None
        if self.layers == 1:
            return self.real(volume.voxels[voxel]) if volume.state[voxel[0]] == READY else None
        through = [slice(at, at + 1) for at in voxel]
        through[self.axis] = slice(*reslice.slab_range(volume.grid, self.axis, voxel[self.axis], self.slab.mm))
        values = volume.voxels[tuple(through)][volume.state[through[0]] == READY]
        return self.real(blend_of(values, self.slab.blend)) if values.size else None

    def _voxel(self, point_lps_mm: Point) -> tuple[int, int, int] | None:
        """Return the voxel (k, j, i) nearest to a point; None outside."""
        k, j, i = (round(at) for at in self.volume.grid.to_kji(point_lps_mm).tolist())
        slices, rows, columns = self.volume.grid.shape_kji
        return (k, j, i) if 0 <= k < slices and 0 <= j < rows and 0 <= i < columns else None

    def real(self, value: float) -> float:
        """Return the real value of a voxel's number."""
        return float(value) * self.volume.slope + self.volume.intercept


def plane_of(display: Display, kind: CellKind, slab: Slab) -> Plane:
    """Return what a cell of ``kind`` leafs through in ``display``; ValueError where it shows nothing.

    "native", and images that are no regular stack, stay as they were made, as do planes that were not tilted when the
    others were. A curved cell shows the native images until there is a curve.
    """
    from medviewer.ui.planes.curved import CurvedPlane
    from medviewer.ui.planes.tilted import ObliquePlane

    volume = display.volume
    if volume is None:
        raise ValueError("an empty display")
    if kind == "curved" and volume.regular and len(display.curve_lps_mm) > 1:
        return CurvedPlane.through(volume, display.curve_lps_mm, slab)
    if kind not in ORIENTATIONS:
        return Plane(volume, native(volume), slab)
    straight = Plane(volume, kind, slab)
    if display.axes is None or not volume.regular:
        return straight
    across = abs(float(straight.geometry(0).normal_lps @ display.axes[ORIENTATIONS.index(kind)]))
    return straight if across > _PARALLEL else ObliquePlane(volume, kind, slab, axes=display.axes)


def native(volume: Volume) -> Orientation:
    """Return the orientation in which the images were made."""
    return next(o for o in ORIENTATIONS if reslice.axis_of(volume.grid, o) == 0)
