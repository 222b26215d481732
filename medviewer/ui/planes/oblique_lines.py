"""Painting of the lines of the other planes, with the handles that turn, move and thicken them."""

from functools import cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QLineF, QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from medviewer.imaging.reslice import Orientation
from medviewer.ui import theme
from medviewer.ui.camera import Placing
from medviewer.ui.planes.curved import CurvedPlane
from medviewer.ui.planes.curves import COLOUR as CURVE_COLOUR
from medviewer.ui.planes.lines import CutLine, lines_of
from medviewer.ui.planes.oblique import GAP_PX, Handle, handle_at, handles_of
from medviewer.ui.planes.plane import Plane

if TYPE_CHECKING:
    from medviewer.ui.viewport import Viewport

PLANE_COLOURS: dict[Orientation, str] = {"axial": "accent", "coronal": "good", "sagittal": "danger"}
ROUND_PX, SQUARE_PX = 5.0, 3.5
_CLEAR, _FAINT = 0.75, 0.55
_STRAIGHT_PX, _EDGE_PX = 0.01, 2.0


class PlaneLines(QObject):
    """Paints over one viewport; the handles are there while the mouse is, the one under it filled."""

    def __init__(self, viewport: "Viewport") -> None:
        super().__init__(viewport)
        self._viewport = viewport
        self._over: tuple[str, float, float] | None = None
        self._handled: tuple[list[CutLine], list[Handle]] = ([], [])
        viewport.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # type: ignore[override, unused-ignore]
        """Repaint where handles appear, disappear or come under the mouse, and what a curved plane points at."""
        if event.type() in (QEvent.Type.MouseMove, QEvent.Type.Leave, QEvent.Type.Enter):
            self._look(None if event.type() == QEvent.Type.Leave else event)
        return False

    def _look(self, event: QEvent | None) -> None:
        viewport = self._viewport
        at_px = None if event is None else event.position()  # type: ignore[attr-defined]
        idle = not viewport.references or viewport.hand.outlines
        handle = None if at_px is None or idle else handle_at(viewport, at_px)
        over = None if at_px is None else _name(handle)
        if over != self._over:
            self._over = over
            viewport.update()
        if isinstance(viewport.plane, CurvedPlane):
            for other in viewport.references:
                other.update()

    def paint(self, painter: QPainter, placing: Placing, plane: Plane, index: int) -> None:
        """Draw the lines, fainter those of other series, and the handles of this one's."""
        viewport = self._viewport
        if not viewport.references:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        lines = lines_of(viewport)
        for line in reversed(lines):
            _paint_line(painter, line)
        if self._over is not None and not viewport.hand.outlines:
            for handle in self._handles_of(lines):
                _paint_handle(painter, handle, _name(handle) == self._over)
        _paint_pointed(painter, viewport, placing, plane, index)
        painter.restore()

    def _handles_of(self, lines: list[CutLine]) -> list[Handle]:
        """Return the handles of the lines, which stay while the lines do."""
        if lines is not self._handled[0]:
            self._handled = lines, [one for line in lines for one in handles_of(self._viewport, line)]
        return self._handled[1]


def _name(handle: Handle | None) -> tuple[str, float, float]:
    """Return what tells one handle from another between two moves of the mouse; a line is one wherever it is held."""
    if handle is None:
        return ("", 0.0, 0.0)
    if handle.kind == "move":
        return ("move", handle.line.along.x(), handle.line.along.y())
    return (handle.kind, handle.at_px.x(), handle.at_px.y())


def colour_of(orientation: Orientation, alpha: float) -> QColor:
    """Return the colour of a plane's line; a colour of the caller's own."""
    colour = QColor(theme.on_image(PLANE_COLOURS[orientation]))
    colour.setAlphaF(alpha)
    return colour


def _paint_line(painter: QPainter, line: CutLine) -> None:
    """Draw a line with a gap around the place looked at, and the edges of its slab."""
    style = Qt.PenStyle.SolidLine if line.own else Qt.PenStyle.DashLine
    pen = QPen(colour_of(line.orientation, _CLEAR if line.own else _FAINT), 1.0, style)
    for end in (line.ends_px.p1(), line.ends_px.p2()):
        ray = QLineF(end, line.center_px)
        if not line.own:
            painter.setPen(pen)
            painter.drawLine(ray)
        elif ray.length() > GAP_PX:
            ray.setLength(ray.length() - GAP_PX)
            _draw_ray(painter, ray, pen)
    if line.slab_px > 1.0:
        painter.setPen(QPen(colour_of(line.orientation, _FAINT), 1.0, Qt.PenStyle.DotLine))
        for sign in (1.0, -1.0):
            off = line.aside * (sign * line.slab_px)
            painter.drawLine(line.ends_px.translated(off))


def _draw_ray(painter: QPainter, ray: QLineF, pen: QPen) -> None:
    """Draw part of a line; upright and level ones as bars, which are sharp and a hundred times as fast."""
    wide, high = abs(ray.dx()), abs(ray.dy())
    if min(wide, high) > _STRAIGHT_PX:
        painter.setPen(pen)
        painter.drawLine(ray)
        return
    left, top = round(min(ray.x1(), ray.x2())), round(min(ray.y1(), ray.y2()))
    painter.fillRect(left, top, max(round(wide), 1), max(round(high), 1), pen.color())


def _paint_handle(painter: QPainter, handle: Handle, over: bool) -> None:
    ratio = painter.device().devicePixelRatioF()
    drawn = _handle(handle.kind == "turn", handle.line.orientation, over, ratio)
    half = drawn.width() / ratio / 2.0
    painter.drawPixmap(QPointF(round(handle.at_px.x() - half), round(handle.at_px.y() - half)), drawn)


@cache
def _handle(is_round: bool, orientation: Orientation, over: bool, ratio: float) -> QPixmap:
    """Draw a round or square handle on a dark edge once, filled where the mouse is over it."""
    half = ROUND_PX if is_round else SQUARE_PX
    side = 2.0 * half + 2.0 * _EDGE_PX
    drawn = QPixmap(round(side * ratio), round(side * ratio))
    drawn.setDevicePixelRatio(ratio)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(colour_of(orientation, 1.0) if over else QColor(theme.on_image("image")))
    box = QRectF(_EDGE_PX, _EDGE_PX, 2.0 * half, 2.0 * half)
    for pen in (QPen(theme.on_image("image"), 3.5), QPen(colour_of(orientation, 1.0), 1.5)):
        painter.setPen(pen)
        if is_round:
            painter.drawEllipse(box)
        else:
            painter.drawRect(box)
    painter.end()
    return drawn


def _paint_pointed(painter: QPainter, viewport: "Viewport", placing: Placing, plane: Plane, index: int) -> None:
    """Mark the place that the mouse is over in a curved plane of the same display."""
    for other in viewport.references:
        if other.display is not viewport.display or not isinstance(other.plane, CurvedPlane):
            continue
        at = None if isinstance(plane, CurvedPlane) else other.under_cursor
        if at is None:
            continue
        x, y = plane.geometry(index).to_xy(at).tolist()
        spot = placing.to_screen(x, y)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in ((theme.on_image("image"), 3.5), (QColor(CURVE_COLOUR), 1.6)):
            painter.setPen(QPen(colour, width))
            painter.drawEllipse(spot, 6.0, 6.0)
            painter.drawPoint(QPointF(spot))
