"""Where a mark is, in words, and how to get there."""

import numpy as np

from medviewer.core.finding import Point
from medviewer.core.grid import triple
from medviewer.core.mark import Mark
from medviewer.i18n import _
from medviewer.imaging.marks.place import image_of, in_voxels
from medviewer.imaging.reslice import letters
from medviewer.ui.display import Display
from medviewer.ui.marks.view import MarkView
from medviewer.ui.planes.plane import TITLES, Plane, native
from medviewer.ui.value_words import MINUS

_AXES = ("sagittal", "coronal", "axial")
STRAIGHT = 0.999  # cosine: 2.6 degrees


def display_of(mark: Mark, marks: MarkView) -> Display | None:
    """Return the display that shows the series of a mark; None while none does."""
    shown = marks.view.displays.values()
    return next((one for one in shown if one.volume is not None and one.volume.series.uid == mark.series_uid), None)


def place_words(mark: Mark, marks: MarkView) -> str:
    """Say where a mark was drawn: "Image 34", "Coronal A 12.5 mm", "Oblique"."""
    series = marks.series_of(mark)
    k = None if series is None else image_of(mark, series)
    volume = marks.volume_of(mark)
    if k is not None:
        number = Plane(volume, native(volume)).number(k) if volume is not None else k + 1
        return _("Image {n}").format(n=number)
    normal = np.abs(np.asarray(mark.normal_lps))
    axis = int(normal.argmax())
    if normal[axis] < STRAIGHT:
        return _("Oblique")
    at = mark.points_lps_mm[0][axis]
    way = np.zeros(3)
    way[axis] = 1.0 if at >= 0 else -1.0
    return f"{TITLES[_AXES[axis]]} {letters(way)} {abs(at):.1f} mm".replace("-", MINUS)


def go_to(mark: Mark, marks: MarkView) -> None:
    """Look at the middle of a mark; nothing happens while its series is not in the room."""
    display = display_of(mark, marks)
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
