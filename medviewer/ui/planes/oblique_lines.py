"""Painting of the lines of the other planes, with the handles that turn, move and thicken them."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QLineF, QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

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


class PlaneLines(QObject):
    """Paints over one viewport; the handles are there while the mouse is, the one under it filled."""

    def __init__(self, viewport: "Viewport") -> None:
        super().__init__(viewport)
        self._viewport = viewport
        self._over: tuple[str, float, float] | None = None
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
            for line in lines:
                for handle in handles_of(viewport, line):
                    _paint_handle(painter, handle, _name(handle) == self._over)
        _paint_pointed(painter, viewport, placing, plane, index)
        painter.restore()


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
    painter.setPen(QPen(colour_of(line.orientation, _CLEAR if line.own else _FAINT), 1.0, style))
    for end in (line.ends_px.p1(), line.ends_px.p2()):
        ray = QLineF(end, line.center_px)
        if not line.own:
            painter.drawLine(ray)
        elif ray.length() > GAP_PX:
            ray.setLength(ray.length() - GAP_PX)
            painter.drawLine(ray)
    if line.slab_px > 1.0:
        painter.setPen(QPen(colour_of(line.orientation, _FAINT), 1.0, Qt.PenStyle.DotLine))
        for sign in (1.0, -1.0):
            off = line.aside * (sign * line.slab_px)
            painter.drawLine(line.ends_px.translated(off))


def _paint_handle(painter: QPainter, handle: Handle, over: bool) -> None:
    """Draw a round or square handle on a dark edge, filled where the mouse is over it."""
    half = ROUND_PX if handle.kind == "turn" else SQUARE_PX
    box = QRectF(handle.at_px.x() - half, handle.at_px.y() - half, 2 * half, 2 * half)
    draw = painter.drawEllipse if handle.kind == "turn" else painter.drawRect
    fill = colour_of(handle.line.orientation, 1.0) if over else QColor(theme.on_image("image"))
    painter.setBrush(fill)
    painter.setPen(QPen(theme.on_image("image"), 3.5))
    draw(box)
    painter.setPen(QPen(colour_of(handle.line.orientation, 1.0), 1.5))
    draw(box)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _paint_pointed(painter: QPainter, viewport: "Viewport", placing: Placing, plane: Plane, index: int) -> None:
    """Mark the place that the mouse is over in a curved plane of the same display."""
    for other in viewport.references:
        at = other.under_cursor if other.display is viewport.display else None
        if at is None or not isinstance(other.plane, CurvedPlane) or isinstance(plane, CurvedPlane):
            continue
        x, y = plane.geometry(index).to_xy(at).tolist()
        spot = placing.to_screen(x, y)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in ((theme.on_image("image"), 3.5), (QColor(CURVE_COLOUR), 1.6)):
            painter.setPen(QPen(colour, width))
            painter.drawEllipse(spot, 6.0, 6.0)
            painter.drawPoint(QPointF(spot))
