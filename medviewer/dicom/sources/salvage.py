"""What can still be read of a ZIP whose own directory is damaged or missing: its members one behind the other."""

import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from medviewer.dicom.pixels.encapsulated import Refused
from medviewer.dicom.sources.zips import CHUNK, DAMAGED, UNKNOWN, shown_name

_LOCAL = struct.Struct("<4s5H3L2H")  # signature, version, flags, method, time, date, crc, packed, size, name, extra
_SIGNATURE = b"PK\x03\x04"
_ENDS = (_SIGNATURE, b"PK\x01\x02", b"PK\x05\x06", b"PK\x07\x08")  # what may follow a member
_ENCRYPTED, _SIZES_FOLLOW, _UTF8 = 1, 8, 0x800
_STORED, _DEFLATED = 0, 8
_UNSAID = 0xFFFFFFFF


class Bytes:
    """The bytes of an open file, cut as from a string; a disc that goes away is an OSError (a map would crash)."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._size = file, os.fstat(file.fileno()).st_size

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, part: slice) -> bytes:
        start = int(part.start)
        self._file.seek(start)
        return self._file.read(max(0, int(part.stop) - start))

    def find(self, wanted: bytes, at: int) -> int:
        """Return where ``wanted`` is next, -1 where it is no more."""
        while at < self._size:
            piece = self[at : at + CHUNK]
            found = piece.find(wanted)
            if found >= 0:
                return at + found
            at += max(len(piece) - len(wanted) + 1, len(wanted))
        return -1


@dataclass(frozen=True)
class SalvagedMember:
    """A member found by its own header; how many bytes it holds may be known only when it is unpacked."""

    data: Bytes
    name: str
    at: int
    flags: int
    method: int
    crc: int
    packed: int
    size: int

    @property
    def encrypted(self) -> bool:
        """Whether a password would be needed."""
        return bool(self.flags & _ENCRYPTED)

    def chunks(self, _password: bytes) -> Iterator[bytes]:
        """Yield the content; Refused at the end where it is not whole, and for what only a sound archive gives."""
        if self.encrypted or self.method not in (_STORED, _DEFLATED):
            raise Refused(DAMAGED if self.encrypted else UNKNOWN)
        crc, end = 0, self.at
        for chunk, behind in _inflated(self.data, self.at) if self.method == _DEFLATED else self._stored():
            crc, end = zlib.crc32(chunk, crc), behind
            yield chunk
        if crc != self._expected(end):
            raise Refused(DAMAGED)

    def _stored(self) -> Iterator[tuple[bytes, int]]:
        if self.flags & _SIZES_FOLLOW or self.at + self.packed > len(self.data):
            raise Refused(DAMAGED)
        for start in range(self.at, self.at + self.packed, CHUNK):
            stop = min(start + CHUNK, self.at + self.packed)
            yield self.data[start:stop], stop

    def _expected(self, end: int) -> int:
        """Return the checksum, which may stand behind the data, with or without a signature before it."""
        if not self.flags & _SIZES_FOLLOW:
            return self.crc
        behind = self.data[end : end + 8]
        return int.from_bytes(behind[4:8] if behind[:4] == _ENDS[3] else behind[:4], "little")


def salvaged(data: Bytes) -> Iterator[SalvagedMember]:
    """Yield the members in the order in which they lie; what is between them is passed over."""
    at = data.find(_SIGNATURE, 0)
    while at >= 0:
        member = _member(data, at)
        if member is not None and not member.name.endswith("/"):
            yield member
        at = data.find(_SIGNATURE, at + 4 if member is None else max(_behind(member), at + 4))


def _member(data: Bytes, at: int) -> SalvagedMember | None:
    if at + _LOCAL.size > len(data):
        return None
    _sign, _version, flags, method, _time, _date, crc, packed, size, name, extra = _LOCAL.unpack(
        data[at : at + _LOCAL.size]
    )
    start = at + _LOCAL.size
    raw = data[start : start + name]
    utf8 = bool(flags & _UTF8)
    shown = shown_name(raw.decode("utf-8" if utf8 else "cp437", "replace"), utf8)
    known = 0 if flags & _SIZES_FOLLOW or size == _UNSAID else size
    return SalvagedMember(data, shown, start + name + extra, flags, method, crc, packed, known)


def _behind(member: SalvagedMember) -> int:
    """Return where the next member may begin: behind this one where its length is said and leads to something."""
    end = member.at + member.packed
    if member.packed and member.packed != _UNSAID and member.data[end : end + 4] in _ENDS:
        return end
    return member.at


def _inflated(data: Bytes, at: int) -> Iterator[tuple[bytes, int]]:
    """Yield what the deflated stream at ``at`` gives, and the byte behind what was used of it so far."""
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    while not stream.eof:
        packed = stream.unconsumed_tail or data[at : at + CHUNK]
        if not packed:
            raise Refused(DAMAGED)
        if not stream.unconsumed_tail:
            at += len(packed)
        try:
            chunk = stream.decompress(packed, CHUNK)
        except zlib.error as error:
            raise Refused(DAMAGED) from error
        yield chunk, at - len(stream.unconsumed_tail) - len(stream.unused_data)
