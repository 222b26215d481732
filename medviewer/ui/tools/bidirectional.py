"""Measure the longest diameter and the longest one across it."""

from medviewer.i18n import N_
from medviewer.ui.marks.draw import drawing_tool

TOOL = drawing_tool(
    "bidirectional",
    N_("Long and short axis"),
    N_("Drag the long axis; the short one comes across it and can be dragged (RECIST)."),
    "M",
    120,
)
