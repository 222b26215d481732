"""Measure the angle between two lines that need not meet."""

from medviewer.i18n import N_
from medviewer.ui.marks.draw import drawing_tool

TOOL = drawing_tool(
    "cobb",
    N_("Cobb angle"),
    N_("Drag a line along one end plate, then one along the other."),
    "Shift+A",
    140,
)
