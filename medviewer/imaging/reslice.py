"""Planes through a volume, and where their pixels are in the patient.

Axial is seen from the feet, coronal from the front, sagittal from the patient's left, whatever way the array lies.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from medviewer.core.arrangement import BLENDS, Blend
from medviewer.core.finding import Point
from medviewer.core.grid import Grid, triple
from medviewer.imaging.turn import Turn

Orientation = Literal["axial", "coronal", "sagittal"]
ORIENTATIONS: tuple[Orientation, ...] = ("axial", "coronal", "sagittal")
Vector = NDArray[np.float64]
OUTSIDE = -1024
_STRIPES = 2  # for each processor: one that is busy with other programs does fewer
_ASIDE_ROWS = 8
# A second letter is shown from here on: the sine of 15 degrees.
OBLIQUE = 0.26
# Which of head (0), back (1), left (2) runs down and right on the screen.
_DOWN_RIGHT: dict[Orientation, tuple[int, int]] = {"axial": (1, 2), "coronal": (0, 2), "sagittal": (0, 1)}


@dataclass(frozen=True)
class PlaneGeometry:
    """Where the pixels of a picture are: pixel (x, y), x to the right, y down, (0, 0) the centre of the first.

    Attributes:
        shape: rows, columns.
        origin_lps_mm: centre of pixel (0, 0).
        right_lps, down_lps: unit vectors in which x and y increase.
        spacing_mm: distance between rows, between columns (as DICOM's PixelSpacing).
    """

    shape: tuple[int, int]
    origin_lps_mm: Point
    right_lps: Point
    down_lps: Point
    spacing_mm: tuple[float, float]

    @cached_property
    def normal_lps(self) -> Vector:
        """Unit vector into the screen: away from the reader; read-only, for it is worked out once."""
        normal = np.cross(self.right_lps, self.down_lps)
        return _fixed(normal / np.linalg.norm(normal))

    @cached_property
    def steps_lps_mm(self) -> Vector:
        """Matrix (2, 3): the step in LPS mm for one pixel to the right, and for one down; read-only."""
        row_mm, column_mm = self.spacing_mm
        return _fixed(np.array([np.asarray(self.right_lps) * column_mm, np.asarray(self.down_lps) * row_mm]))

    @cached_property
    def _to_steps(self) -> Vector:
        return _fixed(np.linalg.pinv(self.steps_lps_mm))

    def to_lps(self, xy: ArrayLike) -> Vector:
        """Map pixels (..., 2) as x, y, fractions allowed, to LPS mm (..., 3)."""
        lps_mm: Vector = np.asarray(xy, dtype=np.float64) @ self.steps_lps_mm + np.asarray(self.origin_lps_mm)
        return lps_mm

    def to_xy(self, lps_mm: ArrayLike) -> Vector:
        """Map LPS mm (..., 3) to the pixel (..., 2) as x, y of its foot on the plane."""
        offset = np.asarray(lps_mm, dtype=np.float64) - np.asarray(self.origin_lps_mm)
        xy: Vector = offset @ self._to_steps
        return xy

    def distance_mm(self, lps_mm: ArrayLike) -> Vector:
        """Return how far points (..., 3) in LPS mm are behind the plane; negative towards the reader."""
        offset = np.asarray(lps_mm, dtype=np.float64) - np.asarray(self.origin_lps_mm)
        away_mm: Vector = offset @ self.normal_lps
        return away_mm

    def beside(self, index: int, step_lps_mm: Vector) -> "PlaneGeometry":
        """Return the picture ``index`` steps away; what was worked out of this one serves it too."""
        worked_out = self.normal_lps, self.steps_lps_mm, self._to_steps
        made = replace(self, origin_lps_mm=triple(np.asarray(self.origin_lps_mm) + index * step_lps_mm))
        made.__dict__.update(zip(("normal_lps", "steps_lps_mm", "_to_steps"), worked_out, strict=True))
        return made

    def parts(self, grid: Grid) -> tuple[Vector, Vector]:
        """Return what rows (rows, 3) and columns (columns, 3) add to a pixel's place as voxel indices k, j, i."""
        right, down = self.steps_lps_mm @ np.linalg.inv(grid.steps_lps_mm)
        rows, columns = self.shape
        return np.arange(rows)[:, None] * down, grid.to_kji(self.origin_lps_mm) + np.arange(columns)[:, None] * right

    def coarser(self, stride: int) -> "PlaneGeometry":
        """Return the same picture in pixels ``stride`` times as large; the last ones may reach beyond it."""
        (rows, columns), (row_mm, column_mm) = self.shape, self.spacing_mm
        return replace(
            self,
            shape=(-(-rows // stride), -(-columns // stride)),
            origin_lps_mm=triple(self.to_lps([(stride - 1) / 2] * 2)),
            spacing_mm=(row_mm * stride, column_mm * stride),
        )

    @property
    def edges(self) -> dict[str, str]:
        """The letters at the picture's edges "left", "right", "top", "bottom": R L A P H F, two where oblique."""
        right, down = np.asarray(self.right_lps), np.asarray(self.down_lps)
        return {"left": letters(-right), "right": letters(right), "top": letters(-down), "bottom": letters(down)}


def _fixed(values: NDArray[Any]) -> Vector:
    values.flags.writeable = False
    return values


def letters(direction_lps: ArrayLike) -> str:
    """Name a direction by R L A P H F, the strongest first, a second one where it is oblique."""
    direction = np.asarray(direction_lps, dtype=np.float64)
    direction = direction / np.linalg.norm(direction)
    names = [pair[int(part > 0)] for pair, part in zip(("RL", "AP", "FH"), direction, strict=True)]
    strongest = np.argsort(-np.abs(direction), kind="stable")
    return "".join(names[n] for rank, n in enumerate(strongest[:2]) if rank == 0 or abs(direction[n]) > OBLIQUE)


def axis_of(grid: Grid, orientation: Orientation) -> int:
    """Return the array axis (0 k, 1 j, 2 i) that planes of ``orientation`` are stacked along."""
    return Turn.of(grid).order[ORIENTATIONS.index(orientation)]


def count(grid: Grid, orientation: Orientation) -> int:
    """Return how many planes of ``orientation`` there are."""
    return grid.shape_kji[axis_of(grid, orientation)]


def index_at(grid: Grid, orientation: Orientation, lps_mm: ArrayLike) -> int:
    """Return the index of the plane nearest to the point ``lps_mm`` (3,), kept inside the volume."""
    axis = axis_of(grid, orientation)
    return int(np.clip(np.rint(grid.to_kji(lps_mm)[axis]), 0, grid.shape_kji[axis] - 1))


def plane(voxels: NDArray[Any], grid: Grid, orientation: Orientation, index: int) -> NDArray[Any]:
    """Return plane ``index`` (along the array's own axis) of ``voxels`` (k, j, i) as the screen shows it: a view."""
    turn = Turn.of(grid)
    normal = ORIENTATIONS.index(orientation)
    turned = turn.apply(voxels)
    at = turned.shape[normal] - 1 - index if turn.flip[normal] else index
    cut: NDArray[Any] = np.moveaxis(turned, normal, 0)[at]  # what is left runs (head, back), (head, left), (back, left)
    return cut if orientation == "axial" else cut[::-1]


def geometry(grid: Grid, orientation: Orientation, index: int) -> PlaneGeometry:
    """Return where the pixels of ``plane(..., orientation, index)`` are in LPS mm."""
    turn = Turn.of(grid)
    down, right = _DOWN_RIGHT[orientation]
    down_axis, right_axis = turn.order[down], turn.order[right]
    down_flip, right_flip = turn.flip[down] != (down == 0), turn.flip[right]  # the head is at the top
    corner = np.zeros(3)
    corner[turn.order[ORIENTATIONS.index(orientation)]] = index
    corner[down_axis] = grid.shape_kji[down_axis] - 1 if down_flip else 0
    corner[right_axis] = grid.shape_kji[right_axis] - 1 if right_flip else 0
    return PlaneGeometry(
        shape=(grid.shape_kji[down_axis], grid.shape_kji[right_axis]),
        origin_lps_mm=triple(grid.to_lps(corner)),
        right_lps=triple(np.asarray(grid.axes_kji_lps[right_axis]) * (-1 if right_flip else 1)),
        down_lps=triple(np.asarray(grid.axes_kji_lps[down_axis]) * (-1 if down_flip else 1)),
        spacing_mm=(grid.spacing_kji_mm[down_axis], grid.spacing_kji_mm[right_axis]),
    )


def oblique(
    voxels: NDArray[np.int16],
    grid: Grid,
    where: PlaneGeometry,
    *,
    slab_mm: float = 0.0,
    blend: Blend = "mean",
    outside: int = OUTSIDE,
    ready: NDArray[Any] | None = None,
    layers: int = 0,
    check: Callable[[], None] | None = None,
) -> NDArray[np.int16]:
    """Return the picture of ``voxels`` (k, j, i) on any plane, int16 (rows, columns), linearly interpolated.

    ``slab_mm`` > 0 blends layers over that thickness around the plane, as many as there are voxels or only ``layers``;
    places outside the volume are ``outside``, as are those between slices that are not ``ready`` (k,). Work aside gives
    a ``check`` that raises to stop it.
    """
    layers = layers or layers_of(grid, slab_mm)
    step = where.normal_lps * (slab_mm / (layers - 1) if layers > 1 else 0.0)
    to_kji = np.linalg.inv(grid.steps_lps_mm)
    right, down = where.steps_lps_mm @ to_kji
    first = grid.to_kji(np.asarray(where.origin_lps_mm) - step * (layers - 1) / 2)
    pairs, shape = pairs_of(voxels)
    read, mode = flags_of(ready, grid), BLENDS.index(blend)
    out = np.empty(where.shape, dtype=np.int16)

    def band(rows: slice) -> None:
        from medviewer.imaging.kernels import sample_planes

        start = first + rows.start * down
        sample_planes(pairs, shape, read, start, down, right, step @ to_kji, layers, mode, outside, out[rows])

    in_bands(band, where.shape[0], check)
    return out


def layers_of(grid: Grid, slab_mm: float) -> int:
    """Return how many layers are blended over a thickness: as dense as the voxels where they are densest."""
    return max(1, round(slab_mm / min(grid.spacing_kji_mm)) + 1) if slab_mm > 0 else 1


def pairs_of(voxels: NDArray[np.int16]) -> tuple[NDArray[np.int32], tuple[int, int, int]]:
    """Return int32 numbers of two neighbouring voxels each, in C order, and the shape (k, j, i) they are read by.

    A look into the same memory, unaligned on purpose; only a volume of one column is copied: its last voxel has none.
    """
    flat, (nk, nj, ni) = np.ascontiguousarray(voxels).reshape(-1), voxels.shape
    if ni == 1:
        flat = np.append(flat, np.int16(0))
    return np.ndarray((flat.size - 1,), np.int32, flat.data, 0, (2,)), (nk, nj, ni)


def flags_of(ready: NDArray[Any] | None, grid: Grid) -> NDArray[np.uint8]:
    """Return 1 for each slice that may be shown, else 0."""
    count_k = grid.shape_kji[0]
    return np.ones(count_k, np.uint8) if ready is None else np.asarray(ready, dtype=bool).astype(np.uint8)


def nearest(values: NDArray[Any], grid: Grid, where: PlaneGeometry, outside: Any = 0) -> NDArray[Any]:
    """Return an array (k, j, i) on any plane by the nearest voxels: for masks and colours, which have no between."""
    of_rows, of_columns = where.parts(grid)
    at, inside = np.zeros(where.shape, np.int64), np.ones(where.shape, dtype=bool)
    for axis, size in enumerate(grid.shape_kji):
        place = np.rint(of_rows[:, None, axis] + of_columns[:, axis]).astype(np.int32)
        inside &= place.view(np.uint32) < size  # one comparison: below 0 is a large number there
        at *= size
        at += place
    shown = np.full(where.shape, outside, dtype=values.dtype)
    shown[inside] = np.ascontiguousarray(values).reshape(-1)[at[inside]]
    return shown


def slab(
    voxels: NDArray[np.int16],
    grid: Grid,
    orientation: Orientation,
    index: int,
    *,
    slab_mm: float,
    blend: Blend = "mean",
    outside: int = OUTSIDE,
    ready: NDArray[Any] | None = None,
) -> NDArray[np.int16]:
    """Return ``plane(...)`` blended with the planes at most half of ``slab_mm`` away from it, int16.

    Slices that are not ``ready`` (k,) are left out; where nothing is left, the picture is ``outside``.
    """
    axis = axis_of(grid, orientation)
    low, high = slab_range(grid, axis, index, slab_mm)
    dense, read = np.ascontiguousarray(voxels), flags_of(ready, grid).astype(bool)
    (_nk, nj, ni), wanted = dense.shape, np.arange(low, high)
    if axis == 0:
        wanted = wanted[read[low:high]]
    row, layer = (ni, nj * ni) if axis == 0 else (nj * ni, ni)
    out = np.full([n for other, n in enumerate(dense.shape) if other != axis], outside, dtype=np.int16)

    def band(rows: slice) -> None:
        from medviewer.imaging.kernels import blend_rows, blend_runs

        part = (rows.start, min(rows.stop, out.shape[0]))
        if axis == 2:
            blend_runs(dense, low, high, part, BLENDS.index(blend), out)
        else:
            blend_rows(dense.reshape(-1), row, layer, wanted, part, BLENDS.index(blend), out)

    if wanted.size:
        in_bands(band, out.shape[0])
    if axis != 0:
        out[~read] = outside
    shape = [1 if other == axis else n for other, n in enumerate(grid.shape_kji)]
    flat = replace(grid, shape_kji=(shape[0], shape[1], shape[2]))
    return plane(np.expand_dims(out, axis), flat, orientation, 0)


def slab_range(grid: Grid, axis: int, index: int, slab_mm: float) -> tuple[int, int]:
    """Return the first plane of a slab around plane ``index``, and the one behind its last, within the volume."""
    beside = int(slab_mm / 2 / grid.spacing_kji_mm[axis] + 1e-6)
    return max(index - beside, 0), min(index + beside + 1, grid.shape_kji[axis])


def in_bands(band: Callable[[slice], None], rows: int, check: Callable[[], None] | None = None) -> None:
    """Run ``band`` on stripes of rows, on all processors; compiled code lets go of the GIL.

    Work aside, which has a ``check``, runs in small stripes one after the other, so that nobody has to wait for it.
    """
    size = max(1, -(-rows // (_STRIPES * (os.cpu_count() or 1))))
    if check is not None:
        for start in range(0, rows, _ASIDE_ROWS):
            check()
            band(slice(start, start + _ASIDE_ROWS))
        return
    for _done in _threads().map(band, [slice(start, start + size) for start in range(0, rows, size)]):
        pass


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="reslice")


def warm() -> None:
    """Have the compiled loops ready: the first time takes seconds, so call it in a thread while nobody waits."""
    tiny, grid = np.zeros((2, 2, 2), np.int16), Grid((2, 2, 2))
    oblique(tiny, grid, geometry(grid, "axial", 0))
    for orientation in ORIENTATIONS:
        slab(tiny, grid, orientation, 0, slab_mm=2.0)


def turned(where: PlaneGeometry, angle_deg: float, about: Literal["right", "down", "normal"]) -> PlaneGeometry:
    """Return the plane turned by ``angle_deg`` around its middle, about one of its own axes."""
    rows, columns = where.shape
    middle = np.array([(columns - 1) / 2, (rows - 1) / 2])
    axis = {"right": np.asarray(where.right_lps), "down": np.asarray(where.down_lps), "normal": where.normal_lps}[about]
    right, down = (_rotated(np.asarray(v), axis, np.deg2rad(angle_deg)) for v in (where.right_lps, where.down_lps))
    tilted = replace(where, right_lps=triple(right), down_lps=triple(down))
    shift = where.to_lps(middle) - tilted.to_lps(middle)
    return replace(tilted, origin_lps_mm=triple(np.asarray(where.origin_lps_mm) + shift))


def _rotated(vector: Vector, axis: Vector, angle: float) -> Vector:
    """Rodrigues' rotation."""
    cos, sin = np.cos(angle), np.sin(angle)
    rotated: Vector = vector * cos + np.cross(axis, vector) * sin + axis * (axis @ vector) * (1 - cos)
    return rotated
