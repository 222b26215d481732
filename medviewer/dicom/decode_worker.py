"""The main loop of a decode worker: a spawned process that may die of a hostile file so that nothing else does."""

import contextlib
import os
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection

from medviewer.core.shared import Handle, SharedArray
from medviewer.core.study import Header
from medviewer.dicom.encapsulated import DAMAGED, Refused
from medviewer.dicom.values import Rule
from medviewer.i18n import N_, Message

TOO_LARGE = N_("Decoding this image would take too much memory.")
NICE = 5
IDLE_S = 0.3


@dataclass(frozen=True)
class Task:
    """Decode frame ``frame`` of a file into slice ``k`` of the shared block."""

    header: Header
    frame: int
    rule: Rule
    block: Handle
    k: int


def main(pipe: Connection, memory_bytes: int) -> None:
    """Greet with None, then answer each Task from ``pipe`` until None comes.

    The answer is None when the task's slice is written, else the reason why not.
    """
    _settle(memory_bytes)
    with contextlib.suppress(EOFError, OSError, KeyboardInterrupt):  # the program is gone: so are we
        pipe.send(None)
        if not pipe.poll(IDLE_S):
            _warm_up()
        while (task := pipe.recv()) is not None:
            pipe.send(answer(task))


def answer(task: Task) -> Message | None:
    """Decode one task into shared memory; return why not where that fails."""
    from medviewer.dicom.codecs import decode
    from medviewer.dicom.values import put

    try:
        stored = decode(task.header, task.frame)
        block = SharedArray.see(task.block)
        try:
            put(stored, task.header, task.rule, block.array[task.k])
        finally:
            block.close()
    except Refused as refused:
        return refused.reason
    except MemoryError:
        return TOO_LARGE
    except Exception:  # whatever a damaged file does to the code above, it is one slice
        return DAMAGED
    return None


def _warm_up() -> None:
    """Import the codecs while nobody waits, so that the first image of a series is there at once."""
    import_module("medviewer.dicom.codecs")
    import_module("jpeg_ls")
    import_module("pydicom.pixels.decoders.base")


def _settle(memory_bytes: int) -> None:
    """Make this process modest: low priority, bounded memory, silent, no say over other processes' shared memory."""
    resource_tracker.register = _not_ours  # type: ignore[assignment]  # Python 3.13 has SharedMemory(track=False)
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)  # native codecs print parts of files there
    if hasattr(os, "nice"):
        os.nice(NICE)
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _not_ours(name: str, kind: str) -> None:
    """Track nothing: the program that made a block frees it."""
