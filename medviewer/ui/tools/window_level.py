"""Brighter, darker, harder, softer: window and level."""

from typing import TYPE_CHECKING

from medviewer.i18n import N_
from medviewer.ui.tool import Drag, Tool

if TYPE_CHECKING:
    from medviewer.ui.viewport import Viewport

PER_PX = 1.0 / 400.0  # of the window's width: soft tissue needs finer steps than lung
LEAST_PER_PX = 0.25


def drag(viewport: "Viewport", drag: Drag) -> None:
    """Right is a wider window, down a higher level, both in proportion to the width."""
    window = viewport.greys.window
    step = window.width * PER_PX
    if window.function == "LINEAR":  # others have units as small as they like, as SUV
        step = max(step, LEAST_PER_PX)
    viewport.view.set_window(window.moved(drag.by_px.y() * step, drag.by_px.x() * step))


TOOL = Tool(
    "window",
    N_("Window/level"),
    N_("Drag right or left changes the contrast, up or down the brightness."),
    "W",
    10,
    drag,
)
