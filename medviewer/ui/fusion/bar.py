"""The colour bar of a fused viewport: which value has which colour; its top is dragged up and down."""

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPen

from medviewer.i18n import N_
from medviewer.imaging.colours import colour_map
from medviewer.ui import theme
from medviewer.ui.camera import Placing
from medviewer.ui.corners import END, MARGIN_PX, MIDDLE, Line, line_height_px, write
from medviewer.ui.fusion.fusing import Fused, ends, fused_of, set_top, short
from medviewer.ui.planes.plane import Plane
from medviewer.ui.tool import Drag, Tool
from medviewer.ui.value_words import MINUS, number, unit_title

if TYPE_CHECKING:
    from medviewer.ui.viewport import Viewport

WIDE_PX, GAP_PX, LETTER_PX, LABEL_PX, TAKEN_PX = 12.0, 5.0, 22.0, 90.0, 6.0
LEAST_PX, SHARE, SHORTEST_PX, LONGEST_PX = 240, 0.32, 70.0, 220.0
DOUBLED_PX = 120.0  # a drag of so many pixels upwards doubles the top value


def rect_of(width_px: int, height_px: int) -> QRectF:
    """Return where the bar is in a viewport, left of the letter at the edge; empty where there is no room."""
    if min(width_px, height_px) < LEAST_PX:
        return QRectF()
    long_px = min(max(SHARE * height_px, SHORTEST_PX), LONGEST_PX)
    left = width_px - MARGIN_PX - LETTER_PX - WIDE_PX
    return QRectF(left, (height_px - long_px) / 2.0, WIDE_PX, long_px)


def _shown(viewport: "Viewport") -> Fused | None:
    """Return what the bar explains: colours over greys, not two series against each other."""
    fused = fused_of(viewport.view, viewport.display)
    return fused if fused is not None and fused.fusion.mode == "blend" else None


def painting_of(viewport: "Viewport") -> Callable[[QPainter, Placing, Plane, int], None]:
    """Return what draws the bar over a viewport, one of its ``paintings``."""

    def paint(painter: QPainter, placing: Placing, _plane: Plane, _index: int) -> None:
        fused, bar = _shown(viewport), rect_of(placing.width_px, placing.height_px)
        if fused is not None and not bar.isEmpty():
            _paint(painter, bar, fused)

    return paint


def _paint(painter: QPainter, bar: QRectF, fused: Fused) -> None:
    painter.save()
    painter.resetTransform()
    painter.drawImage(bar, _strip(fused.fusion.colours))
    painter.setPen(QPen(theme.on_image("image_dim"), 1.0))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(bar)
    painter.restore()
    high = line_height_px()
    low, top = ends(fused.other.window)
    left = bar.left() - GAP_PX - LABEL_PX
    unit = unit_title(fused.volume.unit) or short(fused.other)
    write(painter, QRectF(left, bar.top() - 1.7 * high, LABEL_PX + GAP_PX + bar.width(), high), Line(unit), END)
    for value, y in ((top, bar.top()), ((low + top) / 2.0, bar.center().y()), (low, bar.bottom())):
        painter.setPen(QPen(theme.on_image("image_text"), 1.0))
        painter.drawLine(QPointF(bar.left() - 3.0, y), QPointF(bar.left(), y))
        shown = number(value, (top - low) / 100.0).replace("-", MINUS)
        write(painter, QRectF(left, y - high / 2.0, LABEL_PX, high), Line(shown), END, MIDDLE)


@lru_cache(maxsize=16)
def _strip(colours: str) -> QImage:
    """Return a colour map as a picture of one column, its highest value at the top."""
    words = colour_map(colours).packed[::-1].copy()
    return QImage(words.data, 1, len(words), 4, QImage.Format.Format_RGB32).copy()


# ---- dragging it ----


def _drag(viewport: "Viewport", drag: Drag) -> None:
    """Raise or lower the value that has the top colour."""
    fused = _shown(viewport)
    if fused is not None:
        low, top = ends(fused.other.window)
        set_top(viewport.view, fused, low + (top - low) * 2.0 ** (-drag.by_px.y() / DOUBLED_PX))


_TOP = Tool(
    "fusion-top",
    N_("Range of the colours"),
    N_("Drag up or down to change the value with the strongest colour"),
    "",
    0,
    _drag,
    cursor=Qt.CursorShape.SizeVerCursor,
)


def grab(viewport: "Viewport", at_px: QPointF) -> Tool | None:
    """Return what takes a drag that begins on the bar; None elsewhere. One of a viewport's ``grabs``."""
    bar = rect_of(viewport.width(), viewport.height())
    if bar.isEmpty() or not bar.adjusted(-TAKEN_PX, -TAKEN_PX, TAKEN_PX, TAKEN_PX).contains(at_px):
        return None
    return None if _shown(viewport) is None else _TOP
