"""Runs models in one warm process of their own, so that the window never waits for them and never dies with them."""

import atexit
import logging
import multiprocessing
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait

from medviewer.ai import worker
from medviewer.ai.protocol import Answer, AnyBundle, Cancel, Done, Failed, Meta, Progress, Reading, Ready, Run
from medviewer.core.job import Job
from medviewer.core.problem import Cancelled, Problem
from medviewer.core.volume import Volume
from medviewer.i18n import _, screen_language

log = logging.getLogger("medviewer.ai")
LOOK_EVERY_S = 0.05
CANCEL_PATIENCE_S = 0.3  # how long a cancelled task may take to its next step before its process is ended


class Child:
    """One worker process and the pipe to it."""

    def __init__(self, tasks: str, torch: bool) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(
            target=worker.main, args=(theirs, tasks, torch), name="medviewer-engine", daemon=True
        )
        self.process.start()
        theirs.close()  # so that the pipe ends with the child
        self.device: str | None = None
        self.ended = False

    def heard(self, patience_s: float) -> Answer | None:
        """Return the next message, None where none comes in time; EOFError where the child is dead."""
        pipe: Connection = self.pipe
        if wait([pipe, self.process.sentinel], patience_s) and not pipe.poll() and not self.process.is_alive():
            raise EOFError
        answer: Answer | None = pipe.recv() if pipe.poll() else None
        if isinstance(answer, Ready):
            self.device = answer.device
        return answer

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
                self._child = Child(self._tasks, self._torch)
            return self._child

    def run(self, bundle: AnyBundle, volume: Volume, job: Job) -> Reading:
        """Let the model ``bundle`` read ``volume``; call it from a background thread.

        Raises Cancelled within 0.5 s of ``job.cancel()``, and Problem where the model cannot or its process died.
        """
        if not volume.complete:
            raise Problem(_("The series is still being loaded."), _("Run the model when all images are there."))
        with self._own_turn(job):
            child = self._living()
            try:
                return self._supervise(child, bundle, volume, job)
            except (EOFError, OSError):
                raise self._died(child, bundle) from None

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

    def _supervise(self, child: Child, bundle: AnyBundle, volume: Volume, job: Job) -> Reading:
        while child.device is None:  # still importing torch: cancelling leaves it to that
            job.step(0.0, _("Starting the engine"))
            answer = child.heard(LOOK_EVERY_S)
            if isinstance(answer, Failed):
                log.error("the engine could not start\n%s", answer.fault)
                child.end()
                raise Problem(
                    _("The engine that runs the models could not start."),
                    _("Run 'medviewer check' to see what is missing."),
                )
        with self._lock:
            self._number += 1
            number = self._number
        child.pipe.send(
            Run(number, bundle, volume.voxels_block.handle, volume.grid, Meta.of(volume), screen_language())
        )
        try:
            return self._result(child, number, bundle, job)
        except Cancelled:
            self._stop(child, number)
            raise

    def _result(self, child: Child, number: int, bundle: AnyBundle, job: Job) -> Reading:
        while True:
            job.check()
            answer = child.heard(LOOK_EVERY_S)
            if answer is None or isinstance(answer, Ready) or answer.number != number:
                continue  # nothing yet, or the rest of a cancelled run
            if isinstance(answer, Progress):
                job.step(answer.share, answer.text)
            elif isinstance(answer, Done):
                job.step(1.0)
                return answer.reading
            else:
                raise _why(answer, bundle)

    def _stop(self, child: Child, number: int) -> None:
        """Ask the worker to stop; where it does not answer in time, end it and warm up another."""
        with suppress(EOFError, OSError):
            child.pipe.send(Cancel(number))
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


def _why(answer: Failed, bundle: AnyBundle) -> Exception:
    """Return what to raise for an answer without a reading."""
    if answer.problem is not None:
        return answer.problem
    if not answer.fault:
        return Cancelled()
    log.error("the model %s failed\n%s", bundle.id, answer.fault)
    return Problem(
        _("The model '{model}' failed on this scan because of a fault in the program.").format(model=bundle.id),
        _("The log holds the details."),
    )


_default: Engine | None = None
_default_lock = threading.Lock()


def default() -> Engine:
    """Return the program's one engine, made when first asked for; its process starts with ``warm`` or ``run``."""
    global _default  # noqa: PLW0603 - one engine per program
    with _default_lock:
        _default = _default or Engine()
        return _default


def run(bundle: AnyBundle, volume: Volume, job: Job) -> Reading:
    """Let ``bundle`` read ``volume`` on the program's engine; see ``Engine.run``."""
    return default().run(bundle, volume, job)


def close_engine() -> None:
    """End the program's engine where it was started."""
    if _default is not None:
        _default.close()


close = close_engine
