"""The second look: a window with the suspect in its middle, slice by slice until it ends, gives its outline."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from medviewer.ai.nodules.candidates import common, regions
from medviewer.ai.nodules.first_look import Scan
from medviewer.ai.nodules.outlining import Outliner
from medviewer.ai.sliding import stack_of
from medviewer.ai.windows import Window
from medviewer.core.job import Job
from medviewer.core.mask import Index, Mask
from medviewer.imaging.subvoxel import Rim

CROP = 128  # pixels a side whose darkest and brightest set the greys, as in the training data
BEYOND = 2  # slices looked at before and after a suspect
GROWTHS = 4  # how often the look goes on along a region that does not end where it looked


@dataclass(frozen=True, eq=False)
class Outline:
    """A nodule's outline: its mask, and the chances ``rim`` its measures finer than a voxel come from."""

    mask: Mask
    rim: Rim


@dataclass(frozen=True, eq=False)
class Pen:
    """What outlines: the net, the chance ``level`` of a pixel from which on it belongs, in how many ``views``."""

    outliner: Outliner
    level: float
    views: int


def outline(scan: Scan, suspect: Mask, pen: Pen, job: Job) -> Outline | None:
    """Return the region that the net outlines at ``suspect``, None where it outlines none there."""
    corner = _corner(suspect, pen.outliner.side)
    read: dict[int, NDArray[np.float32]] = {}
    found = None
    for _more in range(GROWTHS):
        job.check()
        found, whole = _once(scan, suspect, pen, corner, read)
        if found is None or whole:
            break
        suspect = found.mask
    return found


def _once(
    scan: Scan, suspect: Mask, pen: Pen, corner: tuple[int, int], read: dict[int, NDArray[np.float32]]
) -> tuple[Outline | None, bool]:
    """Outline ``suspect`` on its slices and some beyond; return it, and whether it ends there.

    ``read`` holds the chances of slices in the window at ``corner`` that were read before.
    """
    first = max(0, suspect.box[0].start - BEYOND)
    last = min(len(scan.hu), suspect.box[0].stop + BEYOND)
    new = [k for k in range(first, last) if k not in read]
    if new:
        read.update(zip(new, _chances(scan, new, corner, pen), strict=True))
    chances = np.stack([read[k] for k in range(first, last)])
    best, most = None, 0
    for one in regions(chances, pen.level):
        shared = common(one.moved((first, *corner)).mask, suspect)
        if shared > most:
            best, most = one, shared
    if best is None:
        return None, True
    span = best.mask.box[0]
    ends = (span.start > 0 or first == 0) and (span.stop < last - first or last == len(scan.hu))
    return _kept(best.mask, chances, (first, *corner), scan, pen.level), ends


def _kept(mask: Mask, chances: NDArray[np.float32], at_kji: Index, scan: Scan, level: float) -> Outline | None:
    """The region ``mask`` of a window at ``at_kji`` as an outline in the volume, as far as it is within the slices."""
    _k, j, i = (at + offset for at, offset in zip(at_kji, mask.offset_kji, strict=True))
    rows, columns = (
        slice(max(-start, 0), min(size - start, length))
        for start, size, length in zip((j, i), scan.hu.shape[1:], mask.voxels.shape[1:], strict=True)
    )
    inside = np.zeros_like(mask.voxels)
    inside[:, rows, columns] = mask.voxels[:, rows, columns]
    if not inside.any():
        return None
    kept = Mask.cut(inside, mask.offset_kji)
    ks, js, is_ = kept.box
    around = np.pad(chances[ks], ((0, 0), (1, 1), (1, 1)))[:, js.start : js.stop + 2, is_.start : is_.stop + 2]
    k, j, i = (at + offset for at, offset in zip(at_kji, kept.offset_kji, strict=True))
    return Outline(Mask((k, j, i), kept.voxels), Rim(around, level))


def _corner(suspect: Mask, side: int) -> tuple[int, int]:
    """The first row and column of a window of ``side`` pixels around the middle of ``suspect``; may be outside."""
    flat = suspect.voxels.sum(axis=0)
    j, i = (np.average(np.indices(flat.shape)[axis], weights=flat) for axis in (0, 1))
    _k, j0, i0 = suspect.offset_kji
    return round(j0 + float(j)) - side // 2, round(i0 + float(i)) - side // 2


def _chances(scan: Scan, ks: Sequence[int], corner: tuple[int, int], pen: Pen) -> NDArray[np.float32]:
    """The chances (len(ks), side, side) in the window at ``corner``; 0 on slices that hold no picture."""
    away = (CROP - pen.outliner.side) // 2
    windows = [Window(k, corner[0] - away, corner[1] - away) for k in ks]
    stacks = np.stack([stack_of(scan.hu, window, CROP, failed=scan.failed) for window in windows])
    count = len(windows)
    pixels, steps = torch.full((count,), scan.pixel_mm), torch.full((count,), scan.step_mm)
    found = pen.outliner.chances(torch.from_numpy(stacks), pixels, steps, pen.views)
    found[[k in scan.failed for k in ks]] = 0.0
    return found
