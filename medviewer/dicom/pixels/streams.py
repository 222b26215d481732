"""What a codestream says of itself before any codec touches it: its size, its colours, and whether it is whole."""

import struct
from dataclasses import dataclass
from typing import Literal

from medviewer.dicom.pixels.encapsulated import CUT_SHORT, DAMAGED, Refused

Kind = Literal["jpeg", "jpeg-ls", "jpeg-2000"]
_JPEG_START, _J2K_START, _JP2_START = b"\xff\xd8\xff", b"\xff\x4f\xff\x51", b"\0\0\0\x0cjP  "
_END = b"\xff\xd9"
_SOF = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_LOSSLESS = (0xC3, 0xC7, 0xCB, 0xCF)
_SOF_LS, _SOS, _APP0, _APP14 = 0xF7, 0xDA, 0xE0, 0xEE
_SIZ, _COD, _SOT = 0xFF51, 0xFF52, 0xFF90
_ADOBE_RGB = 0
_MOST_SEGMENTS = 4096
_ZEROS = b"\0" * 16


@dataclass(frozen=True)
class Stream:
    """A codestream's own header. ``ycbcr`` says whether its colours were turned into YCbCr; None: it does not say."""

    kind: Kind
    rows: int
    columns: int
    samples: int
    bits: int
    ycbcr: bool | None = None
    lossless: bool = False


def look(data: bytes) -> Stream | None:
    """Return what the codestream says of itself, None where its form is unknown.

    Refused where it ends early: codecs fill up what is missing and return a full-looking image.
    """
    try:
        if data[:3] == _JPEG_START:
            return _look_jpeg(data)
        if data[:4] == _J2K_START or data[:8] == _JP2_START:
            return _look_j2k(data)
    except (struct.error, IndexError) as error:
        raise Refused(CUT_SHORT) from error
    return None


def _look_jpeg(data: bytes) -> Stream:
    """Walk the markers before the first scan."""
    at, found, jfif, adobe, ids = 2, None, False, None, b""
    for _segment in range(_MOST_SEGMENTS):
        while data[at + 1] == 0xFF:  # fill bytes
            at += 1
        if data[at] != 0xFF:
            raise Refused(DAMAGED)
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4])
        body = data[at + 4 : at + 2 + length]
        if marker in _SOF or marker == _SOF_LS:
            found = (marker, *struct.unpack_from(">BHHB", body))
            ids = body[6 : 6 + 3 * found[4] : 3]
        elif marker == _APP0 and body[:4] == b"JFIF":
            jfif = True
        elif marker == _APP14 and body[:5] == b"Adobe" and len(body) > 11:
            adobe = body[11]
        elif marker == _SOS:
            break
        at += 2 + length
    if found is None:
        raise Refused(DAMAGED)
    if data.rfind(_END, at) < 0:  # inside a scan these two bytes are never data
        raise Refused(CUT_SHORT)
    marker, bits, rows, columns, samples = found
    kind: Kind = "jpeg-ls" if marker == _SOF_LS else "jpeg"
    ycbcr = _is_ycbcr(jfif, adobe, ids) if samples == 3 else None
    return Stream(kind, rows, columns, samples, bits, ycbcr, marker in _LOSSLESS)


def _is_ycbcr(jfif: bool, adobe: int | None, ids: bytes) -> bool | None:
    """Read the signs that writers leave: Adobe's marker, JFIF (always YCbCr), components named R, G and B."""
    if adobe is not None:
        return adobe != _ADOBE_RGB
    return False if ids == b"RGB" else True if jfif else None


def _look_j2k(data: bytes) -> Stream:
    """Walk the main header and the tile parts, whose lengths must fit into the data."""
    start = data.find(_J2K_START)
    if start < 0:
        raise Refused(DAMAGED)
    at, size, transformed = start + 2, None, None
    while True:
        marker, length = struct.unpack_from(">HH", data, at)
        if marker == _SOT:
            break
        if marker < 0xFF00 or length < 2:
            raise Refused(DAMAGED)
        if marker == _SIZ:
            size = struct.unpack_from(">8IHB", data, at + 6)
        elif marker == _COD:
            transformed = data[at + 8] == 1
        at += 2 + length
    if size is None:
        raise Refused(DAMAGED)
    _check_tiles(data, at)
    right, bottom, left, top = size[:4]
    ycbcr = None if not transformed else False  # the codec undoes the transform itself
    return Stream("jpeg-2000", bottom - top, right - left, size[8], (size[9] & 0x7F) + 1, ycbcr)


def _check_tiles(data: bytes, at: int) -> None:
    """Refuse tile parts that end early or in nothing but zeros; a missing end marker alone does no harm."""
    while data[at : at + 2] == b"\xff\x90":
        length = struct.unpack_from(">I", data, at + 6)[0]
        if length == 0:  # the last tile part goes on to the end marker
            if data.rfind(_END, at) < 0:
                raise Refused(CUT_SHORT)
            return
        if length < 14:
            raise Refused(DAMAGED)
        at += length
    missing = at - len(data)
    if missing > 0 or (data[at : at + 2] != _END and (len(data) > at + 1 or data[-16:] == _ZEROS)):
        raise Refused(CUT_SHORT)
