"""A bundle's network in memory, ready to answer; kept from one reading to the next."""

import copy
import sys
import weakref
from collections.abc import Iterable, Iterator
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from medviewer.ai import device as devices
from medviewer.ai import nets
from medviewer.ai.bundle import Bundle
from medviewer.core.discover import discover
from medviewer.core.problem import Problem
from medviewer.i18n import _

KEPT = 8  # nets: a reader and its parts, twice
TENSOR_CORES = (7, 0)  # compute capability from which 16 bit floats are faster on a GPU
Sent = tuple[Tensor, "torch.cuda.Event | None"]


class Loaded:
    """A net with its weights on a device, in bfloat16 where that pays; float32 on the CPU is the reference.

    On a CPU the weights themselves are bfloat16; on a GPU they stay float32 and autocast chooses for each layer.
    What does not fit into memory is answered in halves, down to one input at a time; a GPU without room even for one
    leaves the rest to the CPU, in float32 (until ``renew``).

    On the CPU, in bfloat16, the answer to an input does not depend on what else is in its batch, on the order, or on
    the number of threads, to the last bit (batches of 1 to 16, AVX-512; ``tests/ai/test_loaded.py``). In float32 the
    last bits of a logit depend on the size of the batch with some nets, so tasks make the same batches each time; a
    batch of one is answered twice, as it would take another way. On a GPU it is not known.
    """

    def __init__(self, net: nn.Module, device: str = "cpu", bf16: bool = False) -> None:
        self._wanted = device
        self.kind = _kind(device, bf16)
        self._weights = torch.float32 if device == "cuda" else self.kind
        self.net = _fused(net).to(self._weights)
        self.net = self.net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.device = "cpu"
        self.renew()

    def renew(self) -> None:
        """Go back to the device wanted and to whole batches: there may be room again."""
        self._go_to(self._wanted)

    def _go_to(self, device: str) -> None:
        if device != self.device:
            self.net = self.net.to(device)
        self.device, self._most = device, sys.maxsize

    def answers(self, inputs: Tensor) -> Tensor:
        """Return the net's raw output (n, ...), float32 on the CPU, for network input (n, c, h, w).

        Raises Problem where the numbers make no sense, MemoryError where not even one input fits.
        """
        return self._received(inputs, self._send(inputs))

    def each(self, batches: Iterable[Tensor]) -> Iterator[Tensor]:
        """Yield ``answers`` for batch after batch; on a GPU the next one is made and sent while it computes."""
        if self.device == "cpu":
            yield from map(self.answers, batches)
            return
        waiting: tuple[Tensor, Sent] | None = None
        for inputs in batches:
            sent = self._send(inputs)
            if waiting is not None:
                yield self._received(*waiting)
            waiting = inputs, sent
        if waiting is not None:
            yield self._received(*waiting)

    def chances(self, inputs: Tensor) -> NDArray[np.float32]:
        """Return the chance (n, h, w), 0 to 1, of each pixel of network input (n, c, h, w)."""
        answers = self.answers(inputs)
        if answers.dim() != 4 or answers.shape[2:] != inputs.shape[2:]:
            raise senseless()
        chances: NDArray[np.float32] = torch.sigmoid(answers[:, 0]).numpy()
        return chances

    def _send(self, inputs: Tensor) -> Sent:
        """Start to answer, in pieces as large as fit."""
        if len(inputs) <= self._most:
            sent = self._tried(inputs)
            if sent is not None:
                return sent
        parts, start = [], 0
        while start < len(inputs):
            some = inputs[start : start + self._most]
            sent = self._tried(some)
            if sent is not None:  # else it is tried again, smaller or elsewhere
                parts.append(self._received(some, sent))
                start += len(some)
        return torch.cat(parts), None

    def _tried(self, inputs: Tensor) -> Sent | None:
        """Start to answer; None where memory ran out and the next try will be a smaller one, or on the CPU."""
        try:
            return self._on_gpu(inputs) if self.device == "cuda" else self._on_cpu(inputs)
        except (MemoryError, RuntimeError) as error:
            if not devices.is_out_of_memory(error):
                raise
        if self.device == "cuda":
            torch.cuda.empty_cache()
        if len(inputs) > 1:
            self._most = len(inputs) // 2
        elif self.device != "cpu":
            _without_gpu.add(self)
            self._go_to("cpu")
        else:
            raise MemoryError
        return None

    def _on_cpu(self, inputs: Tensor) -> Sent:
        twice = len(inputs) == 1 and self._weights == torch.float32 and self._most > 1
        given = torch.cat([inputs, inputs]) if twice else inputs
        with torch.inference_mode():
            raw = _tensor(self.net(given.to("cpu", self._weights, memory_format=torch.channels_last)))
            return (raw[:1] if twice else raw).float(), None

    def _on_gpu(self, inputs: Tensor) -> Sent:
        """Copy, compute and copy back without waiting for any of it. Never run on a GPU yet."""
        with torch.inference_mode(), torch.autocast("cuda", self.kind, enabled=self.kind != torch.float32):
            there = inputs.pin_memory().to("cuda", non_blocking=True)
            raw = _tensor(self.net(there.contiguous(memory_format=torch.channels_last))).float()
            back = torch.empty(raw.shape, pin_memory=True).copy_(raw, non_blocking=True)
            arrived = torch.cuda.Event()  # type: ignore[no-untyped-call]
            arrived.record()
        return back, arrived

    @staticmethod
    def _received(inputs: Tensor, sent: Sent) -> Tensor:
        """Wait for an answer and look whether it makes sense."""
        raw, arrived = sent
        if arrived is not None:
            arrived.synchronize()
        if raw.dim() == 0 or len(raw) != len(inputs) or not bool(torch.isfinite(raw).all()):
            raise senseless()
        return raw


_without_gpu: "weakref.WeakSet[Loaded]" = weakref.WeakSet()


def left_the_gpu() -> bool:
    """Whether a net kept here answers on the CPU now because the GPU had no room for it."""
    return any(net.device == "cpu" for net in _without_gpu)


def _kind(device: str, bf16: bool) -> torch.dtype:
    """Return the number type to compute in."""
    if bf16:
        return torch.bfloat16
    half = device == "cuda" and torch.cuda.get_device_capability() >= TENSOR_CORES
    return torch.float16 if half else torch.float32


def _tensor(raw: object) -> Tensor:
    if not isinstance(raw, Tensor):
        raise senseless()
    return raw


def senseless() -> Problem:
    """Return what is said of a network that answers with nonsense."""
    return Problem(
        _("The network of the model gives numbers that make no sense, so nothing of it is shown."),
        _("Run 'medviewer models' to check that the model is undamaged."),
    )


def net_of(bundle: Bundle) -> nn.Module:
    """Build the bundle's net with its weights, float32, for inference; Problem where they do not belong together."""
    known = discover(nets, nets.Net)
    try:
        net = known[bundle.net].make(bundle.options)
        net.load_state_dict(load_file(bundle.weights))
    except (KeyError, TypeError, ValueError, RuntimeError, SafetensorError) as error:
        if devices.is_out_of_memory(error):
            raise
        raise Problem(
            _("The weights of the model '{name}' do not fit its network.").format(name=bundle.id),
            _("Install MedViewer again, or restore the model's folder."),
        ) from error
    return net.eval()


def loaded(bundle: Bundle, device: str = "cpu", bf16: bool = False) -> Loaded:
    """Return the bundle's net on ``device``; the last ones stay in memory."""
    net = _load(_Kept(bundle), device, bf16)
    net.renew()
    return net


class _Kept:
    """A bundle as a key: two of the same weights are the same."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle

    def __hash__(self) -> int:
        return hash(self.bundle.sha256)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Kept) and other.bundle.sha256 == self.bundle.sha256


@lru_cache(maxsize=KEPT)
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
