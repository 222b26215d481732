"""Marks of one series over another that was registered with it: where they lie there, to look at."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from medviewer.core.finding import Point
from medviewer.core.grid import triple
from medviewer.core.mark import Mark
from medviewer.ui.display import Display, Matrix, moved
from medviewer.ui.marks.view import MarkView
from medviewer.ui.marks.where import display_of

KEPT = 1000
_known: dict[tuple[int, bytes], tuple[Mark, Mark]] = {}  # holding a mark keeps its id its own


def carried(mark: Mark, marks: MarkView, display: Display) -> Mark | None:
    """Return ``mark`` as it lies in the space of ``display``; None where that is its own, or nobody knows."""
    way = _way(mark, marks, display)
    if way is None:
        return None
    key = id(mark), way.tobytes()
    if key not in _known:
        if len(_known) >= KEPT:
            _known.clear()
        _known[key] = mark, _moved(mark, way)
    return _known[key][1]


def _way(mark: Mark, marks: MarkView, display: Display) -> Matrix | None:
    """Return the matrix from the mark's space to that of ``display``, 4x4.

    None also where they are one: marks are seen there by their frame of reference. A prior that is not registered is
    only taken to lie like the main series; that is enough to leaf by, and not to measure by.
    """
    home = display_of(mark, marks) or _in_frame(mark, marks)
    if home is None or home is display or home.to_main is None or display.to_main is None:
        return None
    way: NDArray[np.float64] = np.linalg.inv(display.to_main) @ home.to_main
    return None if np.allclose(way, np.eye(4), atol=1e-9) else way


def _in_frame(mark: Mark, marks: MarkView) -> Display | None:
    """Return a display in whose frame of reference the mark was drawn."""
    wanted = mark.frame_of_reference_uid
    shown = [one for one in marks.view.displays.values() if one.volume is not None]
    frames = ((one, one.volume.series.first.frame_of_reference_uid) for one in shown if one.volume is not None)
    return next((one for one, frame in frames if wanted and frame == wanted), None)


def _moved(mark: Mark, way: Matrix) -> Mark:
    def turned(direction: Point) -> Point:
        return triple(way[:3, :3] @ np.asarray(direction))

    return replace(
        mark,
        points_lps_mm=tuple(moved(way, point) for point in mark.points_lps_mm),
        normal_lps=turned(mark.normal_lps),
        right_lps=turned(mark.right_lps),
        label_lps_mm=None if mark.label_lps_mm is None else moved(way, mark.label_lps_mm),
        sop_uid="",
    )
