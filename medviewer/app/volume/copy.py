"""What a volume is drawn from: its own voxels, or a coarse copy; without the table and the air around."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from medviewer.app.volume.presets import Keep, Span
from medviewer.core.grid import Grid, Vector, triple
from medviewer.imaging.body import SKIN_MM, body_of, thinned

# A lit picture needs 3 bytes a voxel beside the voxels themselves, 5 where what is around the body is taken away.
MOST_FULL, MOST_COARSE = 96_000_000, 5_000_000
BODY_MM, UNDER_SKIN_MM = 4.0, 8.0
SMOOTH_REACH = 2.5  # in sigmas
LOW_PERCENT, HIGH_PERCENT = 2.0, 99.8
Voxels = NDArray[np.int16]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Copy:
    """Voxels int16 ``[k, j, i]`` and where they are."""

    voxels: Voxels
    grid: Grid


@dataclass(frozen=True, eq=False)
class Source:
    """A volume as the drawing process sees it; real value = voxel * slope + intercept."""

    voxels: Voxels
    grid: Grid
    slope: float
    intercept: float
    is_ct: bool

    @cached_property
    def coarse(self) -> Copy:
        """A copy of at most ``MOST_COARSE`` voxels, each the mean of a block."""
        return self._reduced(MOST_COARSE)

    @cached_property
    def _seen(self) -> tuple[Bools, Grid, Span]:
        """Where the body is on a grid of about ``BODY_MM``, that grid, and the span of the body's values."""
        copy = self.coarse
        values, grid = thinned(copy.voxels, copy.grid, BODY_MM, self.slope, self.intercept)
        body = body_of(values, grid, self.is_ct)
        stored = copy.voxels[self._on(copy.grid, body, grid)]
        low, high = np.percentile(stored, (LOW_PERCENT, HIGH_PERCENT)) * self.slope + self.intercept
        return body, grid, Span(float(low), float(high))

    @property
    def span(self) -> Span:
        """The values that count."""
        return self._seen[2]

    def copy(self, full: bool, keep: Keep, outside: float, smooth: float = 0.0) -> Copy:
        """Return what to draw from; what is not to be kept has the real value ``outside``.

        What is kept is smoothed by a Gaussian of ``smooth`` of its finest spacings where it is not coarse and smooth
        already: noise shows as rings on skin. With ``full`` and keep "all" these are the volume's own voxels, not
        copied, where they are not too many.
        """
        copy = self._reduced(MOST_FULL) if full else self.coarse
        if keep == "all":
            return copy
        kept, grid = self._kept(keep)
        value = np.int16(np.clip((outside - self.intercept) / self.slope, -32768, 32767))
        voxels = np.empty_like(copy.voxels)
        ks, js, is_ = _nearest(copy.grid, grid)
        for k, from_k in enumerate(ks):  # one slice at a time: a mask of the whole would be half as large again
            voxels[k] = np.where(kept[from_k][js[:, None], is_], copy.voxels[k], value)
        if smooth > 0.0 and copy.grid == self.grid:
            _smooth(voxels, [smooth * min(self.grid.spacing_kji_mm) / mm for mm in self.grid.spacing_kji_mm])
        return replace(copy, voxels=voxels)

    def detail(self, full: bool) -> int:
        """Return how many voxels along an axis become one in what is drawn from."""
        return max(self._every(MOST_FULL if full else MOST_COARSE))

    def kept_at(self, points_lps_mm: Vector, keep: Keep) -> Bools:
        """Return which of the points (n, 3) are in the part that is kept."""
        if keep == "all":
            return np.ones(len(points_lps_mm), np.bool_)
        kept, grid = self._kept(keep)
        nearest = np.rint(grid.to_kji(points_lps_mm)).astype(np.intp).clip(0, np.asarray(grid.shape_kji) - 1)
        at: Bools = kept[tuple(nearest.T)]
        return at

    def _reduced(self, most: int) -> Copy:
        """Return a copy of at most ``most`` voxels; the volume's own voxels where they are no more."""
        every = self._every(most)
        if every == [1, 1, 1]:
            return Copy(self.voxels, self.grid)
        return Copy(*_blocks(self.voxels, self.grid, every))

    def _every(self, most: int) -> list[int]:
        """Return how many voxels along k, j, i become one so that ``most`` are left: the finest directions first."""
        every, shape = np.ones(3, np.int64), np.asarray(self.grid.shape_kji)
        while np.prod(shape // every) > most:
            sizes_mm = np.where(shape >= 2 * every, every * self.grid.spacing_kji_mm, np.inf)
            every[int(np.argmin(sizes_mm))] += 1
        return [int(n) for n in every]

    def _kept(self, keep: Keep) -> tuple[Bools, Grid]:
        body, grid, _span = self._seen
        return (body if keep == "body" else self._inside), grid

    @cached_property
    def _inside(self) -> Bools:
        """What lies well under the skin; where the scan ends at the top and bottom there is no skin."""
        from scipy import ndimage

        body, grid, _span = self._seen
        open_ended = np.pad(body, 1, mode="edge")
        depth_mm = ndimage.distance_transform_edt(open_ended, grid.spacing_kji_mm)[1:-1, 1:-1, 1:-1]
        inside: Bools = depth_mm > SKIN_MM + UNDER_SKIN_MM
        return inside

    @staticmethod
    def _on(target: Grid, mask: Bools, grid: Grid) -> Bools:
        ks, js, is_ = _nearest(target, grid)
        return mask[np.ix_(ks, js, is_)]


def _smooth(voxels: Voxels, sigma_kji: list[float]) -> None:
    """Smooth in place: a second copy of a large volume might not fit."""
    from scipy import ndimage

    for axis, sigma in enumerate(sigma_kji):
        ndimage.gaussian_filter1d(voxels, sigma, axis=axis, output=voxels, truncate=SMOOTH_REACH)


def _nearest(target: Grid, grid: Grid) -> tuple[NDArray[np.intp], ...]:
    """Return for each index of ``target`` the nearest index of ``grid``, axis by axis; both lie along the same axes."""
    first = grid.to_kji(target.origin_lps_mm)
    steps = np.divide(target.spacing_kji_mm, grid.spacing_kji_mm)
    return tuple(
        np.clip(np.rint(first[axis] + np.arange(target.shape_kji[axis]) * steps[axis]), 0, grid.shape_kji[axis] - 1)
        .astype(np.intp)
        for axis in range(3)
    )  # fmt: skip


def _blocks(voxels: Voxels, grid: Grid, every: list[int]) -> tuple[Voxels, Grid]:
    """Return the means of blocks of ``every`` voxels along k, j, i, and their grid; an open end is left out."""
    a, b, c = every
    nk, nj, ni = (n // step for n, step in zip(grid.shape_kji, every, strict=True))
    means = np.empty((nk, nj, ni), np.int16)
    for k in range(nk):
        layer = voxels[k * a : (k + 1) * a, : nj * b, : ni * c]
        rows = layer.sum(axis=0, dtype=np.int32).reshape(nj, b, ni * c).sum(axis=1, dtype=np.int32)
        total = sum(rows[:, n::c] for n in range(c))
        means[k] = total // (a * b * c)
    origin = triple(grid.to_lps([(step - 1) / 2 for step in every]))
    return means, Grid((nk, nj, ni), origin, triple(np.multiply(grid.spacing_kji_mm, every)), grid.axes_kji_lps)
