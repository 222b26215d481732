"""A network led over the slices of a volume, window by window, batch by batch."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from medviewer.ai.loaded import Loaded
from medviewer.ai.prepare import batch
from medviewer.ai.protocol import Report
from medviewer.ai.windows import Floats, Window, cut, stitch
from medviewer.core.job import Job

BATCH = {"cpu": 16, "cuda": 128}  # windows of 128²: well under 0.3 s on two cores, so that cancel is quick


@dataclass(frozen=True, eq=False)
class Slider:
    """A net and the volume it reads: ``voxels`` (k, j, i) of one in-plane ``spacing_mm``, ``patch`` pixels a side."""

    net: Loaded
    voxels: NDArray[np.int16]
    spacing_mm: float
    patch: int
    batch: int

    @staticmethod
    def make(net: Loaded, voxels: NDArray[np.int16], spacing_mm: float, patch: int, report: Report) -> "Slider":
        """Choose the batch by device and by how much memory there is (``report.tile_scale``)."""
        size = BATCH.get(report.device.partition(":")[0], BATCH["cpu"])
        return Slider(net, voxels, spacing_mm, patch, max(1, int(size * report.tile_scale)))

    def slices(self, windows: Sequence[Window], job: Job, text: str = "") -> Iterator[tuple[int, Floats]]:
        """Yield slice number and chances (rows, columns) for each slice that ``windows``, sorted by slice, lie on."""
        answers = self._answers(windows, job, text)
        shape = (self.voxels.shape[1], self.voxels.shape[2])
        for k, group in groupby(answers, key=lambda answer: answer[0].k):
            places, chances = zip(*group, strict=True)
            yield k, stitch(shape, places, chances)

    def _answers(self, windows: Sequence[Window], job: Job, text: str) -> Iterator[tuple[Window, Floats]]:
        for start in range(0, len(windows), self.batch):
            job.step(start / len(windows), text)
            some = windows[start : start + self.batch]
            inputs = batch([cut(self.voxels, window, self.patch) for window in some], self.spacing_mm)
            yield from zip(some, self.net.chances(inputs), strict=True)
