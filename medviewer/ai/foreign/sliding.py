"""A volume as a network wants it, patches led over it, and the answer brought back into the volume's own voxels."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from medviewer.ai.foreign.plan import LETTERS, Intensity, Plan
from medviewer.ai.foreign.runtime import Network
from medviewer.ai.windows import starts
from medviewer.core.grid import Grid
from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.i18n import _

MOST_VOXELS = 500_000_000
SIGMA_SHARE = 0.125  # of a patch's width: how fast a voxel counts less towards the patch's edge
LEAST_WEIGHT = 1e-3


@dataclass(frozen=True)
class Turn:
    """How a volume (k, j, i) lies along a network's axes: ``order[n]`` is its axis n, ``flips`` its way."""

    order: tuple[int, int, int]
    flips: tuple[bool, bool, bool]
    spacing_mm: tuple[float, float, float]

    @staticmethod
    def of(grid: Grid, axes: str) -> "Turn":
        """Return the turn to ``axes`` (two or three letters; the third is the one left), the nearest one there is."""
        letters = axes + next(("S" if "S" in pair else pair[0] for pair in LETTERS if not set(pair) & set(axes)), "")
        wanted = np.asarray([_direction(letter) for letter in letters])
        along = wanted @ np.asarray(grid.axes_kji_lps).T  # cosines: network's axis, volume's axis
        best = max(
            itertools.permutations(range(3)), key=lambda order: sum(abs(along[n, axis]) for n, axis in enumerate(order))
        )
        a, b, c = best
        flips = (bool(along[0, a] < 0), bool(along[1, b] < 0), bool(along[2, c] < 0))
        spacing = grid.spacing_kji_mm
        return Turn((a, b, c), flips, (spacing[a], spacing[b], spacing[c]))

    def there(self, values: Tensor) -> Tensor:
        """Return ``values`` (k, j, i) along the network's axes."""
        return values.permute(self.order).flip(self._flipped)

    def back(self, values: Tensor) -> Tensor:
        """Return ``values`` along the network's axes as (k, j, i)."""
        return values.flip(self._flipped).permute(tuple(int(n) for n in np.argsort(self.order)))

    @property
    def _flipped(self) -> list[int]:
        return [n for n, flip in enumerate(self.flips) if flip]


def _direction(letter: str) -> tuple[float, float, float]:
    """The unit vector in LPS of the direction called ``letter``."""
    x, y, z = ({pair[0]: 1.0, pair[1]: -1.0}.get(letter, 0.0) for pair in LETTERS)
    return x, y, z


@dataclass(frozen=True, eq=False)
class Prepared:
    """A volume as the network wants it: ``image`` float32 along its axes, and the way back."""

    image: Tensor
    turn: Turn
    spacing_mm: tuple[float, float, float]
    shape_kji: tuple[int, int, int]

    @staticmethod
    def make(voxels: NDArray[np.int16], grid: Grid, slope: float, intercept: float, plan: Plan) -> "Prepared":
        """Turn, resample (linearly, without smoothing, as MONAI does) and scale ``voxels`` (k, j, i)."""
        turn = Turn.of(grid, plan.axes)
        missing = turn.spacing_mm[len(plan.spacing_mm) :]
        first, second, third = (*plan.spacing_mm, *missing)
        spacing_mm = (first, second, third)
        image = turn.there(torch.from_numpy(voxels.astype(np.float32)))
        sizes = [
            max(1, round(n * own / wanted))
            for n, own, wanted in zip(image.shape, turn.spacing_mm, spacing_mm, strict=True)
        ]
        if np.prod(sizes, dtype=np.float64) > MOST_VOXELS:
            raise Problem(_("This series is too large to be resampled to the spacing that the model needs."))
        for axis, (own, wanted) in enumerate(zip(turn.spacing_mm, spacing_mm, strict=True)):
            if own != wanted:
                image = at(image, axis, _places(sizes[axis], wanted / own))
        image = image.mul_(slope).add_(intercept) if (slope, intercept) != (1.0, 0.0) else image
        return Prepared(scaled(image, plan.intensity), turn, spacing_mm, grid.shape_kji)

    def native(self, chances: Tensor) -> Tensor:
        """Return ``chances`` of one channel, along the network's axes, in the volume's own voxels (k, j, i)."""
        sizes = [self.shape_kji[axis] for axis in self.turn.order]
        for axis, (own, wanted) in enumerate(zip(self.turn.spacing_mm, self.spacing_mm, strict=True)):
            if own != wanted:
                chances = at(chances, axis, _places(sizes[axis], own / wanted))
        return self.turn.back(chances)


def _places(count: int, step: float) -> Tensor:
    """Where the centres of ``count`` new voxels lie among old ones, ``step`` old voxels apart, from the same edge."""
    return (torch.arange(count, dtype=torch.float64) + 0.5) * step - 0.5


def at(values: Tensor, axis: int, places: Tensor) -> Tensor:
    """Return ``values`` at fractional ``places`` along ``axis``, linearly; beyond the ends the outermost value."""
    within = places.clamp(0, values.shape[axis] - 1)
    low = within.floor().long()
    share = (within - low).to(values.dtype)
    shape = [1] * values.dim()
    shape[axis] = -1
    below = values.index_select(axis, low)
    above = values.index_select(axis, (low + 1).clamp(max=values.shape[axis] - 1))
    return below.lerp_(above, share.view(shape))


def scaled(image: Tensor, intensity: Intensity) -> Tensor:
    """Return ``image`` in the values that the network takes; its memory is used again."""
    low, high = intensity.low, intensity.high
    if intensity.kind == "z-score":
        return image.sub_(image.mean()).div_(image.std().clamp(min=1e-6))
    if intensity.kind == "minimum-maximum":
        low, high = float(image.min()), float(image.max())
    width = max(high - low, 1e-6)
    image.sub_(low).mul_((intensity.to_high - intensity.to_low) / width).add_(intensity.to_low)
    return image.clamp_(intensity.to_low, intensity.to_high) if intensity.clip else image


def slide(net: Network, image: Tensor, job: Job, *, text: str = "", scale: float = 1.0) -> Tensor:
    """Return the chances (channels, *image) that ``net`` gives patch by patch, blended where patches overlap.

    ``scale`` below 1 (memory ran out) keeps the sums in half precision.
    """
    plan, flat = net.plan, len(net.plan.axes) == 2
    patch = (*plan.patch, 1) if flat else plan.patch
    kind = torch.float32 if scale >= 1.0 else torch.float16
    total = torch.zeros((plan.channels, *image.shape), dtype=kind)
    count = torch.zeros(image.shape, dtype=kind)
    weight = weights(patch)
    corners = list(itertools.product(*(_starts(n, p, plan.overlap) for n, p in zip(image.shape, patch, strict=True))))
    for number, corner in enumerate(corners):
        job.step(number / len(corners), text)
        inputs = _cut(image, corner, patch)[None, None]  # one by one: an exported network may take no more
        answer = net.chances(inputs.squeeze(-1) if flat else inputs)[0]
        answer = answer.unsqueeze(-1) if flat else answer
        place = tuple(slice(c, c + p) for c, p in zip(corner, patch, strict=True))
        inside = tuple(slice(0, n) for n in count[place].shape)
        total[(slice(None), *place)] += (answer * weight)[(slice(None), *inside)]
        count[place] += weight[inside]
    return total.div_(count)


def weights(patch: Sequence[int]) -> Tensor:
    """Return how much each voxel of a patch counts: a Gaussian of its distance to the middle (as MONAI does)."""
    made = torch.ones(tuple(patch))
    for axis, n in enumerate(patch):
        shape = [1] * len(patch)
        shape[axis] = -1
        away = (torch.arange(n) - (n - 1) / 2) / max(SIGMA_SHARE * n, 1e-6)
        made = made * torch.exp(-0.5 * away**2).view(shape)
    return made.clamp(min=LEAST_WEIGHT)


def _starts(size: int, patch: int, overlap: float) -> list[int]:
    return starts(0, size, size, patch, max(1, int(patch * (1.0 - overlap))))


def _cut(image: Tensor, corner: Sequence[int], patch: Sequence[int]) -> Tensor:
    """Return the patch at ``corner``; where the image is smaller, the rest is 0, as MONAI fills it."""
    part = image[tuple(slice(c, c + p) for c, p in zip(corner, patch, strict=True))]
    if part.shape == tuple(patch):
        return part
    whole = torch.zeros(tuple(patch))
    whole[tuple(slice(0, n) for n in part.shape)] = part
    return whole
