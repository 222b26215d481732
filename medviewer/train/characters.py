"""What a describing net learns from: three slices around a nodule, its outline, and what each reader said of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import max_pool2d

from medviewer.ai.nodules.describing import Sizes, described, parts, sizes_mm
from medviewer.core.characters import MALIGNANCY, SCALES, STRUCTURE, SUBTLETY
from medviewer.train.augment import Change, moved
from medviewer.train.crops import READERS, Crops
from medviewer.train.stacks import Stacks

LEVELS = 240  # divisible by 1 to 4 readers: mean masks are kept as bytes
CONSENSUS = 0.5
WEIGHTS = {MALIGNANCY.id: 3.0, STRUCTURE.id: 0.2, SUBTLETY.id: 0.5}  # of the scales in the loss; 1 for the others
CHANGE = Change(128, 0.04, 1.15)


@dataclass(frozen=True, eq=False)
class Ratings:
    """What the readers said of each nodule of the table.

    ``counts`` (nodules, all steps of all scales): how many readers chose each step, scale behind scale as in SCALES.
    """

    counts: NDArray[np.float64]

    @staticmethod
    def of(rows: Sequence[dict[str, str]]) -> "Ratings":
        """Read the table; a rating that is no step of its scale is left out."""
        counts = np.zeros((len(rows), sum(scale.steps for scale in SCALES)))
        for place, scale in zip(parts(), SCALES, strict=True):
            for n, row in enumerate(rows):
                for text in (row.get(f"{scale.id}_{reader}", "") for reader in range(READERS)):
                    if text and 1 <= float(text) <= scale.steps:
                        counts[n, place.start + round(float(text)) - 1] += 1.0
        return Ratings(counts)

    def steps(self, number: int) -> NDArray[np.float64]:
        """Return the counts of each step of the scale ``number``, (nodules, steps)."""
        return self.counts[:, parts()[number]]


@dataclass(frozen=True, eq=False)
class Nodules:
    """The nodules of some crops: who outlined what, how large they are, what was said of them.

    ``labels`` uint8 (n, h, w): the mean of the masks of those who drew the nodule, times LEVELS; ``area`` (n,) pixels
    of the consensus on each crop; ``sizes`` one for each of the table's rows, None where nobody drew it.
    """

    crops: Crops
    stacks: Stacks
    ratings: Ratings
    labels: NDArray[np.uint8]
    area: NDArray[np.int64]
    sizes: tuple[Sizes | None, ...]

    @staticmethod
    def of(crops: Crops) -> "Nodules":
        """Outline and measure the nodules of ``crops``; at the ends of a nodule's crops neighbours are unknown."""
        ratings, stacks = Ratings.of(crops.rows), Stacks.of(crops, fill=False)
        labels = np.zeros(crops.masks.shape, np.uint8)
        sizes: list[Sizes | None] = [None] * len(crops.rows)
        area = np.zeros(len(crops), np.int64)
        for nodule in np.unique(crops.nodule):
            rows = np.flatnonzero(crops.nodule == nodule)
            bits = np.stack([crops.masks[rows] >> np.uint8(r) & np.uint8(1) for r in range(READERS)])
            readers = int(bits.any(axis=(1, 2, 3)).sum())
            if not readers:
                continue
            mean = bits.sum(axis=0) / readers
            voxels = mean >= CONSENSUS if (mean >= CONSENSUS).any() else mean > 0
            labels[rows] = np.rint(mean * LEVELS)
            area[rows] = voxels.sum(axis=(1, 2))
            mm = float(crops.numbers("pixel_spacing")[rows[0]])
            sizes[nodule] = sizes_mm(voxels, (float(stacks.step_mm[rows[0]]), mm, mm))
        return Nodules(crops, stacks, ratings, labels, area, tuple(sizes))

    def size_values(self, rows: NDArray[np.int64]) -> Tensor:
        """Return the sizes in mm of the nodules of crops ``rows``, (n, 2)."""
        return torch.tensor([self.sizes[nodule] for nodule in self.crops.nodule[rows]], dtype=torch.float32)

    def plain(self, rows: NDArray[np.int64]) -> Tensor:
        """Return network input for crops ``rows`` as at reading: unchanged, with the consensus as the outline."""
        stack, _there = self.stacks.whole(rows)
        masks = torch.from_numpy(self.labels[rows] >= CONSENSUS * LEVELS).float().unsqueeze(1)
        spacing_mm = torch.from_numpy(self.crops.numbers("pixel_spacing")[rows]).float()
        return described(
            stack, masks, spacing_mm, torch.from_numpy(self.stacks.step_mm[rows]).float(), self.size_values(rows)
        )


@dataclass(frozen=True, eq=False)
class Describing:
    """Draws slices of nodules and judges logits against all of their readers' ratings.

    ``rows`` (m,) are the crops to draw from, ``weights`` (m,) how often.
    """

    nodules: Nodules
    rows: NDArray[np.int64]
    weights: NDArray[np.float64]
    spacing_mm: NDArray[np.float64]
    targets: NDArray[np.float32]

    @staticmethod
    def of(nodules: Nodules) -> "Describing":
        """Learn from ``nodules``: all alike but for how many readers rated them, larger slices of one more often."""
        crops, ratings = nodules.crops, nodules.ratings
        readers = ratings.steps(SCALES.index(MALIGNANCY)).sum(axis=1)
        rows = np.flatnonzero((nodules.area > 0) & (readers[crops.nodule] > 0))
        share = np.sqrt(nodules.area[rows].astype(np.float64))
        total = np.bincount(crops.nodule[rows], share, len(crops.rows))
        n = readers[crops.nodule[rows]]
        weights = share / total[crops.nodule[rows]] * n / (n + 1.0)
        targets = ratings.counts.astype(np.float32)
        for part in parts():
            targets[:, part] /= np.maximum(targets[:, part].sum(axis=1, keepdims=True), 1.0)
        return Describing(nodules, rows, weights, crops.numbers("pixel_spacing"), targets)

    def draw(self, count: int, random: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw network input and the share of readers for each step, (count, all steps); no share where none rated."""
        picks = torch.multinomial(torch.from_numpy(self.weights), count, replacement=True, generator=random).numpy()
        rows, stacks = self.rows[picks], self.nodules.stacks
        stack, there = stacks.whole(rows)
        stack, there = _turned_over(stack, there, random)
        label = torch.from_numpy(self.nodules.labels[rows]).float().unsqueeze(1) / LEVELS
        windows, zoom = moved(torch.cat([stack, label], 1), CHANGE, random)
        images = shaded(windows[:, :3], random) * there.view(count, 3, 1, 1)
        # Networks and readers outline more or less widely: any level of agreement is an outline.
        masks = (windows[:, 3:] > _uniform(count, 0.3, 0.7, random).view(-1, 1, 1, 1)).float()
        wide = (torch.rand(count, generator=random) < 0.25).view(-1, 1, 1, 1)
        masks = torch.where(wide, max_pool2d(masks, 3, 1, 1), masks)
        jitter = torch.exp(torch.randn(count, 2, generator=random) * 0.08)
        inputs = described(
            images,
            masks,
            torch.from_numpy(self.spacing_mm[rows]).float() * zoom,
            torch.from_numpy(stacks.step_mm[rows]).float(),
            self.nodules.size_values(rows) * jitter,
        )
        return inputs, torch.from_numpy(self.targets[self.nodules.crops.nodule[rows]])

    def loss(self, outputs: Tensor, truth: Tensor) -> Tensor:
        """Cross-entropy with the readers' shares, and squared distance of the cumulated shares, as steps have order."""
        total = outputs.new_zeros(())
        for part, scale in zip(parts(), SCALES, strict=True):
            shares, rated = truth[:, part], truth[:, part].sum(1)
            logs = torch.log_softmax(outputs[:, part], 1)
            entropy = -(shares * logs).sum(1)
            apart = ((logs.exp().cumsum(1) - shares.cumsum(1)) ** 2).sum(1) * rated
            total = total + WEIGHTS.get(scale.id, 1.0) * (entropy + apart).mean()
        return total / len(SCALES)


def _turned_over(stack: Tensor, there: Tensor, random: torch.Generator) -> tuple[Tensor, Tensor]:
    """Drop some neighbours, as at the ends of a scan, and turn half of the stacks upside down."""
    keep = torch.rand(there.shape, generator=random) >= 0.1
    keep[:, 1] = True
    there = there & keep
    over = torch.rand(len(stack), generator=random) < 0.5
    stack = torch.where(over.view(-1, 1, 1, 1), stack.flip(1), stack)
    return stack, torch.where(over.view(-1, 1), there.flip(1), there)


def shaded(stack: Tensor, random: torch.Generator) -> Tensor:
    """Return ``stack`` (n, c, h, w), 0..1, a little brighter or darker, as if metal or fat had set the window's range.

    Gentler than ``augment.recoloured``: what a nodule is made of must stay readable.
    """
    count = len(stack)
    gamma = torch.exp(_uniform(count, -0.15, 0.15, random)).view(-1, 1, 1, 1)
    gain = _uniform(count, 0.85, 1.05, random).view(-1, 1, 1, 1)
    noise = torch.randn(stack.shape, generator=random) * _uniform(count, 0.0, 0.02, random).view(-1, 1, 1, 1)
    return (stack.clamp(0.0, 1.0) ** gamma * gain + noise).clamp(0.0, 1.0)


def _uniform(count: int, low: float, high: float, random: torch.Generator) -> Tensor:
    return torch.rand(count, generator=random) * (high - low) + low
