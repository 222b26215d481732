"""Where a mark is, in words, and how to get there."""

import numpy as np

from medviewer.core.finding import Point
from medviewer.core.grid import Grid, triple
from medviewer.core.mark import Mark
from medviewer.core.study import Series
from medviewer.i18n import _
from medviewer.imaging.marks.place import image_of, in_voxels
from medviewer.imaging.reslice import ORIENTATIONS, axis_of, letters
from medviewer.imaging.turn import Turn
from medviewer.ui.display import Display
from medviewer.ui.marks.view import MarkView
from medviewer.ui.planes.plane import ONWARD, TITLES
from medviewer.ui.value_words import MINUS

_AXES = ("sagittal", "coronal", "axial")
STRAIGHT = 0.999  # cosine: 2.6 degrees


def display_of(mark: Mark, marks: MarkView) -> Display | None:
    """Return the display that shows the series of a mark; None while none does."""
    shown = marks.view.displays.values()
    return next((one for one in shown if one.volume is not None and one.volume.series.uid == mark.series_uid), None)


def place_words(mark: Mark, marks: MarkView) -> str:
    """Say where a mark was drawn: "Image 34", "Coronal A 12.5 mm", "Oblique", and on which phase of several."""
    series = marks.series_of(mark)
    there = _place_words(mark, marks, series)
    return there if series is None or series.label is None else f"{there} · {series.label}"


def _place_words(mark: Mark, marks: MarkView, series: Series | None) -> str:
    k = None if series is None else image_of(mark, series)
    if series is not None and k is not None:
        volume = marks.volume_of(mark)
        grid = series.grid if volume is None else volume.grid if volume.regular else None
        return _("Image {n}").format(n=_number(k, grid))
    normal = np.abs(np.asarray(mark.normal_lps))
    axis = int(normal.argmax())
    if normal[axis] < STRAIGHT:
        return _("Oblique")
    at = mark.points_lps_mm[0][axis]
    way = np.zeros(3)
    way[axis] = 1.0 if at >= 0 else -1.0
    return f"{TITLES[_AXES[axis]]} {letters(way)} {abs(at):.1f} mm".replace("-", MINUS)


def _number(k: int, grid: Grid | None) -> int:
    """Return the number of image ``k`` as readers count, whether it is in the room or not."""
    if grid is None:
        return k + 1
    orientation = next(one for one in ORIENTATIONS if axis_of(grid, one) == 0)
    backwards = Turn.of(grid).flip[ORIENTATIONS.index(orientation)]
    return k + 1 if (ONWARD[orientation] > 0) != backwards else grid.shape_kji[0] - k


def go_to(mark: Mark, marks: MarkView) -> None:
    """Look at the middle of a mark, in its phase; nothing happens while its series is not in the room."""
    display = display_of(mark, marks) or marks.show_phase(mark.series_uid)
    if display is None or display.volume is None:
        return
    marks.view.move_to(_place_in(mark, display), display)


def _place_in(mark: Mark, display: Display) -> Point:
    """Return the middle of a mark in the space that its volume is drawn in."""
    volume = display.volume
    assert volume is not None
    if volume.regular:
        return mark.center_lps_mm
    kji = in_voxels(volume, mark.center_lps_mm, image_of(mark, volume.series))
    return triple(volume.grid.to_lps(kji))
