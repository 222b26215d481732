"""Uncompressed little-endian images, read straight into the memory where they will be looked at."""

from io import FileIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.study import Header
from medviewer.dicom.encapsulated import CUT_SHORT
from medviewer.dicom.header import EXPLICIT, IMPLICIT, why_not
from medviewer.dicom.values import Rule, clean, put, shift_in_place
from medviewer.i18n import N_, Message

_NO_PIXELS = N_("The file has no pixel data that can be shown.")


def is_native(header: Header) -> bool:
    """Whether ``read_native`` can read the image: uncompressed, little endian, one sample of 8, 16 or 32 bits."""
    return (
        header.transfer_syntax in (EXPLICIT, IMPLICIT)
        and header.samples == 1
        and header.bits_allocated in (8, 16, 32)
        and header.photometric != "PALETTE COLOR"
        and header.pixels_bytes >= 0
    )


def read_native(header: Header, frame: int, rule: Rule, voxels: NDArray[np.int16]) -> Message | None:
    """Read one frame into ``voxels`` (rows, columns); return the reason where that fails, never half an image."""
    if not header.pixels_at:
        return _NO_PIXELS
    width = header.bits_allocated // 8
    size = header.rows * header.columns * width
    if header.pixels_bytes < size * (frame + 1):
        return CUT_SHORT
    straight = width == 2 and rule.shifts
    stored: NDArray[Any] = voxels if straight else np.empty(voxels.shape, f"<{'i' if header.signed else 'u'}{width}")
    try:
        with open(header.path, "rb", buffering=0) as file:
            file.seek(header.pixels_at + size * frame)
            if not _read_all(file, memoryview(stored.data).cast("B")):
                return CUT_SHORT
    except OSError as error:
        return Message(why_not(error))
    if straight:
        shift_in_place(voxels, header, rule)
    else:
        put(clean(stored, header), header, rule, voxels)
    return None


def _read_all(file: FileIO, into: memoryview) -> bool:
    """Read until ``into`` is full; False where the file ends before."""
    while into:
        count = file.readinto(into)
        if not count:
            return False
        into = into[count:]
    return True
