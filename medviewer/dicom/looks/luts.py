"""Lookup tables of DICOM: the items of a modality, VOI or presentation LUT sequence."""

from typing import Any

import numpy as np

from medviewer.core.look import Lut

MOST_ENTRIES = 65536


def lut_of(item: Any, signed: bool = False) -> Lut | None:
    """Return the table of a LUT item (LUTDescriptor, LUTData); None where it is not sound.

    ``signed``: whether the values it maps are signed, which the descriptor's own type does not always tell.
    """
    descriptor = numbers(item.get("LUTDescriptor"))
    if len(descriptor) != 3:
        return None
    entries, first, bits = (int(value) for value in descriptor)
    entries = entries & 0xFFFF or MOST_ENTRIES
    if signed and first > 0x7FFF:
        first -= 0x10000
    values = _data(item.get("LUTData"), entries)
    if values is None:
        return None
    bits = bits if 1 <= bits <= 16 and int(values.max()) < 1 << bits else max(1, int(values.max()).bit_length())
    return Lut(float(first), values, bits, str(item.get("LUTExplanation", "") or "").strip())


def _data(data: Any, entries: int) -> np.ndarray[Any, np.dtype[np.uint16]] | None:
    """Return ``entries`` 16-bit values; 8-bit ones come packed two in a word."""
    if isinstance(data, bytes):
        size = 2 if len(data) >= 2 * entries else 1
        values = np.frombuffer(data[: len(data) // size * size], "<u2" if size == 2 else "u1")
    else:
        listed = numbers(data)
        if listed and len(listed) * 2 in (entries, entries + 1):
            words = np.array([int(value) & 0xFFFF for value in listed], "<u2")
            values = words.view(np.uint8)
        else:
            values = np.array([int(value) & 0xFFFF for value in listed], np.uint16)
    return values[:entries].astype(np.uint16) if len(values) >= entries else None


def numbers(value: Any) -> tuple[float, ...]:
    """Return the numbers of an element with one or many values; empty where one is none."""
    if value is None or value == "":
        return ()
    many = value if hasattr(value, "__iter__") and not isinstance(value, str | bytes) else (value,)
    try:
        found = tuple(float(part) for part in many)
    except (TypeError, ValueError):
        return ()
    return found if np.all(np.isfinite(found)) else ()
