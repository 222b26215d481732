"""Random changes of crops that keep what a nodule is: place, size, orientation, grey range."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample

PADDED = 0.08  # share of windows that reach into the padding outside the scanner's field of view


@dataclass(frozen=True)
class Change:
    """How much windows are changed.

    ``size`` is a window's side in pixels; ``shift`` how far its middle may lie from the crop's, a share of half the
    crop; a ``roaming`` share of the windows goes as far as ``roam`` instead; ``zoom`` is the largest factor.
    """

    size: int
    shift: float
    zoom: float = 1.3
    roaming: float = 0.0
    roam: float = 0.0


def moved(stack: Tensor, change: Change, random: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return windows (n, c, size, size) of ``stack`` (n, c, h, w) and how many source pixels one pixel is, (n,).

    Each is shifted, turned, mirrored and zoomed, all channels alike; the outside is mirrored, never black.
    """
    grid, zoom = _places(stack, change, random)
    return grid_sample(stack, grid, "bilinear", "reflection", align_corners=False), zoom


def _uniform(count: int, low: float, high: float, random: torch.Generator) -> Tensor:
    return torch.rand(count, generator=random) * (high - low) + low


def _places(stack: Tensor, change: Change, random: torch.Generator) -> tuple[Tensor, Tensor]:
    """Sampling places (n, size, size, 2) and the zoom (n,), source pixels per pixel."""
    count, half = len(stack), stack.shape[-1] / 2.0
    zoom = torch.exp(_uniform(count, -math.log(change.zoom), math.log(change.zoom), random))
    angle = _uniform(count, 0.0, 2.0 * math.pi, random)
    right = torch.randint(0, 4, (count,), generator=random) * (math.pi / 2.0)
    keep = torch.rand(count, generator=random) < 0.5  # half of the windows are never interpolated at an angle
    angle = torch.where(keep, right, angle)
    zoom = torch.where(keep & (torch.rand(count, generator=random) < 0.5), torch.ones(count), zoom)
    scale = zoom * (change.size / 2.0) / half
    mirror = torch.randint(0, 2, (count,), generator=random) * 2.0 - 1.0
    cos, sin = torch.cos(angle) * scale, torch.sin(angle) * scale
    reach = torch.where(torch.rand(count, generator=random) < change.roaming, change.roam, change.shift)
    shift = _uniform(2 * count, -1.0, 1.0, random).view(count, 2) * reach.unsqueeze(1)
    rows = [torch.stack([cos * mirror, -sin, shift[:, 0]], 1), torch.stack([sin * mirror, cos, shift[:, 1]], 1)]
    size = [count, 1, change.size, change.size]
    return affine_grid(torch.stack(rows, 1), size, align_corners=False), zoom


def recoloured(stack: Tensor, random: torch.Generator) -> Tensor:
    """Return ``stack`` (n, c, h, w), 0..1, in another grey range, as if other places had been the darkest, brightest.

    The channels of a window change alike, and a little apart: each slice was scaled by its own range.
    """
    count, slices = stack.shape[:2]

    def each(low: float, high: float, parts: int = 1) -> Tensor:
        return _uniform(count * parts, low, high, random).view(count, parts, 1, 1)

    low, high = stack.amin((2, 3), keepdim=True), stack.amax((2, 3), keepdim=True)
    own = (stack - low) / (high - low).clamp_min(1e-3)
    image = torch.where(each(0.0, 1.0) < 0.6, own, stack)
    image = image.clamp(0.0, 1.0) ** torch.exp(each(-0.3, 0.3))
    image = image * torch.where(each(0.0, 1.0) < 0.5, each(0.6, 1.25), torch.ones(count, 1, 1, 1))
    image = image * each(0.95, 1.05, slices)
    floor = torch.where(each(0.0, 1.0) < PADDED, each(0.1, 0.55), each(0.0, 0.04))
    image = floor + (1.0 - floor) * image
    noise = torch.randn(image.shape, generator=random) * each(0.0, 0.02)
    return (image + noise).clamp(0.0, 1.0)
