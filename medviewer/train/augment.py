"""Random changes of crops that keep what a nodule is: place, size, orientation, grey range."""

import math

import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample

Batch = tuple[Tensor, Tensor, Tensor]
SHIFT = 0.85  # of half the crop: on a window of 96 out of 128 about one nodule in four falls outside
ZOOM = 1.3
PADDED = 0.08  # share of windows that reach into the padding outside the scanner's field of view
MIRROR = ((1.0, 1.0), (-1.0, 1.0))


def augment(images: Tensor, labels: Tensor, spacing_mm: Tensor, size: int, random: torch.Generator) -> Batch:
    """Return windows (n, 1, size, size) of ``images`` and ``labels`` (n, 1, h, w), in 0..1, and their spacing (n,).

    Each is shifted, turned, mirrored and zoomed (the spacing with it); the outside is mirrored, never black. Then it
    gets another grey range, as if the brightest and darkest place of the window were others.
    """
    grid, zoom = _places(images, size, random)
    windows = grid_sample(torch.cat([images, labels], 1), grid, "bilinear", "reflection", align_corners=False)
    image, label = windows[:, :1], windows[:, 1:].clamp(0.0, 1.0)
    jitter = _uniform(len(zoom), 0.97, 1.03, random)
    return _greys(image, random), label, spacing_mm * zoom * jitter


def _uniform(count: int, low: float, high: float, random: torch.Generator) -> Tensor:
    return torch.rand(count, generator=random) * (high - low) + low


def _places(images: Tensor, size: int, random: torch.Generator) -> tuple[Tensor, Tensor]:
    """Sampling places (n, size, size, 2) and the zoom (n,), source pixels per pixel."""
    count, half = len(images), images.shape[-1] / 2.0
    zoom = torch.exp(_uniform(count, -math.log(ZOOM), math.log(ZOOM), random))
    angle = _uniform(count, 0.0, 2.0 * math.pi, random)
    right = torch.randint(0, 4, (count,), generator=random) * (math.pi / 2.0)
    keep = torch.rand(count, generator=random) < 0.5  # half of the windows are never interpolated at an angle
    angle = torch.where(keep, right, angle)
    zoom = torch.where(keep & (torch.rand(count, generator=random) < 0.5), torch.ones(count), zoom)
    scale = zoom * (size / 2.0) / half
    mirror = torch.randint(0, 2, (count,), generator=random) * 2.0 - 1.0
    cos, sin = torch.cos(angle) * scale, torch.sin(angle) * scale
    shift = _uniform(2 * count, -SHIFT, SHIFT, random).view(count, 2)
    rows = [torch.stack([cos * mirror, -sin, shift[:, 0]], 1), torch.stack([sin * mirror, cos, shift[:, 1]], 1)]
    return affine_grid(torch.stack(rows, 1), [count, 1, size, size], align_corners=False), zoom


def _greys(image: Tensor, random: torch.Generator) -> Tensor:
    count = len(image)

    def each(low: float, high: float) -> Tensor:
        return _uniform(count, low, high, random).view(-1, 1, 1, 1)

    low, high = image.amin((1, 2, 3), keepdim=True), image.amax((1, 2, 3), keepdim=True)
    own = (image - low) / (high - low).clamp_min(1e-3)
    image = torch.where(each(0.0, 1.0) < 0.6, own, image)
    image = image.clamp(0.0, 1.0) ** torch.exp(each(-0.3, 0.3))
    image = image * torch.where(each(0.0, 1.0) < 0.5, each(0.6, 1.25), torch.ones(count, 1, 1, 1))
    floor = torch.where(each(0.0, 1.0) < PADDED, each(0.1, 0.55), each(0.0, 0.04))
    image = floor + (1.0 - floor) * image
    noise = torch.randn(image.shape, generator=random) * each(0.0, 0.02)
    return (image + noise).clamp(0.0, 1.0)
