"""A bundle's network in memory, ready to answer; kept from one reading to the next."""

import copy
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from medviewer.ai import nets
from medviewer.ai.bundle import Bundle
from medviewer.core.discover import discover


class Loaded:
    """A net with its weights on a device, in bfloat16 where that pays; float32 is the reference."""

    def __init__(self, net: nn.Module, device: str = "cpu", bf16: bool = False) -> None:
        self.device, self.kind = device, torch.bfloat16 if bf16 else torch.float32
        self.net = _fused(net).to(device, self.kind)
        self.net = self.net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def chances(self, inputs: Tensor) -> NDArray[np.float32]:
        """Return the chance (n, h, w), 0 to 1, of each pixel of network input (n, c, h, w)."""
        with torch.inference_mode():
            logits = self.net(inputs.to(self.device, self.kind, memory_format=torch.channels_last))
            answer: NDArray[np.float32] = torch.sigmoid(logits[:, 0].float()).cpu().numpy()
        return answer


def net_of(bundle: Bundle) -> nn.Module:
    """Build the bundle's net with its weights, float32, for inference; KeyError where its architecture is unknown."""
    net = discover(nets, nets.Net)[bundle.net].make(bundle.options)
    net.load_state_dict(load_file(bundle.weights))
    return net.eval()


def loaded(bundle: Bundle, device: str = "cpu", bf16: bool = False) -> Loaded:
    """Return the bundle's net on ``device``; the last ones stay in memory."""
    return _Kept(bundle).get(device, bf16)


class _Kept:
    """A bundle as a key: two of the same weights are the same."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle

    def __hash__(self) -> int:
        return hash(self.bundle.sha256)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Kept) and other.bundle.sha256 == self.bundle.sha256

    def get(self, device: str, bf16: bool) -> Loaded:
        return _load(self, device, bf16)


@lru_cache(maxsize=2)
def _load(kept: _Kept, device: str, bf16: bool) -> Loaded:
    return Loaded(net_of(kept.bundle), device, bf16)


def _fused(net: nn.Module) -> nn.Module:
    """Return a copy with each batch norm drawn into the convolution before it: same answers, less to move."""
    net = copy.deepcopy(net).eval()
    for block in net.modules():
        if isinstance(block, nn.Sequential):
            for place in range(len(block) - 1):
                convolution, norm = block[place], block[place + 1]
                if isinstance(convolution, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                    block[place], block[place + 1] = fuse_conv_bn_eval(convolution, norm), nn.Identity()
    return net
