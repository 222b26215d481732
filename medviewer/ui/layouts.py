"""How viewports share the middle of the window: plain tables."""

from dataclasses import dataclass

from medviewer.core.arrangement import PRIOR, Arrangement, Cell
from medviewer.i18n import N_, Message

NATIVE, AXIAL, CORONAL, SAGITTAL = Cell("native"), Cell("axial"), Cell("coronal"), Cell("sagittal")
CLOSE_UP, PRIOR_BESIDE, BODY = Cell("axial", close_up=True), Cell("native", PRIOR), Cell("volume")


@dataclass(frozen=True)
class Layout:
    """An arrangement with a name."""

    id: str
    title: Message
    tip: Message
    arrangement: Arrangement


def needs_volume(arrangement: Arrangement) -> bool:
    """Whether it shows other planes than the images themselves, and so needs a regular stack."""
    return any(cell.kind != "native" for cell, _place in arrangement.cells)


LAYOUTS = (
    Layout("single", N_("One image"), N_("One large image"), Arrangement.grid(1, 1, (NATIVE,))),
    Layout(
        "mpr",
        N_("Three planes and close-up"),
        N_("Axial, coronal and sagittal planes, and the finding close up"),
        Arrangement.grid(2, 2, (AXIAL, CORONAL, SAGITTAL, CLOSE_UP)),
    ),
    Layout(
        "main",
        N_("One large, three small"),
        N_("A large axial image with coronal, sagittal and close-up beside it"),
        Arrangement(
            (
                (AXIAL, (0, 0, 3, 1)),
                (CORONAL, (0, 1, 1, 1)),
                (SAGITTAL, (1, 1, 1, 1)),
                (CLOSE_UP, (2, 1, 1, 1)),
            ),
            (5, 2),
            (1, 1, 1),
        ),
    ),
    Layout(
        "compare",
        N_("Beside the prior"),
        N_("This examination and the prior one, scrolling together"),
        Arrangement.grid(1, 2, (NATIVE, PRIOR_BESIDE)),
    ),
    Layout(
        "body",
        N_("Three planes and volume"),
        N_("Axial, coronal and sagittal planes, and the volume in three dimensions"),
        Arrangement.grid(2, 2, (AXIAL, CORONAL, SAGITTAL, BODY)),
    ),
)
BY_ID = {layout.id: layout for layout in LAYOUTS}
SINGLE = BY_ID["single"].arrangement


def named(arrangement: Arrangement) -> str:
    """Return the id of the layout that an arrangement is; empty where it is none of them."""
    return next((layout.id for layout in LAYOUTS if layout.arrangement == arrangement), "")
