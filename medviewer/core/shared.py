"""Voxels in shared memory, seen by the window, the decode workers and the engine alike."""

import contextlib
import errno
import mmap
import os
import shutil
import weakref
from dataclasses import dataclass
from multiprocessing import shared_memory
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from medviewer.core.problem import Problem
from medviewer.i18n import _

_LINUX_HOME = Path("/dev/shm")
_POPULATE_WRITE = 23  # MADV_POPULATE_WRITE of Linux 5.14 and later
Shape = tuple[int, ...]


@dataclass(frozen=True)
class Handle:
    """What another process needs to see the same voxels: block name, shape and dtype."""

    name: str
    shape: Shape
    dtype: str


class SharedArray:
    """A numpy array in a named block of shared memory; the maker frees it with ``close``."""

    def __init__(self, block: shared_memory.SharedMemory, handle: Handle, owner: bool) -> None:
        self.handle = handle
        self._block = block
        self._release = weakref.finalize(self, _release, block, owner)  # at the latest when the program ends
        # frombuffer, not ndarray(buffer=...): only its views hold the mapping; the others would crash after close
        count = int(np.prod(handle.shape, dtype=np.int64))
        mapped = cast("memoryview[int]", block.buf)
        self.array: NDArray[Any] = np.frombuffer(mapped, handle.dtype, count).reshape(handle.shape)

    @staticmethod
    def make(shape: Shape, dtype: str) -> "SharedArray":
        """Make a zeroed block; Problem where the computer has no room for it."""
        size = max(1, int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize)
        if _LINUX_HOME.is_dir() and shutil.disk_usage(_LINUX_HOME).free < size:
            raise _no_room(size)
        try:
            block = shared_memory.SharedMemory(create=True, size=size)
        except OSError as error:
            raise _no_room(size) from error
        return SharedArray(block, Handle(block.name, tuple(shape), dtype), owner=True)

    @staticmethod
    def see(handle: Handle) -> "SharedArray":
        """See a block made by another process; FileNotFoundError where it is already freed."""
        return SharedArray(shared_memory.SharedMemory(name=handle.name), handle, owner=False)

    def write(self, k: int, values: NDArray[Any]) -> None:
        """Copy ``values`` into ``array[k]``; Problem where there is no memory left.

        On Linux memory first comes to a block when it is touched, page by page; handed to the system in one piece the
        same bytes take half the time, and a computer that is full says so instead of ending the program.
        """
        descriptor = getattr(self._block, "_fd", -1)
        if not _LINUX_HOME.is_dir() or descriptor < 0:
            self.array[k] = values
            return
        left = np.ascontiguousarray(values, self.handle.dtype).data.cast("B")
        at = k * left.nbytes
        try:
            while left:
                count = os.pwrite(descriptor, left, at)
                left, at = left[count:], at + count
        except OSError as error:
            raise _full() from error

    def claim(self, k: int) -> None:
        """Have the memory of ``array[k]`` at hand before it is written to in place; Problem where there is none left.

        On Linux a program that touches one page too many is ended.
        """
        mapped = self._block.buf.obj if self._block.buf is not None else None
        if not _LINUX_HOME.is_dir() or not isinstance(mapped, mmap.mmap):
            return
        size = self.array[k].nbytes
        start = k * size // mmap.PAGESIZE * mmap.PAGESIZE
        try:
            mapped.madvise(_POPULATE_WRITE, start, (k + 1) * size - start)
        except OSError as error:
            if error.errno in (errno.EFAULT, errno.ENOMEM):  # other errors: an older Linux, which does not know this
                raise _full() from error

    def close(self) -> None:
        """Let go of the block; its maker also frees it. Arrays that still look at it keep the memory alive."""
        self.array = np.empty(0, dtype=self.handle.dtype)
        self._release()


# Released blocks that arrays still look at: tried again at every release, so the memory goes when they stop looking.
_still_seen: list[shared_memory.SharedMemory] = []


def _release(block: shared_memory.SharedMemory, owner: bool) -> None:
    _still_seen.append(block)
    block.close = _no_complaint  # type: ignore[method-assign] # its __del__ would print that it is still seen
    for seen in tuple(_still_seen):
        with contextlib.suppress(BufferError, ValueError):  # still seen; or another thread was first
            shared_memory.SharedMemory.close(seen)
            _still_seen.remove(seen)
    if owner:
        with contextlib.suppress(FileNotFoundError):
            block.unlink()


def _no_complaint() -> None:
    """Stand in for the close of a block that has its release behind it."""


def _full() -> Problem:
    return Problem(_("There is no memory left for this image."))


def _no_room(size: int) -> Problem:
    return Problem(
        _("This series needs {mb} MB of memory, more than this computer has free.").format(mb=size // 1_000_000),
        _("Close other studies or programs and open it again."),
    )
