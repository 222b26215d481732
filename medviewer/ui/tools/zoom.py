"""Look nearer or from further away."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from medviewer.i18n import N_
from medviewer.ui.tool import Drag, Tool

if TYPE_CHECKING:
    from medviewer.ui.viewport import Viewport

PER_PX = 1.008


def drag(viewport: "Viewport", drag: Drag) -> None:
    """Up is nearer, down is further; what was under the mouse at first stays there."""
    viewport.set_camera(viewport.placing.zoomed(PER_PX ** -drag.by_px.y(), drag.start_px))


TOOL = Tool(
    "zoom",
    N_("Zoom"),
    N_("Drag up or down zooms; so does Ctrl + wheel."),
    "Z",
    30,
    drag,
    cursor=Qt.CursorShape.SizeVerCursor,
)
