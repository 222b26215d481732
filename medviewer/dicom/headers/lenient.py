"""What the fast parser leaves to pydicom: odd encodings and damage it may know a way around."""

import struct
import warnings
from pathlib import Path
from typing import Any, BinaryIO

from medviewer.core.problem import Problem
from medviewer.dicom.headers.elements import FLOAT_PIXELS, PIXEL_DATA, UNDEFINED, Elements, Wish, number
from medviewer.dicom.headers.wanted import PRESENCE, SYNTAX
from medviewer.i18n import _

MOST_READS = 500_000  # some seconds' worth; zeros where elements should be would take hours
_SIZES = {"US": 2, "SS": 2, "OW": 2, "UL": 4, "SL": 4, "FL": 4, "FD": 8}  # bytes of one number


def elements_by_pydicom(name: str, wish: Wish) -> tuple[Elements, str]:
    """Read the wanted elements of an unusual file; Problem where pydicom cannot make sense of it either."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _read(name, wish)
    except (Problem, OSError):
        raise
    except Exception as error:  # pydicom fails in many ways on damaged files
        raise Problem(_("The header of this file is damaged.")) from error


class _Patience:
    """An open file that gives up where it is asked too often: pydicom takes every eight zeros for an element."""

    def __init__(self, file: BinaryIO) -> None:
        self.name, self.seek, self.tell, self.close = file.name, file.seek, file.tell, file.close
        self._file, self._left = file, MOST_READS

    def read(self, size: int = -1) -> bytes:
        """Read as the file does; ValueError where that was done too often."""
        self._left -= 1
        if self._left < 0:
            raise ValueError("too many elements")
        return self._file.read(size)


def _read(name: str, wish: Wish) -> tuple[Elements, str]:
    from pydicom import dcmread

    from medviewer.dicom.header import DEFLATED

    tags = {wanted >> 16 | (wanted & 0xFFFF) << 16: wanted for wanted in wish.tags}
    with Path(name).open("rb") as file:
        dataset = dcmread(_Patience(file), stop_before_pixels=True, force=True, specific_tags=[*tags])
        meta = dataset.file_meta
        if not dataset and not meta:
            raise Problem(_("This is not a DICOM file."))
        little, syntax = _encoding(dataset)
        said: list[tuple[Any, int, bool]] = [
            (meta, tag, True) for tag in meta.keys() & tags.keys() if tags[tag] != SYNTAX
        ]
        said += [(dataset, tag, little) for tag in dataset.keys() & tags.keys()]
        elements = Elements({tags[tag]: _raw(where, tag, order)[: wish.longest] for where, tag, order in said})
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
    """Return the bytes of an element as they are in a little-endian file, items of a sequence explicitly."""
    from pydicom.datadict import dictionary_has_tag, dictionary_VR

    element = dataset.get_item(tag)
    usual = dictionary_VR(tag) if dictionary_has_tag(tag) else "UN"
    if element.VR == "SQ" or usual == "SQ":
        mark = (tag >> 16 | (tag & 0xFFFF) << 16) in PRESENCE
        return (b"1" if dataset[tag].value else b"") if mark else _items(dataset[tag])
    value = element.value
    if not isinstance(value, bytes):
        return _written(value)
    size = 1 if little else _SIZES.get(str(element.VR or usual)[:2], 1)
    return b"".join(value[at : at + size][::-1] for at in range(0, len(value), size)) if size > 1 else value


def _items(element: Any) -> bytes:
    """Write the items of a sequence as an explicit little-endian file has them."""
    from pydicom.charset import default_encoding
    from pydicom.filebase import DicomBytesIO
    from pydicom.filewriter import write_sequence

    buffer = DicomBytesIO()
    buffer.is_little_endian, buffer.is_implicit_VR = True, False
    try:
        write_sequence(buffer, element, [default_encoding])
    except (TypeError, ValueError, AttributeError, NotImplementedError):  # one value is damaged: the rest is still good
        return b""
    return bytes(buffer.getvalue())


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
    tag = number(*struct.unpack(order + "HH", head[:4])) if len(head) >= 8 else 0
    if tag != PIXEL_DATA and tag not in FLOAT_PIXELS:
        return
    long = not implicit and head[4:6] in (b"OB", b"OW", b"UN", b"OF", b"OD")
    size = head[8:12] if long else head[4:8] if implicit else head[6:8] + b"\0\0" * little
    length = int.from_bytes(size, "little" if little else "big")
    elements.pixels_at, elements.pixels_bytes = at + (12 if long else 8), -1 if length == UNDEFINED else length
    elements.float_pixels = tag != PIXEL_DATA
