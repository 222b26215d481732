"""Which way an array lies in the patient, and how to look at it the usual way round."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.finding import Point
from medviewer.core.grid import Grid

# What the usual way round is: axis 0 to the head, axis 1 to the back, axis 2 to the patient's left.
HEAD_BACK_LEFT_LPS = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
Axes3 = tuple[int, int, int]


@dataclass(frozen=True)
class Turn:
    """How to turn a voxel array so that its axes run nearest to head, back and left.

    ``order[n]`` is the array axis that becomes axis n, ``flip[n]`` whether it then runs backwards.
    """

    order: Axes3
    flip: tuple[bool, bool, bool]

    @staticmethod
    def of(grid: Grid) -> "Turn":
        """Find the turn for voxels on ``grid``; each array axis is used once, oblique ones by their nearest match."""
        return _turn(grid.axes_kji_lps)

    def apply(self, voxels: NDArray[Any]) -> NDArray[Any]:
        """Return a view of ``voxels`` (k, j, i) with axes head, back, left."""
        step = tuple(slice(None, None, -1 if backwards else 1) for backwards in self.flip)
        view: NDArray[Any] = voxels.transpose(self.order)[step]
        return view

    def undo(self, turned: NDArray[Any]) -> NDArray[Any]:
        """Return a view of ``turned`` (head, back, left) with the array's own axes k, j, i."""
        step = tuple(slice(None, None, -1 if backwards else 1) for backwards in self.flip)
        view: NDArray[Any] = turned[step].transpose(tuple(np.argsort(self.order)))
        return view


@lru_cache(maxsize=64)
def _turn(axes_kji_lps: tuple[Point, ...]) -> Turn:
    """Find the turn once for each way to lie: it is asked for at every picture."""
    along = HEAD_BACK_LEFT_LPS @ np.asarray(axes_kji_lps).T
    order = max(permutations(range(3)), key=lambda way: sum(abs(along[n, axis]) for n, axis in enumerate(way)))
    head, back, left = order
    flips = [bool(along[n, axis] < 0) for n, axis in enumerate(order)]
    return Turn((head, back, left), (flips[0], flips[1], flips[2]))
