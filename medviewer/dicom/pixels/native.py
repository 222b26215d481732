"""Uncompressed little-endian images, read straight into the memory where they will be looked at."""

from io import FileIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.study import Header
from medviewer.dicom.header import EXPLICIT, IMPLICIT, why_not
from medviewer.dicom.pixels.colour import PALETTE
from medviewer.dicom.pixels.encapsulated import CUT_SHORT
from medviewer.dicom.pixels.values import Rule, clean, put, shift_in_place
from medviewer.i18n import N_, Message

NO_PIXELS = N_("The file has no pixel data that can be shown.")
TOO_MANY = N_("The file holds more pixels than its header says; it may be damaged.")


def is_native(header: Header) -> bool:
    """Whether ``read_native`` can read the image: uncompressed, little endian, one whole number of 8, 16 or 32 bits."""
    return (
        header.transfer_syntax in (EXPLICIT, IMPLICIT)
        and header.samples == 1
        and header.bits_allocated in (8, 16, 32)
        and header.photometric != PALETTE
        and header.pixels_bytes >= 0
        and not header.float_pixels
        and not header.modality_lut
    )


def read_native(header: Header, rule: Rule, voxels: NDArray[np.int16]) -> Message | None:
    """Read one image into ``voxels`` (rows, columns); return the reason where that fails, never half an image."""
    if not header.pixels_at:
        return NO_PIXELS
    width = header.bits_allocated // 8
    size = header.rows * header.columns * width
    if wrong := why_not_whole(header.pixels_bytes, size * (header.frame + 1), size * header.frames):
        return wrong
    straight = width == 2 and rule.shifts and not header.shift
    stored: NDArray[Any] = voxels if straight else np.empty(voxels.shape, f"<{'i' if header.signed else 'u'}{width}")
    try:
        with open(header.path, "rb", buffering=0) as file:
            file.seek(header.pixels_at + size * header.frame)
            if not _read_all(file, memoryview(stored.data).cast("B")):
                return CUT_SHORT
    except OSError as error:
        return Message(why_not(error))
    if straight:
        shift_in_place(voxels, header, rule)
    else:
        put(clean(stored, header), header, rule, voxels)
    return None


def why_not_whole(held: int, needed: int, claimed: int) -> Message | None:
    """Say what is wrong with ``held`` bytes of pixels, of which an image needs those before ``needed``, if it is.

    ``claimed`` bytes are what all frames of the header take; far more cannot be told apart from a wrong header.
    """
    if held < needed:
        return CUT_SHORT
    return TOO_MANY if held >= 2 * claimed and held > claimed + 1 else None


def _read_all(file: FileIO, into: memoryview) -> bool:
    """Read until ``into`` is full; False where the file ends before."""
    while into:
        count = file.readinto(into)
        if not count:
            return False
        into = into[count:]
    return True
