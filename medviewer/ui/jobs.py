"""Long work in threads, its progress and results handed to the window's thread."""

import sys
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from medviewer.core.job import REPORT_EVERY_S, Job
from medviewer.core.problem import Cancelled

T = TypeVar("T")
END_WAIT_S = 5.0
TURN_MS = 1


@dataclass(frozen=True)
class _Ways:
    """What to call in the window's thread when a job ends, one of the three."""

    done: Callable[[Any], None] | None
    failed: Callable[[Exception], None] | None
    cancelled: Callable[[], None] | None


class Jobs(QObject):
    """Runs work in daemon threads; everything it calls back runs in the window's thread.

    ``running`` holds the jobs not yet ended, oldest first, but for the quiet ones, which nobody waits for; ``quiet``
    holds those. ``changed`` fires when a job starts or ends, and ten times a second while one runs: jobs are looked at
    rather than heard, so that the last step before a long silence is not missed and the remaining time runs down.
    The calls back come in their order, one in each turn of the event loop: what ends together does not block together.
    """

    changed = Signal()
    _posted = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.running: list[Job] = []
        self.quiet: list[Job] = []
        self._threads: list[threading.Thread] = []
        self._calls: deque[Callable[[], None]] = deque()
        self._closed = False
        self._posted.connect(self._queue)
        # One of 0 ms would wait while images move without a rest, one that repeats while a call has a dialog open.
        self._turn = QTimer(self, singleShot=True, interval=TURN_MS)
        self._turn.timeout.connect(self._call_one)
        self._look = QTimer(self)
        self._look.setInterval(round(REPORT_EVERY_S * 1000))
        self._look.timeout.connect(self.changed)

    def start(
        self,
        title: str,
        work: Callable[[Job], T],
        done: Callable[[T], None] | None = None,
        failed: Callable[[Exception], None] | None = None,
        cancelled: Callable[[], None] | None = None,
        *,
        quiet: bool = False,
    ) -> Job:
        """Run ``work(job)`` in a thread, then ``done(result)``, ``failed(error)`` or ``cancelled()``.

        Without ``failed`` an error goes the way of all errors: to the message bar.
        """
        job = Job(title)
        ways = _Ways(done, failed, cancelled)
        thread = threading.Thread(target=self._run, args=(job, work, ways), name=title, daemon=True)
        (self.quiet if quiet else self.running).append(job)
        self._threads.append(thread)
        thread.start()
        if self.running:
            self._look.start()
        self.changed.emit()
        return job

    def post(self, call: Callable[[], None]) -> None:
        """Run ``call`` in the window's thread in a turn of its own soon; may be used from any thread."""
        with suppress(RuntimeError):  # the window is gone: nobody is left to tell
            self._posted.emit(call)

    def _queue(self, call: Callable[[], None]) -> None:
        if self._closed:
            return
        self._calls.append(call)
        if not self._turn.isActive():
            self._turn.start()

    def _call_one(self) -> None:
        call = self._calls.popleft()
        if self._calls:
            self._turn.start()
        call()

    @property
    def has_posted(self) -> bool:
        """Whether something posted has not been called yet."""
        return bool(self._calls)

    def is_busy(self, job: Job) -> bool:
        """Whether the job's thread has not ended yet."""
        return job in self.running or job in self.quiet

    def cancel_all(self) -> None:
        """Ask every running job to stop."""
        for job in self.running + self.quiet:
            job.cancel()

    def close(self) -> None:
        """Ask every job to stop and wait a moment until the threads have ended; nothing is called back any more."""
        self._closed = True
        self._turn.stop()
        self._calls.clear()
        self.cancel_all()
        for thread in self._threads:
            thread.join(END_WAIT_S)
        self._threads.clear()
        self._look.stop()

    def _run(self, job: Job, work: Callable[[Job], Any], ways: _Ways) -> None:
        try:
            result = work(job)
        except Cancelled:
            end = ways.cancelled or _nothing
        except Exception as error:
            end = _failure(error, ways.failed)
        else:
            end = _nothing if ways.done is None else lambda: ways.done(result)  # type: ignore[misc]
        thread = threading.current_thread()
        self.post(lambda: self._end(job, thread, end))

    def _end(self, job: Job, thread: threading.Thread, end: Callable[[], None]) -> None:
        (self.running if job in self.running else self.quiet).remove(job)
        if thread in self._threads:
            self._threads.remove(thread)
        if not self.running:
            self._look.stop()
        self.changed.emit()
        end()


def _failure(error: Exception, failed: Callable[[Exception], None] | None) -> Callable[[], None]:
    if failed is not None:
        return lambda: failed(error)
    return lambda: sys.excepthook(type(error), error, error.__traceback__)


def _nothing() -> None:
    """The end of work nobody waits for."""
