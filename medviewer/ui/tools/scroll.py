"""Leaf through the slices."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from medviewer.i18n import N_
from medviewer.ui.tool import Drag, Tool

if TYPE_CHECKING:
    from medviewer.ui.viewport import Viewport

PX_PER_SLICE = 6.0


def drag(viewport: "Viewport", drag: Drag) -> None:
    """Down is onward, up is back; one slice every few pixels."""
    start = drag.start_px.y()
    before = int((drag.before_px.y() - start) / PX_PER_SLICE)
    now = int((drag.now_px.y() - start) / PX_PER_SLICE)
    if now != before:
        viewport.step(now - before)


TOOL = Tool(
    "scroll",
    N_("Scroll"),
    N_("Drag up or down scrolls through the slices; the wheel always does."),
    "S",
    40,
    drag,
    cursor=Qt.CursorShape.SplitVCursor,
)
