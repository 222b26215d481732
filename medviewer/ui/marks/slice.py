"""One slice as marks see it, and a mark as one slice shows it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF

from medviewer.core.finding import Point
from medviewer.core.grid import triple
from medviewer.core.mark import Mark
from medviewer.imaging.marks import shapes as mark_shapes
from medviewer.ui.camera import Placing
from medviewer.ui.marks.place import geometry_of
from medviewer.ui.planes.plane import Plane

Points = NDArray[np.float64]
STEP_PX, MOST_STEPS, MANY = 6.0, 400, 40
KEPT = 2000  # shapes
_ROUNDING_MM = 1e-3


@dataclass(frozen=True)
class Drawn:
    """A mark on one slice, in the viewport's pixels.

    Attributes:
        lines: each a row of points; ``crosses`` are single points, where the slice cuts it or where it is one.
        faded: it lies on a slice nearby.
        flat: it lies in the plane shown, so that it can be dragged there; ``handles`` are where.
        carried: it was drawn on a series registered with this one, and can only be dragged there.
        label: the box of its lines of text, None where it has none; ``anchor`` is the point of the mark next to it.
    """

    mark: Mark
    lines: tuple[tuple[QPointF, ...], ...] = ()
    crosses: tuple[QPointF, ...] = ()
    handles: tuple[QPointF, ...] = ()
    faded: bool = False
    flat: bool = True
    carried: bool = False
    texts: tuple[str, ...] = ()
    label: QRectF | None = None
    anchor: QPointF = field(default_factory=QPointF)

    @cached_property
    def trace(self) -> Points:
        """Points (n, 2) along its lines, a few pixels apart, and its crosses."""
        steps = [_stepped(line) for line in self.lines if len(line) > 1]
        return np.concatenate([*steps, _plain(self.crosses)])


@dataclass(frozen=True)
class Slice:
    """One slice as marks see it: where it is, how far it reaches to both sides, and how it lies on the screen.

    ``matrix`` (3, 2) and ``offset`` (2,) map LPS mm, or their feet on the plane, to the viewport's pixels.
    """

    plane: Plane
    index: int
    half_mm: float
    origin_lps_mm: Point
    normal_lps: Point
    matrix: Points
    offset: Points
    area_px: tuple[int, int]

    @staticmethod
    def of(plane: Plane, index: int, placing: Placing, slab_mm: float = 0.0) -> "Slice":
        """Return slice ``index`` of ``plane``; a slab reaches further."""
        where = geometry_of(plane, index)
        normal = where.normal_lps
        other = index + 1 if index + 1 < plane.count else index - 1
        step_mm = 1.0
        if other >= 0:
            way = np.subtract(plane.geometry(other).origin_lps_mm, plane.geometry(index).origin_lps_mm)
            step_mm = abs(float(way @ normal))
        view = placing.image_to_screen
        turn = np.array([[view.m11(), view.m12()], [view.m21(), view.m22()]])
        matrix = np.linalg.pinv(where.steps_lps_mm) @ turn
        first = np.array([0.5, 0.5]) @ turn + (view.dx(), view.dy())
        return Slice(
            plane=plane,
            index=index,
            half_mm=max(step_mm, slab_mm) / 2.0 + _ROUNDING_MM,
            origin_lps_mm=where.origin_lps_mm,
            normal_lps=triple(normal),
            matrix=matrix,
            offset=first - np.asarray(where.origin_lps_mm) @ matrix,
            area_px=(placing.width_px, placing.height_px),
        )

    def to_screen(self, lps_mm: Points) -> tuple[QPointF, ...]:
        """Map places (n, 3) in LPS mm to the viewport."""
        return tuple(QPointF(x, y) for x, y in (np.atleast_2d(lps_mm) @ self.matrix + self.offset).tolist())

    def depth_mm(self, lps_mm: Point) -> float:
        """Return how far one place is behind the slice; without numpy, for it is asked of every mark at every paint."""
        (x, y, z), (x0, y0, z0), (a, b, c) = lps_mm, self.origin_lps_mm, self.normal_lps
        return (x - x0) * a + (y - y0) * b + (z - z0) * c

    def depths_mm(self, lps_mm: Points) -> Points:
        """Return how far places (n, 3) are behind the slice."""
        depths: Points = (lps_mm - np.asarray(self.origin_lps_mm)) @ np.asarray(self.normal_lps)
        return depths


@dataclass(frozen=True)
class Shape:
    """What of a mark does not depend on who looks: its lines and handles in LPS mm, and a ball around them."""

    mark: Mark  # holding it keeps its id its own
    lines: tuple[Points, ...]
    handles: Points
    center_lps_mm: Point
    radius_mm: float


_shapes: dict[int, Shape] = {}


def shape_of(mark: Mark) -> Shape:
    """Return the shape of a mark, worked out once."""
    known = _shapes.get(id(mark))
    if known is None:
        if len(_shapes) >= KEPT:
            _shapes.clear()
        lines = tuple(mark_shapes.lines(mark))
        every = np.concatenate([np.asarray(mark.points_lps_mm), *lines])
        middle = (every.min(axis=0) + every.max(axis=0)) / 2.0
        radius_mm = float(np.linalg.norm(every - middle, axis=1).max())
        known = _shapes[id(mark)] = Shape(mark, lines, mark_shapes.handles(mark), triple(middle), radius_mm)
    return known


def _plain(points: Sequence[QPointF]) -> Points:
    return np.array([(point.x(), point.y()) for point in points], dtype=np.float64).reshape(-1, 2)


def _stepped(line: Sequence[QPointF]) -> Points:
    """Return points (n, 2) along a row of segments, STEP_PX apart or less."""
    corners = _plain(line)
    if len(corners) > MANY:
        return corners
    lengths = np.hypot(*np.diff(corners, axis=0).T)
    way = np.concatenate([[0.0], np.cumsum(lengths)])
    at = np.linspace(0.0, way[-1], min(int(way[-1] / STEP_PX) + 2, MOST_STEPS))
    return np.column_stack([np.interp(at, way, corners[:, axis]) for axis in range(2)])
