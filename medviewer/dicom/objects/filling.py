"""Closed contours as voxels: what lies inside an odd number of lines."""

from collections import defaultdict
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from medviewer.core.grid import Grid
from medviewer.core.layers import Contour
from medviewer.core.mask import Mask
from medviewer.dicom.objects.pieces import MOST_BYTES, Pieces


def filled(contours: Iterable[Contour], grid: Grid) -> Mask | None:
    """Return the voxels whose centres lie inside the closed contours of a region; None where there are none.

    A contour inside another one cuts a hole; so does a channel that is passed twice ("keyhole").
    """
    slices: dict[int, list[NDArray[np.float64]]] = defaultdict(list)
    for contour in contours:
        if contour.form == "closed" and len(contour.points_lps_mm) > 2:
            slices[contour.k].append(grid.to_kji(contour.points_lps_mm)[:, 1:])
    pieces = Pieces()
    for k, lines in slices.items():
        low = np.maximum(np.floor(np.min([line.min(axis=0) for line in lines], axis=0)), 0).astype(int)
        high = np.minimum(np.ceil(np.max([line.max(axis=0) for line in lines], axis=0)) + 1, grid.shape_kji[1:])
        if np.all(low < high):
            shape = (int(high[0] - low[0]), int(high[1] - low[1]))
            pieces.add(k, (int(low[0]), int(low[1])), inside([line - low for line in lines], shape))
    return pieces.mask() if pieces.found and pieces.bytes <= MOST_BYTES else None


def inside(lines: Iterable[NDArray[np.float64]], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Return which pixel centres (rows, columns) lie inside an odd number of closed lines (n, 2) of row, column."""
    crossed = np.zeros((shape[0], shape[1] + 1), np.uint8)
    for line in lines:
        rows, columns = _crossings(line, shape[0])
        at = np.clip(np.ceil(columns), 0, shape[1]).astype(np.int64)
        np.bitwise_xor.at(crossed, (rows, at), np.uint8(1))
    return np.asarray(np.bitwise_xor.accumulate(crossed[:, :-1], axis=1).astype(np.bool_))


def _crossings(line: NDArray[np.float64], count: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return where a closed line crosses the middles of ``count`` rows: row, column."""
    start, end = line, np.roll(line, -1, axis=0)
    low = np.clip(np.ceil(np.minimum(start[:, 0], end[:, 0])), 0, count).astype(np.int64)
    high = np.clip(np.ceil(np.maximum(start[:, 0], end[:, 0])), 0, count).astype(np.int64)
    times = high - low
    edge = np.repeat(np.arange(len(line)), times)
    rows = np.arange(len(edge)) - np.repeat(np.cumsum(times) - times, times) + np.repeat(low, times)
    rise = end[edge, 0] - start[edge, 0]
    share = (rows - start[edge, 0]) / rise
    return rows, start[edge, 1] + share * (end[edge, 1] - start[edge, 1])
