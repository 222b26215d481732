"""Take away from an outline with a round eraser."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from medviewer.i18n import N_
from medviewer.ui.regions.paint import paint_brush
from medviewer.ui.regions.stroke import cancel, drag, hover, key_press, release, wheel
from medviewer.ui.regions.stroke import press as press_down
from medviewer.ui.tool import Tool

if TYPE_CHECKING:
    from PySide6.QtCore import QPointF
    from PySide6.QtGui import QPainter

    from medviewer.ui.viewport import Viewport


def press(viewport: "Viewport", at_px: "QPointF") -> None:
    """Begin to erase."""
    press_down(viewport, at_px, erases=True)


def paint(viewport: "Viewport", painter: "QPainter") -> None:
    """Draw the dashed circle."""
    paint_brush(viewport, painter, erases=True)


TOOL = Tool(
    "eraser",
    N_("Eraser"),
    N_("Drag takes away from the outline; Alt erases a ball, [ and ] change the size."),
    "Shift+B",
    310,
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
