"""Measure a length."""

from medviewer.i18n import N_
from medviewer.ui.marks.draw import drawing_tool

TOOL = drawing_tool(
    "length",
    N_("Length"),
    N_("Drag from end to end, or click both ends."),
    "D",
    110,
)
