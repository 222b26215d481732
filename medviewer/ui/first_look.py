"""What is shown first of what was found: which study, which prior, which slice, which window."""

import numpy as np

from medviewer.app.facts import main_series
from medviewer.core.finding import Point
from medviewer.core.study import Series, Study
from medviewer.core.volume import READY, Volume
from medviewer.imaging.window import LUNG, Window, default_window


def first_window(volume: Volume) -> Window:
    """Return a sensible first window, judged by an image that is already there."""
    ready = np.flatnonzero(volume.state == READY)
    if not len(ready):
        return LUNG
    return default_window(volume.series.first, volume.voxels[ready[0]], volume.slope, volume.intercept)


def middle(volume: Volume) -> Point:
    """Return the centre of the volume, on its middle slice, in LPS mm."""
    k, j, i = volume.grid.shape_kji
    x, y, z = (float(v) for v in volume.grid.to_lps((k // 2, (j - 1) / 2, (i - 1) / 2)))
    return x, y, z


def rank(study: Study) -> tuple[bool, str, str]:
    """Return what a study is shown before others for: a readable CT first, then the latest."""
    series = main_series(study)
    readable = series is not None and series.modality == "CT" and series.grid is not None
    return readable, study.date, study.first.study_time


def prior_series(studies: tuple[Study, ...], study: Study, shown: Series | None) -> Series | None:
    """Return the main series of the latest earlier study of the same patient and modality; None where there is none."""
    patient = study.patient.id
    earlier = [s for s in studies if patient and s.patient.id == patient and s.uid != study.uid and s.date < study.date]
    for candidate in sorted(earlier, key=lambda s: s.date, reverse=True):
        series = main_series(candidate)
        if series is not None and shown is not None and series.grid is not None and series.modality == shown.modality:
            return series
    return None
