"""The engine's child process: holds torch, reads one volume after the other, never sees a patient's name."""

import ctypes
import gc
import importlib
import math
import os
import queue
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from multiprocessing.connection import Connection
from typing import Any, cast

from medviewer.ai import device as devices
from medviewer.ai.device import Device
from medviewer.ai.protocol import Answer, Cancel, Done, Failed, Progress, Reading, Ready, Report, Run, Task
from medviewer.core.discover import discover
from medviewer.core.finding import Finding
from medviewer.core.job import Job
from medviewer.core.problem import Cancelled, Problem
from medviewer.core.shared import SharedArray
from medviewer.i18n import _, set_language

NICE = 10
BELOW_NORMAL_PRIORITY_CLASS = 0x4000
SMALLER = (1.0, 0.5, 0.25)
NO_MEMORY = ("out of memory", "can't allocate memory", "not enough memory", "cannot allocate memory")


def main(pipe: Connection, tasks: str, torch: bool) -> None:
    """Read what comes through ``pipe`` until it closes; ``tasks`` is the package to find Task objects in."""
    give_way()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal is the parent's to answer
    parent = Parent(pipe)
    try:
        device = _start_torch() if torch else devices.CPU
        known = discover(importlib.import_module(tasks), Task)
    except Exception:
        parent.send(Failed(0, fault=traceback.format_exc()))
        return
    parent.send(Ready(device.words))
    while True:
        parent.send(_answer(parent.next_run(), known, device, parent))
        gc.collect()  # after the answer: it takes 0.15 s with torch loaded


def give_way() -> None:
    """Let the window and everything else go first: nice 10, below normal on Windows."""
    if sys.platform == "win32":
        kernel = ctypes.windll.kernel32
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), BELOW_NORMAL_PRIORITY_CLASS)
    else:
        os.nice(max(0, NICE - os.nice(0)))


def _start_torch() -> Device:
    # Threads that wait must sleep: spinning at nice 10 beside a busy window made a reading 2.5 times slower.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    import torch

    torch.set_num_threads(devices.threads())
    torch.set_grad_enabled(False)
    return devices.choose()


class Parent:
    """The engine, as the worker hears and answers it.

    It listens on a thread of its own, so that cancel and the parent's death are heard while a task computes.
    """

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._runs: queue.SimpleQueue[Run] = queue.SimpleQueue()
        self._current: Report | None = None
        self._current_number = self._cancelled_number = 0
        self._state, self._sending = threading.Lock(), threading.Lock()
        threading.Thread(target=self._listen, name="listen", daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                message = self._pipe.recv()
            except (EOFError, OSError):  # the parent is gone, killed perhaps: nobody wants an answer
                os._exit(0)
            if isinstance(message, Run):
                self._runs.put(message)
            elif isinstance(message, Cancel):
                self._cancel(message.number)

    def _cancel(self, number: int) -> None:
        with self._state:
            self._cancelled_number = number
            if self._current is not None and self._current_number == number:
                self._current.cancel()

    def next_run(self) -> Run:
        """Wait for the next run."""
        return self._runs.get()

    def attend(self, number: int, report: Report) -> None:
        """Pass a cancel of run ``number`` on to ``report``, one that came early included."""
        with self._state:
            self._current, self._current_number = report, number
            if self._cancelled_number == number:
                report.cancel()

    def send(self, answer: Answer) -> None:
        """Send an answer; safe from any thread. Ends the process where nobody is left to hear it."""
        try:
            with self._sending:
                self._pipe.send(answer)
        except OSError:
            os._exit(0)


def _answer(run: Run, known: dict[str, Task], device: Device, parent: Parent) -> Done | Failed:
    """Do the run; whatever happens becomes an answer."""
    set_language(run.language)
    try:
        return Done(run.number, _read(run, known, device, parent))
    except Cancelled:
        return Failed(run.number)
    except Problem as problem:
        return Failed(run.number, problem)
    except Exception:
        return Failed(run.number, fault=traceback.format_exc())


def _read(run: Run, known: dict[str, Task], device: Device, parent: Parent) -> Reading:
    if run.bundle.task not in known:
        raise Problem(
            _("This version of MedViewer does not know how to run the model '{model}'.").format(model=run.bundle.id),
            _("Install the version of MedViewer that came with the model."),
        )
    try:
        block = SharedArray.see(run.voxels)
    except FileNotFoundError:
        raise Problem(_("The series was closed before the model could read it.")) from None
    try:
        return _with_the_memory_there_is(run, known[run.bundle.task], block, device, parent)
    finally:
        block.close()


def _with_the_memory_there_is(run: Run, task: Task, block: SharedArray, device: Device, parent: Parent) -> Reading:
    """Run the task with smaller and smaller tiles while memory runs out, at last on the CPU."""
    start_s = time.perf_counter()
    voxels: Any = block.array.view()
    voxels.flags.writeable = False
    for where, tile_scale in _attempts(device):
        report = _report(run.number, where, tile_scale, parent)
        try:
            found = task.run(cast(Any, run.bundle), voxels, run.grid, run.meta, report)
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
            traceback.clear_frames(error.__traceback__)
            _free(where)
            continue
        findings = checked(found)
        timings_s = {**report.timings_s, "reading": time.perf_counter() - start_s}
        return Reading(findings, timings_s, where.words)
    raise Problem(
        _("There is not enough memory to run the model '{model}' on this scan.").format(model=run.bundle.id),
        _("Close other programs and run it again."),
    )


def _attempts(device: Device) -> Iterator[tuple[Device, float]]:
    yield from ((device, scale) for scale in SMALLER)
    if device.name != "cpu":
        yield from ((devices.cpu(), scale) for scale in SMALLER)


def _report(number: int, device: Device, tile_scale: float, parent: Parent) -> Report:
    def send(job: Job) -> None:
        parent.send(Progress(number, job.share, job.text))

    report = Report(device.name, device.bf16, tile_scale, send)
    parent.attend(number, report)
    return report


def is_out_of_memory(error: BaseException) -> bool:
    """Whether ``error`` is numpy's, Python's or torch's way to say that memory ran out (CPU and GPU)."""
    return isinstance(error, MemoryError) or any(words in str(error).lower() for words in NO_MEMORY)


def _free(device: Device) -> None:
    gc.collect()
    if device.name == "cuda":
        import torch

        torch.cuda.empty_cache()


def checked(found: object) -> tuple[Finding, ...]:
    """Return what a task answered as findings; Problem where it is no finding or holds no plain numbers."""
    findings = tuple(found) if isinstance(found, list | tuple) else (None,)
    for finding in findings:
        if not isinstance(finding, Finding) or not all(math.isfinite(number) for number in _numbers(finding)):
            raise Problem(
                _("The model gave an answer that makes no sense, so it is not shown."),
                _("Run 'medviewer models' to check that the model is undamaged."),
            )
    return cast(tuple[Finding, ...], findings)


def _numbers(finding: Finding) -> Iterator[float]:
    yield from finding.center_lps_mm
    yield from (number for corner in finding.box_lps_mm for number in corner)
    yield from (finding.long_axis_mm, finding.short_axis_mm, finding.volume_mm3, finding.mean_hu)
    yield 0.0 if finding.score is None else finding.score
    yield from (value for value in finding.attributes.values() if isinstance(value, float))
