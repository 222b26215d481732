"""The slice of a viewport as Qt draws it: greys by a window, a table or a presentation state; or colours."""

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from medviewer.core.look import Chain, Look, Lut, Tone, Window
from medviewer.core.presentation import Presented
from medviewer.core.volume import READY
from medviewer.imaging.render import chain_of, lookup_table
from medviewer.imaging.window import EIGHT_BITS, default_window
from medviewer.ui.plane import Plane
from medviewer.ui.view import View

_SECTIONAL = ("CT", "MR", "PT", "NM")  # slices of one series are compared: all in one window


@dataclass(frozen=True)
class Greys:
    """How values become greys: a tone, and whether black and white are swapped after it."""

    tone: Tone
    inverted: bool = False

    @property
    def window(self) -> Window:
        """The window that comes nearest to the tone, for the mouse to begin with."""
        tone = self.tone.voi if isinstance(self.tone, Chain) else self.tone
        return tone.window if isinstance(tone, Lut) else tone


@dataclass
class Picture:
    """Makes the pictures of one plane; the last one is kept until something about it changes."""

    plane: Plane
    _key: tuple[object, ...] = ()
    _image: QImage = field(default_factory=QImage)
    _pixels: NDArray[np.uint32] = field(default_factory=lambda: np.empty((0, 0), np.uint32))  # the image looks into it
    _windows: dict[int, Window] = field(default_factory=dict)

    def presented(self, view: View, index: int) -> Presented | None:
        """Return what the presentation state chosen says of slice ``index``; None where it says nothing."""
        if view.presentation is None or self.plane.axis != 0:
            return None
        header, grid = self.plane.volume.series.headers[index], self.plane.volume.grid
        straightened = grid.shape_kji[1:] != (header.rows, header.columns)
        return None if straightened else view.presentation.of(header)

    def look(self, view: View, index: int) -> Look:
        """Return what the file of slice ``index`` says of its showing; planes across the slices have the first's."""
        headers = self.plane.volume.series.headers
        return view.looks.of(headers[index if self.plane.axis == 0 else 0])

    def greys(self, view: View, index: int) -> Greys:
        """Return how slice ``index`` is to be shown: by the reader's choice, the presentation state, or the file."""
        volume = self.plane.volume
        if volume.colours is not None:
            return Greys(view.window, view.inverted)
        presented, look = self.presented(view, index), self.look(view, index)
        dark_is_high = volume.series.first.photometric == "MONOCHROME1" or look.inverse
        if presented is not None:
            dark_is_high = presented.inverse
        return Greys(self._tone(view, index, presented, look), view.inverted != dark_is_high)

    def _tone(self, view: View, index: int, presented: Presented | None, look: Look) -> Tone:
        if not view.as_filed:
            return view.lut or view.window
        volume = self.plane.volume
        header = volume.series.headers[index if self.plane.axis == 0 else 0]
        if presented is not None:
            return chain_of(presented, header, volume.unit)
        if header.voi_lut and look.luts:
            return look.luts[0].tone
        return self._own_window(index) if self._each_by_itself else view.window

    @property
    def _each_by_itself(self) -> bool:
        """Whether the images are films beside one another rather than slices of one body or frames of one run."""
        series = self.plane.volume.series
        single = len(series.headers) > 1 and series.first.frames == 1 and self.plane.axis == 0
        return single and not self.plane.volume.regular and series.modality not in _SECTIONAL

    def _own_window(self, index: int) -> Window:
        """Return the first window of one of several films."""
        if index not in self._windows:
            volume = self.plane.volume
            sample, header = volume.voxels[index], volume.series.headers[index]
            self._windows[index] = default_window(header, sample, volume.slope, volume.intercept, volume.unit)
        return self._windows[index]

    def image(self, index: int, greys: Greys) -> QImage:
        """Return slice ``index`` in these greys, or in its colours."""
        volume = self.plane.volume
        ready = 0 if self.plane.axis == 0 else int(np.count_nonzero(volume.state == READY))
        key = (index, greys, ready)
        if key != self._key:
            colours = self.plane.colours(index)
            self._image = self._grey(index, greys) if colours is None else coloured(colours, greys)
            self._key = key
        return self._image

    def _grey(self, index: int, greys: Greys) -> QImage:
        volume = self.plane.volume
        table = _screen_table(greys.tone, volume.slope, volume.intercept, greys.inverted)
        values = np.ascontiguousarray(self.plane.pixels(index)).view(np.uint16)
        self._pixels = np.take(table, values, mode="wrap")  # never wraps, and is a quarter faster than with checks
        rows, columns = self._pixels.shape
        return QImage(self._pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGB32)


@lru_cache(maxsize=16)
def _screen_table(tone: Tone, slope: float, intercept: float, inverted: bool) -> NDArray[np.uint32]:
    """Return the screen's pixel (0xffRRGGBB, equal parts) of every int16 value, at the index of its bits as uint16.

    Qt scales 32-bit pixels twice as fast as grey ones, and the table turns voxels into them in one step.
    """
    return lookup_table(tone, slope, intercept, inverted).astype(np.uint32) * 0x010101 | np.uint32(0xFF000000)


def coloured(rgb: NDArray[np.uint8], greys: Greys) -> QImage:
    """Return RGB pixels (rows, columns, 3) as an image; a window other than 0 to 255 changes their brightness."""
    if greys != Greys(EIGHT_BITS):
        rgb = np.take(lookup_table(greys.tone, 1.0, 0.0, greys.inverted)[:256], rgb)
    rows, columns = rgb.shape[:2]
    image = QImage(rgb.data, columns, rows, 3 * columns, QImage.Format.Format_RGB888)
    return image.convertToFormat(QImage.Format.Format_RGB32)
