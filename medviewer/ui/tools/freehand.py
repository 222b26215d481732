"""Measure the values in a region drawn freely."""

from medviewer.i18n import N_
from medviewer.ui.marks.draw import drawing_tool

TOOL = drawing_tool(
    "freehand",
    N_("Freehand region"),
    N_("Draw around a region with the button down."),
    "F",
    180,
)
