"""A bent plane: a smooth line through drawn points, and the volume along it, straightened.

Columns run along the line, rows straight across it along one direction: the normal of the plane it was drawn on.
Lengths are true along the line; across the rows they are true too, oblique ones only where the line is flat.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from medviewer.core.arrangement import BLENDS, Blend
from medviewer.core.finding import Point
from medviewer.core.grid import Grid, triple
from medviewer.imaging.frames import BACK, HEAD, LEFT, corners_of, pixel_mm, upright
from medviewer.imaging.reslice import OUTSIDE, PlaneGeometry, flags_of, in_bands, layers_of, letters, pairs_of

Vector = NDArray[np.float64]
_FINE = 32  # places between two points when the line's length is measured
_BENT_MM = 1e-3  # points that leave a straight line by less do not tell which plane they were drawn on
_APART_MM = 1e-3


@dataclass(frozen=True)
class CurvedGeometry(PlaneGeometry):
    """Where the pixels of a straightened picture are; ``origin_lps_mm``, ``right_lps`` are of the first column.

    Attributes:
        line_lps_mm: the place of each column on the line.
        first_row: the row that the line runs along.
    """

    line_lps_mm: tuple[Point, ...] = ()
    first_row: float = 0.0

    @cached_property
    def line(self) -> Vector:
        """``line_lps_mm`` as an array (columns, 3)."""
        return np.asarray(self.line_lps_mm)

    @cached_property
    def along(self) -> Vector:
        """Unit vectors in which the line runs on at each column, across the rows' direction (columns, 3)."""
        steps = np.gradient(self.line, axis=0)
        flat = steps - np.outer(steps @ self.down, self.down)
        made: Vector = flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-12)
        return made

    @cached_property
    def down(self) -> Vector:
        """``down_lps`` as an array."""
        return np.asarray(self.down_lps)

    @cached_property
    def across(self) -> Vector:
        """Unit vectors into the screen at each column (columns, 3)."""
        made: Vector = np.cross(self.along, self.down)
        return made

    def to_lps(self, xy: ArrayLike) -> Vector:
        """Map pixels (..., 2) to LPS mm (..., 3); beyond the line's ends it runs straight on."""
        pixels = np.asarray(xy, dtype=np.float64)
        low = np.clip(np.floor(pixels[..., 0]).astype(int), 0, len(self.line) - 2)
        part = (pixels[..., 0] - low)[..., None]
        on_line = self.line[low] * (1 - part) + self.line[low + 1] * part
        made: Vector = on_line + ((pixels[..., 1] - self.first_row) * self.spacing_mm[0])[..., None] * self.down
        return made

    def to_xy(self, lps_mm: ArrayLike) -> Vector:
        """Map LPS mm (..., 3) to the pixel (..., 2) of the nearest place on the bent plane."""
        places = np.asarray(lps_mm, dtype=np.float64)
        column = self._column(places)
        down_mm = (places - self._on_line(column)) @ self.down
        return np.stack([column, down_mm / self.spacing_mm[0] + self.first_row], axis=-1)

    def distance_mm(self, lps_mm: ArrayLike) -> Vector:
        """Return how far points (..., 3) are behind the bent plane; negative towards the reader."""
        places = np.asarray(lps_mm, dtype=np.float64)
        column = self._column(places)
        nearest = np.clip(np.rint(column).astype(int), 0, len(self.line) - 1)
        away_mm: Vector = np.sum((places - self._on_line(column)) * self.across[nearest], axis=-1)
        return away_mm

    def _on_line(self, column: Vector) -> Vector:
        return self.to_lps(np.stack([column, np.full_like(column, self.first_row)], axis=-1))

    def _column(self, places: Vector) -> Vector:
        """Return the column, fractions allowed, that is nearest to places (..., 3)."""
        flat = self.line - np.outer(self.line @ self.down, self.down)
        points = places - (places @ self.down)[..., None] * self.down
        apart = points[..., None, :] - flat
        nearest = np.argmin(np.sum(apart**2, axis=-1), axis=-1)
        beyond = np.sum((points - flat[nearest]) * self.along[nearest], axis=-1) / self.spacing_mm[1]
        inner = (nearest > 0) & (nearest < len(self.line) - 1)
        column: Vector = nearest + np.where(inner, np.clip(beyond, -0.5, 0.5), beyond)
        return column

    def parts(self, grid: Grid) -> tuple[Vector, Vector]:
        """Return what rows (rows, 3) and columns (columns, 3) add to a pixel's place as voxel indices k, j, i."""
        down: Vector = self.down * self.spacing_mm[0] @ np.linalg.inv(grid.steps_lps_mm)
        rows_kji: Vector = (np.arange(self.shape[0]) - self.first_row)[:, None] * down
        return rows_kji, grid.to_kji(self.line)

    def coarser(self, stride: int) -> "CurvedGeometry":
        """Return the same picture in pixels ``stride`` times as large; the last ones may reach beyond it."""
        rows, columns = self.shape
        middle = np.minimum(np.arange(0, columns, stride) + (stride - 1) / 2, columns - 1)
        line = self.to_lps(np.stack([middle, np.full_like(middle, self.first_row)], axis=-1))
        return replace(
            self,
            shape=(-(-rows // stride), len(line)),
            spacing_mm=(self.spacing_mm[0] * stride, self.spacing_mm[1] * stride),
            line_lps_mm=tuple(triple(place) for place in line),
            first_row=(self.first_row - (stride - 1) / 2) / stride,
        )

    @property
    def edges(self) -> dict[str, str]:
        """The letters at the picture's edges; left and right where the line begins and ends."""
        ends = {"left": letters(-self.along[0]), "right": letters(self.along[-1])}
        return {**ends, "top": letters(-self.down), "bottom": letters(self.down)}

    @property
    def length_mm(self) -> float:
        """How long the line is."""
        return float(np.sum(np.linalg.norm(np.diff(self.line, axis=0), axis=1)))


def normal_of(points_lps_mm: ArrayLike, grid: Grid) -> Vector:
    """Return the direction, unit, that points lie flat across; of a straight line, the first upright one across it."""
    points = np.asarray(points_lps_mm, dtype=np.float64)
    _left, sizes, ways = np.linalg.svd(points - points.mean(axis=0))
    if len(points) > 2 and sizes[1] > _BENT_MM:
        return _unit(ways[2])
    rest = upright(grid)
    for way in (rest[HEAD], rest[BACK], rest[LEFT]):
        if abs(way @ ways[0]) < np.sqrt(0.5):
            flat = way - (way @ ways[0]) * ways[0]
            return _unit(flat)
    return _unit(rest[LEFT])


def _unit(vector: Vector) -> Vector:
    made: Vector = vector / np.linalg.norm(vector)
    return made


def smooth_line(points_lps_mm: Sequence[Point], step_mm: float) -> Vector:
    """Return places (n, 3) every ``step_mm`` along a smooth line through the points, from the first on.

    ValueError where there are not two points apart from each other.
    """
    points = np.asarray(points_lps_mm, dtype=np.float64)
    chords = np.linalg.norm(np.diff(points, axis=0), axis=1)
    points = points[np.concatenate([[True], chords > _APART_MM])]
    if len(points) < 2:
        raise ValueError("a line needs two places")
    fine = _spline(points)
    way_mm = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(fine, axis=0), axis=1))])
    at_mm = np.arange(max(int(way_mm[-1] / step_mm + 1e-9), 1) + 1) * min(step_mm, way_mm[-1])
    return np.stack([np.interp(at_mm, way_mm, fine[:, n]) for n in range(3)], axis=-1)


def _spline(points: Vector) -> Vector:
    """Return many places on the natural cubic spline through points (n, 3), by their distances.

    Written out, for scipy's interpolation takes a second to import where somebody waits for the first picture.
    """
    way = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    h = np.diff(way)[:, None]
    slopes = np.diff(points, axis=0) / h
    system = np.eye(len(points))
    right = np.zeros_like(points)
    for n in range(1, len(points) - 1):
        system[n, n - 1 : n + 2] = h[n - 1, 0], 2 * (h[n - 1, 0] + h[n, 0]), h[n, 0]
        right[n] = 6 * (slopes[n] - slopes[n - 1])
    bend = np.linalg.solve(system, right)
    t = np.linspace(0.0, 1.0, _FINE, endpoint=False)[None, :, None]
    a, b, bend_a, bend_b, wide = points[:-1, None], points[1:, None], bend[:-1, None], bend[1:, None], h[:, None]
    pulled = ((1 - t) ** 3 - (1 - t)) * bend_a + (t**3 - t) * bend_b
    made = a * (1 - t) + b * t + wide**2 / 6 * pulled
    return np.concatenate([made.reshape(-1, 3), points[-1:]])


def curved_geometry(grid: Grid, points_lps_mm: Sequence[Point]) -> CurvedGeometry:
    """Return the bent plane through points, in square pixels, over the whole height of the volume.

    It is laid as readers expect: head or front or left of the rows as in the upright planes, and the line from the
    patient's right, front or head on, whichever way it was drawn. ValueError where there are not two places.
    """
    side_mm = pixel_mm(grid, 0.0)
    down = _downward(normal_of(points_lps_mm, grid), grid)
    line = _onward(smooth_line(points_lps_mm, side_mm), grid)
    heights, ends = line @ down, corners_of(grid) @ down
    low_mm, high_mm = float(ends.min() - heights.max()), float(ends.max() - heights.min())
    above = int(np.ceil(-low_mm / side_mm - 0.5))
    rows = max(above + int(np.ceil(high_mm / side_mm - 0.5)) + 1, 1)
    first = line[1] - line[0]
    right = first - (first @ down) * down
    return CurvedGeometry(
        shape=(rows, len(line)),
        origin_lps_mm=triple(line[0] - above * side_mm * down),
        right_lps=triple(right / np.linalg.norm(right)),
        down_lps=triple(down),
        spacing_mm=(side_mm, side_mm),
        line_lps_mm=tuple(triple(place) for place in line),
        first_row=float(above),
    )


def _downward(normal: Vector, grid: Grid) -> Vector:
    """Return the normal or its opposite: towards feet, back or left, whichever it is nearest to."""
    rest = upright(grid)
    wanted = np.array([-rest[HEAD], rest[BACK], rest[LEFT]])
    along = wanted @ normal
    return normal if along[int(np.argmax(np.abs(along)))] > 0 else -normal


def _onward(line: Vector, grid: Grid) -> Vector:
    """Return the line from the patient's right, front or head on, by the direction it runs farthest in."""
    rest = upright(grid)
    along = np.array([-rest[HEAD], rest[BACK], rest[LEFT]]) @ (line[-1] - line[0])
    return line if along[int(np.argmax(np.abs(along)))] >= 0 else line[::-1]


def straightened(
    voxels: NDArray[np.int16],
    grid: Grid,
    where: CurvedGeometry,
    *,
    slab_mm: float = 0.0,
    blend: Blend = "mean",
    outside: int = OUTSIDE,
    ready: NDArray[np.bool_] | None = None,
    layers: int = 0,
    check: Callable[[], None] | None = None,
) -> NDArray[np.int16]:
    """Return the picture on a bent plane, int16 (rows, columns); the rest as in ``reslice.oblique``."""
    layers = layers or layers_of(grid, slab_mm)
    offsets_mm = np.linspace(-slab_mm / 2, slab_mm / 2, layers) if layers > 1 else np.zeros(1)
    places = where.line + offsets_mm[:, None, None] * where.across  # (layers, columns, 3)
    tops = np.ascontiguousarray(np.moveaxis(grid.to_kji(places), -1, 1))
    down = where.down * where.spacing_mm[0] @ np.linalg.inv(grid.steps_lps_mm)
    pairs, shape = pairs_of(voxels)
    read, mode = flags_of(ready, grid), BLENDS.index(blend)
    out = np.empty(where.shape, dtype=np.int16)

    def band(rows: slice) -> None:
        from medviewer.imaging.kernels import sample_columns

        first = rows.start - where.first_row
        sample_columns(pairs, shape, read, tops, first, down, mode, outside, out[rows])

    in_bands(band, where.shape[0], check)
    return out


def warm() -> None:
    """Have the compiled loops of flat and bent planes ready: call it in a thread while nobody waits."""
    from medviewer.imaging import reslice

    reslice.warm()
    grid = Grid((2, 2, 2))
    straightened(np.zeros((2, 2, 2), np.int16), grid, curved_geometry(grid, ((0.0, 0.0, 0.0), (1.0, 0.0, 0.0))))
