"""One function a codec: from the bytes of one frame to its values; native code that runs in decode workers only.

imagecodecs was the fastest of all that were measured, and none of 10,000 fuzzed files made it end its process. gdcm
does not come back from damaged JPEG and from binary run lengths: it aborts.
"""

import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.study import Header
from medviewer.dicom.pixels.encapsulated import CUT_SHORT, DAMAGED, Refused
from medviewer.dicom.pixels.unpack import layout_of, unpack

Stored = NDArray[Any]
Codec = Callable[[bytes, Header], Stored]
RLE = "1.2.840.10008.1.2.5"
UNCOMPRESSED_ITEMS, DEFLATED_ITEMS = "1.2.840.10008.1.2.1.98", "1.2.840.10008.1.2.8.1"
JPEG_XL = tuple(f"1.2.840.10008.1.2.4.{n}" for n in (110, 111, 112))
_SURPLUS = b"\0" + b"\xa5\x5a\x33\xcc" * 8
_RLE_HEAD = 64
_END, _TAIL = b"\xff\xd9", 64


def jpeg(data: bytes, header: Header, coded: str = "rgb") -> Stored:
    """Decode JPEG of 8 to 16 bits, lossy or lossless.

    libjpeg fills up what is missing and only warns. So the image is decoded once more with bits before its end marker
    that a whole image has no use for; where they change the image it was cut short and closed again.
    """
    from imagecodecs import jpeg8_decode

    def decoded(stream: bytes) -> Stored:
        if header.samples == 1:
            return jpeg8_decode(stream)
        return jpeg8_decode(stream, colorspace=coded, outcolorspace="rgb")

    stored, end = decoded(data), data.rfind(_END)
    if np.array_equal(stored, decoded(data[:end] + _SURPLUS + data[end:])):
        return stored
    raise Refused(CUT_SHORT)


def jpeg_ls(data: bytes, _header: Header) -> Stored:
    """Decode JPEG-LS, samples interleaved in any way; CharLS refuses data that end early."""
    from imagecodecs import jpegls_decode

    stored: Stored = jpegls_decode(data)
    return stored


def jpeg_2000(data: bytes, _header: Header) -> Stored:
    """Decode JPEG 2000 and HTJ2K; OpenJPH would be faster with the latter, but swallows errors and fills up."""
    from imagecodecs import jpeg2k_decode

    stored: Stored = jpeg2k_decode(data if _END in data[-_TAIL:] else data + _END)
    return stored


def jpeg_xl(data: bytes, _header: Header) -> Stored:
    """Decode JPEG XL."""
    from imagecodecs import jpegxl_decode

    stored: Stored = jpegxl_decode(data)
    return stored


def rle(data: bytes, header: Header) -> Stored:
    """Decode run lengths: one segment a byte of a value."""
    from imagecodecs import dicomrle_decode

    layout = replace(layout_of(header, by_plane=True), halved=False)
    width = max(1, layout.bits // 8)
    if int.from_bytes(data[:4], "little") != layout.samples * width:
        raise Refused(DAMAGED if len(data) >= _RLE_HEAD else CUT_SHORT)
    try:
        planes = dicomrle_decode(data, f"<u{width}")
    except (RuntimeError, ValueError) as error:
        raise Refused(CUT_SHORT) from error
    if len(planes) < layout.bytes_of(1):
        raise Refused(CUT_SHORT)
    if len(planes) > layout.bytes_of(1):
        raise Refused(DAMAGED)
    return unpack(planes, layout, 0)


def one_frame(data: bytes, header: Header) -> Stored:
    """Read uncompressed values of one frame out of an item."""
    layout = layout_of(header)
    if len(data) < layout.span(0)[1]:
        raise Refused(CUT_SHORT)
    return unpack(data[: layout.span(0)[1]], layout, 0)


def inflated(data: bytes, header: Header) -> Stored:
    """Read the values of one frame out of a deflated item; no more is inflated than the frame takes."""
    return one_frame(zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, layout_of(header).span(0)[1] + 1), header)


BY_KIND: dict[str, Codec] = {"jpeg": jpeg, "jpeg-ls": jpeg_ls, "jpeg-2000": jpeg_2000}
BY_SYNTAX: dict[str, Codec] = {
    RLE: rle,
    UNCOMPRESSED_ITEMS: one_frame,
    DEFLATED_ITEMS: inflated,
    **dict.fromkeys(JPEG_XL, jpeg_xl),
}
