"""What an answer rests on, as hashes: the images as they were decoded, the program, the computer. No names in it."""

import hashlib
import os
import platform
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from medviewer import __version__
from medviewer.app.audit import canonical
from medviewer.core.volume import Volume

COMPUTING = ("ai", "imaging", "core")  # the rooms whose code an answer depends on
LIBRARIES = ("torch", "numpy", "scipy", "numba")


def image_hashes(volume: Volume) -> tuple[str, ...]:
    """Return the sha256 of each slice: int16 voxels as decoded, its place, spacing, directions, and rescale.

    A CT of 300 slices takes about 0.1 s; hashlib lets other threads run meanwhile.
    """
    voxels, grid = volume.voxels, volume.grid

    def of(k: int) -> str:
        place = [grid.to_lps((k, 0, 0)).tolist(), grid.spacing_kji_mm, grid.axes_kji_lps]
        digest = hashlib.sha256(canonical([voxels.shape[1:], *place, volume.slope, volume.intercept]).encode())
        digest.update(np.ascontiguousarray(voxels[k], "<i2").data)
        return digest.hexdigest()

    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as threads:
        return tuple(threads.map(of, range(len(voxels))))


def input_sha256(volume: Volume, images: Sequence[str] = ()) -> str:
    """Return one hash of all that a model is told of a volume; ``images`` are its ``image_hashes`` where known."""
    from medviewer.ai.protocol import Meta

    told = {
        "images": list(images or image_hashes(volume)),
        "grid": asdict(volume.grid),
        "meta": asdict(Meta.of(volume)),
    }
    return sha256_of(told)


def sha256_of(value: object) -> str:
    """Return the sha256 of JSON-ready data."""
    return hashlib.sha256(canonical(value).encode("utf-8", "surrogatepass")).hexdigest()


@cache
def program() -> dict[str, Any]:
    """Return the program's version, the hash of its code that computes (empty where it has no files), its libraries."""
    return {
        "version": __version__,
        "code_sha256": _code_sha256(),
        "libraries": {name: _version(name) for name in LIBRARIES},
    }


def _code_sha256() -> str:
    rooms = Path(__file__).resolve().parent.parent
    files = sorted(file for room in COMPUTING for file in (rooms / room).rglob("*.py"))
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.relative_to(rooms).as_posix()}\0".encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest() if files else ""


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:  # a frozen program may carry no metadata
        return ""


@cache
def computer() -> dict[str, Any]:
    """Return what decides on which device the engine computes, known without torch: processor, threads, graphics."""
    threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "machine": platform.machine(),
        "processor": _first_line("/proc/cpuinfo", "model name") or platform.processor(),
        "threads": threads,
        "graphics": [
            _first_line(str(card), "Model") for card in sorted(Path("/proc/driver/nvidia/gpus").glob("*/information"))
        ],
        "visible": os.environ.get("CUDA_VISIBLE_DEVICES"),
    }


def _first_line(file: str, name: str) -> str:
    try:
        with open(file, encoding="ascii", errors="replace") as lines:
            return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")
    except OSError:  # no Linux
        return ""
