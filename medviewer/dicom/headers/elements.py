"""The elements of a DICOM file up to its pixels, as raw bytes; no length in the file is trusted."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

TAG_AND_VR = struct.Struct("<IHH")
TAG_AND_LENGTH = struct.Struct("<II")
U32 = struct.Struct("<I")
UNDEFINED = 0xFFFFFFFF
# A tag is read as one little-endian number: element << 16 | group.
ITEM, ITEM_END, SEQUENCE_END = 0xE000FFFE, 0xE00DFFFE, 0xE0DDFFFE
PIXEL_GROUP, PIXEL_DATA, FLOAT_PIXELS = 0x7FE0, 0x00107FE0, (0x00087FE0, 0x00097FE0)
DEEPEST = 24
LONGEST = 1 << 16  # of a value that is kept, unless the caller wants more
MOST_ITEMS = 1 << 16

SHORT_VRS = frozenset(b"AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split())
LONG_VRS = frozenset(b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())
# The same as little-endian numbers, which the walk compares faster.
_SHORT, _LONG = ({int.from_bytes(vr, "little") for vr in vrs} for vrs in (SHORT_VRS, LONG_VRS))
_UNKNOWN = int.from_bytes(b"UN", "little")


class Short(Exception):  # noqa: N818 - not an error: the chunk ended inside an element
    """More bytes of the file are needed."""


class Unusual(Exception):  # noqa: N818 - not an error: pydicom may know better
    """Something this small parser leaves to pydicom."""


@dataclass(slots=True)
class Elements:
    """Raw values by tag number, and where the value of the pixel data starts and how long it claims to be.

    The value of a sequence is all its items, without a delimiter at the end; ``explicit`` says how they are written.
    """

    values: dict[int, bytes] = field(default_factory=dict)
    pixels_at: int = 0
    pixels_bytes: int = 0
    float_pixels: bool = False
    explicit: bool = True


class Wish(NamedTuple):
    """Which elements are wanted, whether the data are all there is, and how long a value may be before it is cut."""

    tags: frozenset[int]
    whole: bool = True
    longest: int = LONGEST


def number(group: int, element: int) -> int:
    """Return the number under which the tag is found in ``Elements.values``."""
    return element << 16 | group


def walk(data: bytes, at: int, explicit: bool, wish: Wish) -> Elements:
    """Collect the wanted elements of the data set that starts at byte ``at`` and stop at the pixels.

    Raises Short where the data are not whole and do not suffice, Unusual where the bytes are no orderly little-endian
    data set.
    """
    found = Elements(explicit=explicit)
    end = (_walk_explicit if explicit else _walk_implicit)(data, at, wish, found)
    if end >= 0 and not wish.whole:
        raise Short
    if end >= 0 and end != len(data):
        raise Unusual
    return found


def items(raw: bytes, explicit: bool, wanted: frozenset[int], at_most: int = MOST_ITEMS) -> list[dict[int, bytes]]:
    """Return the ``wanted`` elements of the items of a sequence whose value is ``raw``; none where it is damaged.

    Writers that did not know a sequence write it implicitly into an explicit file: both ways are tried.
    """
    for way in (explicit, not explicit):
        try:
            return list(islice(_items(raw, way, wanted), at_most))
        except Unusual:
            continue
    return []


def _items(raw: bytes, explicit: bool, wanted: frozenset[int]) -> Iterator[dict[int, bytes]]:
    at = 0
    while at + 8 <= len(raw):
        tag, length = TAG_AND_LENGTH.unpack_from(raw, at)
        at += 8
        if tag == SEQUENCE_END:
            return
        if tag != ITEM:
            raise Unusual
        end = _skip_item(raw, at, explicit, True, 0) - 8 if length == UNDEFINED else at + length
        if end > len(raw):
            raise Unusual
        yield walk(raw[at:end], 0, explicit, Wish(wanted, longest=len(raw))).values
        at = end + 8 if length == UNDEFINED else end


def _walk_explicit(data: bytes, at: int, wish: Wish, found: Elements) -> int:
    """Return the byte behind the last element, -1 where the pixels stopped the walk.

    The loop is the scan's speed: values are cut without a look at the end of ``data``; a value that goes beyond
    it also ends the loop there, and ``walk`` sees it.
    """
    values, last, read, short = found.values, len(data) - 8, TAG_AND_VR.unpack_from, _SHORT
    wanted, whole, longest = wish
    while at <= last:
        tag, vr, length = read(data, at)
        if vr in short:
            start = at + 8
        elif vr in _LONG:
            if at > last - 4:
                raise Unusual if whole else Short
            start, length = at + 12, U32.unpack_from(data, at + 8)[0]
            if tag & 0xFFFF == PIXEL_GROUP and _is_pixels(tag, start, length, found):
                return -1
            if length > longest:
                at = _pass_over(data, (tag, start, length), vr != _UNKNOWN, wish, found)
                continue
        else:
            raise Unusual
        at = start + length
        if tag in wanted:
            values[tag] = data[start:at]
    return at


def _walk_implicit(data: bytes, at: int, wish: Wish, found: Elements) -> int:
    """Return the byte behind the last element, -1 where the pixels stopped the walk."""
    values, last, read = found.values, len(data) - 8, TAG_AND_LENGTH.unpack_from
    wanted, _whole, longest = wish
    while at <= last:
        tag, length = read(data, at)
        start = at + 8
        if tag & 0xFFFF == PIXEL_GROUP and _is_pixels(tag, start, length, found):
            return -1
        if length > longest:
            at = _pass_over(data, (tag, start, length), False, wish, found)
            continue
        at = start + length
        if tag in wanted:
            values[tag] = data[start:at]
    return at


def _is_pixels(tag: int, start: int, length: int, found: Elements) -> bool:
    """Note where the pixel data are, integer or float; False at what else is in their group."""
    if tag != PIXEL_DATA and tag not in FLOAT_PIXELS:
        return False
    found.pixels_at, found.pixels_bytes = start, -1 if length == UNDEFINED else length
    found.float_pixels = tag != PIXEL_DATA
    return True


def _pass_over(data: bytes, element: tuple[int, int, int], explicit: bool, wish: Wish, found: Elements) -> int:
    """Return the byte behind an element of undefined or great length; keep the start of its value where wanted."""
    tag, start, length = element
    if length == UNDEFINED:
        at = _skip_sequence(data, start, explicit, wish.whole, 0)
        end = at - 8
    else:
        at = end = start + length
    if tag in wish.tags:
        found.values[tag] = data[start : min(end, start + wish.longest)]
    return at


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
