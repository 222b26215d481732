"""Where other planes cut the plane of a viewport: lines on the screen, worked out for painting and for the mouse."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF

from medviewer.core.finding import Point
from medviewer.imaging.reslice import Orientation, PlaneGeometry
from medviewer.ui.planes.curved import CurvedPlane

if TYPE_CHECKING:
    from medviewer.ui.planes.plane import Plane
    from medviewer.ui.viewport import Viewport

Vector = NDArray[np.float64]
_ALIKE = 0.999  # cosine: planes nearer to parallel than this have no line worth drawing
_SAME_PX = 3.0


@dataclass(frozen=True, eq=False)
class CutLine:
    """The line of another viewport's plane.

    Attributes:
        other: the viewport whose plane it is; ``own`` where both show one display, so that it can be moved here.
        ends_px: the line on the screen, as far as both pictures reach.
        center_px: the place looked at, on the line.
        normal_lps: unit normal of the other plane, in this display's space.
        across_lps: unit vector in this plane at right angles to the line.
        slab_px: half the thickness of the other plane on the screen, 0 for a single layer.
    """

    other: "Viewport"
    orientation: Orientation
    own: bool
    ends_px: QLineF
    center_px: QPointF
    normal_lps: Vector
    across_lps: Vector
    slab_px: float

    @property
    def along(self) -> QPointF:
        """Unit vector along the line on the screen."""
        unit = self.ends_px.unitVector()
        return QPointF(unit.dx(), unit.dy())

    @property
    def aside(self) -> QPointF:
        """Unit vector at right angles to the line on the screen."""
        return QPointF(-self.along.y(), self.along.x())

    def distance_px(self, at_px: QPointF) -> float:
        """Return how far a place on the screen is from the line."""
        off = at_px - self.center_px
        return abs(QPointF.dotProduct(off, self.aside))


def lines_of(viewport: "Viewport") -> list[CutLine]:
    """Return the lines of the planes that the other viewports show, each place once; own ones first.

    They are asked for at each paint and each move of the mouse, and worked out where something has changed.
    """
    plane = viewport.plane
    if plane is None or isinstance(plane, CurvedPlane) or not plane.volume.regular:
        return []
    state = _state(viewport, plane)
    if viewport.lines is None or viewport.lines[0] != state:
        viewport.lines = state, _lines_of(viewport, plane)
    return viewport.lines[1]


def _state(viewport: "Viewport", plane: "Plane") -> tuple[object, ...]:
    """Return what the lines depend on; leafing takes the place looked at along, and own lines stay where they are."""
    index, display = viewport.index, viewport.display
    origin_lps_mm = plane.geometry(index).origin_lps_mm
    off_mm = tuple(round(at - first, 6) for at, first in zip(display.point_lps_mm, origin_lps_mm, strict=True))
    foreign = tuple(one.index for one in viewport.references if one.display is not display)  # their lines move with it
    return viewport.placing, off_mm, foreign and (index, *foreign), *map(_Place, (viewport, *viewport.references))


class _Place:
    """What a line depends on of a viewport; planes and matrices are never changed, only put in the place of others."""

    def __init__(self, viewport: "Viewport") -> None:
        display = viewport.display
        self._same = viewport, viewport.plane, display, display.to_main
        self._slab = viewport.slab

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Place) or self._slab != other._slab:
            return False
        return all(mine is its for mine, its in zip(self._same, other._same, strict=True))

    __hash__ = None  # type: ignore[assignment]


def _lines_of(viewport: "Viewport", plane: "Plane") -> list[CutLine]:
    found: list[CutLine] = []
    for other, other_plane in _others(viewport):
        line = _line(viewport, plane, other, other_plane)
        if line is not None and not any(_same(line, known) for known in found):
            found.append(line)
    return found


def _others(viewport: "Viewport") -> "Iterator[tuple[Viewport, Plane]]":
    """Yield the viewports that show flat planes; of one display those of the same plane once, the thickest."""
    shown = [one for one in viewport.references if one.plane is not None and one.plane.volume.regular]
    shown.sort(key=lambda one: (one.display is not viewport.display, -one.slab.mm))
    for one in shown:
        if one.plane is not None and not isinstance(one.plane, CurvedPlane):
            yield one, one.plane


def _same(line: CutLine, known: CutLine) -> bool:
    near = all(known.distance_px(end) < _SAME_PX for end in (line.ends_px.p1(), line.ends_px.p2()))
    return near and (line.own == known.own or not line.own)


def _line(viewport: "Viewport", plane: "Plane", other: "Viewport", its: "Plane") -> CutLine | None:
    here, placing = plane.geometry(viewport.index), viewport.placing
    own = other.display is viewport.display
    there = its.geometry(other.index if not own else 0)
    to_here = np.eye(4) if own else _between(viewport, other)
    if to_here is None:
        return None
    normal = to_here[:3, :3] @ there.normal_lps
    across = normal - (normal @ here.normal_lps) * here.normal_lps
    if abs(normal @ here.normal_lps) > _ALIKE:
        return None
    at = np.asarray(viewport.display.point_lps_mm) if own else (to_here @ [*there.origin_lps_mm, 1.0])[:3]
    across /= np.linalg.norm(across)
    ends = _ends(here, normal, at, None if own else (there, np.linalg.inv(to_here).astype(np.float64)))
    if ends is None:
        return None
    (x0, y0), (x1, y1) = ends
    screen = QLineF(placing.to_screen(x0, y0), placing.to_screen(x1, y1))
    steepness = float(normal @ across)  # a plane met at a slant looks thicker
    slab_px = its.slab.mm / 2 / abs(steepness) * placing.px_per_mm if own and its.layers > 1 else 0.0
    center = _foot(screen, _to_screen(viewport, here, viewport.display.point_lps_mm))
    return CutLine(other, its.orientation, own, screen, center, normal, across, slab_px)


def _between(viewport: "Viewport", other: "Viewport") -> NDArray[np.float64] | None:
    """Return the matrix from the other display's LPS mm to this one's; None where no relation is known."""
    mine, its = viewport.display.to_main, other.display.to_main
    return None if mine is None or its is None else np.linalg.inv(mine) @ its


def _to_screen(viewport: "Viewport", geometry: PlaneGeometry, at_lps_mm: Point) -> QPointF:
    x, y = geometry.to_xy(at_lps_mm).tolist()
    return viewport.placing.to_screen(x, y)


def _foot(line: QLineF, at_px: QPointF) -> QPointF:
    """Return the place on a line that is nearest to ``at_px``."""
    unit = line.unitVector()
    way = QPointF(unit.dx(), unit.dy())
    return line.p1() + way * QPointF.dotProduct(at_px - line.p1(), way)


def _ends(
    here: PlaneGeometry, normal: Vector, at: Vector, there: tuple[PlaneGeometry, NDArray[np.float64]] | None
) -> tuple[Vector, Vector] | None:
    """Return the ends, in pixels (x, y) of ``here``, of the line in which a plane cuts it; None where it does not.

    The line is as long as this picture, and as that of ``there`` (its geometry, and the matrix to its own space).
    """
    slope = here.steps_lps_mm @ normal
    apart = float((np.asarray(here.origin_lps_mm) - at) @ normal)
    foot = -apart * slope / (slope @ slope)
    way = np.array([-slope[1], slope[0]]) / np.linalg.norm(slope)
    span = _clipped(foot, way, here.shape, (-np.inf, np.inf))
    if there is not None:
        geometry, back = there
        places = here.to_lps(np.stack([foot, foot + way])) @ back[:3, :3].T + back[:3, 3]
        first, second = geometry.to_xy(places)
        span = _clipped(first, second - first, geometry.shape, span)
    return (foot + span[0] * way, foot + span[1] * way) if span[1] > span[0] else None


def _clipped(foot: Vector, way: Vector, shape: tuple[int, int], span: tuple[float, float]) -> tuple[float, float]:
    """Narrow ``span`` to the t for which foot + t * way is on a picture of ``shape`` (rows, columns)."""
    low, high = span
    for at, step, size in zip(foot.tolist(), way.tolist(), (shape[1], shape[0]), strict=True):
        if abs(step) < 1e-9:
            if not -0.5 <= at <= size - 0.5:
                return 0.0, 0.0
            continue
        a, b = sorted(((-0.5 - at) / step, (size - 0.5 - at) / step))
        low, high = max(low, a), min(high, b)
    return low, high
