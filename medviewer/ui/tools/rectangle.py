"""Measure the values in a rectangle."""

from medviewer.i18n import N_
from medviewer.ui.marks.draw import drawing_tool

TOOL = drawing_tool(
    "rectangle",
    N_("Rectangle"),
    N_("Drag over a region: mean, SD, minimum, maximum and area."),
    "Shift+R",
    170,
)
