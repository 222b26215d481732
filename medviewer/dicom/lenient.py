"""What the fast parser leaves to pydicom: odd encodings and texts that are not plain ASCII."""

import struct
import warnings
from pathlib import Path
from typing import Any

from medviewer.core.problem import Problem
from medviewer.dicom.elements import PIXEL_DATA, UNDEFINED, Elements
from medviewer.i18n import _

_PN_DELIMITERS = {0x5C, 0x5E, 0x3D, 0x0D, 0x0A, 0x09, 0x0C}  # code extensions end at these (PS3.5 6.1.2.5.3)


def elements_by_pydicom(name: str) -> tuple[Elements, str]:
    """Read the elements of an unusual file; Problem where pydicom cannot make sense of it either."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _read(name)
    except (Problem, OSError):
        raise
    except Exception as error:  # pydicom fails in many ways on damaged files
        raise Problem(_("The header of this file is damaged.")) from error


def _read(name: str) -> tuple[Elements, str]:
    from pydicom import dcmread

    from medviewer.dicom.header import DEFLATED, TAGS

    tags = {number >> 16 | (number & 0xFFFF) << 16: number for number in TAGS.values()}
    with Path(name).open("rb") as file:
        dataset = dcmread(file, stop_before_pixels=True, force=True, specific_tags=[*tags])
        meta = dataset.file_meta
        if not dataset and not meta:
            raise Problem(_("This is not a DICOM file."))
        little, syntax = _encoding(dataset)
        elements = Elements({number: _raw(dataset, tag, little) for tag, number in tags.items() if tag in dataset})
        elements.values |= {number: _raw(meta, tag, True) for tag, number in tags.items() if tag in meta}
        if syntax != DEFLATED:
            _find_pixels(file, elements, bool(dataset.original_encoding[0]), little)
    return elements, syntax


def _encoding(dataset: Any) -> tuple[bool, str]:
    """Return whether the data set is little endian, and its transfer syntax, guessed where it is not said."""
    from medviewer.dicom.header import BIG_ENDIAN, EXPLICIT, IMPLICIT

    implicit, little = dataset.original_encoding
    said = str(getattr(dataset.file_meta, "TransferSyntaxUID", "") or "")
    guessed = IMPLICIT if implicit else EXPLICIT
    if not little:
        return False, BIG_ENDIAN
    return True, guessed if said in ("", IMPLICIT, EXPLICIT) else said


def _raw(dataset: Any, tag: int, little: bool) -> bytes:
    """Return the bytes of an element as they are in a little-endian file."""
    element = dataset.get_item(tag)
    value = element.value
    if not isinstance(value, bytes):
        return _written(value)
    binary = element.VR in ("US", "SS") or (element.VR is None and tag >> 16 == 0x28 and len(value) == 2)
    return value[::-1] if binary and not little and len(value) == 2 else value


def _written(value: Any) -> bytes:
    """Write back a value that pydicom already converted (it does so with the character set)."""
    if value is None:
        return b""
    if isinstance(value, str):
        return value.encode("ascii", "replace")
    if isinstance(value, int):
        return value.to_bytes(4, "little", signed=value < 0)
    return b"\\".join(str(part).encode("ascii", "replace") for part in value)


def _find_pixels(file: Any, elements: Elements, implicit: bool, little: bool) -> None:
    """Look at the element where pydicom stopped reading: it is the pixel data, or the file has none."""
    at, head = file.tell(), file.read(12)
    order = "<" if little else ">"
    if len(head) < 8 or struct.unpack(order + "HH", head[:4]) != (PIXEL_DATA & 0xFFFF, PIXEL_DATA >> 16):
        return
    long = not implicit and head[4:6] in (b"OB", b"OW", b"UN")
    size = head[8:12] if long else head[4:8] if implicit else head[6:8] + b"\0\0" * little
    length = int.from_bytes(size, "little" if little else "big")
    elements.pixels_at, elements.pixels_bytes = at + (12 if long else 8), -1 if length == UNDEFINED else length


def decode_text(raw: bytes, charset: bytes) -> str:
    """Decode text that is not plain ASCII by SpecificCharacterSet, ISO 2022 included; never fails."""
    from pydicom.charset import convert_encodings, decode_bytes

    names = [part.strip() for part in charset.decode("ascii", "replace").split("\\")] or ["ISO_IR 6"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return str(decode_bytes(raw, convert_encodings(names), _PN_DELIMITERS))
        except (LookupError, UnicodeError, ValueError):
            return raw.decode("utf-8", "replace")
