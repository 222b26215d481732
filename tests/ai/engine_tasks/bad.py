"""Tasks that hang, crash, run out of memory or answer nonsense."""

import ctypes
import os
from typing import Any, NoReturn

from medviewer.ai.protocol import Answered, Meta, Report, Task
from medviewer.core.grid import Grid
from medviewer.core.problem import Problem
from tests.ai.engine_tasks.good import Voxels, finding


def _steps(_bundle: Any, _voxels: Voxels, _grid: Grid, _meta: Meta, report: Report) -> NoReturn:
    while True:
        report.step(0.1, "tile after tile")


def _spin(_bundle: Any, _voxels: Voxels, _grid: Grid, _meta: Meta, report: Report) -> NoReturn:
    report.step(0.1, "inside a tile")
    while True:  # as native code that never comes back: it hears no cancel
        pass


def _hold(_bundle: Any, _voxels: Voxels, _grid: Grid, _meta: Meta, report: Report) -> Answered:
    report.step(0.1, "inside native code")
    ctypes.PyDLL(None).sleep(3600)  # native code that keeps the interpreter's lock: not even the listener runs
    return Answered(())


def _crash(_bundle: Any, _voxels: Voxels, _grid: Grid, _meta: Meta, report: Report) -> NoReturn:
    report.step(0.1, "about to crash")
    os.abort()


def _fault(_bundle: Any, _voxels: Voxels, _grid: Grid, _meta: Meta, _report: Report) -> NoReturn:
    raise KeyError("a fault in the task")


def _problem(_bundle: Any, _voxels: Voxels, _grid: Grid, _meta: Meta, _report: Report) -> NoReturn:
    raise Problem("There is no lung in the picture.", "Choose a chest CT.")


def _write(_bundle: Any, voxels: Voxels, _grid: Grid, _meta: Meta, _report: Report) -> Answered:
    voxels[:] = 0
    return Answered(())


def _hungry(_bundle: Any, _voxels: Voxels, _grid: Grid, meta: Meta, report: Report) -> Answered:
    if report.tile_scale > 0.25:
        raise RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")
    return Answered([finding(meta, 0.0, tile_scale=report.tile_scale)])


def _insatiable(_bundle: Any, _voxels: Voxels, _grid: Grid, _meta: Meta, _report: Report) -> NoReturn:
    raise MemoryError


def _nan(_bundle: Any, _voxels: Voxels, _grid: Grid, meta: Meta, _report: Report) -> Answered:
    return Answered([finding(meta, float("nan"))])


def _stream_nan(_bundle: Any, _voxels: Voxels, _grid: Grid, meta: Meta, report: Report) -> Answered:
    report.found([finding(meta, float("nan"))])
    return Answered(())


def _stream_wrong(_bundle: Any, _voxels: Voxels, _grid: Grid, _meta: Meta, report: Report) -> Answered:
    report.found(["a nodule"])  # type: ignore[list-item]
    return Answered(())


def _bad_candidate(_bundle: Any, _voxels: Voxels, _grid: Grid, meta: Meta, _report: Report) -> Answered:
    return Answered((), [finding(meta, float("inf"))])


def _stream_then_spin(_bundle: Any, _voxels: Voxels, _grid: Grid, meta: Meta, report: Report) -> NoReturn:
    report.found([finding(meta, 1.0)])
    report.step(0.1, "inside a tile")
    while True:
        pass


def _dead_gpu(_bundle: Any, _voxels: Voxels, _grid: Grid, _meta: Meta, _report: Report) -> NoReturn:
    raise RuntimeError("CUDA error: an illegal memory access was encountered")


def _wrong(_bundle: Any, _voxels: Voxels, _grid: Grid, _meta: Meta, _report: Report) -> Any:
    return {"nodules": 3}


TASKS = [
    STEPS := Task("steps", _steps),
    SPIN := Task("spin", _spin),
    HOLD := Task("hold", _hold),
    CRASH := Task("crash", _crash),
    FAULT := Task("fault", _fault),
    PROBLEM := Task("problem", _problem),
    WRITE := Task("write", _write),
    HUNGRY := Task("hungry", _hungry),
    INSATIABLE := Task("insatiable", _insatiable),
    NAN := Task("nan", _nan),
    WRONG := Task("wrong", _wrong),
    STREAM_NAN := Task("stream-nan", _stream_nan),
    STREAM_WRONG := Task("stream-wrong", _stream_wrong),
    BAD_CANDIDATE := Task("bad-candidate", _bad_candidate),
    STREAM_THEN_SPIN := Task("stream-then-spin", _stream_then_spin),
    DEAD_GPU := Task("dead-gpu", _dead_gpu),
]
