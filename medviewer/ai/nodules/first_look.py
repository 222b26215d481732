"""The first look at a scan: slices some millimetres apart, slab by slab, the one on the reader's screen first."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from medviewer.ai.nodules.candidates import Candidate, regions
from medviewer.ai.sliding import Slider
from medviewer.ai.windows import over
from medviewer.core.grid import Grid
from medviewer.core.job import Job
from medviewer.core.mask import Mask
from medviewer.i18n import _

EVERY_MM = 2.0  # a nodule of 4 mm is on two slices
STRIDE_SHARE = 0.75
MARGIN = 16  # pixels around the lungs that windows must show, too
SLAB = 8  # slices looked at between two looks at what the reader looks at; always the same ones together
SEEN = 0.2  # chance of a pixel from which on it is part of a suspect
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Scan:
    """A CT to look at: HU (k, j, i), its grid, the lungs; ``failed`` slices hold no picture.

    ``coarseness`` is how many original pixels one pixel is wide.
    """

    hu: NDArray[np.int16]
    grid: Grid
    lungs: Bools
    failed: tuple[int, ...] = ()
    coarseness: int = 1

    @property
    def pixel_mm(self) -> float:
        """The spacing of pixels the net is told: that of the original ones, so that a mass looks like a nodule."""
        return max(self.grid.spacing_kji_mm[1:]) / self.coarseness

    @property
    def step_mm(self) -> float:
        """The distance of slices the net is told."""
        return self.grid.spacing_kji_mm[0] / self.coarseness

    def halved(self) -> "Scan":
        """Return the scan in pixels twice as wide, the net told that they are not.

        So it sees a mass of twice the size it was trained on as a nodule.
        """
        rows, columns = (2 * (n // 2) for n in self.hu.shape[1:])
        even, odd = slice(0, None, 2), slice(1, None, 2)
        fine = self.hu[:, :rows, :columns]
        total = fine[:, even, even].astype(np.int32)
        for j, i in ((even, odd), (odd, even), (odd, odd)):
            total += fine[:, j, i]
        step, row_mm, column_mm = self.grid.spacing_kji_mm
        corner = tuple(float(v) for v in self.grid.to_lps((0.0, 0.5, 0.5)))
        hu = (total // 4).astype(np.int16)
        grid = Grid(
            hu.shape, (corner[0], corner[1], corner[2]), (step, 2 * row_mm, 2 * column_mm), self.grid.axes_kji_lps
        )
        lungs = self.lungs[:, :rows:2, :columns:2]
        return replace(self, hu=hu, grid=grid, lungs=lungs, coarseness=2 * self.coarseness)


@dataclass(eq=False)
class FirstLook:
    """A look under way. ``attention`` says which slice is on the screen, None where none is.

    ``chances`` (n, j, i) as bytes are those of the slices ``ks`` (n,), the lungs' box of rows and columns only, once
    they are ``done``.
    """

    scan: Scan
    slider: Slider
    attention: Callable[[], int | None] = lambda: None
    ks: tuple[int, ...] = field(init=False)
    box: tuple[slice, slice] = field(init=False)
    done: Bools = field(init=False)
    chances: NDArray[np.uint8] = field(init=False)

    def __post_init__(self) -> None:
        every = self.every
        self.ks = tuple(k for k in range(every // 2, len(self.scan.hu), every) if k not in self.scan.failed)
        self.box = _box(self.scan.lungs)
        self.done = np.zeros(len(self.ks), np.bool_)
        rows, columns = self.box
        self.chances = np.zeros((len(self.ks), rows.stop - rows.start, columns.stop - columns.start), np.uint8)

    @property
    def every(self) -> int:
        """How many slices lie between those looked at, one more."""
        return max(1, round(EVERY_MM * self.scan.coarseness / self.scan.grid.spacing_kji_mm[0]))

    def slabs(self, job: Job) -> Iterator[tuple[list[Candidate], Job]]:
        """Look at the whole scan, slab by slab; yield the regions of suspect pixels that have an end by now.

        They are in the volume's indices; each comes once, and the same ones come whatever the reader looks at, only
        their order differs. The job beside them is for what is done with them.
        """
        seen: set[tuple[int, int, int, int]] = set()
        while self.chances.size and not self.done.all():
            slab = self._next()
            before = float(self.done.mean())
            after = before + len(slab) / len(self.ks)
            middle = (before + after) / 2.0
            self._read(slab, job.part(before, middle))
            new = {(*one.mask.offset_kji, one.mask.count): one for one in self._ended(slab)}
            yield [one for key, one in new.items() if key not in seen], job.part(middle, after)
            seen |= new.keys()

    def _next(self) -> Sequence[int]:
        """The slab nearest to the slice on the screen; from the top where none is."""
        at = self.attention()
        slabs = [range(start, min(start + SLAB, len(self.ks))) for start in range(0, len(self.ks), SLAB)]
        left = [slab for slab in slabs if not self.done[slab[0]]]
        if at is None:
            return left[0]
        return min(left, key=lambda slab: abs(self.ks[slab[len(slab) // 2]] - at))

    def _read(self, slab: Sequence[int], job: Job) -> None:
        scan, patch = self.scan, self.slider.patch
        stride = int(patch * STRIDE_SHARE)
        windows = [w for n in slab for w in over(self.ks[n], scan.lungs[self.ks[n]], patch, stride, MARGIN)]
        row = {self.ks[n]: n for n in slab}
        for k, chance in self.slider.slices(windows, job, _("Looking for nodules")):
            self.chances[row[k]] = np.rint(chance[self.box] * 255.0)
        self.done[slab[0] : slab[-1] + 1] = True

    def _ended(self, slab: Sequence[int]) -> Iterator[Candidate]:
        """Regions of the slices done around ``slab`` that do not go on where nobody has looked yet."""
        first, last = slab[0], slab[-1] + 1
        while first > 0 and self.done[first - 1]:
            first -= 1
        while last < len(self.ks) and self.done[last]:
            last += 1
        bridge = self.every > 1
        room = 2 if bridge else 1  # slices without it that end a region
        for found in regions(self.chances[first:last], SEEN, bridge):
            low, high = found.mask.box[0].start, found.mask.box[0].stop
            if (first == 0 or low >= room) and (last == len(self.ks) or high <= last - first - room):
                yield self._spread(found, first)

    def _spread(self, found: Candidate, first: int) -> Candidate:
        """Turn indices of the slices gone over into the volume's: each slice stands for those up to the next."""
        mask, every = found.mask, self.every
        k, j, i = mask.offset_kji
        ks = self.ks[k + first : k + first + len(mask.voxels)]
        low, high = max(ks[0] - every // 2, 0), min(ks[-1] - every // 2 + every, len(self.scan.hu))
        nearest = np.abs(np.subtract.outer(np.arange(low, high), ks)).argmin(axis=1)
        offset = (low, j + self.box[0].start, i + self.box[1].start)
        return Candidate(Mask(offset, mask.voxels[nearest]), found.score)


def _box(lungs: Bools) -> tuple[slice, slice]:
    """Rows and columns that hold lung on any slice."""
    flat: Bools = np.asarray(lungs.any(axis=0), np.bool_)
    rows, columns = np.flatnonzero(flat.any(axis=1)), np.flatnonzero(flat.any(axis=0))
    if not len(rows):
        return slice(0, 0), slice(0, 0)
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)
