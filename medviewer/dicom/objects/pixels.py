"""The frames of a segmentation as arrays: single bits and plain bytes read here, all else in the decode workers."""

import zlib
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.core.study import Header
from medviewer.dicom.decode import DecodePool, default_pool
from medviewer.dicom.header import EXPLICIT, IMPLICIT
from medviewer.dicom.pixels import encapsulated
from medviewer.dicom.pixels.codecs import decode
from medviewer.dicom.pixels.encapsulated import CUT_SHORT, DAMAGED, Refused
from medviewer.i18n import Message, _

DEFLATED_FRAMES, RLE = "1.2.840.10008.1.2.8.1", "1.2.840.10008.1.2.5"
MOST_PIXELS = 1 << 27  # of one frame
Values = NDArray[Any]  # uint8 or uint16 (rows, columns)
_WAIT_S = 0.05


@dataclass(frozen=True)
class FrameWork:
    """Decodes one frame in a worker; its answer is the packed values, see ``unpack``."""

    header: Header

    def run(self) -> bytes:
        """Return the frame's values, packed; raises Refused with the reason where that is impossible."""
        return pack(stored(self.header), self.header)


def pack(values: Values, header: Header) -> bytes:
    """Return the values of a frame as few bytes."""
    if values.shape != (header.rows, header.columns):
        raise Refused(DAMAGED)
    if header.bits_allocated == 1:
        return zlib.compress(np.packbits(values != 0).tobytes(), 1)
    return zlib.compress(values.astype(_kind(header)).tobytes(), 1)


def unpack(packed: bytes, header: Header) -> Values:
    """Return the values that ``pack`` packed; ValueError where they are not as many as the header says."""
    raw = zlib.decompress(packed)
    if header.bits_allocated == 1:
        return _bits(raw, header, "big")
    return np.frombuffer(raw, _kind(header)).reshape(header.rows, header.columns)


def _kind(header: Header) -> str:
    return "u1" if header.bits_allocated <= 8 else "<u2"


def _bits(raw: bytes | NDArray[np.uint8], header: Header, order: str, skip: int = 0) -> Values:
    packed = np.frombuffer(raw, np.uint8)
    bits = np.unpackbits(packed, bitorder=order)[skip:]  # type: ignore[call-overload]
    return np.asarray(bits[: header.rows * header.columns].reshape(header.rows, header.columns))


def stored(header: Header) -> Values:
    """Return the values of frame ``header.frame``, in a decode worker only; raises Refused where that is impossible."""
    if header.transfer_syntax == DEFLATED_FRAMES:
        return _plain(_inflated(encapsulated.frame(header), header), header)
    if header.bits_allocated == 1 and header.transfer_syntax == RLE:
        return _plain(_run_lengths(encapsulated.frame(header), header), header)
    if header.bits_allocated == 1 and header.transfer_syntax.startswith("1.2.840.10008.1.2.4."):
        header = replace(header, bits_allocated=8, bits_stored=8)  # codecs of images answer in bytes
    return decode(replace(header, photometric="MONOCHROME2")).stored  # numbers of segments, not their colours


def _size(header: Header) -> int:
    """Bytes of one frame that stands alone."""
    return -(-header.rows * header.columns * header.bits_allocated // 8)


def _inflated(stream: bytes, header: Header) -> bytes:
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress(stream, _size(header) + 1)


def _run_lengths(stream: bytes, header: Header) -> bytes:
    """Undo RLE (PS3.5 Annex G) of the one segment that single bits make; image codecs refuse them, or worse."""
    start = int.from_bytes(stream[4:8], "little")
    if int.from_bytes(stream[:4], "little") != 1 or start < 64:
        raise Refused(DAMAGED)
    out, at, most = bytearray(), start, header.rows * header.columns
    while at < len(stream) - 1 and len(out) < most:
        count = stream[at]
        if count < 128:
            out += stream[at + 1 : at + 2 + count]
            at += 2 + count
        elif count > 128:
            out += stream[at + 1 : at + 2] * (257 - count)
            at += 2
        else:
            at += 1
    return bytes(out)


def _plain(raw: bytes, header: Header) -> Values:
    """Return a frame from its bytes, which hold single bits also as one byte each."""
    count = header.rows * header.columns
    if header.bits_allocated == 1 and len(raw) < count:
        if len(raw) < _size(header):
            raise Refused(CUT_SHORT)
        return _bits(raw, header, "little")
    kind = _kind(header)
    if len(raw) < count * np.dtype(kind).itemsize:
        raise Refused(CUT_SHORT)
    return np.frombuffer(raw, kind, count).reshape(header.rows, header.columns)


def read_frames(
    header: Header, indices: Sequence[int], job: Job, pool: DecodePool | None = None
) -> Iterator[tuple[int, Values | Message]]:
    """Yield the frames ``indices`` in that order, each with its values or the reason why it cannot be read.

    Problem where the file claims frames of an impossible size or has no pixels.
    """
    if not header.pixels_at or header.rows * header.columns > MOST_PIXELS or header.bits_allocated not in (1, 8, 16):
        raise Problem(_("The pixels of this segmentation cannot be read."))
    if header.transfer_syntax in (EXPLICIT, IMPLICIT) and header.pixels_bytes >= 0:
        yield from _native(header, indices, job)
    else:
        yield from _decoded(header, indices, job, pool or default_pool())


def _native(header: Header, indices: Sequence[int], job: Job) -> Iterator[tuple[int, Values | Message]]:
    with Path(header.path).open("rb") as file:
        for index in indices:
            job.check()
            yield index, _native_frame(file, header, index)


def _native_frame(file: BinaryIO, header: Header, index: int) -> Values | Message:
    """Read one frame; frames of single bits follow each other without a gap, so one may begin inside a byte."""
    bits = header.rows * header.columns * header.bits_allocated
    begin, skip = divmod(index * bits, 8)
    size = -(-(skip + bits) // 8)
    if begin + size > header.pixels_bytes:
        return CUT_SHORT
    file.seek(header.pixels_at + begin)
    raw = file.read(size)
    if len(raw) < size:
        return CUT_SHORT
    return _bits(raw, header, "little", skip) if header.bits_allocated == 1 else _plain(raw, header)


def _decoded(
    header: Header, indices: Sequence[int], job: Job, pool: DecodePool
) -> Iterator[tuple[int, Values | Message]]:
    """Keep the workers busy with the frames ahead while earlier ones are used."""
    waiting: deque[tuple[int, Future[object]]] = deque()
    try:
        for index in indices:
            waiting.append((index, pool.submit(FrameWork(replace(header, frame=index)))))
            if len(waiting) > pool.capacity:
                yield _next(waiting, header, job)
        while waiting:
            yield _next(waiting, header, job)
    finally:
        for _index, answer in waiting:
            answer.cancel()


def _next(waiting: deque[tuple[int, Future[object]]], header: Header, job: Job) -> tuple[int, Values | Message]:
    index, answer = waiting.popleft()
    while True:
        job.check()
        try:
            given = answer.result(timeout=_WAIT_S)
        except TimeoutError:
            continue
        if isinstance(given, bytes):
            return index, unpack(given, header)
        return index, given if isinstance(given, Message) else DAMAGED
