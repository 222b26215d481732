"""Others' networks in memory. Only the engine's process and that of the trial come here: a network is a program."""

import contextlib
import hashlib
import importlib
import io
import os
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from medviewer.ai.bundle import Bundle
from medviewer.ai.foreign.formats import cleaned
from medviewer.ai.foreign.plan import Plan
from medviewer.core.problem import Problem
from medviewer.i18n import _

Answer = Callable[[Tensor], Tensor]


class Network:
    """A network that answers patches; float32, as it was exported: what it does inside is its own affair."""

    def __init__(self, bundle: Bundle, device: str = "cpu") -> None:
        """Load it onto ``device``, "cpu" or "cuda"; Problem where it is not the one described or cannot be loaded."""
        self.id = bundle.id
        self.plan = Plan.of(bundle.options, bundle.input, bundle.output)
        content = bundle.weights.read_bytes()
        if hashlib.sha256(content).hexdigest() != bundle.sha256:
            raise Problem(_("The model '{name}' is not the one it was when it was added.").format(name=bundle.id))
        self.device = "cpu" if bundle.net == "onnx" else device
        try:
            self._answer = _LOADERS[bundle.net](cleaned(content), self.device)
        except (RuntimeError, ValueError, TypeError, KeyError, AttributeError, AssertionError, OSError) as error:
            raise _failed(bundle.id, error) from error

    def logits(self, patches: Tensor) -> Tensor:
        """Return what it answers to float32 ``patches`` (n, 1, *patch): (n, channels, *patch), float32, on the CPU.

        Problem where the answer has another shape or holds no plain numbers, or where the network fails.
        """
        try:
            with torch.inference_mode():
                raw = self._answer(patches.to(self.device))
        except torch.OutOfMemoryError:
            raise
        except (RuntimeError, ValueError, TypeError, IndexError) as error:
            if "memory" in str(error).lower():
                raise
            raise _failed(self.id, error) from error
        if isinstance(raw, tuple | list) and raw:
            raw = raw[0]  # deep supervision: the finest answer comes first
        wanted = (len(patches), self.plan.channels, *patches.shape[2:])
        if not isinstance(raw, Tensor) or tuple(raw.shape) != wanted:
            shape = tuple(raw.shape) if isinstance(raw, Tensor) else type(raw).__name__
            raise Problem(
                _("The model '{name}' answers in another shape ({shape}) than it says ({wanted}).").format(
                    name=self.id, shape=shape, wanted=wanted
                ),
                _("Its labels or its patch are not the ones described."),
            )
        answer = raw.float().cpu()
        if not bool(torch.isfinite(answer).all()):
            raise Problem(_("The model '{name}' answers with what are no numbers (NaN).").format(name=self.id))
        return answer

    def chances(self, patches: Tensor) -> Tensor:
        """Return the chance (n, channels, *patch), 0 to 1, of each channel at each voxel of ``patches``."""
        logits = self.logits(patches)
        if self.plan.activation == "softmax":
            return torch.softmax(logits, 1)
        return torch.sigmoid(logits) if self.plan.activation == "sigmoid" else logits.clamp(0.0, 1.0)


@lru_cache(maxsize=1)
def _loaded(_sha256: str, key: "_Key") -> Network:
    return Network(key.bundle, key.device)


class _Key:
    """A bundle and device as a key: of one description, one network."""

    def __init__(self, bundle: Bundle, device: str) -> None:
        self.bundle, self.device = bundle, device

    def __hash__(self) -> int:
        return hash(self.device)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and other.device == self.device


def network(bundle: Bundle, device: str = "cpu") -> Network:
    """Return the bundle's network on ``device``; the last one stays in memory."""
    return _loaded(bundle.all_sha256, _Key(bundle, device))


def _torchscript(content: bytes, device: str) -> Answer:
    made: Answer = torch.jit.load(io.BytesIO(content), map_location=device).eval()  # type: ignore[no-untyped-call]
    return made


def _exported(content: bytes, device: str) -> Answer:
    os.environ["TORCH_FORCE_WEIGHTS_ONLY_LOAD"] = (
        "1"  # torch.export.load asks for full unpickling, and has no way not to
    )
    with contextlib.redirect_stderr(io.StringIO()):
        program = torch.export.load(io.BytesIO(content))
    if device != "cpu":
        from torch.export.passes import move_to_device_pass

        program = move_to_device_pass(program, device)
    made: Answer = program.module(check_guards=False)  # guards are Python code from the file
    return made


def _onnx(content: bytes, _device: str) -> Answer:
    try:
        onnxruntime = importlib.import_module("onnxruntime")
    except ModuleNotFoundError:
        raise Problem(
            _("ONNX models need ONNX Runtime, which is not installed."), "pip install 'medviewer[onnx]'"
        ) from None
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = torch.get_num_threads()
    try:
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its errors share no other class
        raise RuntimeError(str(error).partition("\n")[0]) from error
    given = session.get_inputs()[0].name

    def answer(patches: Tensor) -> Tensor:
        try:
            found: Any = session.run(None, {given: patches.numpy()})[0]
        except Exception as error:
            raise RuntimeError(str(error).partition("\n")[0]) from error
        return torch.from_numpy(np.asarray(found))

    return answer


_LOADERS: dict[str, Callable[[bytes, str], Answer]] = {
    "torchscript": _torchscript,
    "exported": _exported,
    "onnx": _onnx,
}


def _failed(name: str, error: Exception) -> Problem:
    words = str(error).strip().splitlines()
    return Problem(
        _("The network of the model '{name}' does not run here.").format(name=name),
        (words[-1] if words else type(error).__name__)[:300],
    )
