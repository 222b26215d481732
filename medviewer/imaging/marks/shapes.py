"""The shapes of marks: their outlines, their handles, and what dragging a handle makes of them. All in LPS mm."""

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from medviewer.core.finding import Point
from medviewer.core.grid import triple
from medviewer.core.mark import Mark

Points = NDArray[np.float64]
SIDES, DRAWN_SIDES = 128, 64  # of the polygon that stands in for an ellipse where it is measured, where it is drawn
FREEHAND_HANDLES = 8
SHORT_SHARE = 0.5  # of the long axis that a short one has at first
STEEPEST = np.cos(np.radians(75.0))
_LEAST_MM = 1e-9


def directions(mark: Mark) -> Points:
    """Return the unit vectors (2, 3) to the right and down in the mark's plane, as seen when it was drawn."""
    right = np.asarray(mark.right_lps)
    return np.stack([right, np.cross(mark.normal_lps, right)])


def to_uv(mark: Mark, lps_mm: ArrayLike) -> Points:
    """Map LPS mm (..., 3) to mm (..., 2) right and down of the mark's first point."""
    uv: Points = (np.asarray(lps_mm, dtype=np.float64) - mark.points_lps_mm[0]) @ directions(mark).T
    return uv


def to_lps(mark: Mark, uv_mm: ArrayLike) -> Points:
    """Map mm (..., 2) right and down of the mark's first point to LPS mm (..., 3)."""
    lps_mm: Points = np.asarray(uv_mm, dtype=np.float64) @ directions(mark) + mark.points_lps_mm[0]
    return lps_mm


def sides_mm(mark: Mark) -> tuple[float, float]:
    """Return width and height of the box around an ellipse or a rectangle, in mm."""
    wide, high = np.abs(to_uv(mark, mark.points_lps_mm[1])).tolist()
    return wide, high


def outline(mark: Mark, sides: int = SIDES) -> Points:
    """Return the corners (n, 3) of a region's outline; an ellipse becomes a polygon of the same area."""
    if mark.kind == "rectangle":
        return to_lps(mark, _corners_uv(mark))
    if mark.kind != "ellipse":
        return np.asarray(mark.points_lps_mm)
    end = to_uv(mark, mark.points_lps_mm[1])
    turns = np.arange(sides) * (2.0 * np.pi / sides)
    swell = np.sqrt((2.0 * np.pi / sides) / np.sin(2.0 * np.pi / sides))
    return to_lps(mark, (1.0 + swell * np.column_stack([np.cos(turns), np.sin(turns)])) * end / 2.0)


def _corners_uv(mark: Mark) -> Points:
    u, v = to_uv(mark, mark.points_lps_mm[1])
    return np.array([[0.0, 0.0], [u, 0.0], [u, v], [0.0, v]])


def lines(mark: Mark) -> list[Points]:
    """Return the lines (n, 3) that a mark is drawn with; those of a region run back to their first point."""
    points = np.asarray(mark.points_lps_mm)
    if mark.is_region:
        around = outline(mark, DRAWN_SIDES)
        return [np.concatenate([around, around[:1]])]
    if mark.kind in ("bidirectional", "cobb"):
        return [points[:2], points[2:]]
    return [points] if len(points) > 1 else []


def handles(mark: Mark) -> Points:
    """Return the places (n, 3) by which a mark can be dragged into another shape."""
    if mark.kind in ("ellipse", "rectangle"):
        return to_lps(mark, _corners_uv(mark))
    points = np.asarray(mark.points_lps_mm)
    return points[_kept_points(len(points))] if mark.kind == "freehand" else points


def _kept_points(count: int) -> NDArray[np.int64]:
    return np.unique(np.linspace(0, count, min(FREEHAND_HANDLES, count), endpoint=False).astype(np.int64))


def with_handle(mark: Mark, number: int, at_lps_mm: Point) -> Mark:
    """Return the mark with handle ``number`` at another place; what belongs to it follows."""
    if mark.kind in ("ellipse", "rectangle"):
        opposite = triple(handles(mark)[(number + 2) % 4])
        return replace(mark, points_lps_mm=(at_lps_mm, opposite))
    if mark.kind == "freehand":
        return _bent(mark, number, at_lps_mm)
    if mark.kind == "bidirectional":
        return _with_axis_end(mark, number, at_lps_mm)
    points = list(mark.points_lps_mm)
    points[number] = at_lps_mm
    return replace(mark, points_lps_mm=tuple(points))


def _bent(mark: Mark, number: int, at_lps_mm: Point) -> Mark:
    """Pull a freehand outline at one handle; its neighbours follow less and less up to the next handle."""
    points = np.asarray(mark.points_lps_mm)
    held = int(_kept_points(len(points))[number])
    reach = max(1.0, len(points) / FREEHAND_HANDLES)
    apart = np.abs(np.arange(len(points)) - held)
    apart = np.minimum(apart, len(points) - apart)
    share = np.where(apart < reach, 0.5 + 0.5 * np.cos(np.pi * apart / reach), 0.0)
    moved = points + share[:, None] * (np.asarray(at_lps_mm) - points[held])
    return replace(mark, points_lps_mm=tuple(triple(point) for point in moved))


def shifted(mark: Mark, by_lps_mm: ArrayLike) -> Mark:
    """Return the mark moved as a whole; a label that the reader placed goes with it."""
    by = np.asarray(by_lps_mm)
    moved = tuple(triple(np.asarray(point) + by) for point in mark.points_lps_mm)
    label = None if mark.label_lps_mm is None else triple(np.asarray(mark.label_lps_mm) + by)
    return replace(mark, points_lps_mm=moved, label_lps_mm=label)


# ---- bidirectional: the short axis stands across the long one, within the plane ----


def with_short_axis(mark: Mark) -> Mark:
    """Return a bidirectional mark of a long axis alone (its first two points) with a short axis across its middle."""
    start, end = np.asarray(mark.points_lps_mm[:2])
    half_mm = SHORT_SHARE * float(np.linalg.norm(end - start)) / 2.0
    return _crossed(mark, (start, end), 0.5, half_mm, half_mm)


def _with_axis_end(mark: Mark, number: int, at_lps_mm: Point) -> Mark:
    """Move an end of the long axis: the short one keeps its share and length. Move one of the short axis: it slides."""
    start, end, *_short = np.asarray(mark.points_lps_mm)
    share, one_mm, other_mm = _crossing(mark)
    if number < 2:
        start, end = (np.asarray(at_lps_mm), end) if number == 0 else (start, np.asarray(at_lps_mm))
        return _crossed(mark, (start, end), share, one_mm, other_mm)
    along, across = _along(mark, start, end)
    way = np.asarray(at_lps_mm) - start
    share = float(np.clip(way @ along / max(float(np.linalg.norm(end - start)), _LEAST_MM), 0.0, 1.0))
    reach_mm = float(way @ across)
    if number == 2:
        return _crossed(mark, (start, end), share, -reach_mm, other_mm)
    return _crossed(mark, (start, end), share, one_mm, reach_mm)


def _crossing(mark: Mark) -> tuple[float, float, float]:
    """Return where along the long axis (0 to 1) the short one crosses it, and how far its two ends are from there."""
    start, end, one, other = np.asarray(mark.points_lps_mm)
    along, across = _along(mark, start, end)
    share = float((one - start) @ along / max(float(np.linalg.norm(end - start)), _LEAST_MM))
    return share, float(-(one - start) @ across), float((other - start) @ across)


def _along(mark: Mark, start: Points, end: Points) -> tuple[Points, Points]:
    """Return the unit vectors along the long axis and across it within the plane."""
    way = end - start
    along = way / max(float(np.linalg.norm(way)), _LEAST_MM)
    return along, np.cross(mark.normal_lps, along)


def _crossed(mark: Mark, long_axis: tuple[Points, Points], share: float, one_mm: float, other_mm: float) -> Mark:
    start, end = long_axis
    _direction, across = _along(mark, start, end)
    foot = start + share * (end - start)
    ends = (start, end, foot - one_mm * across, foot + other_mm * across)
    return replace(mark, points_lps_mm=tuple(triple(point) for point in ends))


# ---- lengths and angles ----


def length_mm(start: ArrayLike, end: ArrayLike) -> float:
    """Return the distance of two points in mm."""
    return float(np.linalg.norm(np.asarray(end, dtype=np.float64) - np.asarray(start, dtype=np.float64)))


def angle_deg(one: ArrayLike, vertex: ArrayLike, other: ArrayLike) -> float:
    """Return the angle at ``vertex`` between two arms, 0 to 180 degrees; 0 where an arm has no length."""
    at = np.asarray(vertex, dtype=np.float64)
    return between_deg(np.asarray(one) - at, np.asarray(other) - at)


def between_deg(one: Points, other: Points) -> float:
    """Return the angle between two directions, 0 to 180 degrees; exact for small angles too."""
    across, along = float(np.linalg.norm(np.cross(one, other))), float(one @ other)
    return float(np.degrees(np.arctan2(across, along))) if across or along else 0.0


def cobb_deg(mark: Mark) -> float:
    """Return the angle between the two lines of Cobb in degrees, whichever way each was drawn.

    End plates run across the picture: two lines within 75° of its horizontal are both read from left to right, so that
    a curve of more than 90° is told as such (0 to 150°). Other lines have no such sense: theirs is the smaller angle
    (0 to 90°).
    """
    first, second = (np.diff(np.asarray(pair), axis=0)[0] for pair in (mark.points_lps_mm[:2], mark.points_lps_mm[2:]))
    rights = [float(way @ mark.right_lps) for way in (first, second)]
    sizes = [max(float(np.linalg.norm(way)), _LEAST_MM) for way in (first, second)]
    if all(abs(right) >= STEEPEST * size for right, size in zip(rights, sizes, strict=True)):
        return between_deg(first * np.sign(rights[0]), second * np.sign(rights[1]))
    angle = between_deg(first, second)
    return min(angle, 180.0 - angle)
