"""What there is to compute on."""

import os
from dataclasses import dataclass

BF16_FLAGS = ("avx512_bf16", "amx_bf16", "sve_bf16")
NO_MEMORY = (
    "out of memory",
    "can't allocate memory",
    "not enough memory",
    "cannot allocate memory",
    "status_alloc_failed",
)
GPU_LOST = ("cuda error", "cudnn error", "cudnn_status", "cublas_status", "cuda driver error")


@dataclass(frozen=True, slots=True)
class Device:
    """A torch device ("cpu" or "cuda"), whether bfloat16 is fast on it, and its name in words."""

    name: str
    bf16: bool
    words: str


CPU = Device("cpu", False, "CPU")


def choose() -> Device:
    """Return the best device of this computer: a CUDA GPU where torch can use one, else the CPU."""
    import torch

    if torch.cuda.is_available():
        return Device("cuda", torch.cuda.is_bf16_supported(including_emulation=False), torch.cuda.get_device_name(0))
    return cpu()


def wake(device: Device) -> None:
    """Have a GPU ready before the first reading: its context and cuDNN take longer than reading a scan on it.

    A CPU needs none of this: its first batch takes as long as the next ones (1.90 and 1.84 s beside a training run).
    Raises RuntimeError where the GPU is there but cannot be used. Never run on a GPU yet.
    """
    if device.name != "cuda":
        return
    import torch

    picture = torch.zeros(1, 1, 16, 16, device=device.name)
    torch.nn.functional.conv2d(picture, torch.zeros(1, 1, 3, 3, device=device.name))
    torch.cuda.synchronize()


def is_out_of_memory(error: BaseException) -> bool:
    """Whether ``error`` is numpy's, Python's or torch's way to say that memory ran out (CPU and GPU)."""
    return isinstance(error, MemoryError) or any(words in str(error).lower() for words in NO_MEMORY)


def is_gpu_lost(error: BaseException) -> bool:
    """Whether ``error`` says that the GPU no longer answers; this process cannot use it any more then."""
    lost = isinstance(error, RuntimeError) and any(words in str(error).lower() for words in GPU_LOST)
    return lost and not is_out_of_memory(error)


def cpu() -> Device:
    """Return the CPU with what it can do."""
    words = f"CPU ({threads()})"
    return Device("cpu", _cpu_has_bf16(), f"{words}, bf16" if _cpu_has_bf16() else words)


def threads() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _cpu_has_bf16() -> bool:
    """Whether the CPU multiplies bfloat16 in hardware; emulated, it would be slower than float32."""
    import torch

    asked = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    if asked is not None and asked():
        return True
    return any(flag in _cpu_flags() for flag in BF16_FLAGS)


def _cpu_flags() -> str:
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as info:
            return info.read(20_000)
    except OSError:  # no Linux: torch has already been asked
        return ""
