"""What nets that mark nodules learn from: three slices, the readers' mean mask and one reader's mask."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from medviewer.ai.prepare import stacked
from medviewer.train.augment import Change, moved, recoloured
from medviewer.train.crops import READERS, Crops, soft_labels
from medviewer.train.evaluate import drawn_by
from medviewer.train.stacks import Stacks

LEVELS = 240  # divisible by 1 to 4 readers: soft labels are kept as bytes
OUTLINE_CROSS_ENTROPY, DETECTION_CROSS_ENTROPY = 2.0, 3.0
SEVERAL = 2
Judge = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True, eq=False)
class Marking:
    """Draws windows of crops and judges chances against the readers.

    ``labels`` uint8 (n, h, w) is the readers' mean mask times LEVELS; ``weights`` (n,) how often each crop is drawn.
    """

    stacks: Stacks
    masks: NDArray[np.uint8]
    drawn: NDArray[np.bool_]
    labels: NDArray[np.uint8]
    spacing_mm: NDArray[np.float64]
    weights: NDArray[np.float64]
    change: Change
    judge: Judge

    @staticmethod
    def of(crops: Crops, change: Change, judge: Judge, *, reach_mm: float = 0.0, by_slice: bool = False) -> "Marking":
        """Learn from ``crops``: a nodule on many slices counts as the square root of their number.

        ``by_slice`` each slice counts alike instead, one that several readers drew on twice: as outlines are judged.
        """
        labels = np.rint(soft_labels(crops) * LEVELS).astype(np.uint8)
        drawn = drawn_by(crops)
        several = drawn.sum(axis=1) >= SEVERAL
        by_nodule = 1.0 / np.sqrt(np.bincount(crops.nodule)[crops.nodule].astype(np.float64))
        weights = np.where(several, 2.0, 1.0) if by_slice else by_nodule
        spacing_mm = crops.numbers("pixel_spacing")
        stacks = Stacks.of(crops, reach_mm)
        return Marking(stacks, crops.masks, drawn, labels, spacing_mm, weights, change, judge)

    def draw(self, count: int, random: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw input (count, 5, size, size) and truth (count, 2, size, size): mean mask, and that of one reader."""
        rows = torch.multinomial(torch.from_numpy(self.weights), count, replacement=True, generator=random).numpy()
        stack, there = self.stacks.drawn(rows, random)
        label = torch.from_numpy(self.labels[rows]).float() / LEVELS
        full = torch.cat([stack, label.unsqueeze(1), self._one_reader(rows, random)], 1)
        windows, zoom = moved(full, self.change, random)
        images = recoloured(windows[:, :3], random) * there.view(count, 3, 1, 1)
        jitter = 0.97 + 0.06 * torch.rand(count, generator=random)
        spacing_mm = torch.from_numpy(self.spacing_mm[rows]).float() * zoom * jitter
        inputs = stacked(images, spacing_mm, torch.from_numpy(self.stacks.step_mm[rows]).float())
        return inputs, torch.cat([windows[:, 3:4].clamp(0.0, 1.0), (windows[:, 4:] > 0.5).float()], 1)

    def _one_reader(self, rows: NDArray[np.int64], random: torch.Generator) -> Tensor:
        """The mask of one of those who drew on each crop, (n, 1, h, w); empty where none did."""
        draw = torch.rand(len(rows), READERS, generator=random).numpy()
        reader = np.where(self.drawn[rows], draw, -1.0).argmax(axis=1).astype(np.uint8)
        mask = self.masks[rows] >> reader[:, None, None] & np.uint8(1)
        return torch.from_numpy(mask).float().unsqueeze(1)

    def loss(self, outputs: Tensor, truth: Tensor) -> Tensor:
        """Judge logits (n, 1, size, size) by what was drawn."""
        return self.judge(outputs, truth)


def outline_loss(outputs: Tensor, truth: Tensor) -> Tensor:
    """Cross-entropy with the mean mask, and one minus Dice with the one reader's, each window by itself."""
    chance, own = torch.sigmoid(outputs[:, 0]), truth[:, 1]
    there = own.amax((1, 2)) > 0
    overlap = (2.0 * (chance * own).sum((1, 2)) + 1.0) / (chance.sum((1, 2)) + own.sum((1, 2)) + 1.0)
    lost = torch.where(there, 1.0 - overlap, torch.zeros_like(overlap)).sum() / there.sum().clamp_min(1)
    return OUTLINE_CROSS_ENTROPY * binary_cross_entropy_with_logits(outputs, truth[:, :1]) + lost


def detection_loss(outputs: Tensor, truth: Tensor) -> Tensor:
    """Cross-entropy plus one minus the soft Dice of the whole batch: a window without a nodule then still teaches."""
    chance, label = torch.sigmoid(outputs), truth[:, :1]
    overlap = (2.0 * (chance * label).sum() + 1.0) / ((chance**2).sum() + (label**2).sum() + 1.0)
    return DETECTION_CROSS_ENTROPY * binary_cross_entropy_with_logits(outputs, label) + 1.0 - overlap
