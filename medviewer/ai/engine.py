"""Runs models in one warm process of their own, so that the window never waits for them and never dies with them."""

import atexit
import logging
import multiprocessing
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait

from medviewer.ai import worker
from medviewer.ai.protocol import (
    Answer,
    AnyBundle,
    Attend,
    Cancel,
    Done,
    Explain,
    Failed,
    Found,
    Meta,
    Progress,
    Reading,
    Ready,
    Run,
)
from medviewer.core.finding import Finding
from medviewer.core.heat import Heat
from medviewer.core.job import Job
from medviewer.core.problem import Cancelled, Problem
from medviewer.core.volume import Volume
from medviewer.i18n import _, screen_language

log = logging.getLogger("medviewer.ai")
LOOK_EVERY_S = 0.05
CANCEL_PATIENCE_S = 0.3  # how long a cancelled task may take to its next step before its process is ended
ATTEND_EVERY_S = 0.1
OnFound = Callable[[tuple[Finding, ...]], None]
Look = Callable[[], int | None]


@dataclass(frozen=True)
class Order:
    """What is to be read, for whom: see ``Engine.run``; with ``finding`` what is to be explained."""

    bundle: AnyBundle
    volume: Volume
    job: Job
    on_found: OnFound | None = None
    look: Look | None = None
    finding: Finding | None = None

    @property
    def attention_k(self) -> int | None:
        """The slice looked at now."""
        return None if self.look is None else self.look()


class GpuLost(Exception):  # noqa: N818 - nothing is lost but time: the run is repeated on the CPU
    """The GPU no longer answers, or does not start."""


class Died(Exception):  # noqa: N818 - what it means is for the engine to say
    """The worker process is gone."""


class Child:
    """One worker process and the pipe to it."""

    def __init__(self, tasks: str, torch: bool, cpu_only: bool) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(
            target=worker.main, args=(theirs, tasks, torch, cpu_only), name="medviewer-engine", daemon=True
        )
        self.process.start()
        theirs.close()  # so that the pipe ends with the child
        self.device: str | None = None
        self.ended = False

    def heard(self, patience_s: float) -> Answer | None:
        """Return the next message, None where none comes in time; Died where the process is gone."""
        pipe: Connection = self.pipe
        try:
            if wait([pipe, self.process.sentinel], patience_s) and not pipe.poll() and not self.process.is_alive():
                raise Died
            answer: Answer | None = pipe.recv() if pipe.poll() else None
        except (EOFError, OSError):
            raise Died from None
        if isinstance(answer, Ready):
            self.device = answer.device
        return answer

    def send(self, message: Run | Attend | Cancel) -> None:
        """Send a message; Died where the process is gone."""
        try:
            self.pipe.send(message)
        except OSError:
            raise Died from None

    def end(self) -> None:
        """End the process at once, whatever it does."""
        self.ended = True
        self.process.kill()


class Engine:
    """Supervises one warm worker process; runs of several threads queue, first come first served.

    ``tasks`` is the package whose Task objects the worker knows; ``torch`` False leaves torch out (for tests).
    """

    def __init__(self, tasks: str = "medviewer.ai.tasks", torch: bool = True) -> None:
        self._tasks, self._torch = tasks, torch
        self._cpu_only = False  # once a GPU has failed
        self._child: Child | None = None
        self._lock = threading.Lock()  # of _child and _number; never held while waiting
        self._number = 0
        self._queue: deque[object] = deque()
        self._turn = threading.Condition()
        atexit.register(self.close)

    @property
    def pid(self) -> int | None:
        """Process id of the worker, None where none is running."""
        child = self._child
        return child.process.pid if child is not None and child.process.is_alive() else None

    def warm(self) -> None:
        """Start the worker where none runs, and return at once while it imports torch."""
        self._living()

    def _living(self) -> Child:
        with self._lock:
            if self._child is None or self._child.ended or not self._child.process.is_alive():
                self._child = Child(self._tasks, self._torch, self._cpu_only)
            return self._child

    def run(
        self, bundle: AnyBundle, volume: Volume, job: Job, on_found: OnFound | None = None, look: Look | None = None
    ) -> Reading:
        """Let the model ``bundle`` read ``volume``; call it from a background thread.

        ``on_found`` gets findings that are sure while the reading goes on, the same ones again where it starts anew;
        those of the answer replace them by ``id``. ``look`` returns the slice on the screen, None where this volume is
        not there: the model reads that one first. Both are called in the thread of ``run``, ``look`` at most ten times
        a second, and must return at once.

        Raises Cancelled within 0.5 s of ``job.cancel()``, and Problem where the model cannot or its process died.
        """
        if not volume.complete:
            raise Problem(_("The series is still being loaded."), _("Run the model when all images are there."))
        return self._in_turn(Order(bundle, volume, job, on_found, look))

    def explain(self, bundle: AnyBundle, volume: Volume, finding: Finding, job: Job) -> Heat:
        """Return where ``bundle`` looked for ``finding`` in ``volume``; waits its turn and raises as ``run`` does."""
        heat = self._in_turn(Order(bundle, volume, job, finding=finding)).heat
        if heat is None:
            raise Problem(_("There is no heat map of this finding: how the model came to it cannot be seen."))
        return heat

    def _in_turn(self, order: Order) -> Reading:
        with self._own_turn(order.job):
            try:
                return self._tried(order)
            except GpuLost:
                return self._tried(order)

    def _tried(self, order: Order) -> Reading:
        child = self._living()
        try:
            reading = self._supervise(child, order)
        except Died:
            raise self._died(child, order.bundle) from None
        except GpuLost:
            self._cpu_only = True
            child.end()
            raise
        failed = _("{device}, because the graphics processor failed").format(device=reading.device)
        return replace(reading, device=failed) if self._cpu_only else reading

    @contextmanager
    def _own_turn(self, job: Job) -> Iterator[None]:
        ticket = object()
        with self._turn:
            self._queue.append(ticket)
        try:
            while not self._is_first(ticket):
                job.step(0.0, _("Waiting for another model"))
            yield
        finally:
            with self._turn:
                self._queue.remove(ticket)
                self._turn.notify_all()

    def _is_first(self, ticket: object) -> bool:
        """Whether it is the turn of ``ticket``; waits a moment for it to come."""
        with self._turn:
            return self._turn.wait_for(lambda: self._queue[0] is ticket, LOOK_EVERY_S)

    def _supervise(self, child: Child, order: Order) -> Reading:
        self._wait_for(child, order.job)
        with self._lock:
            self._number += 1
            number = self._number
        volume, attention_k = order.volume, order.attention_k
        handle, meta = volume.voxels_block.handle, Meta.of(volume)
        asked = number, order.bundle, handle, volume.grid, meta, screen_language(), attention_k
        child.send(Run(*asked) if order.finding is None else Explain(*asked, finding=order.finding))
        try:
            answer = self._answer(child, number, order, attention_k)
        except Died:
            raise
        except BaseException:  # cancelled, or a fault of those who listen: either way nobody waits for it any more
            self._stop(child, number)
            raise
        if isinstance(answer, Failed):
            raise self._why(answer, order.bundle)
        order.job.step(1.0)
        return answer.reading

    def _wait_for(self, child: Child, job: Job) -> None:
        """Wait until the worker has imported torch; cancelling leaves it to that."""
        while child.device is None:
            job.step(0.0, _("Starting the engine"))
            answer = child.heard(LOOK_EVERY_S)
            if isinstance(answer, Failed):
                if answer.gpu_lost and not self._cpu_only:
                    raise _gpu_lost(answer)
                log.error("the engine could not start\n%s", answer.fault)
                child.end()
                raise Problem(
                    _("The engine that runs the models could not start."),
                    _("Run 'medviewer check' to see what is missing."),
                )

    def _answer(self, child: Child, number: int, order: Order, attention_k: int | None) -> Done | Failed:
        """Pass on what comes and what is looked at, until the run has ended."""
        looked_s = time.monotonic()
        while True:
            order.job.check()
            if (now_s := time.monotonic()) - looked_s >= ATTEND_EVERY_S:
                looked_s, seen_k = now_s, order.attention_k
                if seen_k is not None and seen_k != attention_k:
                    attention_k = seen_k
                    child.send(Attend(number, seen_k))
            answer = child.heard(LOOK_EVERY_S)
            if answer is None or isinstance(answer, Ready) or answer.number != number:
                continue  # nothing yet, or the rest of a cancelled run
            if isinstance(answer, Progress):
                order.job.step(answer.share, answer.text)
            elif isinstance(answer, Found):
                if order.on_found is not None:
                    order.on_found(answer.findings)
            else:
                return answer

    def _why(self, answer: Failed, bundle: AnyBundle) -> Exception:
        """Return what to raise for an answer without a reading."""
        if answer.problem is not None:
            return answer.problem
        if not answer.fault:
            return Cancelled()
        if answer.gpu_lost and not self._cpu_only:
            return _gpu_lost(answer)
        log.error("the model %s failed\n%s", bundle.id, answer.fault)
        return Problem(
            _("The model '{model}' failed on this scan because of a fault in the program.").format(model=bundle.id),
            _("The log holds the details."),
        )

    def _stop(self, child: Child, number: int) -> None:
        """Ask the worker to stop; where it does not answer in time, end it and warm up another."""
        with suppress(Died):
            child.send(Cancel(number))
            until_s = time.monotonic() + CANCEL_PATIENCE_S
            while (left_s := until_s - time.monotonic()) > 0:
                answer = child.heard(left_s)
                if isinstance(answer, Done | Failed) and answer.number == number:
                    return
        child.end()
        self.warm()

    def _died(self, child: Child, bundle: AnyBundle) -> Exception:
        """Return what to raise for a dead worker, and warm up another unless it was closed on purpose."""
        if child.ended:
            return Cancelled()
        child.process.join(1.0)
        log.error("the engine died with exit code %s while running %s", child.process.exitcode, bundle.id)
        child.end()
        self.warm()
        return Problem(
            _("The engine stopped unexpectedly while running the model '{model}'.").format(model=bundle.id),
            _("It has been started again; nothing else is affected. Run the model again."),
        )

    def close(self) -> None:
        """End the worker; a run under way raises Cancelled. The next run starts another."""
        with self._lock:
            child, self._child = self._child, None
        if child is not None:
            child.end()
            child.process.join(2.0)


def _gpu_lost(answer: Failed) -> GpuLost:
    """Return what to raise, and log it in one sentence."""
    what = answer.gpu_lost
    log.warning("the graphics processor failed (%s); models run on the CPU until the program is started again", what)
    return GpuLost(what)


_default: Engine | None = None
_default_lock = threading.Lock()


def default() -> Engine:
    """Return the program's one engine, made when first asked for; its process starts with ``warm`` or ``run``."""
    global _default  # noqa: PLW0603 - one engine per program
    with _default_lock:
        _default = _default or Engine()
        return _default


def run(
    bundle: AnyBundle, volume: Volume, job: Job, on_found: OnFound | None = None, look: Look | None = None
) -> Reading:
    """Let ``bundle`` read ``volume`` on the program's engine; see ``Engine.run``."""
    return default().run(bundle, volume, job, on_found, look)


def explain(bundle: AnyBundle, volume: Volume, finding: Finding, job: Job) -> Heat:
    """Return where ``bundle`` looked for ``finding``, by the program's engine; see ``Engine.explain``."""
    return default().explain(bundle, volume, finding, job)


def close_engine() -> None:
    """End the program's engine where it was started."""
    if _default is not None:
        _default.close()


close = close_engine
