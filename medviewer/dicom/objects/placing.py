"""Where a frame of a segmentation lies on the slices of a volume, pixel on pixel."""

from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.study import Header
from medviewer.core.volume import Volume
from medviewer.dicom.kinds import SLIDE
from medviewer.dicom.objects.frames import Frame, Plane, Source, plane_of, tile_places
from medviewer.dicom.objects.reading import read

_HALF_PIXEL = 0.501  # one that lies right between two pixels belongs to either
_HALF_STEP = 0.501
_NEAR = 0.25  # of the distance between slices: nearer than that, a frame lies on the slice
_SAME_STEP = 0.1  # share by which the distance between frames may differ from that between slices


@dataclass(frozen=True)
class Place:
    """A frame on slice ``k``: turn its array by ``transposed``, then ``flips`` (rows, columns); its first pixel is at
    row and column ``at_ji`` of the slice, which may lie outside.
    """

    k: int
    at_ji: tuple[int, int] = (0, 0)
    transposed: bool = False
    flips: tuple[bool, bool] = (False, False)

    def turn(self, frame: NDArray[Any]) -> NDArray[Any]:
        """Return a view of the frame (rows, columns) as the slice has it."""
        turned = frame.T if self.transposed else frame
        return turned[:: -1 if self.flips[0] else 1, :: -1 if self.flips[1] else 1]


@dataclass(frozen=True, eq=False)
class Slices:
    """The slices of a volume as frames are looked up on them."""

    volume: Volume

    @property
    def headers(self) -> tuple[Header, ...]:
        """One header per slice."""
        return self.volume.series.headers

    @cached_property
    def by_source(self) -> dict[Source, int]:
        """The slice of each image of the volume."""
        return {(header.sop_uid, header.frame): k for k, header in enumerate(self.headers)}

    @cached_property
    def by_tile(self) -> dict[tuple[int, int], int]:
        """The slice that holds each tile of a slide, by row and column of its first pixel; empty where it is none."""
        first = self.headers[0]
        if first.sop_class != SLIDE or any(header.path != first.path for header in self.headers):
            return {}
        places = tile_places(read(first.path, first.transfer_syntax))
        return {places[header.frame]: k for k, header in enumerate(self.headers) if header.frame < len(places)}

    @cached_property
    def planes(self) -> tuple[Plane | None, ...]:
        """Where each slice lies; None where its file does not say."""
        return tuple(self._plane(k, header) for k, header in enumerate(self.headers))

    def _plane(self, k: int, header: Header) -> Plane | None:
        grid = self.volume.grid
        if (header.rows, header.columns) != grid.shape_kji[1:]:  # straightened: the grid alone knows where voxels are
            _across, down, right = grid.steps_lps_mm
            return Plane(grid.to_lps((k, 0, 0)), down, right) if self.volume.regular else None
        return plane_of(header.position_lps_mm or (), header.orientation or (), header.pixel_spacing_mm or ())

    @cached_property
    def _origins(self) -> NDArray[np.float64]:
        """The first pixel of each slice in LPS mm; not a number where its file does not say."""
        return np.array([[np.nan] * 3 if plane is None else plane.origin_lps_mm for plane in self.planes])

    @cached_property
    def step_mm(self) -> float:
        """Distance between neighbouring slices."""
        return self.volume.grid.spacing_kji_mm[0]

    def place(self, frame: Frame, shape: tuple[int, int], step_mm: float | None = None) -> Place | None:
        """Return where a frame of ``shape`` lies, pixel on pixel; None where it lies otherwise or elsewhere.

        The image it was derived from decides, unless its own geometry says that its pixels lie otherwise. ``step_mm``
        is the distance between the frames where that is known.
        """
        sources = {self.by_source[source] for source in frame.sources if source in self.by_source}
        if len(sources) == 1:
            k = sources.pop()
            if frame.plane is None or self.planes[k] is None:
                return Place(k) if shape == self._shape else None
            found = self._on(frame.plane, k, shape, _HALF_PIXEL * self.step_mm)
            if found is not None:
                return found
        if frame.tile is not None and not sources and shape == self._shape:
            tile = self.by_tile.get(frame.tile)
            return None if tile is None else Place(tile)
        if frame.plane is None or (step_mm is not None and not self._steps_like(step_mm)):
            return None
        nearest = self._nearest(frame.plane)
        return None if nearest is None else self._on(frame.plane, nearest, shape, _NEAR * self.step_mm)

    @property
    def _shape(self) -> tuple[int, int]:
        return self.volume.grid.shape_kji[1], self.volume.grid.shape_kji[2]

    def _steps_like(self, step_mm: float) -> bool:
        return len(self.headers) < 2 or abs(step_mm - self._across_mm) <= _SAME_STEP * self._across_mm

    @cached_property
    def _across_mm(self) -> float:
        """Distance between slices across them: smaller than that along the stack under gantry tilt."""
        first, second = self.planes[0], self.planes[min(1, len(self.planes) - 1)]
        if first is None or second is None or first is second:
            return self.step_mm
        return float(abs((second.origin_lps_mm - first.origin_lps_mm) @ first.normal_lps))

    def holding(self, points_lps_mm: NDArray[np.float64]) -> int | None:
        """Return the slice on which points (n, 3) lie, each nearer than half a step; None where there is none."""
        plane = self.planes[0]
        if plane is None:
            return None
        away_mm = points_lps_mm @ plane.normal_lps
        slices_mm = self._origins @ plane.normal_lps
        from_each_mm = np.abs(slices_mm - away_mm.mean())
        if np.isnan(from_each_mm).all():
            return None
        k = int(np.nanargmin(from_each_mm))
        return k if np.max(np.abs(away_mm - slices_mm[k])) <= _HALF_STEP * self._across_mm else None

    def _nearest(self, plane: Plane) -> int | None:
        away_mm = np.abs((self._origins - plane.origin_lps_mm) @ plane.normal_lps)
        return None if np.isnan(away_mm).all() else int(np.nanargmin(away_mm))

    def _on(self, plane: Plane, k: int, shape: tuple[int, int], near_mm: float) -> Place | None:
        """Lay a plane onto slice ``k``; None where its pixels do not meet the slice's."""
        mine = self.planes[k]
        assert mine is not None
        corners = _corners(plane, shape) - mine.origin_lps_mm
        if np.max(np.abs(corners @ mine.normal_lps)) > near_mm:
            return None
        steps = np.array([mine.down_lps_mm, mine.right_lps_mm])
        return _pixel_on_pixel(corners @ np.linalg.pinv(steps), shape, k)


def _corners(plane: Plane, shape: tuple[int, int]) -> NDArray[np.float64]:
    """Return the first pixel, the last of its column and the last of its row in LPS mm."""
    down, right = plane.down_lps_mm * (shape[0] - 1), plane.right_lps_mm * (shape[1] - 1)
    return np.array([plane.origin_lps_mm, plane.origin_lps_mm + down, plane.origin_lps_mm + right])


def _pixel_on_pixel(corners: NDArray[np.float64], shape: tuple[int, int], k: int) -> Place | None:
    """Return the place of a frame whose three corners are at ``corners`` (row, column) of the slice."""
    low, right = shape[0] - 1, shape[1] - 1
    for transposed in (False, True):
        own = np.array([[0, 0], [low, 0], [0, right]])[:, :: -1 if transposed else 1]
        last = np.array([right, low] if transposed else [low, right])
        for flips in product((False, True), repeat=2):
            turned = np.where(flips, last - own, own)
            begin = np.rint((corners - turned).mean(axis=0))
            if np.max(np.abs(corners - turned - begin)) < _HALF_PIXEL:
                return Place(k, (int(begin[0]), int(begin[1])), transposed, (flips[0], flips[1]))
    return None


def within(size: int, at: int, whole: int) -> slice:
    """Return which part of a line of ``size`` that begins at ``at`` lies on a line of ``whole``."""
    begin = min(max(-at, 0), size)
    return slice(begin, max(min(size, whole - at), begin))
