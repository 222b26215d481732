"""A network led over the slices of a volume, window by window, batch by batch."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from medviewer.ai.loaded import Loaded, senseless
from medviewer.ai.prepare import normalise, stacked
from medviewer.ai.windows import Floats, Window, cut, stitch
from medviewer.core.job import Job

BATCH = {"cpu": 16, "cuda": 128}  # windows of 128²: well under 0.3 s on two cores, so that cancel is quick


def stack_of(
    voxels: NDArray[np.int16], window: Window, side: int, reach: int = 1, failed: Sequence[int] = ()
) -> NDArray[np.float32]:
    """Return the window ``reach`` slices before, at and after its own, (3, side, side), 0..1 each by its own range.

    A slice beyond the ends of ``voxels`` (k, j, i), or a failed one, is 0.
    """
    found = np.zeros((3, side, side), np.float32)
    for place, k in enumerate((window.k - reach, window.k, window.k + reach)):
        if 0 <= k < len(voxels) and k not in failed:
            found[place] = normalise(cut(voxels, Window(k, window.j, window.i), side))
    return found


@dataclass(frozen=True, eq=False)
class Slider:
    """A net and the volume it reads: ``voxels`` (k, j, i), ``patch`` pixels a side, ``batch`` windows at a time.

    ``pixel_mm`` and ``step_mm`` are what the net is told of the spacing; it also sees the slices ``reach`` before and
    after.
    """

    net: Loaded
    voxels: NDArray[np.int16]
    pixel_mm: float
    step_mm: float
    patch: int
    batch: int
    reach: int = 1
    failed: tuple[int, ...] = ()

    def slices(self, windows: Sequence[Window], job: Job, text: str = "") -> Iterator[tuple[int, Floats]]:
        """Yield slice number and chances (rows, columns) for each slice that ``windows``, sorted by slice, lie on."""
        answers = self._answers(windows, job, text)
        shape = (self.voxels.shape[1], self.voxels.shape[2])
        for k, group in groupby(answers, key=lambda answer: answer[0].k):
            places, chances = zip(*group, strict=True)
            yield k, stitch(shape, places, chances)

    def _answers(self, windows: Sequence[Window], job: Job, text: str) -> Iterator[tuple[Window, Floats]]:
        batches = [windows[start : start + self.batch] for start in range(0, len(windows), self.batch)]
        answers = self.net.each(self._inputs(some) for some in batches)
        for number, (some, raw) in enumerate(zip(batches, answers, strict=True)):
            job.step((number + 1) / len(batches), text)
            if raw.dim() != 4 or tuple(raw.shape[2:]) != (self.patch, self.patch):
                raise senseless()
            yield from zip(some, torch.sigmoid(raw[:, 0]).numpy(), strict=True)

    def _inputs(self, windows: Sequence[Window]) -> Tensor:
        cuts = [stack_of(self.voxels, window, self.patch, self.reach, self.failed) for window in windows]
        count = len(cuts)
        pixels, steps = torch.full((count,), self.pixel_mm), torch.full((count,), self.step_mm)
        return stacked(torch.from_numpy(np.stack(cuts)), pixels, steps)
