"""A viewport, or all of them, as a picture: as large as on the screen or pixel by pixel, with or without names.

The picture is drawn anew, so nothing of the mouse, the focus or unfinished work is in it. A band below it carries the
notice.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QImage, QPainter

from medviewer.app.snapshots import NOTICE, Pixels
from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.core.volume import PENDING, Volume
from medviewer.i18n import _
from medviewer.ui import theme, viewport_paint
from medviewer.ui.display import Display
from medviewer.ui.view import View
from medviewer.ui.viewport import Viewport

BAND_PX, MOST_PX = 22, 8192


@dataclass(frozen=True)
class Wish:
    """What a picture shows: ``overlays`` everything over the image, ``names`` who and when, ``native`` its own pixels.

    ``band``: the notice below it.
    """

    overlays: bool = True
    names: bool = True
    native: bool = False
    band: bool = True


@contextmanager
def _texts(viewport: Viewport, shown: bool) -> Iterator[None]:
    """Have everything over the image drawn or not, without a word to the screen, which is not painted meanwhile."""
    view = viewport.view
    before, view.texts_shown = view.texts_shown, shown
    try:
        yield
    finally:
        view.texts_shown = before


class _Apart(Viewport):
    """A viewport on a copy of its display, with a place of its own."""

    _own: Display | None = None

    @property
    def display(self) -> Display:
        """The copy, made when it is first asked for."""
        if self._own is None:
            self._own = copy(self.view.display(self.cell.display))
        return self._own


class Watch:
    """Sees to it that an export which takes a while holds images of one study only, and none that were freed."""

    def __init__(self, view: View) -> None:
        self._view, self._study_uid = view, _study_uid(view)

    def check(self, *volumes: Volume | None) -> None:
        """Raise Problem where another study is on the screen now, or one of ``volumes`` has been freed."""
        freed = any(volume is not None and volume.closed for volume in volumes)
        if freed or _study_uid(self._view) != self._study_uid:
            raise Problem(
                _("The images were closed before the export had ended; it is not complete."),
                _("Open them again and export them once more."),
            )

    def check_reading(self, export: Job) -> None:
        """Raise Problem where ``export`` waits for images that nothing reads: the reader has cancelled that."""
        jobs = self._view.jobs
        if not jobs.quiet and all(job is export for job in jobs.running):
            raise Problem(
                _("Some of these images have not been read, so the export has ended."),
                _("Open them again and export them once more."),
            )


def _study_uid(view: View) -> str:
    return "" if view.volume is None else view.volume.series.first.study_uid


class Twin:
    """A viewport that is never on the screen and shows what another one shows, in a size of its own.

    ``ratio``: pixels of the picture to one of ``size``, as on the screen where it is 0. With ``own_place`` it stays
    where it is while the other one is leafed through, and goes on by ``go_to_number``.
    """

    def __init__(
        self,
        viewport: Viewport,
        wish: Wish,
        size: QSize | None = None,
        *,
        ratio: float = 0.0,
        own_place: bool = False,
    ) -> None:
        self._wish, self._ratio = wish, ratio or viewport.devicePixelRatioF()
        self._watch = Watch(viewport.view)
        kind = _Apart if own_place else Viewport
        self.viewport = twin = kind(viewport.view, viewport.cell, viewport.case_of)
        twin.setMinimumSize(1, 1)
        twin.speaks, twin.alone = wish.names, True
        twin.paintings, twin.references = viewport.paintings, viewport.references
        twin.set_slab(viewport.slab)
        if viewport.scene is not None and twin.scene is not None and not own_place:
            twin.scene.close()
            twin.scene = viewport.scene  # its picture is drawn elsewhere, for the size it has on the screen
            twin.resize(viewport.size())
        elif wish.native:
            twin.camera = replace(viewport.camera, zoom=1.0, center_mm=(0.0, 0.0))
            twin.resize(_native_size(twin))
            self._ratio = 1.0
        else:
            twin.resize(size or viewport.size())
            twin.camera = viewport.camera

    def go_to_number(self, number: int) -> None:
        """Show image ``number``, from 0 in reading order; Problem where the images have been closed."""
        self._watch.check(self.viewport.display.volume)
        twin, plane = self.viewport, self.viewport.plane
        if plane is not None:
            index = number if plane.onward > 0 else plane.count - 1 - number
            twin.display.point_lps_mm = plane.moved(twin.display.point_lps_mm, index)

    @property
    def waits(self) -> bool:
        """Whether the image, or what its file says of its showing, has still to be read; it is asked for."""
        header, plane = self.viewport.header, self.viewport.plane
        if header is not None:
            self.viewport.view.looks.want(header)
        if plane is not None and plane.axis != 0:
            return not plane.volume.complete  # it runs across all images
        return self.viewport.shown_state == PENDING

    def drawn(self) -> QImage:
        """Return the picture as the display looks now; Problem where its images have been closed since."""
        twin = self.viewport
        self._watch.check(twin.display.volume)
        whole = _blank(twin.size(), self._ratio)
        painter = QPainter(whole)
        with _texts(twin, self._wish.overlays):
            viewport_paint.paint(twin, painter, twin.rect())
        painter.end()
        return whole

    def close(self) -> None:
        """It is not needed any more."""
        self.viewport.close()
        self.viewport.deleteLater()


def _native_size(twin: Viewport) -> QSize:
    """Return the size in which a pixel of the image is one of the picture, by the smaller side of uneven ones."""
    placing = twin.placing
    finest_mm = min(placing.column_mm, placing.row_mm)
    wide = round(placing.columns * placing.column_mm / finest_mm)
    high = round(placing.rows * placing.row_mm / finest_mm)
    size = QSize(high, wide) if placing.camera.quarter_turns % 2 else QSize(wide, high)
    return size.scaled(MOST_PX, MOST_PX, Qt.AspectRatioMode.KeepAspectRatio) if max(wide, high) > MOST_PX else size


def _blank(size: QSize, ratio: float) -> QImage:
    image = QImage(size * ratio, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(theme.on_image("image"))
    return image


@contextmanager
def twin_of(viewport: Viewport, wish: Wish, size: QSize | None = None, *, ratio: float = 0.0) -> Iterator[Twin]:
    """A twin for as long as it is needed."""
    made = Twin(viewport, wish, size, ratio=ratio)
    try:
        yield made
    finally:
        made.close()


def picture_of(viewport: Viewport, wish: Wish) -> QImage:
    """Return what one viewport shows."""
    with twin_of(viewport, wish) as twin:
        drawn = twin.drawn()
    return banded(drawn) if wish.band else drawn


def picture_of_all(viewports: Sequence[Viewport], wish: Wish) -> QImage:
    """Return the viewports as they lie on the screen; their own pixels have no common size, so that is not asked."""
    around = QRect()
    places = [QRect(viewport.mapTo(viewport.window(), QPoint()), viewport.size()) for viewport in viewports]
    for place in places:
        around = around.united(place)
    whole = _blank(around.size(), viewports[0].devicePixelRatioF())
    painter = QPainter(whole)
    for viewport, place in zip(viewports, places, strict=True):
        own = replace(wish, native=False, names=wish.names and viewport.speaks)
        with twin_of(viewport, own) as twin:
            painter.drawImage(place.topLeft() - around.topLeft(), twin.drawn())
    painter.end()
    return banded(whole) if wish.band else whole


def banded(picture: QImage, text: str = "") -> QImage:
    """Return the picture with a text in a band below it, the notice where none is given."""
    text = text or str(NOTICE)
    ratio = picture.devicePixelRatio()
    size = picture.deviceIndependentSize().toSize()
    whole = _blank(QSize(size.width(), size.height() + BAND_PX), ratio)
    painter = QPainter(whole)
    painter.drawImage(0, 0, picture)
    font = QFont(theme.font(theme.IMAGE_PT))  # a copy: the theme keeps its own as it is
    painter.setFont(font)
    band = QRectF(0, size.height(), size.width(), BAND_PX)
    wide = painter.fontMetrics().horizontalAdvance(text) + 8
    if wide > size.width():
        font.setPointSizeF(max(4.0, font.pointSizeF() * size.width() / wide))
        painter.setFont(font)
    painter.setPen(theme.on_image("image_text"))
    painter.drawText(band, Qt.AlignmentFlag.AlignCenter, text)
    painter.end()
    return whole


def pixels_of(picture: QImage) -> Pixels:
    """Return a picture as uint8 (rows, columns, 3), for the files."""
    plain = picture.convertToFormat(QImage.Format.Format_RGB888)
    rows, columns = plain.height(), plain.width()
    lines = np.frombuffer(plain.constBits(), np.uint8).reshape(rows, plain.bytesPerLine())
    return lines[:, : 3 * columns].reshape(rows, columns, 3).copy()
