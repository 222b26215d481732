"""A series into shared memory: at once as an empty volume, then slice by slice from where the reader looks."""

import atexit
import os
import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from medviewer.core.grid import Grid
from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.core.shared import SharedArray
from medviewer.core.study import Series, Unreadable
from medviewer.core.volume import FAILED, PENDING, READY, Volume
from medviewer.dicom.decode import Answer, DecodePool
from medviewer.dicom.decode_worker import Task
from medviewer.dicom.native import is_native, read_native
from medviewer.dicom.stack import stacks
from medviewer.dicom.values import Scale, rule_of, scale_of
from medviewer.i18n import Message, _

_AT_LEAST_BELIEVED = 1 << 26  # bytes of voxels that any file may claim
_MOST_COMPRESSED = 4000  # times a file's size that its voxels may take
_WAIT_S = 0.02

_pool: DecodePool | None = None
_pool_lock = threading.Lock()


def default_pool() -> DecodePool:
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


def allocate(series: Series) -> Volume:
    """Make the empty volume of a series, all slices PENDING; a multi-frame file gives one slice a frame.

    Problem where the series holds no images or there is no memory for it.
    """
    first = series.first
    if not first.rows or not first.columns:
        raise Problem(_("This series holds no images."), _("Choose a series with images."))
    _believe(series)
    if first.frames > 1:
        series = replace(series, headers=series.headers[:1] * first.frames)
    shape = (len(series.headers), first.rows, first.columns)
    scale = scale_of(series.headers)
    return Volume(
        series=series,
        grid=series.grid or _assumed_grid(series),
        voxels_block=SharedArray.make(shape, "int16"),
        state_block=SharedArray.make(shape[:1], "uint8"),
        slope=scale.slope,
        intercept=scale.intercept,
        unit=scale.unit,
        regular=series.grid is not None and not series.stopped,
    )


def _believe(series: Series) -> None:
    """Refuse a series whose headers claim more pixels than its files can hold, before memory is asked for."""
    claimed = sum(h.rows * h.columns * h.frames * 2 for h in series.headers)
    held = sum(os.path.getsize(h.path) for h in series.headers if os.path.exists(h.path))
    if claimed > max(_AT_LEAST_BELIEVED, _MOST_COMPRESSED * held):
        raise Problem(_("The files of this series claim far more pixels than they can hold; they are damaged."))


def _assumed_grid(series: Series) -> Grid:
    """Geometry to draw by where there is no stack: what the first image says, one millimetre where it is silent."""
    first, shape = series.first, (len(series.headers), series.first.rows, series.first.columns)
    known = stacks([replace(first, frames=1)])[0].grid
    if known is not None:
        return replace(known, shape_kji=shape)
    row_mm, column_mm = first.pixel_spacing_mm or (1.0, 1.0)
    return Grid(shape, spacing_kji_mm=(first.thickness_mm or 1.0, row_mm, column_mm))


def load_volume(series: Series, job: Job) -> Volume:
    """Read a whole series; Problem where no slice could be read, Cancelled where the reader cancelled."""
    volume = allocate(series)
    try:
        unreadable = fill(volume, job)
        if not np.any(volume.state == READY):
            raise Problem(_("No image of this series could be read."), unreadable[0].reason)
    except BaseException:
        volume.close()
        raise
    return volume


def fill(
    volume: Volume,
    job: Job,
    *,
    first: int = 0,
    on_slice: Callable[[int], None] | None = None,
    pool: DecodePool | None = None,
) -> tuple[Unreadable, ...]:
    """Read the PENDING slices, ``first`` first, then outward; return those that failed and why.

    ``on_slice(k)`` is called in this thread when slice k became READY or FAILED. Raises Cancelled at once when the
    reader cancels; what was read stays, and a later call goes on from there.
    """
    return _Filling(volume, job, on_slice, pool).run(first)


def outward(first: int, count: int) -> Iterator[int]:
    """Yield 0 … count-1 by distance from ``first``, alternating between both sides."""
    first = min(max(first, 0), count - 1)
    yield first
    for away in range(1, count):
        if first + away < count:
            yield first + away
        if first - away >= 0:
            yield first - away


@dataclass
class _Filling:
    """One run of ``fill``: reads native slices itself and keeps the decode workers busy with the others."""

    volume: Volume
    job: Job
    on_slice: Callable[[int], None] | None
    pool: DecodePool | None

    def __post_init__(self) -> None:
        self._scale = Scale(self.volume.slope, self.volume.intercept, self.volume.unit)
        self._padding = scale_of(self.volume.series.headers).padding
        self._failed: dict[int, Unreadable] = {}
        self._waiting: dict[int, Answer] = {}
        self._answers: queue.SimpleQueue[tuple[int, Answer]] = queue.SimpleQueue()
        self._text = _("Reading images")

    def run(self, first: int) -> tuple[Unreadable, ...]:
        """Read all pending slices."""
        state = self.volume.state
        try:
            for k in outward(first, len(state)):
                if state[k] == PENDING:
                    self._start(k)
            while self._waiting:
                self._collect()
        finally:
            for answer in self._waiting.values():
                answer.cancel()
        self.job.step(1.0, self._text)
        return tuple(self._failed[k] for k in sorted(self._failed))

    def _start(self, k: int) -> None:
        self.job.check()
        header = self.volume.series.headers[k]
        frame = k if header.frames > 1 else 0
        rule = rule_of(header, self._scale)
        if is_native(header):
            self._done(k, read_native(header, frame, rule, self.volume.voxels[k]))
            return
        self.pool = self.pool or default_pool()
        while len(self._waiting) >= self.pool.capacity:
            self._collect()
        answer = self.pool.submit(Task(header, frame, rule, self.volume.voxels_block.handle, k))
        self._waiting[k] = answer
        answer.add_done_callback(lambda done: self._answers.put((k, done)))

    def _collect(self) -> None:
        """Wait a moment for one answer of the decode workers."""
        self.job.check()
        try:
            k, answer = self._answers.get(timeout=_WAIT_S)
        except queue.Empty:
            return
        del self._waiting[k]
        self._done(k, answer.result())

    def _done(self, k: int, reason: Message | None) -> None:
        volume, state = self.volume, self.volume.state
        if reason is not None:
            path = volume.series.headers[k].path
            self._failed[k] = Unreadable(path, str(reason))
            volume.voxels[k] = self._padding
        state[k] = READY if reason is None else FAILED
        if self.on_slice is not None:
            self.on_slice(k)
        self.job.step(np.count_nonzero(state) / len(state), self._text)
