"""A region grown from a click: what is connected to it within a gate, stopped where it leaks into a neighbour."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from medviewer.core.grid import Grid
from medviewer.core.mask import Index, Mask
from medviewer.core.region_gate import LEAST, MOST
from medviewer.imaging.regions.body import body, connected

Stop = Literal["", "leak", "radius", "size"]
Box = tuple[slice, slice, slice]
FIRST_MM = 15.0  # the radius looked at first; doubled for as long as the region goes on
# A blob's area falls to nothing at its end. What goes on below this share of the largest area is a tube or a bridge.
NECK = 0.1
# What grows above the largest area again after a waist of this share of it has burst into something larger.
WAIST = 0.5
BEYOND = 0.2  # a spicule is no leak: less than this share of the volume lies beyond the neck, and it ends
_SHELLS_ON = 3
BODY_MOST_MM = 60.0  # the largest radius in which a body is looked for: beyond, it takes too long
DOUBLED = 1.0  # a region that ends is cut where what a bridge joins to its body is more than that body


@dataclass(frozen=True)
class Limits:
    """How far growing may go from the click, and how much it may take."""

    radius_mm: float = 100.0
    volume_ml: float = 1000.0


USUAL = Limits()


@dataclass(frozen=True, eq=False)
class Grown:
    """What was grown, None where the seed itself is outside the gate; why it stopped, and how far from the seed."""

    mask: Mask | None
    stop: Stop = ""
    radius_mm: float = 0.0


def grow(
    voxels: NDArray[np.int16],
    grid: Grid,
    seed_kji: Index,
    gate: tuple[int, int] = (LEAST, MOST),
    *,
    guard: bool = True,
    limits: Limits = USUAL,
) -> Grown:
    """Return the voxels (k, j, i) of ``gate`` (lowest, highest value) connected to the seed by their faces.

    With ``guard`` it stops at the neck where it leaks (``Grown.stop``). Space: the grid's mm.
    """
    low, high = gate
    if not low <= int(voxels[seed_kji]) <= high:
        return Grown(None)
    radius_mm = min(FIRST_MM, limits.radius_mm)
    while True:
        piece = _Piece.around(voxels, grid, seed_kji, gate, radius_mm)
        stopped = piece.guarded() if guard else None
        if stopped is not None:
            return stopped
        full_mm = piece.full_mm(limits.volume_ml * 1000.0)
        if full_mm is not None:
            return Grown(piece.within(full_mm), "size", full_mm)
        if not piece.goes_on:
            return Grown(piece.within(radius_mm))
        if radius_mm >= limits.radius_mm:
            return Grown(piece.within(radius_mm), "radius", radius_mm)
        radius_mm = min(2.0 * radius_mm, limits.radius_mm)


@dataclass(frozen=True, eq=False)
class _Piece:
    """The connected voxels within ``radius_mm`` of the seed.

    ``away_mm`` (k, j, i) is each voxel's distance in the box from ``first_kji``, ``gated`` what of the box has values
    in the gate; shells around the seed are ``shell_mm`` thick.
    """

    first_kji: Index
    seed_kji: Index
    inside: NDArray[np.bool_]
    gated: NDArray[np.bool_]
    away_mm: NDArray[np.float32]
    radius_mm: float
    shell_mm: float
    grid: Grid

    @staticmethod
    def around(
        voxels: NDArray[np.int16], grid: Grid, seed_kji: Index, gate: tuple[int, int], radius_mm: float
    ) -> "_Piece":
        """Cut the box around the seed and take what is connected in it."""
        reach = radius_mm * np.linalg.norm(np.linalg.inv(grid.steps_lps_mm), axis=0)
        k, j, i = (
            slice(max(0, int(at - n)), min(int(at + n) + 1, size))
            for at, n, size in zip(seed_kji, reach, grid.shape_kji, strict=True)
        )
        box = (k, j, i)
        away_mm = _distances_mm(grid, box, seed_kji)
        cut = voxels[box]
        local = tuple(at - part.start for at, part in zip(seed_kji, box, strict=True))
        gated = (cut >= gate[0]) & (cut <= gate[1])
        inside = connected(gated & (away_mm <= radius_mm), local)
        shell_mm = max(1.0, sorted(grid.spacing_kji_mm)[1])
        first = (k.start, j.start, i.start)
        return _Piece(first, local, inside, gated, away_mm, radius_mm, shell_mm, grid)  # type: ignore[arg-type]

    @property
    def _areas_mm2(self) -> NDArray[np.float64]:
        """How much of each shell around the seed belongs to it."""
        shells = (self.away_mm[self.inside] / self.shell_mm).astype(np.int64)
        count = int(self.radius_mm / self.shell_mm)
        counts = np.bincount(shells, minlength=count)[:count]
        return np.asarray(counts * (self.grid.voxel_mm3 / self.shell_mm), np.float64)

    @property
    def goes_on(self) -> bool:
        """Whether it reaches the last shell, so that there is more of it further away."""
        return bool(np.any(self.away_mm[self.inside] > self.radius_mm - self.shell_mm))

    def guarded(self) -> Grown | None:
        """Return it cut off at its neck or its bridges where it leaks; None where it does not."""
        neck_mm = self.neck_mm()
        if neck_mm is not None:
            return Grown(self.within(neck_mm), "leak", neck_mm)
        if self.radius_mm > BODY_MOST_MM:
            return None
        far = self.inside & (self.away_mm > self.radius_mm / 2.0)
        kept = body(self.inside, self.gated, far, self.seed_kji, self.grid.spacing_kji_mm) if far.any() else None
        if kept is None:
            return None
        count = np.count_nonzero(kept)
        lost = np.count_nonzero(self.inside) - count
        if lost <= (BEYOND if self.goes_on else DOUBLED) * count:
            return None
        return Grown(Mask.cut(kept, self.first_kji), "leak", float(self.away_mm[kept].max()))

    def neck_mm(self) -> float | None:
        """Return the distance of the neck through which it leaks; None where it does not."""
        areas = self._areas_mm2
        peak = waist = 0.0
        waist_at = 0
        for shell, area in enumerate(areas):
            if area > peak > 0.0 and waist < WAIST * peak and waist_at > 1:
                return waist_at * self.shell_mm
            if area > peak:
                peak, waist, waist_at = area, area, shell
            elif area < waist:
                waist, waist_at = area, shell
            if shell > 1 and area < NECK * peak and self._leaks_beyond(areas, shell):
                return shell * self.shell_mm
        return None

    def _leaks_beyond(self, areas: NDArray[np.float64], neck: int) -> bool:
        """Whether what lies beyond a neck is more than a spicule, or has no end here."""
        beyond = areas[neck:]
        no_end = len(beyond) > _SHELLS_ON and bool(np.all(beyond > 0.0))
        return no_end or float(beyond.sum()) > BEYOND * float(areas[:neck].sum())

    def full_mm(self, most_mm3: float) -> float | None:
        """Return the distance within which it has ``most_mm3``; None where all of it has no more."""
        most = int(most_mm3 / self.grid.voxel_mm3)
        away_mm = self.away_mm[self.inside]
        return float(np.partition(away_mm, most)[most]) if away_mm.size > most else None

    def within(self, radius_mm: float) -> Mask:
        """Return what is connected to the seed within a distance."""
        kept = (
            self.inside
            if radius_mm >= self.radius_mm
            else connected(self.inside & (self.away_mm <= radius_mm), self.seed_kji)
        )
        return Mask.cut(kept, self.first_kji)


def _distances_mm(grid: Grid, box: Box, seed_kji: Index) -> NDArray[np.float32]:
    """Return how far each voxel of the box is from the seed."""
    steps = grid.steps_lps_mm
    counts = [
        np.arange(part.start - at, part.stop - at, dtype=np.float32) for part, at in zip(box, seed_kji, strict=True)
    ]
    total: NDArray[np.float32] = np.zeros([len(count) for count in counts], np.float32)
    for axis in range(3):
        k, j, i = (count * np.float32(step[axis]) for count, step in zip(counts, steps, strict=True))
        total += (k[:, None, None] + j[:, None] + i) ** 2
    return np.sqrt(total)
