"""Frames of three directions at right angles: rows head, back and left, upright or turned."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from medviewer.core.grid import Grid, triple
from medviewer.imaging.reslice import ORIENTATIONS, Orientation, PlaneGeometry
from medviewer.imaging.turn import Turn

Frame = NDArray[np.float64]
Vector = NDArray[np.float64]
HEAD, BACK, LEFT = 0, 1, 2
_MOST_PX = 2048  # a picture is never larger: its pixels are larger then than the smallest voxels


def upright(grid: Grid) -> Frame:
    """Return the frame (3, 3) of unit vectors nearest to the array's own directions, towards head, back, left."""
    turn = Turn.of(grid)
    signs = np.where(turn.flip, -1.0, 1.0)
    return squared(np.asarray(grid.axes_kji_lps)[list(turn.order)] * signs[:, None])


def squared(frame: ArrayLike) -> Frame:
    """Return the frame nearest to ``frame`` whose rows are unit vectors at right angles."""
    left, _stretch, right = np.linalg.svd(np.asarray(frame, dtype=np.float64))
    made: Frame = left @ right
    return made


def rotation(axis: ArrayLike, angle_rad: float) -> NDArray[np.float64]:
    """Return the matrix (3, 3) that turns vectors about ``axis`` by the right-hand rule (v -> matrix @ v)."""
    x, y, z = np.asarray(axis, dtype=np.float64) / np.linalg.norm(axis)
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    made: NDArray[np.float64] = np.eye(3) + np.sin(angle_rad) * cross + (1.0 - np.cos(angle_rad)) * cross @ cross
    return made


def turned_about(frame: Frame, axis: ArrayLike, angle_rad: float) -> Frame:
    """Return the frame turned about ``axis`` by the right-hand rule."""
    return squared(frame @ rotation(axis, angle_rad).T)


def shortest(start: Vector, end: Vector) -> NDArray[np.float64]:
    """Return the rotation (3, 3) that brings unit vector ``start`` to ``end`` by the shortest way."""
    axis, cos = np.cross(start, end), float(np.dot(start, end))
    if float(np.linalg.norm(axis)) < 1e-9:
        return np.eye(3) if cos > 0 else rotation(_across(start), np.pi)
    return rotation(axis, float(np.arctan2(np.linalg.norm(axis), cos)))


def _across(direction: Vector) -> Vector:
    """Return any direction at right angles to ``direction``."""
    other = np.eye(3)[int(np.argmin(np.abs(direction)))]
    return np.cross(direction, other)


def directions(grid: Grid, frame: Frame, orientation: Orientation) -> tuple[Vector, Vector, Vector]:
    """Return right, down and the way the stack is counted (to head, back or left) of the planes of a frame.

    The picture is the upright one tilted by the shortest way: it does not turn in itself when the frame is turned
    about its normal.
    """
    rest, number = upright(grid), ORIENTATIONS.index(orientation)
    tilt = shortest(rest[number], frame[number])
    right = tilt @ rest[BACK if orientation == "sagittal" else LEFT]
    down = tilt @ (rest[BACK] if orientation == "axial" else -rest[HEAD])
    return right, down, frame[number]


def middle_of(grid: Grid) -> Vector:
    """Return the middle of the volume, LPS mm."""
    return grid.to_lps((np.asarray(grid.shape_kji) - 1) / 2)


def corners_of(grid: Grid) -> Vector:
    """Return the eight corners of the volume, LPS mm (8, 3): half a voxel beyond the outermost centres."""
    ends = [(-0.5, n - 0.5) for n in grid.shape_kji]
    return grid.to_lps(np.stack(np.meshgrid(*ends, indexing="ij"), axis=-1).reshape(-1, 3))


def extent_mm(grid: Grid, direction: ArrayLike) -> float:
    """Return how long the volume is along a unit vector."""
    return float(np.abs(grid.steps_lps_mm @ np.asarray(direction)) @ np.asarray(grid.shape_kji))


def pixel_mm(grid: Grid, longest_mm: float) -> float:
    """Return the side of square pixels: the smallest spacing, larger where pictures would become too large."""
    return max(min(grid.spacing_kji_mm), longest_mm / _MOST_PX)


def stack_plane(grid: Grid, frame: Frame, orientation: Orientation, index: int, count: int) -> PlaneGeometry:
    """Return plane ``index`` of ``count`` parallel ones through the whole volume, in square pixels."""
    right, down, onto = directions(grid, frame, orientation)
    wide_mm, high_mm = extent_mm(grid, right), extent_mm(grid, down)
    side_mm = pixel_mm(grid, max(wide_mm, high_mm))
    rows, columns = (max(1, int(np.ceil(mm / side_mm - 1e-6))) for mm in (high_mm, wide_mm))
    corner = middle_of(grid) - side_mm * ((columns - 1) / 2 * right + (rows - 1) / 2 * down)
    origin = corner + (index - (count - 1) / 2) * min(grid.spacing_kji_mm) * onto
    return PlaneGeometry((rows, columns), triple(origin), triple(right), triple(down), (side_mm, side_mm))
