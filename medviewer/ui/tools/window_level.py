"""Brighter, darker, harder, softer: window and level."""

from typing import TYPE_CHECKING

from medviewer.i18n import N_
from medviewer.imaging.window import Window
from medviewer.ui.tool import Drag, Tool

if TYPE_CHECKING:
    from medviewer.ui.viewport import Viewport

PER_PX = 1.0 / 400.0  # of the window's width: soft tissue needs finer steps than lung
LEAST_PER_PX = 0.25


def drag(viewport: "Viewport", drag: Drag) -> None:
    """Right is a wider window, down a higher level, both in proportion to the width."""
    window = viewport.view.window
    step = max(window.width * PER_PX, LEAST_PER_PX)
    viewport.view.set_window(
        Window(window.center + drag.by_px.y() * step, max(window.width + drag.by_px.x() * step, 1.0))
    )


TOOL = Tool(
    "window",
    N_("Window/level"),
    N_("Drag right or left changes the contrast, up or down the brightness."),
    "W",
    10,
    drag,
)
