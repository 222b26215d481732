"""The elements of a DICOM file up to its pixels, as raw bytes; no length in the file is trusted."""

import struct
from dataclasses import dataclass, field

TAG_AND_VR = struct.Struct("<I2sH")
TAG_AND_LENGTH = struct.Struct("<II")
U32 = struct.Struct("<I")
UNDEFINED = 0xFFFFFFFF
# A tag is read as one little-endian number: element << 16 | group.
ITEM, ITEM_END, SEQUENCE_END = 0xE000FFFE, 0xE00DFFFE, 0xE0DDFFFE
PIXEL_GROUP, PIXEL_DATA, FLOAT_PIXELS = 0x7FE0, 0x00107FE0, (0x00087FE0, 0x00097FE0)
DEEPEST = 24

SHORT_VRS = frozenset(b"AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split())
LONG_VRS = frozenset(b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())


class Short(Exception):  # noqa: N818 - not an error: the chunk ended inside an element
    """More bytes of the file are needed."""


class Unusual(Exception):  # noqa: N818 - not an error: pydicom may know better
    """Something this small parser leaves to pydicom."""


@dataclass(slots=True)
class Elements:
    """Raw values by tag number, and where the value of the pixel data starts and how long it claims to be."""

    values: dict[int, bytes] = field(default_factory=dict)
    pixels_at: int = 0
    pixels_bytes: int = 0


def number(group: int, element: int) -> int:
    """Return the number under which the tag is found in ``Elements.values``."""
    return element << 16 | group


def walk(data: bytes, at: int, explicit: bool, wanted: frozenset[int], whole: bool) -> Elements:
    """Collect the ``wanted`` elements of the data set that starts at byte ``at`` and stop at the pixels.

    ``whole`` says that ``data`` is all there is. Raises Short where it is not and does not suffice,
    Unusual where the bytes are no orderly little-endian data set.
    """
    found = Elements()
    end = (_walk_explicit if explicit else _walk_implicit)(data, at, wanted, whole, found)
    if end >= 0 and not whole:
        raise Short
    if end >= 0 and end != len(data):
        raise Unusual
    return found


def _walk_explicit(data: bytes, at: int, wanted: frozenset[int], whole: bool, found: Elements) -> int:
    """Return the byte behind the last element, -1 where the pixels stopped the walk.

    The loop is the scan's speed: values are cut without a look at the end of ``data``; a value that goes beyond
    it also ends the loop there, and ``walk`` sees it.
    """
    values, last, read = found.values, len(data) - 8, TAG_AND_VR.unpack_from
    while at <= last:
        tag, vr, length = read(data, at)
        if vr in SHORT_VRS:
            start = at + 8
        elif vr in LONG_VRS:
            if at > last - 4:
                raise Unusual if whole else Short
            start, length = at + 12, U32.unpack_from(data, at + 8)[0]
            if tag & 0xFFFF == PIXEL_GROUP and _is_pixels(tag, start, length, found):
                return -1
            if length == UNDEFINED:
                at = _skip_sequence(data, start, vr != b"UN", whole, 0)
                continue
        else:
            raise Unusual
        at = start + length
        if tag in wanted:
            values[tag] = data[start:at]
    return at


def _walk_implicit(data: bytes, at: int, wanted: frozenset[int], whole: bool, found: Elements) -> int:
    """Return the byte behind the last element, -1 where the pixels stopped the walk."""
    values, last, read = found.values, len(data) - 8, TAG_AND_LENGTH.unpack_from
    while at <= last:
        tag, length = read(data, at)
        start = at + 8
        if tag & 0xFFFF == PIXEL_GROUP and _is_pixels(tag, start, length, found):
            return -1
        if length == UNDEFINED:
            at = _skip_sequence(data, start, False, whole, 0)
            continue
        at = start + length
        if tag in wanted:
            values[tag] = data[start:at]
    return at


def _is_pixels(tag: int, start: int, length: int, found: Elements) -> bool:
    """Note where the pixel data are; True also at float pixels, which are nothing to show as grey levels."""
    if tag == PIXEL_DATA:
        found.pixels_at, found.pixels_bytes = start, -1 if length == UNDEFINED else length
    return tag == PIXEL_DATA or tag in FLOAT_PIXELS


def _skip_sequence(data: bytes, at: int, explicit: bool, whole: bool, depth: int) -> int:
    """Return the byte behind the sequence of undefined length whose items start at ``at``."""
    if depth > DEEPEST:
        raise Unusual
    while at + 8 <= len(data):
        tag, length = TAG_AND_LENGTH.unpack_from(data, at)
        at += 8
        if tag == SEQUENCE_END:
            return at
        if tag != ITEM:
            raise Unusual
        at = _skip_item(data, at, explicit, whole, depth) if length == UNDEFINED else at + length
    raise Unusual if whole else Short


def _skip_item(data: bytes, at: int, explicit: bool, whole: bool, depth: int) -> int:
    """Return the byte behind the item of undefined length whose elements start at ``at``."""
    while at + 8 <= len(data):
        tag, length = TAG_AND_LENGTH.unpack_from(data, at)
        if tag == ITEM_END:
            return at + 8
        vr = data[at + 4 : at + 6] if explicit else b""
        at += 8
        if vr in SHORT_VRS:
            length >>= 16
        elif vr in LONG_VRS and at + 4 <= len(data):
            length, at = U32.unpack_from(data, at)[0], at + 4
        elif explicit:
            raise Unusual if whole or vr not in LONG_VRS else Short
        at = (
            _skip_sequence(data, at, explicit and vr != b"UN", whole, depth + 1) if length == UNDEFINED else at + length
        )
    raise Unusual if whole else Short
