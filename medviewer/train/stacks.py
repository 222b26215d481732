"""The slices before and after each crop, and what stands for them where a nodule's crops end."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from medviewer.train.crops import Crops

NONE = -1
RIM = 5  # pixels around what readers drew that are filled, too: the blurred edge of a nodule
FILLED = 0.5  # share of missing neighbours that are filled; the others are left out
DROPPED = 0.1  # share of neighbours left out, so that the net does not lean on them


@dataclass(frozen=True, eq=False)
class Stacks:
    """Crops (n, h, w) with their neighbours.

    ``before`` and ``after`` (n,) are rows of the slices some way off, NONE beyond the end of a nodule's crops. Crops
    end with the nodule, while in a scan there is a slice without it: ``beyond`` (m, h, w) are end slices with the
    nodule filled from around, ``first`` and ``last`` (n,) their rows for each crop. ``step_mm`` (n,) is the distance of
    slices.
    """

    images: NDArray[np.uint8]
    before: NDArray[np.int64]
    after: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    beyond: NDArray[np.uint8]
    step_mm: NDArray[np.float64]

    @staticmethod
    def of(crops: Crops, reach_mm: float = 0.0, fill: bool = True) -> "Stacks":
        """Find the neighbours, the next slices or those about ``reach_mm`` off.

        ``fill`` what is beyond the ends (for training; else it stays unknown).
        """
        step_mm, rows = steps_mm(crops), np.arange(len(crops))
        away = np.maximum(np.rint(reach_mm / step_mm).astype(np.int64), 1)
        first = np.searchsorted(crops.nodule, crops.nodule, "left")
        last = np.searchsorted(crops.nodule, crops.nodule, "right") - 1
        before = np.where(rows - away >= first, rows - away, NONE)
        after = np.where(rows + away <= last, rows + away, NONE)
        ends = np.unique(np.concatenate([first, last])) if fill else np.empty(0, np.int64)
        drawn = [fill_in(crops.images[row], crops.masks[row] > 0, int(row)) for row in ends]
        beyond = np.stack(drawn) if drawn else np.empty((0, *crops.images.shape[1:]), np.uint8)
        place = np.searchsorted(ends, [first, last])
        return Stacks(crops.images, before, after, place[0], place[1], beyond, step_mm)

    def whole(self, rows: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
        """Return slices before, at and after ``rows`` (n, 3, h, w), 0..1, and which are there, bool (n, 3)."""
        stack = np.zeros((len(rows), 3, *self.images.shape[1:]), np.uint8)
        there = np.ones((len(rows), 3), np.bool_)
        stack[:, 1] = self.images[rows]
        for place, near in ((0, self.before[rows]), (2, self.after[rows])):
            there[:, place] = near != NONE
            stack[there[:, place], place] = self.images[near[near != NONE]]
        return torch.from_numpy(stack).float() / 255.0, torch.from_numpy(there)

    def drawn(self, rows: NDArray[np.int64], random: torch.Generator) -> tuple[Tensor, Tensor]:
        """Like ``whole``, for training: some missing neighbours filled, others dropped, some stacks upside down."""
        stack, there = self.whole(rows)
        fill = (torch.rand(there.shape, generator=random) < FILLED) & ~there
        for place, end in ((0, self.first[rows]), (2, self.last[rows])):
            wanted = fill[:, place]
            stack[wanted, place] = torch.from_numpy(self.beyond[end[wanted.numpy()]]).float() / 255.0
        there = there | fill
        keep = torch.rand(there.shape, generator=random) >= DROPPED
        keep[:, 1] = True
        over = torch.rand(len(rows), generator=random) < 0.5
        there = there & keep
        stack = torch.where(over.view(-1, 1, 1, 1), stack.flip(1), stack)
        return stack, torch.where(over.view(-1, 1), there.flip(1), there)


def steps_mm(crops: Crops) -> NDArray[np.float64]:
    """Return the distance in mm of the slices of each crop's nodule, (n,); the slice thickness where it is unknown."""
    found = crops.numbers("slice_thickness")
    for nodule in np.unique(crops.nodule):
        rows = np.flatnonzero(crops.nodule == nodule)
        steps = np.abs(np.diff(crops.z_mm[rows]))
        steps = steps[np.isfinite(steps) & (steps > 0)]
        if len(steps):
            found[rows] = np.median(steps)
    return found


def fill_in(image: NDArray[np.uint8], mask: NDArray[np.bool_], seed: int) -> NDArray[np.uint8]:
    """Return ``image`` (h, w) with the masked place and its rim filled from around, as grainy as the rest."""
    import cv2

    hole = cv2.dilate(mask.astype(np.uint8), np.ones((2 * RIM + 1, 2 * RIM + 1), np.uint8))
    smooth = cv2.inpaint(image, hole, 3, cv2.INPAINT_TELEA).astype(np.float64)
    grain = np.median(np.abs(np.diff(image.astype(np.float64), axis=1))) / 0.954  # of noise of standard deviation 1
    noise = np.random.default_rng(seed).normal(0.0, grain, image.shape)
    filled = np.where(hole > 0, np.clip(np.rint(smooth + noise), 0, 255), image)
    return filled.astype(np.uint8)
