"""Compressed frames inside a file: found by their item headers, which must fit into the file."""

import os
import struct
from typing import BinaryIO

from medviewer.i18n import N_, Message

_ITEM_HEAD = struct.Struct("<HHI")
_ITEM, _END = (0xFFFE, 0xE000), (0xFFFE, 0xE0DD)
Span = tuple[int, int]

CUT_SHORT = N_("The pixel data are cut short.")
DAMAGED = N_("The pixel data are damaged and could not be decoded.")


class Refused(Exception):  # noqa: N818 - a sentence about one image, not an error class
    """One image cannot be decoded, and why."""

    def __init__(self, reason: Message) -> None:
        super().__init__(reason.msgid)
        self.reason = reason


def frame(file: BinaryIO, at: int, index: int, frames: int) -> bytes:
    """Return the codestream of frame ``index`` of the encapsulated data whose value starts at byte ``at``.

    Raises Refused where items are cut short, damaged, or do not make ``frames`` frames.
    """
    table, fragments = _fragments(file, at)
    chosen = _of_frame(table, fragments, index, frames)
    parts = []
    for start, length in chosen:
        file.seek(start)
        parts.append(file.read(length))
    return b"".join(parts)


def _fragments(file: BinaryIO, at: int) -> tuple[list[int], list[Span]]:
    """Return the basic offset table and where each fragment's bytes are."""
    size = os.fstat(file.fileno()).st_size
    spans: list[Span] = []
    while True:
        file.seek(at)
        head = file.read(_ITEM_HEAD.size)
        if len(head) < _ITEM_HEAD.size:
            raise Refused(CUT_SHORT)
        group, element, length = _ITEM_HEAD.unpack(head)
        if (group, element) == _END:
            break
        if (group, element) != _ITEM:
            raise Refused(DAMAGED)
        if at + 8 + length > size:
            raise Refused(CUT_SHORT)
        spans.append((at + 8, length))
        at += 8 + length
    if len(spans) < 2:
        raise Refused(CUT_SHORT)
    start, length = spans.pop(0)
    file.seek(start)
    return [offset for (offset,) in struct.iter_unpack("<I", file.read(length & ~3))], spans


def _of_frame(table: list[int], fragments: list[Span], index: int, frames: int) -> list[Span]:
    if frames == 1:
        return fragments
    if len(fragments) == frames:
        return [fragments[index]]
    if len(table) != frames:
        raise Refused(N_("The file does not hold as many frames as its header says."))
    begin = fragments[0][0] - 8
    after = table[index + 1] if index + 1 < frames else None
    return [s for s in fragments if s[0] - 8 - begin >= table[index] and (after is None or s[0] - 8 - begin < after)]
