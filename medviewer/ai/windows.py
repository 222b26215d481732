"""Windows over a slice: where they go, and how their answers are put together again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
EDGE = 0.05  # weight of a window's outermost pixel: there the net sees half of its surroundings only


@dataclass(frozen=True, slots=True)
class Window:
    """A window of the patch's size on slice ``k``, its first pixel at row ``j``, column ``i``."""

    k: int
    j: int
    i: int


def starts(low: int, high: int, size: int, patch: int, stride: int) -> list[int]:
    """Return where windows start so that they cover ``low`` to ``high`` (excluded) of an axis of ``size`` pixels.

    They lie evenly, at most ``stride`` apart and within the axis; an axis shorter than the patch gives 0.
    """
    first, last = min(max(low, 0), max(size - patch, 0)), max(min(high, size) - patch, 0)
    if last <= first:
        middle = (low + high - patch) // 2
        return [min(max(middle, 0), max(size - patch, 0))]
    count = -(-(last - first) // stride) + 1
    return [int(start) for start in np.rint(np.linspace(first, last, count))]


def over(k: int, wanted: NDArray[np.bool_], patch: int, stride: int, margin: int = 0) -> list[Window]:
    """Return windows that cover the true pixels of ``wanted`` (rows, columns) on slice ``k``; none where none is true.

    Rows of windows are laid over the region's height, each over its own width, and empty ones are left out. They reach
    ``margin`` pixels beyond, where the slice does, so that the region's rim is not at a window's.
    """
    found: list[Window] = []
    rows = np.flatnonzero(wanted.any(axis=1))
    if not len(rows):
        return found
    for j in starts(int(rows[0]) - margin, int(rows[-1]) + 1 + margin, wanted.shape[0], patch, stride):
        columns = np.flatnonzero(wanted[j : j + patch].any(axis=0))
        if not len(columns):
            continue
        for i in starts(int(columns[0]) - margin, int(columns[-1]) + 1 + margin, wanted.shape[1], patch, stride):
            if wanted[j : j + patch, i : i + patch].any():
                found.append(Window(k, j, i))
    return found


def cut(voxels: NDArray[np.int16], window: Window, patch: int) -> NDArray[np.int16]:
    """Return the window (patch, patch) of ``voxels`` (k, j, i); where it reaches beyond the slice it is mirrored."""
    sides = list(zip((window.j, window.i), voxels.shape[1:], strict=True))
    rows, columns = (slice(max(start, 0), min(start + patch, size)) for start, size in sides)
    lacking = [(max(-start, 0), max(start + patch - size, 0)) for start, size in sides]
    part = voxels[window.k, rows, columns]
    return np.pad(part, lacking, mode="symmetric") if any(map(any, lacking)) else part


def weights(patch: int) -> Floats:
    """Return how much each pixel of a window counts, (patch, patch): 1 in the middle, little at its edge."""
    ramp = np.minimum(1.0, np.sin(np.pi * (np.arange(patch) + 0.5) / patch) * 1.4)
    line = np.maximum(ramp, EDGE)
    return np.outer(line, line).astype(np.float32)


def stitch(shape: tuple[int, int], windows: Iterable[Window], chances: Sequence[Floats]) -> Floats:
    """Return the weighted mean of windows' answers (patch, patch) of one slice, (rows, columns); 0 where none was."""
    total, count = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    for window, chance in zip(windows, chances, strict=True):
        patch = chance.shape[0]
        weight = weights(patch)
        place = (slice(window.j, window.j + patch), slice(window.i, window.i + patch))
        rows, columns = total[place].shape
        total[place] += (chance * weight)[:rows, :columns]
        count[place] += weight[:rows, :columns]
    np.divide(total, count, out=total, where=count > 0)
    return total
