"""Move the image in its viewport."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from medviewer.i18n import N_
from medviewer.ui.tool import Drag, Tool

if TYPE_CHECKING:
    from medviewer.ui.viewport import Viewport


def drag(viewport: "Viewport", drag: Drag) -> None:
    """Move the image with the mouse."""
    viewport.set_camera(viewport.placing.panned(drag.by_px))


TOOL = Tool(
    "pan",
    N_("Pan"),
    N_("Drag moves the image; so does the middle button."),
    "T",
    20,
    drag,
    cursor=Qt.CursorShape.OpenHandCursor,
)
