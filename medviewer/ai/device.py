"""What there is to compute on."""

import os
from dataclasses import dataclass

BF16_FLAGS = ("avx512_bf16", "amx_bf16", "sve_bf16")


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
        return Device("cuda", torch.cuda.is_bf16_supported(), torch.cuda.get_device_name(0))
    return cpu()


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
