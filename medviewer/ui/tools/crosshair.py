"""Point at a place and see it in every plane."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

from medviewer.i18n import N_
from medviewer.ui.tool import Drag, Tool

if TYPE_CHECKING:
    from medviewer.ui.viewport import Viewport


def press(viewport: "Viewport", at_px: QPointF) -> None:
    """Go to the place under the mouse."""
    viewport.view.move_to(viewport.lps_at(at_px))


def drag(viewport: "Viewport", drag: Drag) -> None:
    """Follow the mouse."""
    press(viewport, drag.now_px)


TOOL = Tool(
    "crosshair",
    N_("Crosshair"),
    N_("Click or drag shows the place in every plane."),
    "X",
    50,
    drag,
    press,
    cursor=Qt.CursorShape.CrossCursor,
)
