"""Two looks at a scan: slices some millimetres apart first, then every slice around what is suspected.

The network sees single slices. In the second look the window is centred on the suspect, as nodules were in training.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from medviewer.ai.candidates import (
    Candidate,
    common,
    largest_diameter_mm,
    regions,
    share_in_air,
    share_inside,
    without_doubles,
)
from medviewer.ai.sift import SMALLEST_MM, keeps
from medviewer.ai.sliding import Slider
from medviewer.ai.windows import Window, over
from medviewer.core.grid import Grid
from medviewer.core.job import Job
from medviewer.core.mask import Mask
from medviewer.i18n import _

FIRST_LOOK_MM = 2.0  # a nodule of 4 mm is on two slices
STRIDE_SHARE = 0.75
SUSPECT_SHARE = 0.6  # of the threshold: what the first look must see for a second one
SECOND_LOOKS = 80
MARGIN = 16  # pixels around the lungs, or around a suspect, that windows must show, too
GROWTHS = 4  # how often the second look goes further along a region that does not end where it looked
LEAST_IN_LUNG = 0.5
LEAST_IN_AIR = 0.4  # of its surroundings: less is hilum or mediastinum
LARGE_MM, LEAST_IN_AIR_LARGE = 15.0, 0.6  # vessels at the hilum are large; every large nodule of the val split has more
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Scan:
    """A CT to look at: HU (k, j, i), its grid, the lungs, the net on it.

    ``threshold`` (0..1) makes a candidate, ``mask_threshold`` its outline; ``failed`` slices hold no picture.
    ``coarseness`` is how many original pixels one pixel is wide.
    """

    hu: NDArray[np.int16]
    grid: Grid
    lungs: Bools
    slider: Slider
    threshold: float
    mask_threshold: float
    failed: tuple[int, ...] = ()
    coarseness: int = 1

    @property
    def every(self) -> int:
        """How many slices the first look goes on at a time."""
        return max(1, round(FIRST_LOOK_MM * self.coarseness / self.grid.spacing_kji_mm[0]))

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
        hu = (total // 4).astype(np.int16)
        step, row_mm, column_mm = self.grid.spacing_kji_mm
        corner = tuple(float(v) for v in self.grid.to_lps((0.0, 0.5, 0.5)))
        grid = Grid(
            hu.shape, (corner[0], corner[1], corner[2]), (step, 2 * row_mm, 2 * column_mm), self.grid.axes_kji_lps
        )
        return replace(
            self,
            hu=hu,
            grid=grid,
            lungs=self.lungs[:, :rows:2, :columns:2],
            slider=replace(self.slider, voxels=hu),
            coarseness=2 * self.coarseness,
        )


def look(scan: Scan, job: Job) -> list[Candidate]:
    """Return the candidates of a scan that hold, the surest first."""
    suspects = first_look(scan, job.part(0.0, 0.75))
    return second_look(scan, suspects, job.part(0.75, 1.0))


def first_look(scan: Scan, job: Job) -> list[Mask]:
    """Return where the net suspects nodules on the slices it goes over, in the volume's indices."""
    slices = [k for k in range(scan.every // 2, len(scan.hu), scan.every) if k not in scan.failed]
    stride = int(scan.slider.patch * STRIDE_SHARE)
    windows = [window for k in slices for window in over(k, scan.lungs[k], scan.slider.patch, stride, MARGIN)]
    chances: NDArray[np.uint8] = np.zeros((len(slices), *scan.hu.shape[1:]), np.uint8)
    row = {k: n for n, k in enumerate(slices)}
    for k, chance in scan.slider.slices(windows, job, _("Looking for nodules")):
        chances[row[k]] = np.rint(chance * 255.0)
    found = regions(chances, scan.threshold * SUSPECT_SHARE, bridge=scan.every > 1)
    masks = [_spread(candidate.mask, slices, scan) for candidate in found]
    return [mask for mask in masks if _worth_a_look(mask, scan)][:SECOND_LOOKS]


def _spread(mask: Mask, slices: Sequence[int], scan: Scan) -> Mask:
    """Turn indices of the slices gone over into the volume's: each slice stands for those up to the next."""
    k, j, i = mask.offset_kji
    first = slices[k] - scan.every // 2
    voxels = np.repeat(mask.voxels, scan.every, axis=0)
    return Mask((max(first, 0), j, i), voxels[max(-first, 0) : len(scan.hu) - first])


def _worth_a_look(mask: Mask, scan: Scan) -> bool:
    wide = largest_diameter_mm(mask, scan.grid.spacing_kji_mm) >= SMALLEST_MM / 2
    return wide and share_inside(mask, scan.lungs) >= LEAST_IN_LUNG / 2


def second_look(scan: Scan, suspects: Sequence[Mask], job: Job) -> list[Candidate]:
    """Return the candidates that hold when every slice around them is read with the window on them."""
    found: list[Candidate] = []
    for number, suspect in enumerate(suspects):
        step = job.part(number / len(suspects), (number + 1) / len(suspects))
        candidate = _outlined(scan, suspect, step)
        if candidate is not None and _holds(candidate, scan):
            found.append(candidate)
    return without_doubles(found)


def _outlined(scan: Scan, suspect: Mask, job: Job) -> Candidate | None:
    """Return the region that the net outlines at ``suspect``, if it does; read further while it goes on beyond."""
    found = None
    for _more in range(GROWTHS):
        found, whole = _outlined_once(scan, suspect, job)
        if found is None or whole:
            break
        suspect = found.mask
    return found


def _outlined_once(scan: Scan, suspect: Mask, job: Job) -> tuple[Candidate | None, bool]:
    """Read the slices around ``suspect`` again; return the region that covers most of it, and whether it ends there."""
    windows = _around(scan, suspect)
    patch, first, last = scan.slider.patch, windows[0].k, windows[-1].k
    top, left = min(window.j for window in windows), min(window.i for window in windows)
    bottom, right = max(window.j for window in windows) + patch, max(window.i for window in windows) + patch
    read = dict(scan.slider.slices(windows, job))
    chances = np.stack([read[k][top:bottom, left:right] for k in range(first, last + 1)])
    found = [one.moved((first, top, left)) for one in regions(chances, scan.mask_threshold)]
    most, best = max(((common(one.mask, suspect), one) for one in found), key=lambda pair: pair[0], default=(0, None))
    if best is None or not most:
        return None, True
    span = best.mask.box[0]
    return best, (span.start > first or first == 0) and (span.stop <= last or last == len(scan.hu) - 1)


def _around(scan: Scan, suspect: Mask) -> list[Window]:
    """Windows on all slices of the suspect and some beyond; one in the middle of it where it fits, else several."""
    patch, shape = scan.slider.patch, scan.hu.shape
    rows, columns = (slice(max(part.start - MARGIN, 0), part.stop + MARGIN) for part in suspect.box[1:])
    box = np.zeros(shape[1:], np.bool_)
    box[rows, columns] = True
    beyond = scan.every + 1
    first, last = max(0, suspect.box[0].start - beyond), min(shape[0], suspect.box[0].stop + beyond)
    return [window for k in range(first, last) for window in over(k, box, patch, patch // 2)]


def _holds(candidate: Candidate, scan: Scan) -> bool:
    mask, spacing = candidate.mask, scan.grid.spacing_kji_mm
    if candidate.score < scan.threshold or not keeps(mask, spacing):
        return False
    least = LEAST_IN_AIR_LARGE if largest_diameter_mm(mask, spacing) >= LARGE_MM else LEAST_IN_AIR
    return share_inside(mask, scan.lungs) >= LEAST_IN_LUNG and share_in_air(mask, scan.hu) >= least
