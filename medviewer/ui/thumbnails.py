"""Small pictures of series, made beside the work."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.core.study import Series
from medviewer.core.volume import READY
from medviewer.imaging.render import to_grey
from medviewer.imaging.window import default_window

SIDE_PX = 112  # twice what is shown: sharp on dense screens


def thumbnail(series: Series, job: Job) -> QImage | None:
    """Return the middle image of a series, square and small; None where it cannot be read."""
    from medviewer.dicom.load import allocate, fill

    middle = Series(series.uid, (series.headers[len(series.headers) // 2],))
    try:
        volume = allocate(middle)
    except Problem:
        return None
    try:
        fill(volume, job)
        if volume.state[0] != READY:
            return None
        pixels = volume.voxels[0].copy()
    finally:
        volume.close()
    window = default_window(series.first, pixels, volume.slope, volume.intercept)
    inverted = series.first.photometric == "MONOCHROME1"
    grey = to_grey(pixels, window, volume.slope, volume.intercept, inverted)
    rows, columns = grey.shape
    whole = QImage(grey.tobytes(), columns, rows, columns, QImage.Format.Format_Grayscale8)
    ways = Qt.AspectRatioMode.KeepAspectRatioByExpanding, Qt.TransformationMode.SmoothTransformation
    small = whole.scaled(SIDE_PX, SIDE_PX, *ways)
    return small.copy((small.width() - SIDE_PX) // 2, (small.height() - SIDE_PX) // 2, SIDE_PX, SIDE_PX)
