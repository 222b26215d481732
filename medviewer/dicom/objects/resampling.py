"""Frames on a grid of their own, laid onto the voxels of a volume by nearest neighbour."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.grid import Grid
from medviewer.core.job import Job
from medviewer.dicom.objects.frames import Frame, Plane

MOST_BYTES = 1 << 30  # of the frames that are laid onto a volume together
_ALIKE = 0.999  # cosine between the directions of frames that make one grid
Values = NDArray[Any]


class Stacked:
    """Frames of one direction, one behind the other; ``values`` (n, rows, columns) in the order of position.

    Each counts for half the way to the next, at most for half of ``step_mm``.
    """

    def __init__(self, frames: Sequence[tuple[Frame, Values]], step_mm: float | None, alone_mm: float) -> None:
        planes = [frame.plane for frame, _values in frames if frame.plane is not None]
        self.normal = planes[0].normal_lps
        order = np.argsort([plane.origin_lps_mm @ self.normal for plane in planes], kind="stable")
        self.planes: list[Plane] = [planes[n] for n in order]
        self.origins = np.array([plane.origin_lps_mm for plane in self.planes])
        self.at_mm = self.origins @ self.normal
        self.values = np.stack([frames[n][1] for n in order])
        gaps_mm = np.diff(self.at_mm)
        gaps_mm = gaps_mm[gaps_mm > 1e-3]
        self.half_mm = (step_mm or (float(gaps_mm.min()) if len(gaps_mm) else alone_mm)) / 2.0 * 1.001

    def box(self, grid: Grid) -> tuple[slice, slice, slice] | None:
        """Return the voxels of ``grid`` that what is not zero may reach; None where there are none."""
        filled = self.values.any(axis=(1, 2))
        rows, columns = np.flatnonzero(self.values.any(axis=(0, 2))), np.flatnonzero(self.values.any(axis=(0, 1)))
        if not filled.any():
            return None
        first = self.planes[0]
        corners = [
            self.origins[n] + row * first.down_lps_mm + column * first.right_lps_mm + side * self.normal * self.half_mm
            for n in np.flatnonzero(filled)
            for row in (rows[0] - 0.5, rows[-1] + 0.5)
            for column in (columns[0] - 0.5, columns[-1] + 0.5)
            for side in (-1, 1)
        ]
        kji = grid.to_kji(np.array(corners))
        low = np.maximum(np.floor(kji.min(axis=0)), 0).astype(int)
        high = np.minimum(np.ceil(kji.max(axis=0)) + 1, grid.shape_kji).astype(int)
        return None if np.any(low >= high) else tuple(map(slice, low.tolist(), high.tolist()))  # type: ignore[return-value]

    def slices(self, grid: Grid, job: Job) -> Iterator[tuple[int, tuple[int, int], Values]]:
        """Yield slice by slice k, first row and column, and the values (rows, columns) of the voxels there."""
        box = self.box(grid)
        if box is None:
            return
        ks, js, is_ = (np.arange(part.start, part.stop) for part in box)
        for k in ks:
            job.check()
            yield int(k), (int(js[0]), int(is_[0])), self._slice(grid, int(k), js, is_)

    def _slice(self, grid: Grid, k: int, js: NDArray[np.int_], is_: NDArray[np.int_]) -> Values:
        first = self.planes[0]

        def along(direction: NDArray[np.float64]) -> NDArray[np.float64]:
            """How far each voxel of the slice lies along a direction."""
            step_k, step_j, step_i = grid.steps_lps_mm @ direction
            start = np.asarray(grid.origin_lps_mm) @ direction + k * step_k
            return np.asarray(start + (js * step_j)[:, None] + (is_ * step_i)[None, :])

        away_mm = along(self.normal)
        nearest = np.searchsorted((self.at_mm[1:] + self.at_mm[:-1]) / 2.0, away_mm)
        places = [np.abs(away_mm - self.at_mm[nearest]) <= self.half_mm]
        index = [nearest]
        for step, count in ((first.down_lps_mm, self.values.shape[1]), (first.right_lps_mm, self.values.shape[2])):
            unit = step / (step @ step)
            at = np.rint(along(unit) - (self.origins @ unit)[nearest]).astype(np.int64)
            places.append((at >= 0) & (at < count))
            index.append(np.clip(at, 0, count - 1))
        found: Values = np.where(places[0] & places[1] & places[2], self.values[tuple(index)], 0)
        return found


def alike(frames: Sequence[Frame]) -> bool:
    """Whether the frames have planes of one direction and one spacing, so that they make one grid."""
    planes = [frame.plane for frame in frames]
    first = planes[0]
    if first is None:
        return False
    return all(
        plane is not None
        and _same(plane.down_lps_mm, first.down_lps_mm)
        and _same(plane.right_lps_mm, first.right_lps_mm)
        for plane in planes
    )


def _same(one: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    a, b = float(np.linalg.norm(one)), float(np.linalg.norm(other))
    return abs(a - b) <= 0.01 * b and float(one @ other) >= _ALIKE * a * b
