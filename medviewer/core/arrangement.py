"""How viewports share the middle of the window, as plain data: what layouts, protocols and saved places say."""

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

# "native": the images as they were made. "curved": along a drawn line. "volume": the whole body from outside.
CellKind = Literal["axial", "coronal", "sagittal", "native", "curved", "volume"]
Blend = Literal["mean", "max", "min"]
Place = tuple[int, int, int, int]  # row, column, rows, columns
CELL_KINDS: tuple[CellKind, ...] = get_args(CellKind)
BLENDS: tuple[Blend, ...] = get_args(Blend)
MAIN, PRIOR = "main", "prior"
MOST_ROWS, MOST_COLUMNS = 3, 4
LARGEST_SHARE, MOST_SLAB_MM = 1000, 1000.0  # of what a file may say


@dataclass(frozen=True)
class Slab:
    """How thick a plane is: ``mm`` across it, 0 for a single layer, and how its layers become one."""

    mm: float = 0.0
    blend: Blend = "mean"


@dataclass(frozen=True)
class Cell:
    """What a viewport shows: which plane of which display, how thick.

    ``display`` names a series in the room: "main", "prior", "2", "3", …; ``close_up`` keeps the chosen finding large
    in the middle.
    """

    kind: CellKind = "axial"
    display: str = MAIN
    close_up: bool = False
    slab: Slab = Slab()


@dataclass(frozen=True)
class Arrangement:
    """Viewports and where they are on a grid whose columns and rows have the given shares."""

    cells: tuple[tuple[Cell, Place], ...]
    widths: tuple[int, ...] = (1,)
    heights: tuple[int, ...] = (1,)

    @staticmethod
    def grid(rows: int, columns: int, cells: tuple[Cell, ...]) -> "Arrangement":
        """Return ``cells`` row by row on an even grid; ValueError where they do not fill it."""
        if len(cells) != rows * columns:
            raise ValueError("as many cells as places")
        places = ((row, column, 1, 1) for row in range(rows) for column in range(columns))
        return Arrangement(tuple(zip(cells, places, strict=True)), (1,) * columns, (1,) * rows)

    @property
    def displays(self) -> tuple[str, ...]:
        """The displays shown, each once, in order."""
        return tuple(dict.fromkeys(cell.display for cell, _place in self.cells))

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data."""
        cells = [{**asdict(cell), "place": list(place)} for cell, place in self.cells]
        return {"cells": cells, "widths": list(self.widths), "heights": list(self.heights)}

    @staticmethod
    def from_dict(data: dict[str, Any]) -> "Arrangement":
        """Build the arrangement that ``to_dict`` described; KeyError, TypeError or ValueError where it is none."""
        widths, heights = tuple(int(n) for n in data["widths"]), tuple(int(n) for n in data["heights"])
        cells = tuple(_cell(each, len(heights), len(widths)) for each in data["cells"])
        if not 0 < len(cells) <= MOST_ROWS * MOST_COLUMNS or not all(
            0 < share <= LARGEST_SHARE for share in (*widths, *heights)
        ):
            raise ValueError("no such arrangement")
        return Arrangement(cells, widths, heights)


def _cell(data: dict[str, Any], high: int, wide: int) -> tuple[Cell, Place]:
    row, column, rows, columns = (int(n) for n in data["place"])
    slab = Slab(float(data["slab"]["mm"]), data["slab"]["blend"])
    inside = row >= 0 < rows <= high - row and column >= 0 < columns <= wide - column
    if data["kind"] not in CELL_KINDS or slab.blend not in BLENDS or not inside or not 0.0 <= slab.mm <= MOST_SLAB_MM:
        raise ValueError("no such cell")
    cell = Cell(data["kind"], str(data["display"]), bool(data["close_up"]), slab)
    return cell, (row, column, rows, columns)
