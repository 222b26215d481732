"""Marks over an image: thin lines with a dark halo that read on any picture, and labels on plates."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from medviewer.core.mark import Mark
from medviewer.ui import theme
from medviewer.ui.camera import Placing
from medviewer.ui.corners import COMPACT_BELOW_PX, Line, line_height_px, write
from medviewer.ui.marks.carried import carried
from medviewer.ui.marks.labels import LEADER_FROM_PX, to_box
from medviewer.ui.marks.layout import laid_out
from medviewer.ui.marks.place import is_flat
from medviewer.ui.marks.slice import Drawn, Slice
from medviewer.ui.marks.view import marks_of
from medviewer.ui.marks.words import label_lines
from medviewer.ui.planes.plane import Plane

if TYPE_CHECKING:
    from medviewer.ui.viewport import Painting, Viewport

LINE_PX, CHOSEN_PX, HALO_PX, CROSS_PX, CAP_PX = 1.4, 2.0, 2.4, 5.0, 4.0
HANDLE_PX, HEAD_PX, ARC_PX = 3.5, 11.0, 22.0
FADED, HALO = 0.4, 0.65


@dataclass(frozen=True)
class Asked:
    """What a viewport's marks look like depends on this alone: the mouse asks for them at every step."""

    state: tuple[object, ...]
    plane: Plane = field(compare=False)  # holding it keeps its id its own
    plane_id: int
    index: int
    placing: Placing
    slab_mm: float


_laid_out: "WeakKeyDictionary[Viewport, tuple[Asked, list[Drawn]]]" = WeakKeyDictionary()


def drawn_in(viewport: "Viewport") -> list[Drawn]:
    """Return the marks as a viewport shows them now, the chosen one last; empty where nothing is drawn over it."""
    marks, plane = marks_of(viewport.view), viewport.plane
    if plane is None or not marks.any or not viewport.view.texts_shown or not is_flat(viewport):
        return []
    index, placing = viewport.index, viewport.placing
    state = *marks.state, theme.scale_percent(), *_findings_state(viewport)
    asked = Asked(state, plane, id(plane), index, placing, viewport.slab.mm)
    known = _laid_out.get(viewport)
    if known is None or known[0] != asked:
        shown = Slice.of(plane, index, placing, viewport.slab.mm)
        known = _laid_out[viewport] = asked, _lay_out(viewport, shown)
    return known[1]


def _lay_out(viewport: "Viewport", shown: Slice) -> list[Drawn]:
    marks, short = marks_of(viewport.view), viewport.width() < COMPACT_BELOW_PX
    here = marks.shown_on(shown.plane.volume.series)
    from_others = {mark.id: there for mark in here if (there := carried(mark, marks, viewport.display))}

    def texts(mark: Mark) -> tuple[str, ...]:
        own = marks.mark(mark.id) or mark  # what it measures it measures where it was drawn
        return label_lines(own, marks.measured(own), short=short)

    every = [from_others.get(mark.id, mark) for mark in here]
    return laid_out(every, shown, texts, marks.chosen_id, from_others, findings=_findings(viewport))


def _findings_state(viewport: "Viewport") -> tuple[object, ...]:
    """What the boxes of findings depend on besides the place."""
    view, case = viewport.view, viewport.case_of()
    return view.overlay_shown, view.finding_id, 0 if case is None else id(case.findings)


def _findings(viewport: "Viewport") -> list[QRectF]:
    """Return where findings are drawn and named, in the viewport's pixels."""
    view, case = viewport.view, viewport.case_of()
    if viewport.overlay is None or case is None or not view.overlay_shown:
        return []
    return viewport.overlay.taken(viewport.placing, viewport.index, case, view.finding_id)


def painting_of(viewport: "Viewport") -> "Painting":
    """Return what draws the marks over a viewport, as one of its ``paintings``."""

    def paint(painter: QPainter, _placing: Placing, _plane: Plane, _index: int) -> None:
        chosen_id = marks_of(viewport.view).chosen_id
        for one in drawn_in(viewport):
            paint_drawn(painter, one, chosen=one.mark.id == chosen_id)

    return paint


def paint_drawn(painter: QPainter, one: Drawn, *, chosen: bool) -> None:
    """Draw one mark: halo, lines, handles where it is chosen, and its label."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    colour = QColor(one.mark.colour)
    halo = QColor(theme.on_image("image"))
    colour.setAlphaF(FADED if one.faded else 1.0)
    halo.setAlphaF(HALO * (FADED if one.faded else 1.0))
    wide = CHOSEN_PX if chosen else LINE_PX
    style = Qt.PenStyle.DashLine if one.carried else Qt.PenStyle.SolidLine
    for pen in (QPen(halo, wide + HALO_PX), QPen(colour, wide, style)):
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        _paint_shape(painter, one)
    if chosen and not one.carried:
        _paint_handles(painter, one, colour)
    if one.label is not None:
        _paint_leader(painter, one, colour)
    painter.restore()
    _paint_label(painter, one)


def _paint_shape(painter: QPainter, one: Drawn) -> None:
    kind = one.mark.kind
    for line in one.lines:
        painter.drawPolyline(QPolygonF(list(line)))
        if kind in ("length", "bidirectional", "cobb") and one.handles and len(line) == 2:
            _paint_caps(painter, QLineF(line[0], line[1]))
    for point in one.crosses if kind != "text" or not one.flat else ():
        painter.drawLine(QLineF(point - QPointF(CROSS_PX, 0), point + QPointF(CROSS_PX, 0)))
        painter.drawLine(QLineF(point - QPointF(0, CROSS_PX), point + QPointF(0, CROSS_PX)))
    if one.flat and one.lines:
        _paint_extras(painter, one)


def _paint_caps(painter: QPainter, line: QLineF) -> None:
    """Draw a short stroke across each end, so that it is plain where a length ends."""
    if line.length() < 1.0:
        return
    across = line.normalVector().unitVector()
    step = QPointF(across.dx(), across.dy()) * CAP_PX
    for end in (line.p1(), line.p2()):
        painter.drawLine(QLineF(end - step, end + step))


def _paint_extras(painter: QPainter, one: Drawn) -> None:
    """Draw an arrow's head, an angle's arc, the line that joins the two of Cobb."""
    first = one.lines[0]
    if one.mark.kind == "arrow":
        shaft = QLineF(first[0], first[-1])
        for turn in (-25.0, 25.0):
            side = QLineF(shaft)
            side.setLength(min(HEAD_PX, max(shaft.length(), 1.0)))
            side.setAngle(shaft.angle() + turn)
            painter.drawLine(side)
    elif one.mark.kind == "angle" and len(first) == 3:
        arms = [QLineF(first[1], first[0]), QLineF(first[1], first[2])]
        reach = min(ARC_PX, *(arm.length() for arm in arms))
        box = QRectF(first[1].x() - reach, first[1].y() - reach, 2 * reach, 2 * reach)
        span = (arms[1].angle() - arms[0].angle() + 180.0) % 360.0 - 180.0
        painter.drawArc(box, round(16 * arms[0].angle()), round(16 * span))
    elif one.mark.kind == "cobb" and len(one.lines) == 2:
        pen = painter.pen()
        pen.setStyle(Qt.PenStyle.DotLine)
        painter.setPen(pen)
        painter.drawLine(QLineF(*(QLineF(line[0], line[-1]).center() for line in one.lines)))


def _paint_handles(painter: QPainter, one: Drawn, colour: QColor) -> None:
    painter.setPen(QPen(colour, LINE_PX))
    painter.setBrush(theme.on_image("image"))
    for place in one.handles:
        painter.drawEllipse(place, HANDLE_PX, HANDLE_PX)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _paint_leader(painter: QPainter, one: Drawn, colour: QColor) -> None:
    """Join a label that lies apart with its mark."""
    assert one.label is not None
    line = QLineF(one.anchor, to_box(one.anchor, one.label))
    if line.length() >= LEADER_FROM_PX and one.mark.kind not in ("arrow", "text"):
        painter.setPen(QPen(colour, 1.0, Qt.PenStyle.DashLine))
        painter.drawLine(line)


def _paint_label(painter: QPainter, one: Drawn) -> None:
    if one.label is None:
        return
    high = line_height_px()
    for number, text in enumerate(one.texts):
        row = QRectF(one.label.left(), one.label.top() + number * high, one.label.width(), high)
        write(painter, row, Line(text, one.mark.colour, strong=number == 0))
