"""Voxels in whatever order they are stored, seen as networks were trained: to head, to back, to the patient's left.

Nothing is resampled: the array is looked at with its axes in another order and direction, so what is found upright is
found at the very same voxels.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from medviewer.ai.protocol import Meta
from medviewer.core.finding import Finding
from medviewer.core.grid import Grid, triple
from medviewer.core.mask import Mask
from medviewer.imaging.turn import Turn


@dataclass(frozen=True)
class Back:
    """The way back from an upright view to the array of ``shape_kji`` as it is stored."""

    turn: Turn
    shape_kji: tuple[int, int, int]

    def mask(self, upright: Mask) -> Mask:
        """Return the region in the indices of the stored array."""
        offset = [0, 0, 0]
        for n, axis in enumerate(self.turn.order):
            first, length = upright.offset_kji[n], upright.voxels.shape[n]
            offset[axis] = self.shape_kji[axis] - first - length if self.turn.flip[n] else first
        return Mask((offset[0], offset[1], offset[2]), np.ascontiguousarray(self.turn.undo(upright.voxels)))

    def finding(self, upright: Finding) -> Finding:
        """Return what was found upright with its region in the indices of the stored array; the rest is in mm."""
        return upright if upright.mask is None else replace(upright, mask=self.mask(upright.mask))

    def slice(self, stored_k: int) -> int | None:
        """Return the upright slice of a stored one; None where the stored slices are not the upright ones."""
        if self.turn.order[0] != 0:
            return None
        return self.shape_kji[0] - 1 - stored_k if self.turn.flip[0] else stored_k

    def meta(self, stored: Meta) -> Meta:
        """Return what is said of single slices by upright slice; nothing where these are no stored slices."""
        if self.turn.order[0] != 0:
            return replace(stored, sop_uids=(), failed_slices=())
        failed = sorted(k for stored_k in stored.failed_slices if (k := self.slice(stored_k)) is not None)
        uids = stored.sop_uids[::-1] if self.turn.flip[0] else stored.sop_uids
        return replace(stored, sop_uids=uids, failed_slices=tuple(failed))


def upright(voxels: NDArray[np.int16], grid: Grid) -> tuple[NDArray[np.int16], Grid, Back]:
    """Return ``voxels`` (k, j, i) with axes to the head, to the back and to the left, their grid, and the way back.

    Slices that run the other way are a view; where axes change places the voxels are copied, as reading across memory
    costs more than that. Oblique axes go by what they are nearest to.
    """
    turn = Turn.of(grid)
    view = turn.apply(voxels)
    corner = [0, 0, 0]
    for n, axis in enumerate(turn.order):
        corner[axis] = grid.shape_kji[axis] - 1 if turn.flip[n] else 0
    axes = [np.asarray(grid.axes_kji_lps[axis]) * (-1.0 if turn.flip[n] else 1.0) for n, axis in enumerate(turn.order)]
    a, b, c = turn.order
    stands = Grid(
        (grid.shape_kji[a], grid.shape_kji[b], grid.shape_kji[c]),
        triple(grid.to_lps(corner)),
        (grid.spacing_kji_mm[a], grid.spacing_kji_mm[b], grid.spacing_kji_mm[c]),
        (triple(axes[0]), triple(axes[1]), triple(axes[2])),
    )
    if turn.order != (0, 1, 2):
        view = np.ascontiguousarray(view)
    return view, stands, Back(turn, grid.shape_kji)
