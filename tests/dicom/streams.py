"""DICOM files around codestreams made by imagecodecs, for tests: every transfer syntax, whole or cut."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.encaps import encapsulate
from pydicom.uid import UID, RLELossless

from tests.dicom.files import slice_file

Pixels = NDArray[Any]
JPEG = "1.2.840.10008.1.2.4."


def _rle(pixels: Pixels) -> bytes:
    from rle.utils import encode_pixel_data

    return bytes(
        encode_pixel_data(
            pixels.tobytes(),
            rows=pixels.shape[0],
            columns=pixels.shape[1],
            samples_per_pixel=pixels.shape[2] if pixels.ndim == 3 else 1,
            bits_allocated=pixels.itemsize * 8,
            number_of_frames=1,
            byteorder="<",
        )
    )


def _jpeg12(pixels: Pixels) -> bytes:
    return bytes(imagecodecs.jpeg8_encode(pixels, level=98, bitspersample=12))


@dataclass(frozen=True)
class Coding:
    """A transfer syntax and how to write it; ``within`` is how far decoded values may be off."""

    syntax: str
    encode: Callable[[Pixels], bytes]
    dtype: str = "uint16"
    within: int = 0


CODINGS = {
    "jpeg-8": Coding(JPEG + "50", lambda p: bytes(imagecodecs.jpeg8_encode(p, level=95)), "uint8", 12),
    "jpeg-12": Coding(JPEG + "51", _jpeg12, "uint16", 80),
    "jpeg-lossless": Coding(
        JPEG + "70", lambda p: bytes(imagecodecs.jpeg8_encode(p, lossless=True, predictor=1, bitspersample=16))
    ),
    "jpeg-ls": Coding(JPEG + "80", lambda p: bytes(imagecodecs.jpegls_encode(p))),
    "jpeg-2000": Coding(JPEG + "90", lambda p: bytes(imagecodecs.jpeg2k_encode(p, codecformat="j2k", reversible=True))),
    "htj2k": Coding(JPEG + "201", lambda p: bytes(imagecodecs.htj2k_encode(p, reversible=True))),
    "jpeg-xl": Coding(JPEG + "110", lambda p: bytes(imagecodecs.jpegxl_encode(p, lossless=True))),
    "rle": Coding(RLELossless, _rle),
}


def texture(dtype: str = "uint16", rows: int = 48, columns: int = 40) -> Pixels:
    """Return an image with edges and a little noise that uses 12 bits, 8 of them for ``uint8``."""
    y, x = np.mgrid[:rows, :columns]
    noise = np.random.default_rng(7).integers(0, 32, (rows, columns))
    values = (x * 40 + y * 13 + 900 * ((x // 8 + y // 8) % 2) + noise) % 4096
    shown: Pixels = (values // 16 if dtype == "uint8" else values).astype(dtype)
    return shown


def coded_file(path: Path, pixels: Pixels, syntax: str, *streams: bytes, **tags: Any) -> Path:
    """Write ``streams`` as the frames of an image of ``pixels``' size; ``tags`` by keyword."""
    shown = pixels if pixels.ndim == 2 else pixels[..., :3]
    slice_file(path, shown, **{"RescaleIntercept": 0, **tags})
    image = dcmread(path)
    image.file_meta.TransferSyntaxUID = UID(syntax)
    image.PixelData = encapsulate(list(streams))
    image["PixelData"].VR = "OB"
    image["PixelData"].is_undefined_length = True
    if len(streams) > 1:
        image.NumberOfFrames = len(streams)
    image.save_as(path, implicit_vr=False, little_endian=True, force_encoding=True)
    return path
