"""What is shown first of what was found: which study, which prior, which slice, which window."""

import numpy as np

from medviewer.app.facts import main_series
from medviewer.core.finding import Point
from medviewer.core.grid import triple
from medviewer.core.study import Series, Study
from medviewer.core.volume import READY, Volume
from medviewer.imaging.window import EIGHT_BITS, LUNG, Window, default_window

FRAME_MS, FASTEST_MS, SLOWEST_MS = 66.0, 10.0, 2000.0


def first_window(volume: Volume) -> Window:
    """Return a sensible first window, judged by the image to begin with or the nearest that is already there."""
    ready = np.flatnonzero(volume.state == READY)
    if not len(ready):
        return LUNG
    if volume.colours is not None:
        return EIGHT_BITS
    k = int(ready[np.abs(ready - first_slice(volume.series)).argmin()])
    header, sample = volume.series.headers[k], volume.voxels[k]
    return default_window(header, sample, volume.slope, volume.intercept, volume.unit)


def frame_time_ms(volume: Volume) -> float:
    """Return how long a moving picture shows each image: as the file says, within reason, else the usual time."""
    said = volume.series.first.frame_time_ms
    return FRAME_MS if not said else min(max(said, FASTEST_MS), SLOWEST_MS)


def first_slice(series: Series) -> int:
    """Return the slice to begin with: the middle one of a stack, the first one of films and moving pictures."""
    return len(series.headers) // 2 if series.grid is not None else 0


def middle(volume: Volume) -> Point:
    """Return the centre of the slice to begin with, in LPS mm."""
    return center(volume, first_slice(volume.series))


def center(volume: Volume, k: int) -> Point:
    """Return the centre of slice ``k`` in LPS mm."""
    _slices, rows, columns = volume.grid.shape_kji
    return triple(volume.grid.to_lps((k, (rows - 1) / 2, (columns - 1) / 2)))


def rank(study: Study) -> tuple[bool, str, str]:
    """Return what a study is shown before others for: a readable CT first, then the latest."""
    series = main_series(study)
    readable = series is not None and series.modality == "CT" and series.grid is not None
    return readable, study.date, study.first.study_time
