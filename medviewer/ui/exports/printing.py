"""Images on paper or as PDF: those on the screen, or every so many of the series, so many on a page."""

import errno
import os
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QObject, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QPageLayout, QPainter
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QComboBox, QDialog, QSpinBox, QWidget

from medviewer.app.snapshots import NOTICE, not_written
from medviewer.core.job import Job
from medviewer.core.key_image import KeyImage
from medviewer.core.problem import Problem
from medviewer.i18n import _
from medviewer.ui import theme
from medviewer.ui.cards import inset
from medviewer.ui.corners import day, person
from medviewer.ui.exports.dialog import ExportDialog
from medviewer.ui.exports.picture import Twin, Watch, Wish, banded, twin_of
from medviewer.ui.exports.told import tell
from medviewer.ui.viewport import Viewport

if TYPE_CHECKING:
    from medviewer.ui.window import MainWindow

GRIDS = ((1, 1), (1, 2), (2, 2), (2, 3), (3, 4))  # rows, columns
SIDE_PX, PAGE_PX, RATIO = 900, 1200, 2.0  # of one image at most, of all above each other, on paper for one of these
GAP_SHARE, FOOT_SHARE, MOST_PAGES = 0.01, 0.03, 60
_ASK_EVERY_S, _LATER_MS, _TAIL_BYTES = 0.05, 20, 1024
Pictures = Generator[QImage | None, None, None]  # None while the next one has still to be read


@dataclass(frozen=True)
class Sheet:
    """How images lie on a page, rows and columns, and which: every so many of the series, else key images or screen."""

    rows: int = 1
    columns: int = 1
    every: int = 0
    keys: tuple[KeyImage, ...] = ()

    @property
    def a_page(self) -> int:
        """How many images a page has."""
        return self.rows * self.columns


class PrintDialog(ExportDialog):
    """How many images a page, and which."""

    def __init__(
        self, viewport: Viewport, count: int, keys: tuple[KeyImage, ...] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(_("Print"), viewport, parent)
        self._keys = keys
        self.save.setText(_("Choose printer…"))
        self.names.setChecked(True)
        self.native.hide()
        self.grid, self.what, self.every = QComboBox(), QComboBox(), QSpinBox()
        inset(self.every)
        for rows, columns in GRIDS:
            self.grid.addItem(f"{rows} × {columns}", (rows, columns))
        self.what.addItem(_("Images on the screen"), "screen")
        if viewport.scene is None:  # three dimensions are one picture
            self.what.addItem(_("Images of the series"), "series")
        if keys:
            self.what.addItem(_("Key images"), "keys")
        self.every.setRange(1, max(count, 1))
        self.every.setEnabled(False)
        self.form.addRow(_("Images a page"), self.grid)
        self.form.addRow(_("Print"), self.what)
        self.form.addRow(_("Every"), self.every)
        self.every.setToolTip(_("1 for every image, 10 for every tenth"))
        self.what.currentIndexChanged.connect(lambda _n: self.every.setEnabled(self.what.currentData() == "series"))

    @property
    def sheet(self) -> Sheet:
        """What was chosen."""
        rows, columns = self.grid.currentData()
        what = self.what.currentData()
        return Sheet(rows, columns, self.every.value() if what == "series" else 0, self._keys if what == "keys" else ())


def print_images(window: "MainWindow") -> None:
    """Ask what and where, then print; a printer that writes PDF files is one of them."""
    viewport = window.viewer.active
    plane = viewport.plane
    if plane is None:
        raise Problem(_("No images are open."))
    keys = window.session.case.keys if window.session.study is not None else ()
    dialog = PrintDialog(viewport, plane.count, keys, window)
    if dialog.exec() != QDialog.DialogCode.Accepted:
        return
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setPageOrientation(QPageLayout.Orientation.Landscape)
    if QPrintDialog(printer, window).exec() != QDialog.DialogCode.Accepted:
        return
    shown = [one for one in window.viewer.grid.viewports if one.isVisible() and one.plane is not None]
    run = PrintRun(printer, shown, viewport, dialog.sheet, dialog.wish)
    run.printed.connect(lambda pages: tell(window.viewer, _("{n} page(s) were printed.").format(n=pages)))


class PrintRun(QObject):
    """Prints one image after the other between other work; ``printed`` gets the number of pages.

    Problem, raised where it is made, where the printer or its file cannot be used. The job in the strip cancels it.
    """

    printed = Signal(int)

    def __init__(
        self, printer: QPrinter, shown: Sequence[Viewport], active: Viewport, sheet: Sheet, wish: Wish
    ) -> None:
        super().__init__(active.window())
        numbers = range(0, active.plane.count, sheet.every) if active.plane is not None and sheet.every else range(0)
        self._painter = QPainter()  # before the printer: Qt wants it to go first, however this ends
        self._printer, self._sheet, self._n = printer, sheet, 0
        self._count = len(numbers or sheet.keys or shown)
        self._who = _who(active) if wish.names else ""
        self._pages = max(1, -(-self._count // sheet.a_page))
        if self._pages > MOST_PAGES:
            raise Problem(_("That would be more than {n} pages.").format(n=MOST_PAGES), _("Print fewer images."))
        self._file = _PdfFile(printer) if printer.outputFormat() == QPrinter.OutputFormat.PdfFormat else None
        if not self._painter.begin(printer):
            raise Problem(_("The printer cannot be used."), _("Choose another printer or another file."))
        if sheet.every:
            self._pictures = _of_series(active, numbers, wish, sheet)
        else:
            self._pictures = _of_keys(sheet) if sheet.keys else _on_screen(shown, wish, sheet)
        self._watch, self._ended = Watch(active.view), Event()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._next)
        self.job = active.view.jobs.start(
            _("Printing"), self._wait, done=lambda _nothing: None, cancelled=self._give_up
        )
        self._timer.start(0)

    def _wait(self, job: Job) -> None:
        """Hold the job in the strip until the last image is printed."""
        while not self._ended.wait(_ASK_EVERY_S):
            n = min(self._n + 1, self._count)
            job.step(self._n / max(self._count, 1), _("Image {n} of {count}").format(n=n, count=self._count))

    def _next(self) -> None:
        """Print the next image once it is read; what goes wrong ends it and is told once."""
        try:
            self._watch.check()
            picture = next(self._pictures)
            if picture is None:
                self._watch.check_reading(self.job)
        except StopIteration:
            self._finish()
            return
        except Exception:
            self._give_up()
            raise
        self._timer.setInterval(0 if picture is not None else _LATER_MS)
        if picture is not None:
            self._print(picture)

    def _print(self, picture: QImage) -> None:
        place, page = self._n % self._sheet.a_page, QRectF(self._painter.viewport())
        if self._n and place == 0 and not self._printer.newPage():
            self._give_up()
            raise Problem(_("The printer does not go on."), _("Look whether it has paper, or its disk has room."))
        if place == 0:
            _foot(self._painter, page, self._who)
        _place(self._painter, page, picture, place, self._sheet)
        self._n += 1

    def _finish(self) -> None:
        self._end()
        if self._file is not None:
            self._file.keep()
        self.printed.emit(self._pages)

    def _give_up(self) -> None:
        """Print no more of it; half a PDF file is none."""
        if self._ended.is_set():
            return
        self._printer.abort()
        self._end()
        if self._file is not None:
            self._file.drop()

    def _end(self) -> None:
        self._timer.stop()
        self._pictures.close()
        if self._painter.isActive():
            self._painter.end()
        self._ended.set()
        self.deleteLater()


class _PdfFile:
    """Lets a printer write its PDF beside the file wanted, which stays as it was until the new one is whole."""

    def __init__(self, printer: QPrinter) -> None:
        self._path = Path(printer.outputFileName())
        self._draft = self._path.with_name(f".{self._path.name}.{os.getpid()}.part.pdf")
        printer.setOutputFileName(str(self._draft))

    def keep(self) -> None:
        """Put it in its place; Problem where it is not whole: the printer does not say that the disk is full."""
        try:
            with self._draft.open("rb") as file:
                file.seek(-min(_TAIL_BYTES, self._draft.stat().st_size), os.SEEK_END)
                if b"%%EOF" not in file.read():
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self._draft.replace(self._path)
        except OSError as error:
            self.drop()
            raise not_written(self._path, error) from error

    def drop(self) -> None:
        """Leave nothing of it."""
        self._draft.unlink(missing_ok=True)


def _on_screen(shown: Sequence[Viewport], wish: Wish, sheet: Sheet) -> Pictures:
    for viewport in shown:
        if shiboken6.isValid(viewport):  # they go when the reader chooses another layout
            with twin_of(viewport, wish, _size(viewport, sheet), ratio=RATIO) as twin:
                yield from _when_read(twin)


def _of_series(active: Viewport, numbers: Sequence[int], wish: Wish, sheet: Sheet) -> Pictures:
    twin = Twin(active, wish, _size(active, sheet), ratio=RATIO, own_place=True)
    try:
        for number in numbers:
            twin.go_to_number(number)
            yield from _when_read(twin)
    finally:
        twin.close()


def _of_keys(sheet: Sheet) -> Pictures:
    """The pictures kept, each with its note below it."""
    for key in sheet.keys:
        picture = QImage.fromData(key.picture)
        picture.setDevicePixelRatio(picture.height() / (SIDE_PX / sheet.rows))  # the note is to be read, too
        yield banded(picture, key.note) if key.note else picture


def _when_read(twin: Twin) -> Pictures:
    while twin.waits:
        yield None
    yield twin.drawn()


def _size(viewport: Viewport, sheet: Sheet) -> QSize:
    """Return a size in the viewport's proportions in which its texts can be read on paper: small on a full page."""
    side = min(SIDE_PX, PAGE_PX // sheet.rows)
    return viewport.size().scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio)


def _place(painter: QPainter, page: QRectF, picture: QImage, n: int, sheet: Sheet) -> None:
    """Draw a picture as large as its place on the page lets it be."""
    gap, foot = page.width() * GAP_SHARE, page.height() * FOOT_SHARE
    wide, high = page.width() / sheet.columns - gap, (page.height() - foot) / sheet.rows - gap
    scale = min(wide / picture.width(), high / picture.height())
    size = picture.width() * scale, picture.height() * scale
    x = (n % sheet.columns) * (wide + gap) + (wide - size[0]) / 2
    y = (n // sheet.columns) * (high + gap) + (high - size[1]) / 2
    painter.drawImage(QRectF(x, y, *size), picture)


def _foot(painter: QPainter, page: QRectF, who: str) -> None:
    """Write the notice at the bottom of the page, in ink, and whose the images are before it."""
    painter.setFont(theme.font(theme.TEXT_PT))
    painter.setPen(QColor(Qt.GlobalColor.black))
    foot = QRectF(page.left(), page.bottom() - page.height() * FOOT_SHARE, page.width(), page.height() * FOOT_SHARE)
    painter.drawText(foot, Qt.AlignmentFlag.AlignCenter, " — ".join(text for text in (who, str(NOTICE)) if text))


def _who(viewport: Viewport) -> str:
    header = viewport.header
    if header is None:
        return ""
    said = person(header.patient.name), header.patient.id, day(header.study_date)
    return " · ".join(text for text in said if text)
