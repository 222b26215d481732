"""Decoding one image; runs only inside a decode worker, because native codecs may crash on hostile files."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.study import Header
from medviewer.dicom.header import BIG_ENDIAN, DEFLATED, EXPLICIT, IMPLICIT
from medviewer.dicom.pixels import colour, decoders, encapsulated, streams
from medviewer.dicom.pixels.colour import Rgb
from medviewer.dicom.pixels.details import Details, details_of
from medviewer.dicom.pixels.encapsulated import CUT_SHORT, DAMAGED, Refused
from medviewer.dicom.pixels.native import NO_PIXELS, why_not_whole
from medviewer.dicom.pixels.streams import Stream
from medviewer.dicom.pixels.unpack import layout_of, unpack
from medviewer.dicom.pixels.values import clean
from medviewer.i18n import N_

Stored = NDArray[Any]
_VIDEO = tuple(f"1.2.840.10008.1.2.4.{n}" for n in range(100, 109))
_JPEG = "1.2.840.10008.1.2.4."
_PLAIN = (IMPLICIT, EXPLICIT, DEFLATED, BIG_ENDIAN)
_UNKNOWN = N_("The way in which its pixels are compressed cannot be read.")
_IS_VIDEO = N_("The images are stored as a video, which MedViewer does not play.")
OTHER_SIZE = N_("The decoded image has another size than its header says.")


@dataclass(frozen=True, eq=False)
class Decoded:
    """One image as its file stores it.

    Attributes:
        stored: whole or floating values (rows, columns), through the modality LUT where the file has one; of colour
            images the brightness, uint8 0 to 255.
        colours: uint8 RGB (rows, columns, 3) of colour images, None for grey ones.
    """

    stored: Stored
    colours: Rgb | None = None


def decode(header: Header) -> Decoded:
    """Return image ``header.frame`` of the file; Refused with the reason where that is impossible; OSError."""
    try:
        return _decoded(header)
    except (Refused, MemoryError):
        raise
    except Exception as error:  # codecs and parsers fail in many ways on damaged files
        if isinstance(error, OSError) and error.errno:  # pydicom's have no number
            raise
        raise Refused(DAMAGED) from error


def _decoded(header: Header) -> Decoded:
    colour.check_form(header)
    if not header.rows or not header.columns:
        raise Refused(NO_PIXELS)
    details = details_of(header)
    samples, ycbcr = _samples(header, details)
    if samples.shape != (header.rows, header.columns) + (header.samples,) * (header.samples > 1):
        raise Refused(OTHER_SIZE)
    if samples.ndim == 3:
        return _coloured(colour.to_rgb(samples, header, ycbcr))
    stored = samples if samples.dtype.kind == "f" else clean(samples, header)
    if details.palette is not None:
        return _coloured(colour.paint(stored, details.palette, details.palette_first))
    if details.table is not None:
        stored = details.table[np.clip(stored.astype(np.int64) - details.table_first, 0, len(details.table) - 1)]
    return Decoded(stored)


def _coloured(rgb: Rgb) -> Decoded:
    return Decoded(colour.brightness(rgb), rgb)


def _samples(header: Header, details: Details) -> tuple[Stored, bool]:
    """Return the unsigned or floating values of the image, and whether its colours are YCbCr."""
    plain = header.transfer_syntax in _PLAIN
    if (plain and header.pixels_bytes >= 0) or _is_plain_after_all(header):
        return _uncompressed(header, details), colour.is_ycbcr(header, None)
    if header.transfer_syntax in _VIDEO:
        raise Refused(_IS_VIDEO)
    if not header.pixels_at:
        raise Refused(NO_PIXELS)
    data = encapsulated.frame(header)
    if header.transfer_syntax in decoders.BY_SYNTAX:
        return decoders.BY_SYNTAX[header.transfer_syntax](data, header), colour.is_ycbcr(header, None)
    stream = streams.look(data)  # what it is counts, not what the file says it is
    if stream is None:
        raise Refused(DAMAGED if plain or header.transfer_syntax.startswith(_JPEG) else _UNKNOWN)
    return _by_stream(data, stream, header)


def _is_plain_after_all(header: Header) -> bool:
    """Whether pixel data declared compressed are as long as uncompressed ones, to the byte or its even neighbour."""
    size = header.rows * header.columns * header.samples * header.frames * header.bits_allocated // 8
    return bool(header.pixels_at) and 0 < size <= header.pixels_bytes <= size + 1


def _uncompressed(header: Header, details: Details) -> Stored:
    big = header.transfer_syntax == BIG_ENDIAN
    layout = layout_of(header, details.by_plane, big, big and _in_words(header))
    held = header.pixels_bytes if header.pixels_at else len(details.value)
    if layout.halved and held >= header.rows * header.columns * 3 * header.frames:
        layout = replace(layout, halved=False)  # declared 4:2:2, written 4:4:4
    if not held:
        raise Refused(NO_PIXELS)
    if wrong := why_not_whole(held, layout.bytes_of(header.frame + 1), layout.bytes_of(header.frames)):
        raise Refused(wrong)
    start, stop = layout.span(header.frame)
    stop = min(stop, held)
    if not header.pixels_at:
        return unpack(details.value[start:stop], layout, header.frame)
    with open(header.path, "rb") as file:
        file.seek(header.pixels_at + start)
        data = file.read(stop - start)
    if len(data) < stop - start:
        raise Refused(CUT_SHORT)
    return unpack(data, layout, header.frame)


def _in_words(header: Header) -> bool:
    """Whether a big-endian file says that its pixel data are 16-bit words (OW)."""
    with open(header.path, "rb") as file:
        file.seek(max(0, header.pixels_at - 8))
        return file.read(2) == b"OW"


def _by_stream(data: bytes, stream: Stream, header: Header) -> tuple[Stored, bool]:
    """Decode a JPEG of any kind; its size is compared with the header's before memory is asked for."""
    if (stream.rows, stream.columns, stream.samples) != (header.rows, header.columns, header.samples):
        raise Refused(OTHER_SIZE)
    ycbcr = colour.is_ycbcr(header, stream.ycbcr)
    if stream.kind == "jpeg" and stream.bits == 8 and ycbcr and not stream.lossless:
        return decoders.jpeg(data, header, "ycbcr"), False
    return decoders.BY_KIND[stream.kind](data, header), ycbcr
