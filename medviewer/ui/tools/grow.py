"""Grow an outline from a click."""

from PySide6.QtCore import Qt

from medviewer.i18n import N_
from medviewer.ui.regions.grow import cancel, drag, paint, press, release
from medviewer.ui.tool import Tool

TOOL = Tool(
    "grow",
    N_("Grow"),
    N_("Click inside a structure outlines what hangs together with it; drag up or down for more or less."),
    "Shift+G",
    320,
    drag,
    press,
    release,
    paint=paint,
    cancel=cancel,
    group="outline",
    cursor=Qt.CursorShape.CrossCursor,
)
