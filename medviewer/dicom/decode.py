"""Two spawned processes decode images; one that dies or hangs costs one image and is replaced."""

import contextlib
import multiprocessing
import queue
import threading
import time
from collections import deque
from concurrent.futures import Future
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from medviewer.dicom.decode_worker import Task, main
from medviewer.i18n import N_, Message

LIMIT_S, START_LIMIT_S = 30.0, 60.0  # for one image; for a new worker until it greets
MEMORY_BYTES = 3 << 30
IN_FLIGHT = 2  # the next task is at hand when a worker has finished one
LOOK_EVERY_S = 0.02
Answer = Future[Message | None]

CRASHED = N_("Decoding this image ended the decoder, which was started anew.")
CLOSED = N_("Reading was stopped.")


class DecodePool:
    """Decode workers and the threads that watch over them; starts at once, in the background."""

    def __init__(self, workers: int = 2, limit_s: float = LIMIT_S, memory_bytes: int = MEMORY_BYTES) -> None:
        self._tasks: queue.SimpleQueue[tuple[Task, Answer] | None] = queue.SimpleQueue()
        self._watchers = [_Watcher(self._tasks, limit_s, memory_bytes) for _ in range(workers)]
        for watcher in self._watchers:
            watcher.start()

    def submit(self, task: Task) -> Answer:
        """Queue a task; the answer is None when the slice is written, else the reason why not."""
        answer: Answer = Future()
        self._tasks.put((task, answer))
        return answer

    @property
    def pids(self) -> tuple[int, ...]:
        """Process ids of the workers that run now."""
        return tuple(pid for watcher in self._watchers if (pid := watcher.pid) is not None)

    @property
    def capacity(self) -> int:
        """How many tasks keep every worker busy; more only wait."""
        return len(self._watchers) * IN_FLIGHT * 2

    def close(self) -> None:
        """End the workers; what was queued is answered with a word, nothing is left running."""
        for watcher in self._watchers:
            watcher.closing.set()
        for _ in self._watchers:
            self._tasks.put(None)
        for watcher in self._watchers:
            watcher.join()
        while not self._tasks.empty():
            left = self._tasks.get()
            if left is not None and left[1].set_running_or_notify_cancel():
                left[1].set_result(CLOSED)


class _Watcher(threading.Thread):
    """Feeds one worker, notices its death or silence, and replaces it."""

    def __init__(
        self, tasks: "queue.SimpleQueue[tuple[Task, Answer] | None]", limit_s: float, memory_bytes: int
    ) -> None:
        super().__init__(name="decode-watcher", daemon=True)
        self.closing = threading.Event()
        self._tasks, self._limit_s, self._memory_bytes = tasks, limit_s, memory_bytes
        self._flying: deque[tuple[Task, Answer]] = deque()
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
        """Serve until closed."""
        self._start_worker()
        while not self.closing.is_set():
            self._take()
            if self._flying:
                self._listen()
        self._stop_worker()
        while self._flying:
            self._answer(CLOSED)

    def _take(self) -> None:
        """Hand tasks to the worker; wait for one only where it has nothing to do."""
        while len(self._flying) < IN_FLIGHT and not self.closing.is_set():
            try:
                item = self._tasks.get(block=not self._flying)
            except queue.Empty:
                return
            if item is not None and item[1].set_running_or_notify_cancel():
                self._flying.append(item)
                if len(self._flying) == 1:
                    self._since_s = time.monotonic()
                self._send(item[0])

    def _send(self, task: Task) -> None:
        with contextlib.suppress(OSError):  # a dead worker is noticed when its answer is awaited
            self._pipe.send(task)

    def _listen(self) -> None:
        """Wait a moment for an answer; a worker that died or took too long costs the task it was at."""
        try:
            if self._pipe.poll(LOOK_EVERY_S):
                self._hear(self._pipe.recv())
            elif time.monotonic() - self._since_s > (self._limit_s if self._greeted else START_LIMIT_S):
                self._replace(N_("Decoding this image took more than {s:.0f} seconds.", s=self._limit_s))
        except (EOFError, OSError):
            self._replace(CRASHED)

    def _hear(self, reason: Message | None) -> None:
        if self._greeted:
            self._answer(reason)
        self._greeted, self._since_s = True, time.monotonic()

    def _answer(self, reason: Message | None) -> None:
        _task, answer = self._flying.popleft()
        answer.set_result(reason)

    def _replace(self, reason: Message) -> None:
        """Give up the task at hand and start a new worker with the others."""
        self._stop_worker()
        self._answer(reason)
        if not self.closing.is_set():
            self._start_worker()
            for task, _answer in self._flying:
                self._send(task)

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
