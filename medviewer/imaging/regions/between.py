"""Outlines drawn on some slices carried over the slices between them (Raya and Udupa 1990, doi:10.1109/42.52980)."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from medviewer.core.grid import Grid
from medviewer.core.mask import Mask
from medviewer.core.problem import Problem
from medviewer.i18n import _

Area = NDArray[np.bool_]


def fill_between(mask: Mask, grid: Grid) -> Mask:
    """Return ``mask`` with the empty slices between drawn ones filled; Problem where there is none.

    The slices run along the axis on which what is drawn is thinnest between the gaps. Between two drawn ones the
    signed distance to their outlines, in mm, is interpolated; where they do not overlap, so are their middles.
    """
    axis = _axis(mask)
    stack = np.moveaxis(mask.voxels, axis, 0).copy()
    spacing_mm = tuple(mm for n, mm in enumerate(grid.spacing_kji_mm) if n != axis)
    drawn = np.flatnonzero(stack.any(axis=(1, 2))).tolist()
    for before, after in pairwise(drawn):
        if after - before > 1:
            stack[before + 1 : after] = _blended(stack[before], stack[after], after - before, spacing_mm)
    return Mask.cut(np.moveaxis(stack, 0, axis), mask.offset_kji)


def _axis(mask: Mask) -> int:
    """Return the axis of the slices that were drawn on: they come one by one, not in thick pieces."""
    thickness = {}
    for axis, others in enumerate(((1, 2), (0, 2), (0, 1))):
        drawn = mask.voxels.any(axis=others)
        if not drawn.all():
            on: NDArray[np.bool_] = np.asarray(drawn)
            thickness[axis] = np.count_nonzero(on) / (1 + np.count_nonzero(on[1:] & ~on[:-1]))
    if not thickness:
        raise Problem(
            _("There is no empty slice to fill between the painted ones."),
            _("Paint the outline on every third or fourth slice first."),
        )
    return min(thickness, key=lambda axis: thickness[axis])


def _blended(first: Area, last: Area, steps: int, spacing_mm: tuple[float, ...]) -> Area:
    """Return the slices between two, (steps - 1, rows, columns)."""
    if not (first & last).any():
        return _moved(first, last, steps, spacing_mm)
    one, other = _signed_mm(first, spacing_mm), _signed_mm(last, spacing_mm)
    shares = np.arange(1, steps)[:, None, None] / steps
    return np.asarray(one * (1.0 - shares) + other * shares > 0.0)


def _moved(first: Area, last: Area, steps: int, spacing_mm: tuple[float, ...]) -> Area:
    """Like ``_blended`` for areas apart from each other: their shapes blend while their middles move over."""
    (y0, x0), (y1, x1) = (np.argwhere(area).mean(axis=0) for area in (first, last))
    made = []
    for step in range(1, steps):
        share = step / steps
        y, x = y0 + (y1 - y0) * share, x0 + (x1 - x0) * share
        one = _signed_mm(_shifted(first, round(y - y0), round(x - x0)), spacing_mm)
        other = _signed_mm(_shifted(last, round(y - y1), round(x - x1)), spacing_mm)
        made.append(one * (1.0 - share) + other * share > 0.0)
    return np.stack(made)


def _shifted(area: Area, down: int, right: int) -> Area:
    """Return the area moved within its frame; what would leave it is cut off."""
    moved = np.zeros_like(area)
    points = np.argwhere(area) + np.array([down, right])
    kept = points[np.all((points >= 0) & (points < area.shape), axis=1)]
    moved[kept[:, 0], kept[:, 1]] = True
    return moved


def _signed_mm(area: Area, spacing_mm: tuple[float, ...]) -> NDArray[np.float64]:
    """Return the distance of each pixel from the outline in mm, positive inside."""
    from scipy import ndimage

    framed = np.pad(area, 1)  # so that an area that fills its box has an outside
    inside = ndimage.distance_transform_edt(framed, sampling=spacing_mm)
    outside = ndimage.distance_transform_edt(~framed, sampling=spacing_mm)
    signed: NDArray[np.float64] = (inside - outside)[1:-1, 1:-1]
    return signed
