"""The main loop of a decode worker: a spawned process that may die of a hostile file so that nothing else does."""

import contextlib
import ctypes
import os
import pickle
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from typing import Protocol

import numpy as np

from medviewer.core.problem import Problem
from medviewer.core.shared import Handle, SharedArray
from medviewer.core.study import Header
from medviewer.dicom.header import why_not
from medviewer.dicom.pixels.encapsulated import DAMAGED, Refused
from medviewer.dicom.pixels.values import Rule
from medviewer.i18n import N_, Message

TOO_LARGE = N_("Decoding this image would take too much memory.")
OTHER_SIZE = N_("This image has another size than the others of its series.")
NICE = 5
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # of mallopt(3)
_KEPT_BYTES = 32 << 20
IDLE_S = 0.3
MOST_OPEN = 4  # voxels and colours of two series
_CODECS = ("imagecodecs._jpeg8", "imagecodecs._jpegls", "imagecodecs._jpeg2k", "imagecodecs._imcd")
_SOON_NEEDED = ("medviewer.dicom.pixels.codecs", *_CODECS, "pydicom")  # the fastest and most usual first


class Work(Protocol):
    """Anything for a decode worker; it travels there by pickle, so its class stands at the top of a module."""

    def run(self) -> object:
        """Return a small picklable answer; a Message is the reason why there is none.

        May raise Refused or Problem instead; anything else that it raises is answered as DAMAGED.
        """


@dataclass(frozen=True)
class Task:
    """Decode one image into slice ``k`` of the shared voxels and, where there are any, of the shared colours."""

    header: Header
    rule: Rule
    voxels: Handle
    k: int
    colours: Handle | None = None

    def run(self) -> None:
        """Write the slice; raises Refused or Problem with the reason where that is impossible."""
        from medviewer.dicom.pixels.codecs import decode
        from medviewer.dicom.pixels.values import put

        decoded = decode(self.header)
        voxels = np.empty(decoded.stored.shape, np.int16)
        put(decoded.stored, self.header, self.rule, voxels)
        block = _seen(self.voxels)
        if voxels.shape != block.array.shape[1:]:
            raise Refused(OTHER_SIZE)
        block.write(self.k, voxels)
        if self.colours is not None:
            grey = np.broadcast_to(voxels[..., None].clip(0, 255), (*voxels.shape, 3))
            _seen(self.colours).write(self.k, grey if decoded.colours is None else decoded.colours)


# Blocks stay open from slice to slice, as opening and closing one takes about as long as a tenth of a slice.
_open: dict[str, SharedArray] = {}


def _seen(handle: Handle) -> SharedArray:
    if handle.name in _open:
        _open[handle.name] = _open.pop(handle.name)  # the latest used comes last
        return _open[handle.name]
    if len(_open) >= MOST_OPEN:
        _open.pop(next(iter(_open))).close()  # never one of the slice at hand
    _open[handle.name] = SharedArray.see(handle)
    return _open[handle.name]


def _forget() -> None:
    """Let go of all blocks: the memory of closed volumes is not free while anybody sees it."""
    while _open:
        _open.popitem()[1].close()


def main(pipe: Connection, memory_bytes: int) -> None:
    """Greet with None, then answer each pickled Work from ``pipe`` until the program goes or ends this process."""
    _settle(memory_bytes)
    with contextlib.suppress(EOFError, OSError, KeyboardInterrupt):  # the program is gone: so are we
        pipe.send(None)
        if not pipe.poll(IDLE_S):
            _warm_up(pipe)
        while True:
            if _open and not pipe.poll(IDLE_S):
                _forget()
            pipe.send_bytes(_reply(pipe.recv_bytes()))


def answer(work: Work) -> object:
    """Do one piece of work and return its answer, or the Message that says why there is none."""
    try:
        return work.run()
    except Refused as refused:
        return refused.reason
    except Problem as problem:
        return Message(str(problem))
    except MemoryError:
        return TOO_LARGE
    except OSError as error:
        return Message(why_not(error))
    except Exception:  # whatever a damaged file does to the code above, it is one piece of work
        return DAMAGED


def _reply(asked: bytes) -> bytes:
    """Unpickle the work, do it, pickle its answer."""
    try:
        return bytes(ForkingPickler.dumps(answer(pickle.loads(asked))))
    except Exception:  # a class that is not there, an answer that cannot travel
        return bytes(ForkingPickler.dumps(DAMAGED))


def _warm_up(pipe: Connection) -> None:
    """Import the codecs while nobody waits, so that the first image of a series is there at once."""
    for name in _SOON_NEEDED:
        if pipe.poll():
            return
        with contextlib.suppress(ImportError):
            import_module(name)


def _settle(memory_bytes: int) -> None:
    """Make this process modest: low priority, bounded memory, silent, no say over other processes' shared memory."""
    resource_tracker.register = _not_ours  # type: ignore[assignment]  # Python 3.13 has SharedMemory(track=False)
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)  # native codecs print parts of files there
    _keep_memory()
    if hasattr(os, "nice"):
        os.nice(NICE)
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _keep_memory() -> None:
    """Let the C library keep what one image needed for the next; to ask the system anew costs a tenth of a slice."""
    with contextlib.suppress(OSError, AttributeError):  # only the C library of Linux has this
        library = ctypes.CDLL("libc.so.6")
        library.mallopt(_M_MMAP_THRESHOLD, _KEPT_BYTES)
        library.mallopt(_M_TRIM_THRESHOLD, _KEPT_BYTES)


def _not_ours(name: str, kind: str) -> None:
    """Track nothing: the program that made a block frees it."""
