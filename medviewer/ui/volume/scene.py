"""What a viewport of kind "volume" shows: the whole body from outside, turned by the hand."""

from collections.abc import Callable
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from medviewer.app.volume import render as volume_render
from medviewer.app.volume.box import WHOLE, Box, Face
from medviewer.app.volume.camera import Side, VolumeCamera
from medviewer.app.volume.messages import Cut, Wanted
from medviewer.app.volume.presets import Tuning, VolumePreset, presets_for
from medviewer.app.volume.render import Rendering, VolumeRenderer
from medviewer.core.finding import Point
from medviewer.core.grid import Grid, triple
from medviewer.core.volume import Volume
from medviewer.i18n import _
from medviewer.imaging.reslice import Orientation
from medviewer.ui.display import Display

STILL_MS = 180
SHIFT_PER_PX, STRETCH_PER_PX = 1.0 / 600.0, 1.004
FIRST_PX = 512
_ACROSS: dict[Orientation, int] = {"sagittal": 0, "coronal": 1, "axial": 2}  # which of L, P, H a plane lies across


class VolumeScene(QObject):
    """The 3-D picture of a display's volume: from where, how, and the latest that has been drawn.

    Everything here returns at once; ``changed`` fires when a new picture or another status is there, ``found`` with a
    place in LPS mm after ``find``.
    """

    changed = Signal()
    found = Signal(object)
    _drawn = Signal()
    _seen = Signal(object)

    def __init__(
        self,
        display: Display,
        parent: QObject | None = None,
        renderer: Callable[[], VolumeRenderer] = volume_render.default,
    ) -> None:
        super().__init__(parent)
        self.display = display
        self.camera = VolumeCamera((0.0, 0.0, 0.0))
        self.tuning = Tuning()
        self.cuts: dict[Orientation, int] = {}  # planes through the place looked at, and which side is taken away
        self.box: Box = WHOLE  # what is outside is taken away
        self.boxed = False  # whether the box is drawn, to be taken hold of
        self.held: Face | None = None  # the face that follows the mouse
        self.presets: tuple[VolumePreset, ...] = ()
        self.preset: VolumePreset | None = None
        self._renderer = renderer
        self._volume: Volume | None = None
        self._rendering: Rendering | None = None
        self._size_px = (FIRST_PX, FIRST_PX)
        self._image: QImage | None = None
        self._pixels: NDArray[np.uint8] | None = None  # the image looks at this memory
        self._point: Point = display.point_lps_mm
        self._still = QTimer(self)
        self._still.setSingleShot(True)
        self._still.setInterval(STILL_MS)
        self._still.timeout.connect(self._refine)
        self._drawn.connect(self._take_picture)
        self._seen.connect(self._take_place)

    # ---- what is shown ----

    def image(self, width_px: int, height_px: int) -> QImage | None:
        """Return the latest picture, to be drawn scaled into a viewport of so many pixels; None while there is none."""
        size_px = max(1, width_px), max(1, height_px)
        resized, self._size_px = size_px != self._size_px, size_px
        if self._follow_volume():
            return None
        if resized or (self.cuts and self._point != self.display.point_lps_mm):
            self._ask()
        return self._image

    @property
    def status(self) -> str:
        """What to say where there is no picture, or below it; empty where all is said by the picture."""
        volume = self.display.volume
        if volume is None:
            return ""
        reason = volume_render.why_not(volume)
        if reason is not None:
            return str(reason)
        if not volume.complete:
            return _("The 3-D picture comes when all images have been read.")
        if self._rendering is None or (self._image is None and self._rendering.problem is None):
            return str(volume_render.STARTING)
        problem = self._rendering.problem or self._rendering.remark
        return "" if problem is None else str(problem)

    @property
    def grid(self) -> Grid | None:
        """Where the voxels drawn are; None while there is no picture of any."""
        return None if self._volume is None else self._volume.grid

    @property
    def mm_per_px(self) -> float:
        """Millimetres a pixel of the size last asked for."""
        return self.camera.mm_per_px(*self._size_px)

    @property
    def directions(self) -> tuple[Point, Point, Point]:
        """Unit vectors in LPS towards the right of the picture, its top, and the reader."""
        return self.camera.axes

    def to_px(self, point_lps_mm: Point) -> tuple[float, float]:
        """Return where a place lies, x and y in pixels of the size last asked for."""
        return self.camera.to_px(point_lps_mm, *self._size_px)

    # ---- what the reader does ----

    def orbit(self, dx_px: float, dy_px: float) -> None:
        """Turn it, as dragged by so many pixels."""
        self._move(self.camera.orbited(dx_px, dy_px))

    def roll(self, degrees: float) -> None:
        """Turn the picture clockwise."""
        self._move(self.camera.rolled(degrees))

    def zoom(self, factor: float) -> None:
        """Come nearer."""
        self._move(self.camera.zoomed(factor))

    def pan(self, dx_px: float, dy_px: float) -> None:
        """Move it on the screen."""
        self._move(self.camera.panned(dx_px, dy_px, *self._size_px))

    def look_from(self, side: Side) -> None:
        """Look from the front, the back, left, right, head or feet."""
        self._move(self.camera.seen_from(side))

    def tune(self, dx_px: float, dy_px: float) -> None:
        """Move the values that are shown: up shows lower ones, right spreads them."""
        self.tuning = self.tuning.moved(dy_px * SHIFT_PER_PX, STRETCH_PER_PX**dx_px)
        self._ask(moving=True)

    def set_preset(self, preset_id: str) -> None:
        """Use another preset, as it is in the file; KeyError where it is not offered."""
        self.preset = {preset.id: preset for preset in self.presets}[preset_id]
        self.tuning = Tuning()
        self._ask()

    def reset(self) -> None:
        """Show the whole from the front again, nothing cut, the preset as it was."""
        if self._volume is not None:
            self.tuning, self.cuts = Tuning(), {}
            self.box, self.boxed, self.held = WHOLE, False, None
            self._move(VolumeCamera.around(self._volume.grid))

    def cut(self, plane: Orientation, on: bool) -> None:
        """Take away what lies between the reader and a plane through the place looked at, or give it back."""
        if on:
            toward = self.camera.axes[2][_ACROSS[plane]]
            self.cuts = {**self.cuts, plane: 1 if toward >= 0.0 else -1}
        else:
            self.cuts = {each: side for each, side in self.cuts.items() if each != plane}
        self._ask()

    def show_box(self, on: bool) -> None:
        """Draw the box, or hide it; what it takes away stays away."""
        self.boxed, self.held = on, None
        self.changed.emit()

    def move_face(self, face: Face, mm: float) -> None:
        """Move a face of the box by ``mm`` along the axis of the voxels it lies across."""
        if self.grid is not None:
            self.box = self.box.moved(face, mm, self.grid)
            self._ask(moving=True)
            self.changed.emit()

    def uncrop(self) -> None:
        """Give back all that the box took away."""
        self.box = WHOLE
        self._ask()
        self.changed.emit()

    def find(self, x_px: float, y_px: float) -> None:
        """Look which place is seen under a pixel of the size last asked for; ``found`` tells it where there is one."""
        wanted = self._wanted()
        if wanted is not None and self._rendering is not None:
            self._rendering.find(wanted, (x_px, y_px), self._tell_place)

    def close(self) -> None:
        """Let go of the volume."""
        self._still.stop()
        rendering, self._rendering = self._rendering, None
        if rendering is not None:
            rendering.close()
        self._volume = self._image = self._pixels = None

    # ---- between the hand and the picture ----

    def _follow_volume(self) -> bool:
        """Start on another volume once all of it is there; whether it was started now."""
        volume = self.display.volume
        if volume is not self._volume and self._volume is not None:
            self.close()
        if volume is None or volume is self._volume or not volume.complete or volume_render.why_not(volume):
            return False
        self._volume = volume
        self.presets = presets_for(volume.series.first.modality)
        self.preset, self.tuning, self.cuts = self.presets[0], Tuning(), {}
        self.box, self.held = WHOLE, None
        self.camera = VolumeCamera.around(volume.grid)
        self._rendering = self._renderer().open(volume, self._tell)
        self._ask()
        return True

    def _move(self, camera: VolumeCamera) -> None:
        self.camera = camera
        self._ask(moving=True)

    def _ask(self, *, moving: bool = False) -> None:
        """Want a picture: a rough one now while something moves, the fine one when it no longer does."""
        wanted = self._wanted()
        self._point = self.display.point_lps_mm
        if wanted is None or self._rendering is None:
            return
        rough = moving or self._image is not None
        self._rendering.ask(wanted, moving=rough)
        if rough:
            self._still.start()

    def _refine(self) -> None:
        wanted = self._wanted()
        if wanted is not None and self._rendering is not None:
            self._rendering.ask(wanted, moving=False)

    def _wanted(self) -> Wanted | None:
        if self.preset is None:
            return None
        cuts = tuple(Cut(self.display.point_lps_mm, _side(plane, sign)) for plane, sign in self.cuts.items())
        boxed = () if self._volume is None else self.box.cuts(self._volume.grid)
        return Wanted(self.camera, self.preset, *self._size_px, self.tuning, (*cuts, *boxed))

    def _tell(self) -> None:
        with suppress(RuntimeError):  # the viewport is gone: nobody is left to tell
            self._drawn.emit()

    def _tell_place(self, point: Point | None) -> None:
        with suppress(RuntimeError):
            self._seen.emit(point)

    def _take_picture(self) -> None:
        picture = None if self._rendering is None else self._rendering.picture
        if picture is not None:
            height, width = picture.pixels.shape[:2]
            self._pixels = picture.pixels
            self._image = QImage(picture.pixels.data, width, height, 4 * width, QImage.Format.Format_RGB32)
        self.changed.emit()

    def _take_place(self, point: Point | None) -> None:
        if point is not None and self._rendering is not None:
            self.found.emit(point)


def _side(plane: Orientation, sign: int) -> Point:
    away = [0.0, 0.0, 0.0]
    away[_ACROSS[plane]] = float(sign)
    return triple(away)
