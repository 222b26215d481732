"""Two spawned processes decode images; one that dies or hangs costs one image and is replaced."""

import atexit
import contextlib
import multiprocessing
import queue
import threading
import time
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from multiprocessing.reduction import ForkingPickler

from medviewer.core.job import Job
from medviewer.core.problem import Cancelled, Problem
from medviewer.dicom.decode_worker import Work, main
from medviewer.i18n import N_, Message

LIMIT_S, START_LIMIT_S = 30.0, 60.0  # for one image; for a new worker until it greets
MEMORY_BYTES = 3 << 30
IN_FLIGHT = 2  # the next work is at hand when a worker has finished one
SENT_AHEAD_BYTES = 1 << 14  # of that next work; well below what a pipe holds
LOOK_EVERY_S = 0.02

CRASHED = N_("Decoding this image ended the decoder, which was started anew.")
CLOSED = N_("Reading was stopped.")

_pool: "DecodePool | None" = None
_pool_lock = threading.Lock()


def default_pool() -> "DecodePool":
    """The program's decode workers, started at the first call; call early so that they are warm."""
    global _pool  # noqa: PLW0603 - one pool a process
    with _pool_lock:
        if _pool is None:
            _pool = DecodePool()
            atexit.register(close_pool)
        return _pool


def close_pool() -> None:
    """End the program's decode workers; a later call of ``default_pool`` starts new ones."""
    global _pool  # one pool a process
    with _pool_lock:
        pool, _pool = _pool, None
    if pool is not None:
        pool.close()


class Answer(Future[object]):
    """What work gave, once it is known; ``give_up`` where nobody wants to know any more."""

    def __init__(self) -> None:
        super().__init__()
        self.given_up = False

    def give_up(self) -> None:
        """Do not start the work; where it runs and is of the long kind, end it."""
        self.given_up = True
        self.cancel()


@dataclass(frozen=True)
class _Item:
    """One pickled piece of work, the seconds it may take, and where its answer goes."""

    work: bytes
    limit_s: float
    is_long: bool = False
    answer: Answer = field(default_factory=Answer)


class DecodePool:
    """Decode workers and the threads that watch over them; starts at once, in the background."""

    def __init__(self, workers: int = 2, limit_s: float = LIMIT_S, memory_bytes: int = MEMORY_BYTES) -> None:
        self._limit_s = limit_s
        self._items: queue.SimpleQueue[_Item | None] = queue.SimpleQueue()
        self._lock, self._closed = threading.Lock(), False
        self._watchers = [_Watcher(self._items, memory_bytes) for _ in range(workers)]
        for watcher in self._watchers:
            watcher.start()

    def submit(self, work: Work, *, limit_s: float | None = None) -> Answer:
        """Queue ``work``; its answer is what ``work.run()`` returned, or a Message: the reason why there is none.

        ``limit_s`` is for work that takes longer than one image may. Nothing is raised but for work that cannot be
        pickled.
        """
        limit = self._limit_s if limit_s is None else limit_s
        item = _Item(bytes(ForkingPickler.dumps(work)), limit, limit > self._limit_s)
        with self._lock:
            if self._closed:
                item.answer.set_result(CLOSED)
            else:
                self._items.put(item)
        return item.answer

    def ask(self, work: Work, job: Job | None = None, *, limit_s: float | None = None) -> object:
        """Do ``work`` in a worker and wait for its answer.

        Problem with the sentence where it could not be done, Cancelled where the reader cancelled ``job``.
        """
        answer = self.submit(work, limit_s=limit_s)
        while True:
            try:
                given = answer.result(timeout=LOOK_EVERY_S if job else None)
            except TimeoutError:
                if job is not None and job.cancelled:
                    answer.give_up()
                    raise Cancelled from None
                continue
            if isinstance(given, Message):
                raise Problem(str(given))
            return given

    @property
    def pids(self) -> tuple[int, ...]:
        """Process ids of the workers that run now."""
        return tuple(pid for watcher in self._watchers if (pid := watcher.pid) is not None)

    @property
    def capacity(self) -> int:
        """How much work keeps every worker busy; more only waits."""
        return len(self._watchers) * IN_FLIGHT

    def close(self) -> None:
        """End the workers; what was queued is answered with a word, nothing is left running."""
        with self._lock:
            self._closed = True
        for watcher in self._watchers:
            watcher.closing.set()
        for _ in self._watchers:
            self._items.put(None)
        for watcher in self._watchers:
            watcher.join()
        while not self._items.empty():
            left = self._items.get()
            if left is not None and left.answer.set_running_or_notify_cancel():
                left.answer.set_result(CLOSED)


class _Watcher(threading.Thread):
    """Feeds one worker, notices its death or silence, and replaces it."""

    def __init__(self, items: "queue.SimpleQueue[_Item | None]", memory_bytes: int) -> None:
        super().__init__(name="decode-watcher", daemon=True)
        self.closing = threading.Event()
        self._items, self._memory_bytes = items, memory_bytes
        self._flying: deque[_Item] = deque()
        self._since_s = 0.0
        self._greeted = False
        self._process: BaseProcess | None = None
        self._pipe: Connection

    @property
    def pid(self) -> int | None:
        """Process id of the worker, None while there is none."""
        process = self._process
        return process.pid if process is not None else None

    def run(self) -> None:
        """Serve until closed; a worker gets work only once it is there, so that none waits for it."""
        self._start_worker()
        while not self.closing.is_set():
            if not self._greeted:
                self._welcome()
                continue
            self._take()
            if self._flying:
                self._listen()
        self._stop_worker()
        while self._flying:
            self._answer(CLOSED)

    def _welcome(self) -> None:
        """Wait a moment for a new worker; each that does not come costs one piece of work, so that nobody waits on."""
        try:
            if self._pipe.poll(LOOK_EVERY_S):
                self._pipe.recv()
                self._greeted, self._since_s = True, time.monotonic()
                for n, item in enumerate(self._flying):
                    if n == 0 or len(item.work) <= SENT_AHEAD_BYTES:
                        self._send(item)
            elif time.monotonic() - self._since_s > START_LIMIT_S:
                raise EOFError
        except (EOFError, OSError):
            if not self._flying:
                self._take()
            if self._flying:
                self._replace(CRASHED)

    def _take(self) -> None:
        """Hand work to the worker; wait for some only where it has nothing to do; none waits behind long work."""
        while len(self._flying) < IN_FLIGHT and not self.closing.is_set():
            if self._flying and (self._flying[0].is_long or not self._greeted):
                return
            try:
                item = self._items.get(block=not self._flying)
            except queue.Empty:
                return
            if item is not None and item.answer.set_running_or_notify_cancel():
                self._flying.append(item)
                self._hand_over(item)

    def _hand_over(self, item: _Item) -> None:
        """Send work to a worker that is there; one that died while it had nothing to do costs nothing.

        Large work is sent only to a worker that waits for it: the pipe holds no more, and to wait for a busy worker to
        take it would be to wait for one that hangs, or that waits itself for its large answer to be heard.
        """
        if len(self._flying) > 1:
            if len(item.work) <= SENT_AHEAD_BYTES:
                self._send(item)
            return
        self._since_s = time.monotonic()
        try:
            if self._greeted:
                self._pipe.send_bytes(item.work)
        except OSError:
            self._stop_worker()
            self._start_worker()  # takes the work over when it greets

    def _send(self, item: _Item) -> None:
        with contextlib.suppress(OSError):  # a dead worker is noticed when its answer is awaited
            self._pipe.send_bytes(item.work)

    def _listen(self) -> None:
        """Wait a moment for an answer; a worker that died or took too long costs the work it was at."""
        item, limit_s = self._flying[0], self._flying[0].limit_s
        try:
            if self._pipe.poll(LOOK_EVERY_S):
                self._hear(self._pipe.recv())
            elif item.is_long and item.answer.given_up:
                self._replace(CLOSED)
            elif time.monotonic() - self._since_s > limit_s:
                self._replace(N_("Decoding this image took more than {s:.0f} seconds.", s=limit_s))
        except (EOFError, OSError):
            self._replace(CRASHED)

    def _hear(self, given: object) -> None:
        self._answer(given)
        self._since_s = time.monotonic()
        if self._flying and len(self._flying[0].work) > SENT_AHEAD_BYTES:
            self._send(self._flying[0])

    def _answer(self, given: object) -> None:
        self._flying.popleft().answer.set_result(given)

    def _replace(self, reason: Message) -> None:
        """Give up the work at hand and start a new worker with the others."""
        self._stop_worker()
        self._answer(reason)
        if not self.closing.is_set():
            self._start_worker()

    def _start_worker(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        process = context.Process(target=main, args=(theirs, self._memory_bytes), name="decode", daemon=True)
        process.start()
        theirs.close()
        self._process, self._greeted, self._since_s = process, False, time.monotonic()

    def _stop_worker(self) -> None:
        """End the worker now: it owns nothing that could be left half done but the slice it was at."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.join()
            process.close()
            self._pipe.close()
