"""A series into shared memory: at once as an empty volume, then slice by slice from where the reader looks."""

import os
import queue
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from medviewer.core.grid import Grid
from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.core.shared import SharedArray
from medviewer.core.study import Series, Unreadable
from medviewer.core.volume import FAILED, PENDING, READY, Volume
from medviewer.dicom.decode import Answer, DecodePool, default_pool
from medviewer.dicom.decode_worker import OTHER_SIZE, Task
from medviewer.dicom.header import FOREIGN
from medviewer.dicom.order import Pending
from medviewer.dicom.pixels.extent import extent_of
from medviewer.dicom.pixels.native import is_native, read_native
from medviewer.dicom.pixels.values import Scale, rule_of, scale_of
from medviewer.dicom.room import check_room
from medviewer.dicom.sources.foreign import Whole
from medviewer.dicom.stacks.checks import against_volume
from medviewer.dicom.stacks.pixel_checks import BELIEVED_BYTES, MOST_COMPRESSED
from medviewer.dicom.stacks.stack import stacks
from medviewer.i18n import Message, _

_WAIT_S = 0.02
_WHOLE_LIMIT_S = 600.0  # for a file that is read in one go


def allocate(series: Series, *, budget_bytes: int | None = None) -> Volume:
    """Make the empty volume of a series, all slices PENDING; slice k is the image of ``series.headers[k]``.

    Raises TooLarge where it needs more than ``budget_bytes`` (by default a share of what is free now), Problem where
    the series holds no images or there is no memory for it.
    """
    first = series.first
    if not first.rows or not first.columns:
        raise Problem(_("This series holds no images."), _("Choose a series with images."))
    _believe(series)
    check_room(series, budget_bytes)
    shape = (len(series.headers), first.rows, first.columns)
    scale = scale_of(series.headers, extent_of(series.headers))
    return Volume(
        series=series,
        grid=series.grid or _assumed_grid(series),
        voxels_block=SharedArray.make(shape, "int16"),
        state_block=SharedArray.make(shape[:1], "uint8"),
        slope=scale.slope,
        intercept=scale.intercept,
        unit=scale.unit,
        regular=series.grid is not None and not against_volume(series),
        colours_block=SharedArray.make((*shape, 3), "uint8") if series.is_colour else None,
    )


def _believe(series: Series) -> None:
    """Refuse a series whose headers claim more pixels than its files can hold, before memory is asked for."""
    files = {h.path: h for h in series.headers if h.transfer_syntax != FOREIGN}
    claimed = sum(h.rows * h.columns * h.frames * 2 for h in files.values())
    if claimed <= BELIEVED_BYTES:
        return
    held = sum(h.file_bytes or (os.path.getsize(path) if os.path.exists(path) else 0) for path, h in files.items())
    if claimed > MOST_COMPRESSED * held:
        raise Problem(_("The files of this series claim far more pixels than they can hold; they are damaged."))


def _assumed_grid(series: Series) -> Grid:
    """Geometry to draw by where there is no stack: what the first image says, one millimetre where it is silent."""
    first, shape = series.first, (len(series.headers), series.first.rows, series.first.columns)
    known = stacks([first])[0].grid
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
    look: Callable[[], int] | None = None,
    on_slice: Callable[[int], None] | None = None,
    pool: DecodePool | None = None,
) -> tuple[Unreadable, ...]:
    """Read the PENDING slices, ``first`` first, then outward; return those that failed and why.

    ``look()`` is the slice on the screen, asked for before each one that is read, in this thread: where the reader
    scrolls elsewhere, what is nearest to there comes next. ``on_slice(k)`` is called in this thread when slice k
    became READY or FAILED. Raises Cancelled at once when the reader cancels; what was read stays, and a later call
    goes on from there.
    """
    return _Filling(volume, job, look or (lambda: first), on_slice, pool).run()


class _Filling:
    """One run of ``fill``: reads native slices itself and keeps the decode workers busy with the others."""

    def __init__(
        self,
        volume: Volume,
        job: Job,
        look: Callable[[], int],
        on_slice: Callable[[int], None] | None,
        pool: DecodePool | None,
    ) -> None:
        self._volume, self._job, self._look, self._on_slice = volume, job, look, on_slice
        self._pool = pool
        self._scale = Scale(volume.slope, volume.intercept, volume.unit)
        self._padding = scale_of(volume.series.headers).padding
        self._image: NDArray[np.int16] = np.empty(volume.voxels.shape[1:], np.int16)  # for one slice on its way
        self._pending = Pending(np.flatnonzero(volume.state == PENDING).tolist())
        self._failed: dict[int, Unreadable] = {}
        self._waiting: dict[int, Answer] = {}
        self._answers: queue.SimpleQueue[tuple[int, Future[object]]] = queue.SimpleQueue()
        self._text = _("Reading images")

    def run(self) -> tuple[Unreadable, ...]:
        """Read all pending slices."""
        if self._volume.series.first.transfer_syntax == FOREIGN:
            self._read_whole()
        try:
            while self._pending or self._waiting:
                self._job.check()
                self._next()
        finally:
            for answer in self._waiting.values():
                answer.cancel()
        self._job.step(1.0, self._text)
        return tuple(self._failed[k] for k in sorted(self._failed))

    def _next(self) -> None:
        """Read or hand out the slice to look at next; wait for answers where the workers have enough to do."""
        if not self._pending:
            self._collect()
            return
        k = self._pending.nearest(self._look())
        if self._volume.colours_block is None and is_native(self._volume.series.headers[k]):
            self._done(self._pending.take(k), self._read(k))
        elif len(self._waiting) < self._workers().capacity:
            self._hand_out(self._pending.take(k))
        else:
            self._collect()

    def _workers(self) -> DecodePool:
        self._pool = self._pool or default_pool()
        return self._pool

    def _read(self, k: int) -> Message | None:
        """Read an uncompressed slice here; return the reason where that fails."""
        header, image = self._volume.series.headers[k], self._image
        if (header.rows, header.columns) != image.shape:
            return OTHER_SIZE
        reason = read_native(header, rule_of(header, self._scale), image)
        return reason or self._write(k, image)

    def _write(self, k: int, image: NDArray[np.int16]) -> Message | None:
        try:
            self._volume.voxels_block.write(k, image)
        except Problem as problem:
            return Message(str(problem))
        return None

    def _hand_out(self, k: int) -> None:
        volume, header = self._volume, self._volume.series.headers[k]
        colours = volume.colours_block.handle if volume.colours_block else None
        task = Task(header, rule_of(header, self._scale), volume.voxels_block.handle, k, colours)
        self._waiting[k] = answer = self._workers().submit(task)
        answer.add_done_callback(lambda done: self._answers.put((k, done)))

    def _collect(self) -> None:
        """Wait a moment for one answer of the decode workers."""
        try:
            k, answer = self._answers.get(timeout=_WAIT_S)
        except queue.Empty:
            return
        del self._waiting[k]
        given = answer.result()
        self._done(k, given if isinstance(given, Message) else None)

    def _done(self, k: int, reason: Message | None) -> None:
        volume, state = self._volume, self._volume.state
        if reason is not None:
            self._failed[k] = Unreadable(volume.series.headers[k].path, str(reason))
            self._blank(k)
        state[k] = READY if reason is None else FAILED
        if self._on_slice is not None:
            self._on_slice(k)
        self._job.step(np.count_nonzero(state) / len(state), self._text)

    def _blank(self, k: int) -> None:
        """Show nothing where an image could not be read; where there is no memory for that, nothing is there either."""
        if self._padding:
            self._write(k, np.full_like(self._image, self._padding))

    def _read_whole(self) -> None:
        """Let a worker read a file that is no DICOM in one go, as a packed one cannot be read slice by slice."""
        volume, reason = self._volume, None
        colours = volume.colours_block.handle if volume.colours_block else None
        whole = Whole(volume.series.headers, volume.voxels_block.handle, colours, volume.slope, volume.intercept)
        try:
            self._workers().ask(whole, self._job, limit_s=_WHOLE_LIMIT_S)
        except Problem as problem:
            reason = Message(str(problem))
        while self._pending:
            self._done(self._pending.take(self._look()), reason)
