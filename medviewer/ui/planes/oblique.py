"""Turning, moving and thickening planes by the handles of their lines, with whatever tool is chosen."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt

from medviewer.core.arrangement import Slab
from medviewer.core.finding import Point
from medviewer.core.grid import triple
from medviewer.i18n import N_
from medviewer.imaging import frames
from medviewer.imaging.frames import Frame
from medviewer.ui.display import Display
from medviewer.ui.planes.lines import CutLine, lines_of
from medviewer.ui.planes.slab import blended, depth_mm, thicker
from medviewer.ui.tool import Drag, Tool

if TYPE_CHECKING:
    from medviewer.ui.viewport import Viewport
    from medviewer.ui.window import MainWindow

GAP_PX = 26.0  # around the place looked at nothing is drawn
TURN_SHARE, SLAB_SHARE = 0.38, 0.2  # of the viewport: how far from the middle the handles are
NEAR_PX, BESIDE_PX, MARGIN_PX, LEAST_PX = 9.0, 5.0, 14.0, 40.0
_HALF_STEP = 2.0  # slabs drawn with the mouse are thick by halves of a millimetre
Kind = Literal["turn", "slab", "move"]


@dataclass(frozen=True, eq=False)
class Handle:
    """What can be taken hold of: the round handles, the square ones, or the line itself near its middle."""

    kind: Kind
    line: CutLine
    at_px: QPointF


def handles_of(viewport: "Viewport", line: CutLine) -> list[Handle]:
    """Return the round and square handles of a line that is this display's own, as far as they are in sight."""
    if not line.own:
        return []
    across_px = min(viewport.width(), viewport.height())
    made = []
    for sign in (1.0, -1.0):
        far = _within(viewport, line, sign, TURN_SHARE * across_px)
        near = min(SLAB_SHARE * across_px, far / 2)
        if far > LEAST_PX:
            made.append(Handle("turn", line, line.center_px + line.along * (sign * far)))
            square = line.center_px + line.along * (sign * near) + line.aside * (sign * line.slab_px)
            made.append(Handle("slab", line, square))
    return made


def _within(viewport: "Viewport", line: CutLine, sign: float, wanted_px: float) -> float:
    """Return how far along the line a handle may be from the middle: in the viewport, and on the picture."""
    room = QRectF(viewport.rect()).adjusted(MARGIN_PX, MARGIN_PX, -MARGIN_PX, -MARGIN_PX)
    end = line.ends_px.p2() if sign > 0 else line.ends_px.p1()
    most = min(wanted_px, QPointF.dotProduct(end - line.center_px, line.along) * sign)
    for at, way, low, high in (
        (line.center_px.x(), line.along.x() * sign, room.left(), room.right()),
        (line.center_px.y(), line.along.y() * sign, room.top(), room.bottom()),
    ):
        if not low <= at <= high:
            return 0.0
        if abs(way) > 1e-6:
            most = min(most, ((high if way > 0 else low) - at) / way)
    return most


def handle_at(viewport: "Viewport", at_px: QPointF) -> Handle | None:
    """Return what is under the mouse: a handle before a line."""
    lines = [line for line in lines_of(viewport) if line.own]
    for line in lines:
        for handle in handles_of(viewport, line):
            if (at_px - handle.at_px).manhattanLength() <= 1.4 * NEAR_PX:
                return handle
    reach = SLAB_SHARE * min(viewport.width(), viewport.height()) - 2 * NEAR_PX
    for line in lines:
        far = abs(QPointF.dotProduct(at_px - line.center_px, line.along))
        if GAP_PX <= far <= reach and line.distance_px(at_px) <= BESIDE_PX:
            return Handle("move", line, at_px)
    return None


def grab(viewport: "Viewport", at_px: QPointF) -> Tool | None:
    """Return the tool that drags what is under the mouse; None where there is nothing, so that another may."""
    if not viewport.view.texts_shown or viewport.hand.outlines:
        return None
    handle = handle_at(viewport, at_px)
    return None if handle is None else _TOOLS[handle.kind](viewport, replace(handle, at_px=at_px))


def _turning(viewport: "Viewport", handle: Handle) -> Tool:
    display, normal = viewport.display, _normal(viewport)
    before, frame = display.axes, frame_of(display)
    center = np.asarray(display.point_lps_mm)
    start = np.asarray(viewport.lps_at(handle.at_px)) - center

    def drag(viewport: "Viewport", drag: Drag) -> None:
        now = np.asarray(viewport.lps_at(drag.now_px)) - center
        angle = angle_between(start, now, normal)
        viewport.view.set_axes(display, frames.turned_about(frame, normal, angle))

    return _tool("turn-planes", drag, lambda it: it.view.set_axes(display, before), Qt.CursorShape.PointingHandCursor)


def angle_between(start: NDArray[np.float64], end: NDArray[np.float64], normal: NDArray[np.float64]) -> float:
    """Return the angle, radians by the right-hand rule about ``normal``, from one direction to another."""
    return float(np.arctan2(normal @ np.cross(start, end), start @ end - (start @ normal) * (end @ normal)))


def _moving(viewport: "Viewport", handle: Handle) -> Tool:
    display, way = viewport.display, handle.line.across_lps
    before, start = display.point_lps_mm, np.asarray(viewport.lps_at(handle.at_px))

    def drag(viewport: "Viewport", drag: Drag) -> None:
        by = (np.asarray(viewport.lps_at(drag.now_px)) - start) @ way
        viewport.view.move_to(_inside(display, triple(np.asarray(before) + by * way)), display)

    return _tool("move-plane", drag, lambda it: it.view.move_to(before, display), _cursor(handle.line))


def _inside(display: Display, point_lps_mm: Point) -> Point:
    """Return the point, or the nearest one of the volume."""
    if display.volume is None:
        return point_lps_mm
    grid = display.volume.grid
    return triple(grid.to_lps(np.clip(grid.to_kji(point_lps_mm), 0, np.asarray(grid.shape_kji) - 1)))


def _thickening(_viewport: "Viewport", handle: Handle) -> Tool:
    other, normal = handle.line.other, handle.line.normal_lps
    before = other.slab

    def drag(viewport: "Viewport", drag: Drag) -> None:
        off = np.asarray(viewport.lps_at(drag.now_px)) - np.asarray(viewport.display.point_lps_mm)
        if other.plane is not None:
            wanted_mm = min(2 * abs(float(off @ normal)), depth_mm(other.plane))
            mm = round(wanted_mm * _HALF_STEP) / _HALF_STEP if wanted_mm > other.plane.between_mm else 0.0
            other.set_slab(Slab(mm, before.blend if before.mm or before.blend != "mean" else "max"))
            viewport.update()

    def cancel(viewport: "Viewport") -> None:
        other.set_slab(before)
        viewport.update()

    return _tool("thicken-plane", drag, cancel, _cursor(handle.line))


_TOOLS: dict[Kind, Callable[["Viewport", Handle], Tool]] = {"turn": _turning, "slab": _thickening, "move": _moving}


def _tool(
    identity: str,
    drag: Callable[["Viewport", Drag], None],
    cancel: Callable[["Viewport"], None],
    cursor: Qt.CursorShape,
) -> Tool:
    return Tool(identity, N_("Planes"), N_("Drag a handle."), "", 0, drag, cancel=cancel, group="plane", cursor=cursor)


def _cursor(line: CutLine) -> Qt.CursorShape:
    """Return the double arrow that points most nearly across the line."""
    angle = np.degrees(np.arctan2(line.aside.y(), line.aside.x())) % 180.0
    shapes = Qt.CursorShape
    ways = (shapes.SizeHorCursor, shapes.SizeFDiagCursor, shapes.SizeVerCursor, shapes.SizeBDiagCursor)
    return ways[round(angle / 45.0) % 4]


def _normal(viewport: "Viewport") -> NDArray[np.float64]:
    assert viewport.plane is not None
    return viewport.plane.geometry(viewport.index).normal_lps


def frame_of(display: Display) -> Frame:
    """Return the directions of a display's planes: its oblique ones, or those of its array."""
    if display.axes is not None:
        return display.axes
    return np.eye(3)[::-1].copy() if display.volume is None else frames.upright(display.volume.grid)


# ---- what menus and keys do ----


def stand_upright(window: "MainWindow") -> None:
    """Let the planes of the active display run along its array again."""
    window.view.set_axes(window.view.active, None)


def make_thicker(window: "MainWindow") -> None:
    """Make the plane of the active viewport a step thicker."""
    _thicken(window, 1)


def make_thinner(window: "MainWindow") -> None:
    """Make the plane of the active viewport a step thinner."""
    _thicken(window, -1)


def _thicken(window: "MainWindow", steps: int) -> None:
    viewport = window.viewer.active
    if viewport.plane is not None and viewport.plane.volume.regular:
        viewport.set_slab(thicker(viewport.slab, viewport.plane, steps))


def blend_otherwise(window: "MainWindow") -> None:
    """Blend the slab of the active viewport the next way: mean, MIP, MinIP."""
    viewport = window.viewer.active
    viewport.set_slab(blended(viewport.slab))
