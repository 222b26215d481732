"""Keep the value of one voxel."""

from medviewer.i18n import N_
from medviewer.ui.marks.draw import drawing_tool

TOOL = drawing_tool(
    "probe",
    N_("Probe"),
    N_("Click or drag shows and keeps the value of a voxel."),
    "Q",
    150,
)
