"""A plain 2-D U-Net whose second channel tells it the pixel spacing."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from medviewer.ai.nets import Net


def _block(inputs: int, outputs: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for channels in (inputs, outputs):
        layers += [nn.Conv2d(channels, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(True)]
    return nn.Sequential(*layers)


class UNet(nn.Module):
    """Image channels (n, c, h, w), h and w divisible by 2 ** (len(widths) - 1), to logits (n, 1, h, w)."""

    def __init__(self, channels: int, widths: Sequence[int]) -> None:
        super().__init__()
        self.down = nn.ModuleList(_block(a, b) for a, b in zip([channels, *widths], widths, strict=False))
        pairs = list(pairwise(widths))
        self.narrow = nn.ModuleList(nn.Conv2d(deep, shallow, 1) for shallow, deep in pairs)
        self.up = nn.ModuleList(_block(2 * shallow, shallow) for shallow, _deep in pairs)
        self.head = nn.Conv2d(widths[0], 1, 1)
        nn.init.constant_(self.head.bias, -4.0)  # type: ignore[arg-type]  # most pixels are no nodule

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (n, 1, h, w)."""
        skips: list[Tensor] = []
        for depth, block in enumerate(self.down):
            x = block(nn.functional.max_pool2d(x, 2) if depth else x)
            skips.append(x)
        for depth in reversed(range(len(self.up))):
            wide = interpolate(self.narrow[depth](x), scale_factor=2, mode="nearest")
            x = self.up[depth](torch.cat([skips[depth], wide], dim=1))
        logits: Tensor = self.head(x)
        return logits


def _make(options: Mapping[str, Any]) -> nn.Module:
    return UNet(int(options["channels"]), [int(width) for width in options["widths"]])


NET = Net("unet", _make)
