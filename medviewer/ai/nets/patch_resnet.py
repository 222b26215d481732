"""A small residual classifier of patches: one number for what lies in the middle."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from medviewer.ai.nets import Net

MIDDLE = 3  # pixels of the last stage that hold the candidate itself; the rest is surroundings


def _normed(inputs: int, outputs: int, size: int, stride: int = 1) -> list[nn.Module]:
    return [nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False), nn.BatchNorm2d(outputs)]


class _Residual(nn.Module):
    """Two convolutions beside a way past them."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.convolved = nn.Sequential(
            *_normed(inputs, outputs, 3, stride), nn.ReLU(True), *_normed(outputs, outputs, 3)
        )
        same = stride == 1 and inputs == outputs
        self.passed = nn.Sequential() if same else nn.Sequential(*_normed(inputs, outputs, 1, stride))

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.convolved(x) + self.passed(x))


class PatchResNet(nn.Module):
    """Patches (n, c, h, w) of about 50 x 50 pixels to logits (n, 1); each stage after the first halves the picture."""

    def __init__(self, channels: int, widths: Sequence[int], blocks: Sequence[int], dropout: float) -> None:
        super().__init__()
        self.stem = nn.Sequential(*_normed(channels, widths[0], 3), nn.ReLU(True))
        stages: list[nn.Module] = []
        for (inputs, outputs), count in zip(pairwise(widths), blocks, strict=True):
            stages += [_Residual(inputs, outputs, 2), *(_Residual(outputs, outputs, 1) for _ in range(count - 1))]
        self.stages = nn.Sequential(*stages)
        self.head = nn.Sequential(nn.Dropout(dropout), nn.Linear(2 * widths[-1], 1))

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (n, 1)."""
        seen = self.stages(self.stem(x))
        top, left = (seen.shape[2] - MIDDLE) // 2, (seen.shape[3] - MIDDLE) // 2
        middle = seen[:, :, top : top + MIDDLE, left : left + MIDDLE]
        logits: Tensor = self.head(torch.cat([seen.mean((2, 3)), middle.mean((2, 3))], 1))
        return logits


def _make(options: Mapping[str, Any]) -> nn.Module:
    widths, blocks = ([int(number) for number in options[name]] for name in ("widths", "blocks"))
    return PatchResNet(int(options["channels"]), widths, blocks, float(options["dropout"]))


NET = Net("patch-resnet", _make)
