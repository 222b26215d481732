"""The slice of a viewport as Qt draws it: greys by a window, a table or a presentation state; or colours."""

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from medviewer.core.look import Chain, Look, Lut, Tone, Window
from medviewer.core.presentation import Presented
from medviewer.core.volume import READY
from medviewer.imaging.render import chain_of, lookup_table, to_grey
from medviewer.imaging.window import EIGHT_BITS, default_window
from medviewer.ui.display import Display
from medviewer.ui.enhance.enhancing import Slice
from medviewer.ui.fusion.fusing import Fused, fused_of
from medviewer.ui.fusion.picture import FusedPicture
from medviewer.ui.planes.plane import Plane
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
    """Makes the pictures of one plane of a display; the last one is kept until something about it changes."""

    plane: Plane
    display: Display
    enhanced: str = ""  # the enhancement that the last image has: none while it is being made
    _key: tuple[object, ...] = ()
    _image: QImage = field(default_factory=QImage)
    _pixels: NDArray[np.uint32] = field(default_factory=lambda: np.empty((0, 0), np.uint32))  # the image looks into it
    _prepared: tuple[tuple[object, ...], NDArray[np.uint32]] = ((), np.empty((0, 0), np.uint32))
    _windows: dict[int, Window] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._fusing = FusedPicture(self.plane)

    def presented(self, index: int) -> Presented | None:
        """Return what the presentation state chosen says of slice ``index``; None where it says nothing."""
        presentation = self.display.presentation
        if presentation is None or self.plane.axis != 0:
            return None
        header, grid = self.plane.volume.series.headers[index], self.plane.volume.grid
        straightened = grid.shape_kji[1:] != (header.rows, header.columns)
        return None if straightened else presentation.of(header)

    def look(self, view: View, index: int) -> Look:
        """Return what the file of slice ``index`` says of its showing; planes across the slices have the first's."""
        headers = self.plane.volume.series.headers
        return view.looks.of(headers[index if self.plane.axis == 0 else 0])

    def greys(self, view: View, index: int) -> Greys:
        """Return how slice ``index`` is to be shown: by the reader's choice, the presentation state, or the file."""
        volume, display = self.plane.volume, self.display
        if volume.colours is not None:
            return Greys(display.window, display.inverted)
        presented, look = self.presented(index), self.look(view, index)
        dark_is_high = volume.series.first.photometric == "MONOCHROME1" or look.inverse
        if presented is not None:
            dark_is_high = presented.inverse
        return Greys(self._tone(index, presented, look), display.inverted != dark_is_high)

    def _tone(self, index: int, presented: Presented | None, look: Look) -> Tone:
        display, volume = self.display, self.plane.volume
        if not display.as_filed:
            return display.lut or display.window
        header = volume.series.headers[index if self.plane.axis == 0 else 0]
        if presented is not None:
            return chain_of(presented, header, volume.unit)
        if header.voi_lut and look.luts:
            return look.luts[0].tone
        return self._own_window(index) if self._each_by_itself else display.window

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

    def image(self, view: View, index: int, greys: Greys) -> QImage:
        """Return slice ``index`` in these greys, or in its colours, enhanced and fused as its display is."""
        volume = self.plane.volume
        single = self.plane.axis == 0 and self.plane.layers == 1
        ready = 0 if single else int(np.count_nonzero(volume.state == READY))
        full = view.refining.want(self.display, self.plane, index)
        fused, made = fused_of(view, self.display), self._made(view, index, 2 * ready + full)
        over = None if fused is None else self._fusing.key(view.refining, index, fused)
        key = (index, greys, ready, full, self.enhanced, over)
        if key != self._key:
            if key == self._prepared[0]:
                self._pixels = self._prepared[1]
                self._image = self._over_pixels()
            else:
                self._image = self._drawn(index, greys, made, fused)
            self._key = key
        return self._image

    def prepare(self, view: View, index: int) -> None:
        """Make the picture of slice ``index`` before it is asked for, where it is a plain one."""
        plane, display = self.plane, self.display
        if plane.axis != 0 or plane.layers > 1 or plane.volume.colours is not None or plane.state(index) != READY:
            return
        if display.enhancement or fused_of(view, display) is not None:
            return
        greys = self.greys(view, index)
        key = (index, greys, 0, True, "", None)  # as in ``image``
        if key not in (self._key, self._prepared[0]):
            self._prepared = key, self._words(plane.pixels(index), greys)

    def _made(self, view: View, index: int, ready: int) -> Slice | None:
        """Return the enhanced slice; None where the slice is shown as it is."""
        wanted = self.display.enhancement
        made = view.enhancing.of(self.plane, index, ready, wanted) if wanted and not view.enhancing.held else None
        self.enhanced = "" if made is None else wanted
        return made

    def _drawn(self, index: int, greys: Greys, made: Slice | None, fused: Fused | None) -> QImage:
        colours = self.plane.colours(index)
        if colours is None:
            values = self.plane.pixels(index) if made is None else made
            self._pixels = self._words(values, greys)
        else:
            image = coloured(colours if made is None else made, greys)
            if fused is None:
                return image
            self._pixels = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.width())
            values = self.plane.pixels(index)
        if fused is not None:
            self._pixels = self._fusing.over(self._pixels, lambda: self._upright(values, greys), index, fused)
        return self._over_pixels()

    def _over_pixels(self) -> QImage:
        rows, columns = self._pixels.shape
        return QImage(self._pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGB32)

    def _words(self, values: Slice, greys: Greys) -> NDArray[np.uint32]:
        volume = self.plane.volume
        table = _screen_table(greys.tone, volume.slope, volume.intercept, greys.inverted)
        bits = np.ascontiguousarray(values).view(np.uint16)
        return np.take(table, bits, mode="wrap")  # never wraps, and is a quarter faster than with checks

    def _upright(self, values: Slice, greys: Greys) -> NDArray[np.uint8]:
        """Return the greys of a slice, brighter with higher values whatever the reader inverted."""
        volume = self.plane.volume
        return to_grey(np.ascontiguousarray(values), greys.tone, volume.slope, volume.intercept)


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
