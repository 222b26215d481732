"""The line of a curved plane: drawing it, and moving its points afterwards with whatever tool is chosen."""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from medviewer.core.finding import Point
from medviewer.core.grid import triple
from medviewer.core.mark import DEFAULT_COLOUR
from medviewer.i18n import N_
from medviewer.imaging.curved import smooth_line
from medviewer.ui import theme
from medviewer.ui.camera import Placing
from medviewer.ui.planes.curved import CurvedPlane
from medviewer.ui.planes.plane import Plane
from medviewer.ui.tool import Drag, Tool

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from medviewer.ui.viewport import Viewport
    from medviewer.ui.window import MainWindow

COLOUR, FAINT = DEFAULT_COLOUR, 0.45  # the reader drew it, as marks
POINT_PX, NEAR_PX = 4.5, 9.0
_STEP_MM, _ON_PLANE = 1.0, 1.5  # points at most so many slices away are on the plane


@dataclass(frozen=True)
class CurveDraft:
    """A line being drawn: its points so far, and where the mouse is."""

    points_lps_mm: tuple[Point, ...]
    to_px: QPointF | None = None


def painting_of(viewport: "Viewport") -> "Callable[[QPainter, Placing, Plane, int], None]":
    """Return what draws the curve of the viewport's display over its planes."""

    def paint(painter: QPainter, placing: Placing, plane: Plane, index: int) -> None:
        draft = viewport.draft
        if isinstance(draft, CurveDraft):
            paint_draft(painter, placing, plane, index, draft)
        elif isinstance(plane, CurvedPlane):
            _paint_place(painter, viewport, placing, plane)
        elif len(viewport.display.curve_lps_mm) > 1 and plane.volume.regular:
            paint_curve(painter, placing, plane, index, viewport.display.curve_lps_mm)

    return paint


def paint_draft(painter: QPainter, placing: Placing, plane: Plane, index: int, draft: CurveDraft) -> None:
    """Draw the line as far as it is, and on to the mouse."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    spots = _on_screen(placing, plane, index, draft.points_lps_mm)
    if len(spots) > 1:
        _stroke(painter, _on_screen(placing, plane, index, line_through(draft.points_lps_mm)), 1.0)
    if draft.to_px is not None:
        painter.setPen(QPen(QColor(COLOUR), 1.0, Qt.PenStyle.DashLine))
        painter.drawLine(spots[-1], draft.to_px)
    for spot in spots:
        _dot(painter, spot, filled=True)
    painter.restore()


def paint_curve(painter: QPainter, placing: Placing, plane: Plane, index: int, points: tuple[Point, ...]) -> None:
    """Draw the whole line, faint where this slice does not hold it, and handles on the points that it holds."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    held = held_by(plane, index, points)
    _stroke(painter, _on_screen(placing, plane, index, line_through(points)), 1.0 if all(held) else FAINT)
    for spot, holds in zip(_on_screen(placing, plane, index, points), held, strict=True):
        if holds:
            _dot(painter, spot, filled=False)
    painter.restore()


def _paint_place(painter: QPainter, viewport: "Viewport", placing: Placing, plane: CurvedPlane) -> None:
    """Show in the straightened picture where the line runs, and the place looked at where it is near."""
    at = viewport.display.point_lps_mm
    x, y = plane.where.to_xy(at).tolist()
    rows, columns = plane.where.shape
    painter.save()
    line = QColor(COLOUR)
    line.setAlphaF(FAINT)
    painter.setPen(QPen(line, 1.0, Qt.PenStyle.DotLine))
    first = plane.where.first_row
    painter.drawLine(placing.to_screen(-0.5, first), placing.to_screen(columns - 0.5, first))
    if -0.5 <= x <= columns - 0.5 and -0.5 <= y <= rows - 0.5:
        spot = placing.to_screen(x, y)
        for colour, wide in (("image", 3.0), ("accent", 1.2)):
            painter.setPen(QPen(theme.on_image(colour), wide))
            for way in (QPointF(1, 0), QPointF(-1, 0), QPointF(0, 1), QPointF(0, -1)):
                painter.drawLine(spot + way * 5.0, spot + way * 13.0)
    painter.restore()


@lru_cache(maxsize=8)
def line_through(points: tuple[Point, ...]) -> tuple[Point, ...]:
    """Return places along the smooth line through points, worked out once; the points where they are all one place."""
    try:
        return (*(triple(place) for place in smooth_line(points, _STEP_MM)), points[-1])
    except ValueError:
        return points


def held_by(plane: Plane, index: int, points: "Sequence[Point]") -> list[bool]:
    """Say of each point whether slice ``index`` holds it."""
    away_mm = np.abs(plane.geometry(index).distance_mm(points))
    return [bool(mm <= _ON_PLANE * plane.between_mm) for mm in away_mm]


def _on_screen(placing: Placing, plane: Plane, index: int, points: "Sequence[Point]") -> list[QPointF]:
    return [placing.to_screen(x, y) for x, y in plane.geometry(index).to_xy(points).tolist()]


def _stroke(painter: QPainter, spots: list[QPointF], alpha: float) -> None:
    path = QPainterPath(spots[0])
    for spot in spots[1:]:
        path.lineTo(spot)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for found, wide, share in ((theme.on_image("image"), 3.0, 0.6 * alpha), (QColor(COLOUR), 1.5, alpha)):
        colour = QColor(found)
        colour.setAlphaF(share)
        painter.setPen(QPen(colour, wide))
        painter.drawPath(path)


def _dot(painter: QPainter, spot: QPointF, *, filled: bool) -> None:
    painter.setPen(QPen(QColor(COLOUR), 1.5))
    painter.setBrush(QColor(COLOUR) if filled else theme.on_image("image"))
    painter.drawEllipse(spot, POINT_PX, POINT_PX)


# ---- moving its points ----


def grab(viewport: "Viewport", at_px: QPointF) -> Tool | None:
    """Return the tool that drags the curve's point under the mouse; None where there is none."""
    plane, points = viewport.plane, viewport.display.curve_lps_mm
    if plane is None or len(points) < 2 or isinstance(plane, CurvedPlane) or not viewport.view.texts_shown:
        return None
    if viewport.hand.outlines:
        return None
    spots = _on_screen(viewport.placing, plane, viewport.index, points)
    held = held_by(plane, viewport.index, points)
    for number, (spot, holds) in enumerate(zip(spots, held, strict=True)):
        if holds and (spot - at_px).manhattanLength() <= NEAR_PX:
            return _moving(viewport, number)
    return None


def _moving(viewport: "Viewport", number: int) -> Tool:
    before, display = viewport.display.curve_lps_mm, viewport.display

    def drag(viewport: "Viewport", drag: Drag) -> None:
        points = list(before)
        points[number] = viewport.lps_at(drag.now_px)
        viewport.view.set_curve(display, tuple(points))

    return Tool(
        "move-curve", N_("Curved plane"), N_("Drag a point of the line."), "", 0, drag,
        cancel=lambda it: it.view.set_curve(display, before), group="plane",
        cursor=Qt.CursorShape.PointingHandCursor,
    )  # fmt: skip


def drop_curve(window: "MainWindow") -> None:
    """Take the line of the active display away; its curved viewports show the images again."""
    window.view.set_curve(window.view.active, ())
