"""Small pictures of series, made beside the work."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QImage

from medviewer.core.job import Job
from medviewer.core.look import PLAIN, Look
from medviewer.core.problem import Problem
from medviewer.core.study import Header, Series, Study
from medviewer.core.volume import READY, Volume
from medviewer.i18n import _
from medviewer.imaging.render import to_grey
from medviewer.imaging.window import default_window, starts_inverted
from medviewer.ui.jobs import Jobs
from medviewer.ui.library.shelf import Shelf

SIDE_PX = 112  # twice what is shown: sharp on dense screens


class Thumbnails(QObject):
    """Makes the pictures that are missing, one after the other; ``made`` gets study and series UID and the picture.

    Both UIDs, for there are studies whose files, against the standard, share the UID of a series.
    """

    made = Signal(str, str, object)

    def __init__(self, shelf: Shelf, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shelf, self._jobs = shelf, jobs
        self._begun: set[tuple[str, str]] = set()

    def make(self, studies: Sequence[Study]) -> None:
        """Make the pictures of all series that have none yet, beside the work; kept ones are taken first."""
        missing = {
            key: series
            for study in studies
            for series in study.series
            if series.first.rows and (key := (study.uid, series.uid)) not in self._begun
        }
        self._begun |= missing.keys()
        if missing:
            self._jobs.start(_("Thumbnails"), lambda job: self._make(missing, job), quiet=True)

    def _make(self, missing: dict[tuple[str, str], Series], job: Job) -> None:
        for (study_uid, series_uid), series in missing.items():
            job.check()
            image = self._shelf.thumbnail(series_uid)
            if image is None and (image := thumbnail(series, Job())) is not None:
                self._shelf.keep_thumbnail(series_uid, image)
            if image is not None:
                self._jobs.post(partial(self.made.emit, study_uid, series_uid, image))


def thumbnail(series: Series, job: Job) -> QImage | None:
    """Return the middle image of a series, square and small; None where it holds no image or cannot be read."""
    from medviewer.dicom.load import allocate, fill

    if series.kind != "image":
        return None
    middle = Series(series.uid, (series.headers[len(series.headers) // 2],))
    try:
        volume = allocate(middle)
    except Problem:
        return None
    try:
        fill(volume, job)
        whole = _picture(volume) if volume.state[0] == READY else None
    finally:
        volume.close()
    return None if whole is None else _square(whole)


def _picture(volume: Volume) -> QImage:
    """Return the volume's only slice as the viewport first shows it; pixels are as high as they are wide."""
    header = volume.series.first
    look = _look(header)
    if volume.colours is not None:
        raw, form = volume.colours[0].tobytes(), QImage.Format.Format_RGB888
        whole = QImage(raw, header.columns, header.rows, 3 * header.columns, form)
    else:
        pixels = volume.voxels[0].copy()
        window = default_window(header, pixels, volume.slope, volume.intercept, volume.unit)
        inverted = (header.photometric == "MONOCHROME1" or look.inverse) != starts_inverted(header)
        tone = look.luts[0].tone if look.luts else window
        raw, form = (
            to_grey(pixels, tone, volume.slope, volume.intercept, inverted).tobytes(),
            QImage.Format.Format_Grayscale8,
        )
        whole = QImage(raw, header.columns, header.rows, header.columns, form)
    row_mm, column_mm = header.pixel_spacing_mm or (look.aspect, 1.0)
    high = max(1, round(whole.height() * min(max(row_mm / column_mm, 0.05), 20.0)))
    return whole.copy() if high == whole.height() else whole.scaled(whole.width(), high)


def _look(header: Header) -> Look:
    """Return what the file says of the showing; a plain one where it says nothing or cannot be read."""
    from medviewer.dicom.looks.looks import needs_look, read_look

    try:
        return read_look(header) if needs_look(header) else PLAIN
    except Problem:
        return PLAIN


def _square(whole: QImage) -> QImage:
    ways = Qt.AspectRatioMode.KeepAspectRatioByExpanding, Qt.TransformationMode.SmoothTransformation
    small = whole.scaled(SIDE_PX, SIDE_PX, *ways)
    return small.copy((small.width() - SIDE_PX) // 2, (small.height() - SIDE_PX) // 2, SIDE_PX, SIDE_PX)
