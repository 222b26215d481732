"""Decoding one image; runs only inside a decode worker, because native codecs may crash on hostile files."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.study import Header
from medviewer.dicom import encapsulated
from medviewer.dicom.encapsulated import CUT_SHORT, DAMAGED, Refused
from medviewer.dicom.header import BIG_ENDIAN, DEFLATED, EXPLICIT, IMPLICIT
from medviewer.dicom.values import clean
from medviewer.i18n import N_

Stored = NDArray[Any]
Codec = Callable[[bytes, Header], Stored]
_JPEG = "1.2.840.10008.1.2.4."
RLE = "1.2.840.10008.1.2.5"
_ENDS_WITH_MARKER = tuple(_JPEG + n for n in ("50", "51", "53", "55", "57", "70", "80", "81", "90", "91"))
_PLAIN = (IMPLICIT, EXPLICIT, DEFLATED, BIG_ENDIAN)
_UNKNOWN = N_("The way in which its pixels are compressed cannot be read.")
_GREY_WEIGHTS = (0.299, 0.587, 0.114)  # ITU-R BT.601, as in YBR_FULL


def decode(header: Header, frame: int) -> Stored:
    """Return the stored values (rows, columns) of one frame; Refused with the reason where that is impossible."""
    codecs = _CODECS.get(header.transfer_syntax)
    if codecs and header.samples == 1 and header.pixels_at and header.photometric != "PALETTE COLOR":
        with Path(header.path).open("rb") as file:
            stream = encapsulated.frame(file, header.pixels_at, frame, header.frames)
        return _first_that_can(codecs, stream, header)
    return _checked(_by_data_set(header, frame), header)


def _first_that_can(codecs: tuple[Codec, ...], stream: bytes, header: Header) -> Stored:
    """Try the codecs, the fastest first."""
    if header.transfer_syntax in _ENDS_WITH_MARKER and b"\xff\xd9" not in stream.rstrip(b"\0")[-4:]:
        raise Refused(CUT_SHORT)  # codecs fill up what is missing and return a full-looking image
    for codec in codecs:
        try:
            stored = codec(stream, header)
        except MemoryError:
            raise
        except Exception:  # each codec has its own errors; the next may know more
            continue
        return _checked(stored, header)
    raise Refused(DAMAGED)


def _checked(stored: Stored, header: Header) -> Stored:
    if stored.shape != (header.rows, header.columns):
        raise Refused(N_("The decoded image has another size than its header says."))
    return stored


def _jpeg_ls(stream: bytes, header: Header) -> Stored:
    from jpeg_ls import decode_buffer

    pixels, info = decode_buffer(stream)
    kind = "<u2" if info["bits_per_sample"] > 8 else "u1"
    stored: Stored = np.frombuffer(pixels, kind).reshape(info["height"], info["width"])
    return clean(stored, header) if header.signed else stored


def _by_pydicom(plugin: str) -> Codec:
    def codec(stream: bytes, header: Header) -> Stored:
        from pydicom.encaps import encapsulate
        from pydicom.pixels.decoders.base import get_decoder

        layout: dict[str, Any] = {
            "pixel_keyword": "PixelData",
            "rows": header.rows,
            "columns": header.columns,
            "samples_per_pixel": 1,
            "number_of_frames": 1,
            "photometric_interpretation": header.photometric,
            "pixel_representation": int(header.signed),
            "bits_allocated": header.bits_allocated,
            "bits_stored": header.bits_stored,
        }
        decoder = get_decoder(header.transfer_syntax)
        stored: Stored = decoder.as_array(encapsulate([stream]), index=0, raw=True, decoding_plugin=plugin, **layout)[0]
        return stored

    return codec


def _simple_itk(_stream: bytes, header: Header) -> Stored:
    """10- and 12-bit lossy JPEG, which gdcm's Python refuses; the rescale that ITK applies is taken back."""
    import SimpleITK

    image = SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(header.path))
    if header.frames != 1 or image.ndim != 3:
        raise Refused(DAMAGED)
    stored: Stored = np.rint((image[0] - header.intercept) / header.slope).astype(np.int32)
    return stored


def _by_data_set(header: Header, frame: int) -> Stored:
    """Decode what needs the whole data set: colour, palettes, single bits, deflated and big-endian files."""
    from pydicom import dcmread
    from pydicom.pixels.processing import apply_color_lut
    from pydicom.pixels.utils import pixel_array
    from pydicom.uid import UID

    try:
        dataset = dcmread(header.path, force=True)
        if not getattr(dataset.file_meta, "TransferSyntaxUID", None):
            dataset.file_meta.TransferSyntaxUID = UID(header.transfer_syntax)
        if "PixelData" not in dataset:
            raise Refused(N_("The file has no pixel data that can be shown."))
        stored = pixel_array(dataset, index=frame if header.frames > 1 else 0)
        if header.photometric == "PALETTE COLOR":
            stored = apply_color_lut(stored, dataset)
    except (Refused, MemoryError):
        raise
    except Exception as error:  # pydicom and its plugins fail in many ways on damaged files
        known = header.transfer_syntax in _CODECS or header.transfer_syntax in _PLAIN
        raise Refused(DAMAGED if known else _UNKNOWN) from error
    return _grey(stored) if stored.ndim == 3 else stored


def _grey(colours: Stored) -> Stored:
    """Return 8-bit brightness of (rows, columns, 3) colours, which may have 16 bits."""
    grey: Stored = np.rint(colours[..., :3] @ np.array(_GREY_WEIGHTS)).astype(np.int32)
    return grey >> 8 if colours.dtype.itemsize > 1 else grey


_GDCM, _PYLIBJPEG, _PYDICOM = _by_pydicom("gdcm"), _by_pydicom("pylibjpeg"), _by_pydicom("pydicom")
_CODECS: dict[str, tuple[Codec, ...]] = {  # the fastest first
    **dict.fromkeys((_JPEG + n for n in ("50", "57", "70")), (_GDCM,)),
    **dict.fromkeys((_JPEG + n for n in ("51", "53", "55")), (_GDCM, _simple_itk)),
    **dict.fromkeys((_JPEG + n for n in ("80", "81")), (_jpeg_ls, _GDCM)),
    **dict.fromkeys((_JPEG + n for n in ("90", "91")), (_PYLIBJPEG, _GDCM)),
    **dict.fromkeys((_JPEG + n for n in ("201", "202", "203")), (_PYLIBJPEG,)),
    RLE: (_PYLIBJPEG, _PYDICOM),  # gdcm aborts the whole process on binary RLE
}
