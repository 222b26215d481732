"""Measure an angle."""

from medviewer.i18n import N_
from medviewer.ui.marks.draw import drawing_tool

TOOL = drawing_tool(
    "angle",
    N_("Angle"),
    N_("Click the end of one arm, the vertex, and the end of the other arm."),
    "A",
    130,
)
