"""Compressed frames inside a file: found by their item headers, which must fit into the file."""

import os
import struct
from collections import OrderedDict
from dataclasses import dataclass
from typing import BinaryIO

from medviewer.core.study import Header
from medviewer.i18n import N_, Message

_ITEM_HEAD = struct.Struct("<HHI")
_BEGINNINGS = (b"\xff\xd8\xff", b"\xff\x4f\xff", b"\0\0\0\x0c")  # of JPEG and JPEG-LS, JPEG 2000 bare and in a box
_ITEM, _END = (0xFFFE, 0xE000), (0xFFFE, 0xE0DD)
_MOST_FRAGMENTS = 1 << 22
_KEPT_FILES, _KEPT_FRAGMENTS = 8, 1 << 18
Span = tuple[int, int]

CUT_SHORT = N_("The pixel data are cut short.")
DAMAGED = N_("The pixel data are damaged and could not be decoded.")
_OTHER_COUNT = N_("The file does not hold as many frames as its header says.")


class Refused(Exception):  # noqa: N818 - a sentence about one image, not an error class
    """One image cannot be decoded, and why."""

    def __init__(self, reason: Message) -> None:
        super().__init__(reason.msgid)
        self.reason = reason


@dataclass(frozen=True)
class Index:
    """Where the fragments of a file are, which of them begin a codestream, and the basic offset table."""

    table: tuple[int, ...]
    fragments: tuple[Span, ...]
    begins: tuple[bool, ...]


_indexes: OrderedDict[tuple[str, int, int, int], Index] = OrderedDict()


def frame(header: Header) -> bytes:
    """Return the codestream of frame ``header.frame``; the items of a file are walked once, not once a frame.

    Raises Refused where items are cut short, damaged, or do not make ``header.frames`` frames; OSError.
    """
    with open(header.path, "rb") as file:
        index = _index(file, header)
        parts = []
        for start, length in _of_frame(index, header.frame, header.frames):
            file.seek(start)
            parts.append(file.read(length))
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _index(file: BinaryIO, header: Header) -> Index:
    """Return where the fragments are; that of a multi-frame file is kept until the file changes."""
    status = os.fstat(file.fileno())
    if header.frames == 1:
        return _walk(file, header.pixels_at, status.st_size)
    key = (header.path, header.pixels_at, status.st_size, status.st_mtime_ns)
    index = _indexes.pop(key, None) or _walk(file, header.pixels_at, status.st_size)
    _indexes[key] = index
    while len(_indexes) > 1 and (
        len(_indexes) > _KEPT_FILES or sum(len(kept.fragments) for kept in _indexes.values()) > _KEPT_FRAGMENTS
    ):
        _indexes.popitem(last=False)
    return index


def _walk(file: BinaryIO, at: int, size: int) -> Index:
    """Walk the items from byte ``at`` to the end of the sequence; ``size`` is that of the file."""
    spans: list[Span] = []
    begins: list[bool] = []
    while True:
        file.seek(at)
        head = file.read(_ITEM_HEAD.size + 4)
        if len(head) < _ITEM_HEAD.size:
            raise Refused(CUT_SHORT)
        group, element, length = _ITEM_HEAD.unpack_from(head)
        if (group, element) == _END:
            break
        if (group, element) != _ITEM or len(spans) > _MOST_FRAGMENTS:
            raise Refused(DAMAGED)
        if at + 8 + length > size:
            raise Refused(CUT_SHORT)
        spans.append((at + 8, length))
        begins.append(head[8:].startswith(_BEGINNINGS))
        at += 8 + length
    if len(spans) < 2:
        raise Refused(CUT_SHORT)
    start, length = spans.pop(0)
    file.seek(start)
    table = tuple(offset for (offset,) in struct.iter_unpack("<I", file.read(length & ~3)))
    return Index(table, tuple(spans), tuple(begins[1:]))


def _of_frame(index: Index, number: int, frames: int) -> tuple[Span, ...]:
    """Return the fragments of one frame: one each, or cut where a codestream begins or where the table says."""
    fragments, begins = index.fragments, index.begins
    firsts = [k for k, begin in enumerate(begins) if begin]
    if frames == 1:
        if len(firsts) > 1:
            raise Refused(_OTHER_COUNT)
        return fragments
    if len(fragments) == frames:
        return (fragments[number],)
    if len(firsts) != frames:
        firsts = _by_table(index)
    if len(firsts) != frames or firsts[0] != 0:
        raise Refused(_OTHER_COUNT)
    return fragments[firsts[number] : firsts[number + 1] if number + 1 < frames else None]


def _by_table(index: Index) -> list[int]:
    """Return the number of each frame's first fragment; entries that point at none are left out."""
    begin = index.fragments[0][0]
    numbers = {start - begin: k for k, (start, _length) in enumerate(index.fragments)}
    return [numbers[offset] for offset in index.table if offset in numbers]
