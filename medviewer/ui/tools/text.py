"""Write on an image."""

from medviewer.i18n import N_
from medviewer.ui.marks.draw import drawing_tool

TOOL = drawing_tool(
    "text",
    N_("Text"),
    N_("Click a place and type; Enter ends."),
    "Shift+T",
    210,
)
