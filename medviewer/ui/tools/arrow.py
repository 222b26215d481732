"""Point at something and say what it is."""

from medviewer.i18n import N_
from medviewer.ui.marks.draw import drawing_tool

TOOL = drawing_tool(
    "arrow",
    N_("Arrow"),
    N_("Drag from what it points to, then type; Enter ends."),
    "Shift+D",
    200,
)
