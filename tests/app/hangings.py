"""Studies as hanging protocols see them: headers only."""

from typing import Any

from medviewer.core.grid import Grid
from medviewer.core.study import Header, Series, Study

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
CORONAL = (1.0, 0.0, 0.0, 0.0, 0.0, -1.0)
SAGITTAL = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)
GRID = Grid((20, 8, 8))


def stack(uid: str, modality: str = "CT", words: str = "", *, study: str = "1", **said: Any) -> Series:
    """A regular stack of three images."""
    about = {"orientation": AXIAL, "series_description": words, "study_date": "20260115", **said}
    headers = tuple(Header("", f"{uid}.{k}", "", study, uid, modality, **about) for k in range(3))
    return Series(uid, headers, grid=GRID)


def film(uid: str, modality: str, *views: str, study: str = "1", **said: Any) -> Series:
    """A series of films; each view is side and view as "R CC", or a view alone."""
    headers = []
    for n, view in enumerate(views):
        side, _blank, position = view.rpartition(" ")
        about = {"laterality": side, "view_position": position, **said}
        headers.append(Header("", f"{uid}.{n}", "", study, uid, modality, **about))
    return Series(uid, tuple(headers))


def study(*series: Series, uid: str = "1") -> Study:
    """An examination of these series."""
    return Study(uid, series)
