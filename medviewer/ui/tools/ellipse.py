"""Measure the values in an ellipse."""

from medviewer.i18n import N_
from medviewer.ui.marks.draw import drawing_tool

TOOL = drawing_tool(
    "ellipse",
    N_("Ellipse"),
    N_("Drag over a region: mean, SD, minimum, maximum and area."),
    "E",
    160,
)
