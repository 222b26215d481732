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
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection
from typing import Any, cast

from medviewer.ai import device as devices
from medviewer.ai.device import Device
from medviewer.ai.protocol import (
    Answer,
    Answered,
    Attend,
    Cancel,
    Conditions,
    Done,
    Explain,
    Failed,
    Found,
    Progress,
    Reading,
    Ready,
    Report,
    Run,
    Task,
)
from medviewer.core.discover import discover
from medviewer.core.finding import Finding
from medviewer.core.job import Job
from medviewer.core.problem import Cancelled, Problem
from medviewer.core.shared import SharedArray
from medviewer.i18n import _, set_language

NICE = 10
BELOW_NORMAL_PRIORITY_CLASS = 0x4000
SMALLER = (1.0, 0.5, 0.25)


def main(pipe: Connection, tasks: str, torch: bool, cpu_only: bool = False) -> None:
    """Read what comes through ``pipe`` until it closes; ``tasks`` is the package to find Task objects in.

    ``torch`` False leaves torch out; ``cpu_only`` leaves a GPU alone that has failed before.
    """
    give_way()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal is the parent's to answer
    parent = Parent(pipe)
    try:
        device = _start_torch(cpu_only) if torch else devices.CPU
        known = discover(importlib.import_module(tasks), Task)
    except Exception as error:
        without = isinstance(error, RuntimeError) and not cpu_only  # what torch raises where a GPU does not start
        parent.send(Failed(0, fault=traceback.format_exc(), gpu_lost=_in_short(error) if without else ""))
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


def _start_torch(cpu_only: bool) -> Device:
    # Threads that wait must sleep: spinning at nice 10 beside a busy window made a reading 2.5 times slower.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    import torch

    torch.set_num_threads(devices.threads())
    torch.set_grad_enabled(False)
    torch.backends.cudnn.benchmark = False  # the same ways to compute every time: the same input, the same answer
    torch.backends.cudnn.deterministic = True
    device = devices.cpu() if cpu_only else devices.choose()
    devices.wake(device)
    return device


class Parent:
    """The engine, as the worker hears and answers it.

    It listens on a thread of its own, so that cancel and the parent's death are heard while a task computes.
    """

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._runs: queue.SimpleQueue[Run] = queue.SimpleQueue()
        self._current: Report | None = None
        self._current_number = self._cancelled_number = 0
        self._attention: Attend | None = None
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
            elif isinstance(message, Attend):
                self._attend(message)
            elif isinstance(message, Cancel):
                self._cancel(message.number)

    def _cancel(self, number: int) -> None:
        with self._state:
            self._cancelled_number = number
            if self._current is not None and self._current_number == number:
                self._current.cancel()

    def _attend(self, attention: Attend) -> None:
        with self._state:
            self._attention = attention
            if self._current is not None and self._current_number == attention.number:
                self._current.attention_k = attention.k

    def next_run(self) -> Run:
        """Wait for the next run."""
        return self._runs.get()

    def report_to(self, report: Report, run: Run) -> None:
        """Tell ``report`` of cancel and attention from now on, and of what came early."""
        with self._state:
            self._current, self._current_number = report, run.number
            heard = self._attention
            report.attention_k = heard.k if heard is not None and heard.number == run.number else run.attention_k
            if self._cancelled_number == run.number:
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
    except Exception as error:
        lost = _in_short(error) if devices.is_gpu_lost(error) else ""
        return Failed(run.number, fault=traceback.format_exc(), gpu_lost=lost)


def _in_short(error: Exception) -> str:
    """Return the first line of what an error says; torch adds advice for programmers."""
    return str(error).partition("\n")[0] or type(error).__name__


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
        report = _report(run, where, tile_scale, parent)
        try:
            answer = _answered(run, task, voxels, report)
        except (MemoryError, RuntimeError) as error:
            if not devices.is_out_of_memory(error):
                raise
            traceback.clear_frames(error.__traceback__)
            _free(where)
            continue
        if not isinstance(answer, Answered):
            raise _senseless()
        findings, candidates = checked(answer.findings), checked(answer.candidates)
        timings_s = {**report.timings_s, "reading": time.perf_counter() - start_s}
        return Reading(findings, timings_s, _used(where), candidates, conditions(where, tile_scale), answer.heat)
    raise Problem(
        _("There is not enough memory to run the model '{model}' on this scan.").format(model=run.bundle.id),
        _("Close other programs and run it again."),
    )


def _answered(run: Run, task: Task, voxels: Any, report: Report) -> Answered:
    bundle = cast(Any, run.bundle)
    if not isinstance(run, Explain):
        return task.run(bundle, voxels, run.grid, run.meta, report)
    from medviewer.ai.explain import explain  # brings captum, when it is first asked for

    return Answered((), heat=explain(bundle, voxels, run.grid, run.meta, report, finding=run.finding))


def conditions(device: Device, tile_scale: float) -> Conditions:
    """Note what an answer is computed with, so that it can be had again."""
    torch: Any = sys.modules.get("torch")
    version, threads = (str(torch.__version__), torch.get_num_threads()) if torch else ("", devices.threads())
    name = f"{device.name}, cpu" if _left(device) else device.name
    return Conditions(name, device.words, device.bf16, threads, tile_scale, version)


def _attempts(device: Device) -> Iterator[tuple[Device, float]]:
    yield from ((device, scale) for scale in SMALLER)
    if device.name != "cpu":
        yield from ((devices.cpu(), scale) for scale in SMALLER)


def _used(device: Device) -> str:
    """Return in words what a reading was computed on."""
    if _left(device):
        return _("{device}, then the CPU because its memory ran out").format(device=device.words)
    return device.words


def _left(device: Device) -> bool:
    """Whether a reading began on a GPU and ended on the CPU."""
    nets = sys.modules.get("medviewer.ai.loaded")
    return device.name == "cuda" and nets is not None and bool(nets.left_the_gpu())


def _report(run: Run, device: Device, tile_scale: float, parent: Parent) -> Report:
    def step(job: Job) -> None:
        parent.send(Progress(run.number, job.share, job.text))

    def found(findings: Sequence[Finding]) -> None:
        parent.send(Found(run.number, checked(findings)))

    report = Report(device.name, device.bf16, tile_scale, step, found)
    parent.report_to(report, run)
    return report


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
            raise _senseless()
    return cast(tuple[Finding, ...], findings)


def _senseless() -> Problem:
    return Problem(
        _("The model gave an answer that makes no sense, so it is not shown."),
        _("Run 'medviewer models' to check that the model is undamaged."),
    )


def _numbers(finding: Finding) -> Iterator[float]:
    yield from finding.center_lps_mm
    yield from (number for corner in finding.box_lps_mm for number in corner)
    yield from (finding.long_axis_mm, finding.short_axis_mm, finding.volume_mm3, finding.mean_hu)
    yield 0.0 if finding.score is None else finding.score
    yield from (value for value in finding.attributes.values() if isinstance(value, float))
