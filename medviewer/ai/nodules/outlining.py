"""The outlining net at work: from three neighbouring slices with a nodule in the middle to the chance of each pixel."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from medviewer.ai.loaded import Loaded
from medviewer.ai.prepare import stacked

FLIPS: tuple[tuple[int, ...], ...] = ((), (2,), (3,), (2, 3))  # a window is seen four ways, the answers are averaged
BATCH = 8


@dataclass(frozen=True, eq=False)
class Outliner:
    """An outlining net; ``side`` is the side in pixels of the window it looks at."""

    net: Loaded
    side: int

    def chances(
        self, stacks: Tensor, spacing_mm: Tensor, step_mm: Tensor, views: int = len(FLIPS)
    ) -> NDArray[np.float32]:
        """Return the chance (n, side, side) of each pixel around the middle of the slices at the centre of ``stacks``.

        ``stacks`` (n, 3, h, w), 0..1, are slices before, at and after, 0 where there is none; h and w are at least
        ``side``. ``spacing_mm`` of pixels and ``step_mm`` of slices, (n,). Each is seen ``views`` ways, 1 to 4.
        """
        rows, columns = ((size - self.side) // 2 for size in stacks.shape[2:])
        middle = stacks[:, :, rows : rows + self.side, columns : columns + self.side]
        found = np.empty((len(stacks), self.side, self.side), np.float32)
        for start in range(0, len(stacks), BATCH):
            part = slice(start, start + BATCH)
            inputs = stacked(middle[part], spacing_mm[part], step_mm[part])
            ways = [torch.sigmoid(self.net.answers(inputs.flip(way)))[:, 0:1].flip(way) for way in FLIPS[:views]]
            found[part] = torch.stack(ways).mean(0)[:, 0].numpy()
        return found
