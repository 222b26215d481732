"""One series in the room: its volume, its greys, the place looked at; every viewport that shows it shares them."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from medviewer.core.arrangement import MAIN
from medviewer.core.finding import Point
from medviewer.core.grid import triple
from medviewer.core.look import Lut, Window
from medviewer.core.presentation import Presentation
from medviewer.core.volume import Volume
from medviewer.imaging.fuse import Mode
from medviewer.imaging.window import starts_inverted

Matrix = NDArray[np.float64]
FIRST_WINDOW = Window(40.0, 400.0)


@dataclass(frozen=True)
class Fusion:
    """Another display's values in colours over this one's greys: ``share`` 0 (greys only) to 1 (colours only).

    ``mode`` other than "blend" sets one against the other, to check how they lie. ``clear_below`` leaves the greys
    clear where the other's values are under its window.
    """

    display: str
    colours: str  # id of a colour map
    share: float = 0.5
    mode: Mode = "blend"
    clear_below: bool = True


@dataclass(eq=False)
class Display:
    """What is neither undone nor saved of one series shown.

    Attributes:
        name: "main", "prior", "2", "3", …
        volume: its voxels, None while there are none.
        window, default_window, lut, as_filed, presentation, inverted, default_inverted: how values become greys, as
            in ``View``.
        point_lps_mm: the place looked at, in this series' own patient space.
        to_main: 4x4, from this series' LPS mm to those of the main one; None where no relation is known.
        axes: rows are the unit vectors towards head, back and left of an oblique frame; None for upright planes.
        fusion: another display in colours over this one.
        enhancement: id of what makes the picture smoother or sharper for the eye; empty for none.
        curve_lps_mm: the points of a curved plane.
    """

    name: str = MAIN
    volume: Volume | None = None
    window: Window = FIRST_WINDOW
    default_window: Window = FIRST_WINDOW
    lut: Lut | None = None
    as_filed: bool = True
    presentation: Presentation | None = None
    inverted: bool = False
    default_inverted: bool = False
    point_lps_mm: Point = (0.0, 0.0, 0.0)
    to_main: Matrix | None = None
    axes: Matrix | None = None
    fusion: Fusion | None = None
    enhancement: str = ""
    curve_lps_mm: tuple[Point, ...] = field(default=())

    def show(self, volume: Volume | None, window: Window, at_lps_mm: Point) -> None:
        """Show other voxels from here on, as their file wants them."""
        self.volume, self.point_lps_mm = volume, at_lps_mm
        self.window = self.default_window = window
        self.lut, self.as_filed, self.presentation = None, True, None
        self.inverted = self.default_inverted = volume is not None and starts_inverted(volume.series.first)
        self.axes, self.fusion, self.enhancement, self.curve_lps_mm = None, None, "", ()
        self.to_main = np.eye(4) if self.name == MAIN else None

    def present(self, presentation: Presentation | None) -> None:
        """Use the greys of a presentation state, None those of the files."""
        self.presentation = presentation
        self.window, self.lut, self.as_filed = self.default_window, None, True
        self.inverted = self.default_inverted and presentation is None

    def in_main(self, point_lps_mm: Point) -> Point | None:
        """Return where a place of this series is in the main one; None where no relation is known."""
        return None if self.to_main is None else moved(self.to_main, point_lps_mm)

    def from_main(self, point_lps_mm: Point) -> Point | None:
        """Return where a place of the main series is in this one; None where no relation is known."""
        return (
            None if self.to_main is None else moved(np.asarray(np.linalg.inv(self.to_main), np.float64), point_lps_mm)
        )


def moved(matrix: Matrix, point_lps_mm: Point) -> Point:
    """Return a point mapped by a 4x4 matrix."""
    return triple((matrix @ np.array([*point_lps_mm, 1.0]))[:3])
