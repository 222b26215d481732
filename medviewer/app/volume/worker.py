"""The process that draws 3-D pictures: holds VTK, sees volumes in shared memory, never sees a patient's name."""

import contextlib
import os
import signal
import time
import traceback
from collections import OrderedDict
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

import numpy as np

from medviewer.app.volume.copy import Source
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
    Question,
    Ready,
    Stop,
)
from medviewer.app.volume.pick import first_seen
from medviewer.app.volume.presets import Keep, Transfer
from medviewer.core.shared import SharedArray
from medviewer.i18n import N_

if TYPE_CHECKING:
    from medviewer.app.volume.vtk import Scene

MOST_OPEN = 2  # volumes ready to be drawn; another one takes the place of the one longest unused
CANNOT_START = N_("3-D pictures cannot be drawn on this computer.")
CANNOT_DRAW = N_("The 3-D picture could not be drawn.")
NO_MEMORY = N_("There is not enough memory for a 3-D picture of this series.")
CLOSED = N_("The series was closed.")


def main(pipe: Connection, nice: int, try_gpu: bool) -> None:
    """Greet with Ready, then answer what comes through ``pipe`` until the program goes or ends this process."""
    _settle(nice)
    with contextlib.suppress(EOFError, OSError):  # the program is gone: so are we
        try:
            room = _start(pipe, try_gpu)
        except Exception:
            pipe.send(Failed(0, CANNOT_START, traceback.format_exc()))
            return
        while True:
            answer = room.answer(pipe.recv())
            if answer is not None:
                pipe.send(answer)


def _start(pipe: Connection, try_gpu: bool) -> "Room":
    from medviewer.app.volume.vtk import gpu_name, threads

    name = gpu_name() if try_gpu else ""
    pipe.send(Ready(name or f"CPU ({threads()})", gpu=bool(name)))
    return Room(pipe, gpu=bool(name))


class Room:
    """The volumes that are open, and what is asked of them."""

    def __init__(self, pipe: Connection, gpu: bool) -> None:
        self._pipe, self._gpu = pipe, gpu
        self._open: OrderedDict[int, OneVolume] = OrderedDict()

    def answer(self, question: Question) -> Answer | None:
        """Do what is asked and return the answer; None where none is awaited."""
        if isinstance(question, Stop):
            return None
        if isinstance(question, Forget):
            self._forget(question.key)
            return None
        try:
            return self._answer(question)
        except FileNotFoundError:
            return Failed(question.key, CLOSED)
        except MemoryError:
            self._forget(question.key)
            return Failed(question.key, NO_MEMORY)
        except Exception:
            return Failed(question.key, CANNOT_DRAW, traceback.format_exc())

    def _answer(self, question: Open | Draw | Find) -> Answer:
        if isinstance(question, Open):
            return self._opened(question)
        if question.key not in self._open:
            return Failed(question.key, CLOSED)
        self._open.move_to_end(question.key)
        volume = self._open[question.key]
        return volume.found(question) if isinstance(question, Find) else volume.drawn(question, self._pipe)

    def _opened(self, question: Open) -> Answer:
        self._forget(question.key)
        while len(self._open) >= MOST_OPEN:
            self._open.popitem(last=False)[1].close()
        made = self._open[question.key] = OneVolume(question, self._gpu)
        return Opened(question.key, made.source.span, made.detail)

    def _forget(self, key: int) -> None:
        volume = self._open.pop(key, None)
        if volume is not None:
            volume.close()


class OneVolume:
    """One open volume, and its scene for what is kept of it at the moment."""

    def __init__(self, asked: Open, gpu: bool) -> None:
        self._block = SharedArray.see(asked.voxels)
        self._full, self._gpu = asked.full, gpu
        voxels: Any = self._block.array.view()
        voxels.flags.writeable = False
        self.source = Source(voxels, asked.grid, asked.slope, asked.intercept, asked.is_ct)
        self.detail = self.source.detail(asked.full)
        self._scene: Scene | None = None
        self._kept: tuple[Keep, float, float] | None = None

    def drawn(self, asked: Draw, pipe: Connection) -> Drawn:
        """Draw the picture into its block; only the careful ones give way to what comes through ``pipe``."""
        start_s = time.perf_counter()
        transfer = asked.wanted.transfer(self.source.span)
        scene = self._scene_for(transfer)
        picture = scene.draw(asked.wanted, transfer, asked.level, None if asked.level == ROUGH else pipe.poll)
        if picture is not None:
            into = SharedArray.see(asked.into)
            into.array[: picture.size] = picture.reshape(-1)
            into.close()
        return Drawn(asked.key, asked.number, picture is not None, time.perf_counter() - start_s)

    def _scene_for(self, transfer: Transfer) -> "Scene":
        from medviewer.app.volume.vtk import Scene

        kept = transfer.keep, transfer.outside, transfer.smooth
        if self._scene is None or self._kept != kept:
            self._scene = None  # its memory goes before more is asked for
            copy = self.source.copy(self._full, *kept)
            self._scene = Scene(copy, self.source.slope, self.source.intercept, gpu=self._gpu)
            self._kept = kept
        return self._scene

    def found(self, asked: Find) -> Found:
        """Look along the line of sight through a pixel."""
        transfer = asked.wanted.transfer(self.source.span)
        seen = first_seen(self.source, asked.wanted, transfer, asked.x_px, asked.y_px)
        return Found(asked.key, asked.number, seen)

    def close(self) -> None:
        """Let go of the memory."""
        self._scene = None
        self.source = Source(np.empty((0, 0, 0), np.int16), self.source.grid, 1.0, 0.0, False)
        self._block.close()


def _settle(nice: int) -> None:
    """Make this process modest: low priority, silent, no say over other processes' shared memory."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal is the program's to answer
    resource_tracker.register = _not_ours  # type: ignore[assignment]  # Python 3.13 has SharedMemory(track=False)
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)  # VTK and graphics drivers print there
    if hasattr(os, "nice"):
        os.nice(nice)
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _not_ours(name: str, kind: str) -> None:
    """Track nothing: the program that made a block frees it."""
