"""Paint an outline with a round brush."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QPainter

from medviewer.i18n import N_
from medviewer.ui.regions.paint import paint_brush
from medviewer.ui.regions.stroke import ERASING, Stroke, cancel, drag, hover, key_press, release, wheel
from medviewer.ui.regions.stroke import press as press_down
from medviewer.ui.tool import Tool

if TYPE_CHECKING:
    from PySide6.QtCore import QPointF

    from medviewer.ui.viewport import Viewport


def press(viewport: "Viewport", at_px: "QPointF") -> None:
    """Begin to paint; with Ctrl or Shift held, to erase."""
    press_down(viewport, at_px, erases=False)


def paint(viewport: "Viewport", painter: QPainter) -> None:
    """Draw the circle."""
    stroke = viewport.draft
    held = bool(QGuiApplication.keyboardModifiers() & ERASING)
    paint_brush(viewport, painter, stroke.erases if isinstance(stroke, Stroke) else held)


TOOL = Tool(
    "brush",
    N_("Brush"),
    N_("Drag paints the outline; Ctrl or Shift erases, Alt paints a ball, [ and ] change the size."),
    "B",
    300,
    drag,
    press,
    release,
    hover,
    wheel=wheel,
    key_press=key_press,
    paint=paint,
    cancel=cancel,
    group="outline",
    cursor=Qt.CursorShape.CrossCursor,
)
