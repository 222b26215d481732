"""A small 2-D net that describes what a mask points to: convolutions, pooling inside and around the mask, a head."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, max_pool2d

from medviewer.ai.nets import Net


def _layer(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(True))


class Describer(nn.Module):
    """Pictures, a mask among them at channel ``mask``, and planes of one value each, to ``outputs`` logits."""

    def __init__(
        self, *, pictures: int, mask: int, values: int, widths: Sequence[int], hidden: int, outputs: int, drop: float
    ) -> None:
        super().__init__()
        self.pictures, self.mask = pictures, mask
        pairs = list(zip([pictures, *widths], widths, strict=False))
        deep = [nn.Sequential(_layer(a, b), _layer(b, b)) for a, b in pairs[1:]]
        self.levels = nn.ModuleList([nn.Sequential(_layer(*pairs[0])), *deep])  # the widest pictures take longest
        self.head = nn.Sequential(
            nn.Dropout(drop), nn.Linear(3 * widths[-1] + 2 * widths[-2] + values, hidden), nn.ReLU(True),
            nn.Dropout(drop), nn.Linear(hidden, outputs),
        )  # fmt: skip
        self.direct = nn.Linear(values, outputs)  # size and spacing speak for themselves; pictures add to them

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (n, outputs) for (n, pictures + values, h, w), h and w divisible by 2 ** (levels - 1)."""
        values = x[:, self.pictures :, 0, 0]
        inside, seen, found = x[:, self.mask : self.mask + 1], x[:, : self.pictures], list[Tensor]()
        for depth, level in enumerate(self.levels):
            if depth:
                seen, inside = max_pool2d(seen, 2), avg_pool2d(inside, 2)
            seen = level(seen)
            if depth >= len(self.levels) - 2:
                share = inside / inside.sum((2, 3), keepdim=True).clamp_min(1e-3)
                found += [(seen * share).sum((2, 3)), seen.amax((2, 3))]
        found.append(seen.mean((2, 3)))
        logits: Tensor = self.head(torch.cat([*found, values], 1)) + self.direct(values)
        return logits


def _make(options: Mapping[str, Any]) -> nn.Module:
    return Describer(**options)


NET = Net("describer", _make)
