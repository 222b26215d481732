"""Where the voxels of a NIfTI, NRRD or MetaImage file lie, by a look of our own before any native parser sees it.

The native readers give zeros where a compressed file is damaged or a NIfTI file is cut short, and follow any path that
a header names; so both are checked here.
"""

import gzip
import os
import re
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import BinaryIO

from medviewer.dicom.pixels.encapsulated import Refused
from medviewer.dicom.sources.files import foreign_suffix
from medviewer.i18n import N_

HEADER_BYTES = 1 << 16
_CHUNK = 1 << 20
_AUTO = zlib.MAX_WBITS | 32  # gzip or zlib, as the data begin
_MOST_DEFLATED = 1100
NOT_KNOWN = N_("This file is not what its name says.")
ANALYZE = N_("Analyze files do not say which side is left; MedViewer does not show them.")
NIFTI_2 = N_("NIfTI-2 files are not read; convert this one to NIfTI-1.")
ELSEWHERE = N_("The voxels of this image are in other files in a way that MedViewer does not follow.")
NO_VOXELS = N_("The file with the voxels of this image is not beside it.")
ENCODING = N_("The voxels of this file are stored in a way that MedViewer does not read.")
CUT_SHORT = N_("This file is damaged: its voxels are not all there.")
_ANATOMICAL = re.compile(rb"left|right|[lr][ap]s", re.IGNORECASE)  # how NRRD begins to say what its axes mean
_MOST_LINES = 400


@dataclass(frozen=True)
class Layout:
    """Where the voxels are: file, first byte, and whether they are deflated.

    ``reader`` is ITK's name of the reader, ``placed`` whether the header says how the image lies in the patient,
    ``stored_bytes`` how many bytes there must be where our own look can tell, else 0.
    """

    reader: str
    data: str
    at: int = 0
    deflated: bool = False
    placed: bool = True
    stored_bytes: int = 0

    def believe(self, claimed_bytes: int) -> None:
        """Refused where the file cannot hold so many bytes; nothing is read for that."""
        held = os.path.getsize(self.data) - self.at
        if (self.stored_bytes or claimed_bytes) > (held * _MOST_DEFLATED if self.deflated else held):
            raise Refused(CUT_SHORT)

    def verify(self, claimed_bytes: int) -> None:
        """Refused where deflated voxels are damaged or too few; reads all of them once, a piece at a time."""
        if self.deflated and inflated_bytes(self.data, self.at) < (self.stored_bytes or claimed_bytes):
            raise Refused(CUT_SHORT)


def layout_of(path: str) -> Layout:
    """Look at the header of a file; Refused with the reason where its voxels are not to be had."""
    suffix = foreign_suffix(path)
    if suffix in (".nii", ".nii.gz", ".hdr"):
        return _nifti(path, suffix)
    with open(path, "rb") as file:
        start = file.read(HEADER_BYTES)
    return _nrrd(path, start) if suffix in (".nrrd", ".nhdr") else _meta(path, start)


def inflated_bytes(path: str, at: int) -> int:
    """Return to how many bytes the gzip or zlib data at ``at`` inflate; Refused where they are damaged."""
    total = 0
    with open(path, "rb") as file:
        file.seek(at)
        stream = zlib.decompressobj(_AUTO)
        while packed := stream.unused_data or file.read(_CHUNK):
            if stream.eof:  # gzip files may be several, one behind the other
                if not packed.strip(b"\0"):
                    break
                stream = zlib.decompressobj(_AUTO)
            try:
                while packed:
                    total += len(stream.decompress(packed, _CHUNK))
                    packed = stream.unconsumed_tail
            except zlib.error as error:
                raise Refused(CUT_SHORT) from error
    if not stream.eof:
        raise Refused(CUT_SHORT)
    return total


def _nifti(path: str, suffix: str) -> Layout:
    opener: Callable[[str, str], BinaryIO] = gzip.open if suffix == ".nii.gz" else open  # type: ignore[assignment]
    try:
        with opener(path, "rb") as file:
            head = file.read(352)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise Refused(CUT_SHORT) from error
    if len(head) >= 4 and 540 in struct.unpack("<i", head[:4]) + struct.unpack(">i", head[:4]):
        raise Refused(NIFTI_2)
    pair = suffix == ".hdr"
    if len(head) < 348 or head[344:348] != (b"ni1\0" if pair else b"n+1\0"):
        raise Refused(ANALYZE if pair and len(head) >= 348 else NOT_KNOWN)
    order = "<" if head[:4] == struct.pack("<i", 348) else ">"
    count, *sizes = struct.unpack(f"{order}8h", head[40:56])
    (bits,) = struct.unpack(f"{order}h", head[72:74])
    (offset,) = struct.unpack(f"{order}f", head[108:112])
    if not 1 <= count <= 7 or min(sizes[:count]) < 1 or bits < 1 or not 0 <= offset < 1 << 30:
        raise Refused(NOT_KNOWN)
    placed = any(code > 0 for code in struct.unpack(f"{order}2h", head[252:256]))
    stored = prod(sizes[:count]) * bits // 8
    if pair:
        return Layout("NiftiImageIO", _beside(path, os.path.basename(path)[:-4] + ".img"), 0, False, placed, stored)
    if suffix == ".nii.gz":  # what stands before the voxels is deflated with them
        return Layout("NiftiImageIO", path, 0, True, placed, stored + int(offset))
    return Layout("NiftiImageIO", path, int(offset), False, placed, stored)


def _nrrd(path: str, start: bytes) -> Layout:
    lines, at = _lines(start, b"")
    said = [(key.replace(b" ", b"").lower(), value) for key, value in lines]
    fields = dict(said)
    if not start.startswith(b"NRRD000"):
        raise Refused(NOT_KNOWN)
    encoding = fields.get(b"encoding", b"").lower()
    deflated = encoding in (b"gzip", b"gz")
    skips = any(fields.get(key, b"0") != b"0" for key in (b"byteskip", b"lineskip"))
    if encoding not in (b"raw", b"gzip", b"gz") or (deflated and skips):
        raise Refused(ENCODING)
    placed = bool(_ANATOMICAL.match(fields.get(b"space", b"")))
    named = [value for key, value in said if key == b"datafile"]
    if named:
        return Layout("NrrdImageIO", _beside(path, _only(named)), 0, deflated, placed)
    return Layout("NrrdImageIO", path, at, deflated, placed)


def _meta(path: str, start: bytes) -> Layout:
    lines, at = _lines(start, b"ElementDataFile")
    said = dict(lines)
    if b"ElementDataFile" not in said:
        raise Refused(NOT_KNOWN)
    deflated = said.get(b"CompressedData", b"").lower().startswith(b"t")
    placed = not {b"TransformMatrix", b"Rotation", b"Orientation"}.isdisjoint(said)
    name = said[b"ElementDataFile"]
    if name.upper() == b"LOCAL":
        return Layout("MetaImageIO", path, at, deflated, placed)
    return Layout("MetaImageIO", _beside(path, _only([name])), 0, deflated, placed)


def _lines(start: bytes, last: bytes) -> tuple[list[tuple[bytes, bytes]], int]:
    """Return the "key: value" or "key = value" lines up to the key ``last`` or an empty line, and the byte behind."""
    found: list[tuple[bytes, bytes]] = []
    at = 0
    while (end := start.find(b"\n", at) + 1 or len(start)) > 0 and at < len(start):
        line, at = start[at:end].strip(), end
        mark = min((n for n in (line.find(b":"), line.find(b"=")) if n > 0), default=0)
        if mark and not line.startswith(b"#"):
            found.append((line[:mark].strip(), line[mark:].lstrip(b":=").strip()))
        if not line or len(found) > _MOST_LINES or (last and mark and found[-1][0] == last):
            break
    return found, at


def _only(named: list[bytes]) -> str:
    """Return the one data file that a header names; lists and patterns are not followed."""
    if len(named) != 1 or b"%" in named[0] or named[0].upper().startswith(b"LIST"):
        raise Refused(ELSEWHERE)
    return os.fsdecode(named[0])


def _beside(path: str, name: str) -> str:
    """Return the file ``name`` in the folder of ``path``, found in its listing; nothing else is ever opened."""
    if os.path.basename(name) != name or "\\" in name or name in ("", ".", ".."):
        raise Refused(ELSEWHERE)
    with os.scandir(os.path.dirname(path) or ".") as entries:
        for entry in entries:
            if entry.name == name and entry.is_file():
                return entry.path
    raise Refused(NO_VOXELS)
