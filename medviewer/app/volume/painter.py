"""One drawing process and the thread that watches over it: what is asked last is drawn, a crash is one sentence."""

import logging
import multiprocessing
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait

import numpy as np
from numpy.typing import NDArray

from medviewer.app.volume import worker as volume_worker
from medviewer.app.volume.messages import (
    ROUGH,
    Answer,
    Draw,
    Drawn,
    Failed,
    Find,
    Forget,
    Found,
    Open,
    Opened,
    Ready,
    Stop,
    Wanted,
)
from medviewer.core.problem import Problem
from medviewer.core.shared import SharedArray
from medviewer.i18n import N_, Message

log = logging.getLogger("medviewer.volume")
START_LIMIT_S, ANSWER_LIMIT_S = 60.0, 120.0
CRASHED = N_("Drawing the 3-D picture failed and was started anew.")
TOO_SLOW = N_("Drawing the 3-D picture took too long and was given up.")
Pixels = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture drawn: uint8 (height, width, 4) of blue, green, red, 255; ``number`` and ``level`` of its request."""

    number: int
    level: int
    wanted: Wanted
    pixels: Pixels
    spent_s: float


News = Picture | Opened | Found | Failed
Tell = Callable[[News], None]


@dataclass(frozen=True)
class Request:
    """A picture or a place that somebody wants of an open volume."""

    number: int
    level: int
    wanted: Wanted
    at_px: tuple[float, float] | None = None


class Painter:
    """Draws for any number of volumes, one picture at a time; of each volume only the latest request is done.

    News goes to what ``opened`` was given, on this painter's thread.
    """

    def __init__(self, name: str, nice: int, *, try_gpu: bool = False) -> None:
        self.gpu = False
        self._name, self._nice, self._try_gpu = name, nice, try_gpu
        self._volumes: dict[int, tuple[Open, Tell]] = {}
        self._requests: dict[tuple[int, bool], Request] = {}  # by volume, and whether a place is looked for
        self._known: list[int] = []  # volumes that the process has open, the latest used last
        self._forgotten: list[int] = []
        self._state = threading.Lock()
        self._heard, self._wake = multiprocessing.Pipe(duplex=False)
        self._closing = False
        self._broken: str | None = None
        self._child: multiprocessing.process.BaseProcess | None = None
        self._pipe: Connection
        self._into: SharedArray | None = None
        self._current: tuple[int, Request] | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int | None:
        """Process id of the process, None where none runs."""
        child = self._child
        return None if child is None else child.pid

    def open(self, asked: Open, tell: Tell) -> None:
        """Make a volume known; its process is started with the first request."""
        with self._state:
            self._volumes[asked.key] = (asked, tell)

    def ask(self, key: int, request: Request) -> None:
        """Want something of a volume instead of what was wanted of it before."""
        with self._state:
            if key not in self._volumes:
                return
            self._requests[key, request.at_px is not None] = request
        self._wake.send_bytes(b"!")

    def drop(self, key: int) -> None:
        """Want no picture of a volume any more, for now; what is being drawn of it ends."""
        with self._state:
            self._requests.pop((key, False), None)
            if self._current is not None and self._current[0] == key:
                self._current = None
        self._wake.send_bytes(b"-")

    def forget(self, key: int) -> None:
        """A volume is closed."""
        with self._state:
            self._volumes.pop(key, None)
            self._requests.pop((key, True), None)
            self._forgotten.append(key)
        self.drop(key)

    def close(self) -> None:
        """End the process and the thread."""
        self._closing = True
        self._wake.send_bytes(b".")
        self._thread.join()

    # ---- on the painter's thread ----

    def _run(self) -> None:
        while not self._closing:
            current = self._next()
            if current is None:
                self._sleep()
                continue
            key, request = current
            try:
                self._serve(key, request)
            except (EOFError, OSError):
                self._fail(key, CRASHED)
            except TimeoutError:
                self._fail(key, TOO_SLOW)
            except Problem as problem:  # it cannot start, or there is no shared memory left for the picture
                self._tell(key, Failed(key, Message(str(problem))))
            self._current = None
        self._end()

    def _next(self) -> tuple[int, Request] | None:
        with self._state:
            if not self._requests:
                return None
            which = max(self._requests, key=lambda each: each[1])  # places first, then the one waiting longest
            self._current = which[0], self._requests.pop(which)
            return self._current

    def _sleep(self) -> None:
        """Wait for something to do; a process that dies meanwhile is noticed."""
        self._send_forgotten()
        wait([self._heard])
        self._drain()

    def _drain(self) -> None:
        while self._heard.poll():
            self._heard.recv_bytes()

    def _serve(self, key: int, request: Request) -> None:
        self._start()
        self._send_forgotten()
        if key not in self._known and not self._open_there(key):
            return
        self._known.append(self._known.pop(self._known.index(key)))
        if request.at_px is not None:
            self._pipe.send(Find(key, request.number, request.wanted, *request.at_px))
            self._tell(key, self._answer(ANSWER_LIMIT_S))
            return
        into = self._block(request.wanted)
        self._pipe.send(Draw(key, request.number, request.level, request.wanted, into.handle))
        answer = self._answer(ANSWER_LIMIT_S, watched=request.level != ROUGH)
        if not isinstance(answer, Drawn):
            self._tell(key, answer)
        elif answer.whole:
            self._tell(key, _picture(request, into, answer))
        else:
            self._put_back(key, request)

    def _put_back(self, key: int, request: Request) -> None:
        """Draw later what gave way to another volume or to a place looked for."""
        with self._state:
            if self._current is not None and key in self._volumes:
                self._requests.setdefault((key, False), request)

    def _open_there(self, key: int) -> bool:
        with self._state:
            asked = self._volumes[key][0] if key in self._volumes else None
        if asked is None:
            return False
        self._pipe.send(asked)
        answer = self._answer(ANSWER_LIMIT_S)
        self._tell(key, answer)
        if isinstance(answer, Opened):
            self._known = [*self._known[-(volume_worker.MOST_OPEN - 1) :], key]  # as the process does
        return isinstance(answer, Opened)

    def _answer(self, limit_s: float, *, watched: bool = False) -> Answer:
        """Wait for the answer; with ``watched`` the process is told where it is no longer wanted."""
        assert self._child is not None
        until_s, told = time.monotonic() + limit_s, False
        while not self._pipe.poll():
            left_s = until_s - time.monotonic()
            if left_s <= 0.0:
                raise TimeoutError
            ready = wait([self._pipe, self._child.sentinel, self._heard], left_s)
            if self._heard in ready:
                self._drain()
                if self._closing:
                    raise EOFError
                if watched and not told and self._unwanted():
                    self._pipe.send(Stop())
                    told = True
            elif ready and not self._pipe.poll() and not self._child.is_alive():
                raise EOFError
        answer: Answer = self._pipe.recv()
        return answer

    def _unwanted(self) -> bool:
        """Whether something else is wanted, or nothing any more of this volume."""
        with self._state:
            return bool(self._requests) or self._current is None

    def _tell(self, key: int, news: Answer | Picture) -> None:
        with self._state:
            tell = self._volumes[key][1] if key in self._volumes else None
        if isinstance(news, Failed) and news.fault:
            log.error("%s: %s\n%s", self._name, news.text.to("en"), news.fault)
        if tell is not None and isinstance(news, News):
            tell(news)

    def _fail(self, key: int, why: Message) -> None:
        """The process died or hangs: end it; the next request starts another."""
        code = None if self._child is None else self._child.exitcode
        self._end()
        if not self._closing:
            log.error("%s ended with %s", self._name, code)
            self._tell(key, Failed(key, why))

    def _send_forgotten(self) -> None:
        with self._state:
            keys, self._forgotten = self._forgotten, []
        for key in keys:
            if key in self._known and self._child is not None and self._child.is_alive():
                self._pipe.send(Forget(key))
            if key in self._known:
                self._known.remove(key)

    def _block(self, wanted: Wanted) -> SharedArray:
        """Return a shared block that the picture fits into."""
        size = wanted.width_px * wanted.height_px * 4
        if self._into is None or self._into.array.size < size:
            if self._into is not None:
                self._into.close()
            self._into = None
            self._into = SharedArray.make((size,), "uint8")
        return self._into

    def _start(self) -> None:
        """Start the process where none runs; one that dies while it tries the graphics card is started without."""
        if self._broken is not None:
            raise Problem(self._broken)
        if self._child is not None and self._child.is_alive():
            return
        self._end()
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._child = context.Process(
            target=volume_worker.main, args=(theirs, self._nice, self._try_gpu), name=self._name, daemon=True
        )
        self._child.start()
        theirs.close()  # so that the pipe ends with the child
        try:
            self._greet(self._answer(START_LIMIT_S))
        except (EOFError, OSError, TimeoutError):
            if not self._try_gpu or self._closing:
                raise
            log.warning("%s could not use the graphics card", self._name)
            self._try_gpu = False
            self._end()
            self._start()

    def _greet(self, answer: Answer) -> None:
        if isinstance(answer, Ready):
            self.gpu = answer.gpu
            log.info("%s draws with %s", self._name, answer.device)
        elif isinstance(answer, Failed):
            log.error("%s\n%s", answer.text.to("en"), answer.fault)
            self._end()
            self._broken = str(answer.text)  # it would fail again and again
            raise Problem(self._broken)

    def _end(self) -> None:
        child, self._child = self._child, None
        self._known.clear()
        if child is not None:
            child.kill()
            child.join()
            self._pipe.close()
        if self._into is not None:
            self._into.close()
            self._into = None


def _picture(request: Request, into: SharedArray, drawn: Drawn) -> Picture:
    wide, high = request.wanted.width_px, request.wanted.height_px
    pixels = into.array[: wide * high * 4].reshape(high, wide, 4).copy()
    return Picture(request.number, request.level, request.wanted, pixels, drawn.spent_s)
