"""How an image lies in its viewport: zoom, pan, turns and flips as plain values."""

from dataclasses import dataclass, replace
from functools import cached_property

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QTransform

ZOOM_LEAST, ZOOM_MOST = 0.1, 40.0


@dataclass(frozen=True)
class Camera:
    """What the reader did to the picture.

    Attributes:
        zoom: 1 shows the whole image as large as it fits.
        center_mm: what lies in the middle of the viewport, mm right and down from the image's middle.
        quarter_turns: clockwise, 0 to 3; the flips come after it, as seen on the screen.
    """

    zoom: float = 1.0
    center_mm: tuple[float, float] = (0.0, 0.0)
    quarter_turns: int = 0
    flipped_h: bool = False
    flipped_v: bool = False

    def turned(self) -> "Camera":
        """Return the camera a quarter turn further clockwise, as seen on the screen."""
        turn = -1 if self.flipped_h != self.flipped_v else 1
        return replace(self, quarter_turns=(self.quarter_turns + turn) % 4)

    @property
    def turn(self) -> QTransform:
        """Turns and flips alone: directions in the image to directions on the screen."""
        made = QTransform()
        made.scale(-1.0 if self.flipped_h else 1.0, -1.0 if self.flipped_v else 1.0)
        made.rotate(90.0 * self.quarter_turns)
        return made


@dataclass(frozen=True)
class Placing:
    """A camera with the sizes it works on: image in pixels and mm a pixel, viewport in pixels."""

    camera: Camera
    columns: int
    rows: int
    column_mm: float
    row_mm: float
    width_px: int
    height_px: int

    @property
    def fit_px_per_mm(self) -> float:
        """Screen pixels a millimetre where the whole image fits."""
        wide, high = self.columns * self.column_mm, self.rows * self.row_mm
        if self.camera.quarter_turns % 2:
            wide, high = high, wide
        return max(min(self.width_px / wide, self.height_px / high), 1e-6)

    @property
    def px_per_mm(self) -> float:
        """Screen pixels a millimetre now."""
        return self.fit_px_per_mm * self.camera.zoom

    @property
    def mm_to_screen(self) -> QTransform:
        """From mm right and down of the image's middle to the viewport's pixels."""
        made = QTransform()
        made.translate(self.width_px / 2.0, self.height_px / 2.0)
        made.scale(self.px_per_mm, self.px_per_mm)
        made = self.camera.turn * made
        made.translate(-self.camera.center_mm[0], -self.camera.center_mm[1])
        return made

    @property
    def image_to_screen(self) -> QTransform:
        """From image pixels (column, row; the first pixel covers 0 to 1) to the viewport's pixels."""
        return QTransform(self._image_to_screen)

    @cached_property
    def covers_px(self) -> QRectF:
        """Where the whole image is in the viewport."""
        return self._image_to_screen.mapRect(QRectF(0, 0, self.columns, self.rows))

    @cached_property
    def _image_to_screen(self) -> QTransform:
        made = self.mm_to_screen
        made.scale(self.column_mm, self.row_mm)
        made.translate(-self.columns / 2.0, -self.rows / 2.0)
        return made

    def to_image(self, at_px: QPointF) -> tuple[float, float]:
        """Return (column, row) under a point of the viewport, fractions from the first pixel's centre."""
        back, _possible = self.image_to_screen.inverted()
        found = back.map(at_px)
        return found.x() - 0.5, found.y() - 0.5

    def to_screen(self, column: float, row: float) -> QPointF:
        """Return where the centre of pixel (column, row) is in the viewport."""
        return self._image_to_screen.map(QPointF(column + 0.5, row + 0.5))

    def panned(self, by_px: QPointF) -> Camera:
        """Return the camera after the image was moved by ``by_px`` on the screen."""
        back, _possible = self.camera.turn.inverted()
        moved = back.map(by_px)
        x_mm, y_mm = self.camera.center_mm
        scale = self.px_per_mm
        return replace(self.camera, center_mm=(x_mm - moved.x() / scale, y_mm - moved.y() / scale))

    def zoomed(self, factor: float, at_px: QPointF) -> Camera:
        """Return the camera ``factor`` times nearer, with what is under ``at_px`` kept there."""
        zoom = min(max(self.camera.zoom * factor, ZOOM_LEAST), ZOOM_MOST)
        back, _possible = self.mm_to_screen.inverted()
        held, kept = back.map(at_px), self.camera.zoom / zoom
        x_mm, y_mm = self.camera.center_mm
        center_mm = (held.x() + (x_mm - held.x()) * kept, held.y() + (y_mm - held.y()) * kept)
        return replace(self.camera, zoom=zoom, center_mm=center_mm)

    def showing(self, column: float, row: float, field_mm: float) -> Camera:
        """Return the camera that shows ``field_mm`` across around pixel (column, row)."""
        x_mm = (column + 0.5 - self.columns / 2.0) * self.column_mm
        y_mm = (row + 0.5 - self.rows / 2.0) * self.row_mm
        across_px = min(self.width_px, self.height_px)
        zoom = across_px / field_mm / self.fit_px_per_mm
        return replace(self.camera, zoom=min(max(zoom, ZOOM_LEAST), ZOOM_MOST), center_mm=(x_mm, y_mm))
