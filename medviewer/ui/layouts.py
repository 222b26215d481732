"""How viewports share the middle of the window: plain tables."""

from dataclasses import dataclass

from medviewer.i18n import N_, Message
from medviewer.ui.viewport import Cell

AXIAL, CORONAL, SAGITTAL = Cell("axial"), Cell("coronal"), Cell("sagittal")
CLOSE_UP, PRIOR = Cell("axial", close_up=True), Cell("axial", prior=True)
Place = tuple[int, int, int, int]  # row, column, rows, columns


@dataclass(frozen=True)
class Layout:
    """Viewports and where they are on a grid whose columns have the given widths."""

    id: str
    title: Message
    tip: Message
    cells: tuple[tuple[Cell, Place], ...]
    widths: tuple[int, ...] = (1,)

    @property
    def needs_volume(self) -> bool:
        """Whether it shows other planes than the images themselves, and so needs a regular stack."""
        return any(cell.orientation != "axial" for cell, _place in self.cells)


LAYOUTS = (
    Layout("single", N_("One image"), N_("One large image"), ((AXIAL, (0, 0, 1, 1)),)),
    Layout(
        "mpr",
        N_("Three planes and close-up"),
        N_("Axial, coronal and sagittal planes, and the finding close up"),
        (
            (AXIAL, (0, 0, 1, 1)),
            (CORONAL, (0, 1, 1, 1)),
            (SAGITTAL, (1, 0, 1, 1)),
            (CLOSE_UP, (1, 1, 1, 1)),
        ),
        (1, 1),
    ),
    Layout(
        "main",
        N_("One large, three small"),
        N_("A large axial image with coronal, sagittal and close-up beside it"),
        (
            (AXIAL, (0, 0, 3, 1)),
            (CORONAL, (0, 1, 1, 1)),
            (SAGITTAL, (1, 1, 1, 1)),
            (CLOSE_UP, (2, 1, 1, 1)),
        ),
        (5, 2),
    ),
    Layout(
        "compare",
        N_("Beside the prior"),
        N_("This examination and the prior one, leafing together"),
        ((AXIAL, (0, 0, 1, 1)), (PRIOR, (0, 1, 1, 1))),
        (1, 1),
    ),
)
BY_ID = {layout.id: layout for layout in LAYOUTS}
