"""Measure the values in a region with straight sides."""

from medviewer.i18n import N_
from medviewer.ui.marks.draw import drawing_tool

TOOL = drawing_tool(
    "polygon",
    N_("Polygon"),
    N_("Click the corners; a double click, Enter or the first corner closes it."),
    "Shift+F",
    190,
)
