"""The box that is left of a volume: six faces along its own axes, each moved by itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from medviewer.app.volume.messages import Cut
from medviewer.core.finding import Point
from medviewer.core.grid import Grid, triple

LEAST_SHARE = 0.02  # of an axis: so much is always left between two faces
Face = tuple[int, int]  # the axis k, j or i it lies across, and 0 for its first, 1 for its last end
FACES: tuple[Face, ...] = tuple(product(range(3), range(2)))


@dataclass(frozen=True)
class Box:
    """Where the faces are: along k, j, i the first and the last end, as shares from 0 to 1 of the volume."""

    ends: tuple[tuple[float, float], ...] = ((0.0, 1.0), (0.0, 1.0), (0.0, 1.0))

    def moved(self, face: Face, mm: float, grid: Grid) -> "Box":
        """Return the box with a face moved by ``mm`` along the axis of ``grid``, never past the one opposite."""
        axis, end = face
        share = mm / (grid.shape_kji[axis] * grid.spacing_kji_mm[axis])
        low, high = self.ends[axis]
        if end:
            pair = low, min(max(high + share, low + LEAST_SHARE), 1.0)
        else:
            pair = max(min(low + share, high - LEAST_SHARE), 0.0), high
        return Box(tuple(pair if n == axis else old for n, old in enumerate(self.ends)))

    def at(self, shares_kji: tuple[float, float, float], grid: Grid) -> Point:
        """Return the place in LPS mm so far between the first (0) and the last (1) face of each axis."""
        along = [low + share * (high - low) for (low, high), share in zip(self.ends, shares_kji, strict=True)]
        return triple(grid.to_lps(np.multiply(along, grid.shape_kji) - 0.5))

    def handle(self, face: Face, grid: Grid) -> Point:
        """Return the middle of a face, LPS mm."""
        shares = [0.5, 0.5, 0.5]
        shares[face[0]] = float(face[1])
        return self.at(triple(shares), grid)

    def edges(self, grid: Grid) -> Iterator[tuple[Point, Point]]:
        """The twelve edges, each by its ends in LPS mm."""
        for axis, first, second in product(range(3), (0.0, 1.0), (0.0, 1.0)):
            start, end = (np.insert((first, second), axis, along) for along in (0.0, 1.0))
            yield self.at(triple(start), grid), self.at(triple(end), grid)

    def cuts(self, grid: Grid) -> tuple[Cut, ...]:
        """What takes away everything outside; nothing for faces that are where the volume ends."""
        return tuple(
            Cut(self.handle(face, grid), outward(face, grid))
            for face in FACES
            if self.ends[face[0]][face[1]] != float(face[1])
        )


WHOLE = Box()


def outward(face: Face, grid: Grid) -> Point:
    """Return the unit vector in LPS that points out of the box at a face."""
    axis, end = face
    return triple(np.asarray(grid.axes_kji_lps[axis]) * (1.0 if end else -1.0))
