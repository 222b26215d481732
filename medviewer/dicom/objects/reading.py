"""Reading the data set of an object that is no image, by pydicom, up to its pixels and without trusting it."""

import warnings
import zlib
from collections.abc import Sequence
from math import isfinite
from pathlib import Path
from typing import Any

from medviewer.core.problem import Problem
from medviewer.dicom.header import DEFLATED
from medviewer.i18n import _

Data = Any  # a pydicom Dataset: pydicom is imported only when a file is read

MOST_BYTES = 1 << 30  # that a deflated data set may unfold to
LONGEST_TEXT = 1 << 16
_LEFT_IN_FILE = 1 << 28  # bytes; a longer value is read only where it is asked for
_CHUNK = 1 << 20


def read(path: str, transfer_syntax: str = "") -> Data:
    """Return the data set of a file without its pixel data; Problem where it cannot be read."""
    from pydicom import dcmread

    try:
        if transfer_syntax == DEFLATED and _unfolds_to_more(path):
            raise Problem(_("This file is too large to be read as a whole."))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return dcmread(path, force=True, stop_before_pixels=True, defer_size=_LEFT_IN_FILE)
    except OSError as error:
        raise Problem(_("This file cannot be read."), error.strerror or "") from error
    except (Problem, MemoryError):
        raise
    except Exception as error:  # pydicom fails in many ways on damaged files, RecursionError among them
        raise Problem(_("This file is damaged and could not be read.")) from error


def _unfolds_to_more(path: str) -> bool:
    """Whether the deflated data set of a file unfolds to more than MOST_BYTES."""
    from pydicom.filereader import read_file_meta_info

    start = 132 + 12 + int(read_file_meta_info(path).FileMetaInformationGroupLength)
    inflate, total = zlib.decompressobj(-zlib.MAX_WBITS), 0
    with Path(path).open("rb") as file:
        file.seek(start)
        while (chunk := inflate.unconsumed_tail or file.read(_CHUNK)) and total <= MOST_BYTES:
            total += len(inflate.decompress(chunk, _CHUNK))
    return total > MOST_BYTES


def sequence(data: Data, keyword: str) -> Sequence[Data]:
    """Return the items of a sequence; empty where it is missing or is none."""
    from pydicom.sequence import Sequence as Items

    value = _value(data, keyword)
    return value if isinstance(value, Items) else ()


def first(data: Data, *keywords: str) -> Data | None:
    """Return the first item of a sequence inside the first item of another, and so on; None where one is missing."""
    for keyword in keywords:
        items = sequence(data, keyword)
        if not items:
            return None
        data = items[0]
    return data


def text(data: Data | None, keyword: str) -> str:
    """Return a value as text without padding, cut where it is longer than any page; empty where it is missing."""
    from pydicom.sequence import Sequence as Items

    value = None if data is None else _value(data, keyword)
    if value is None or isinstance(value, Items | bytes):  # of another kind than it should be
        return ""
    said = str(value).replace("\0", "").strip()
    return said if len(said) <= LONGEST_TEXT else said[:LONGEST_TEXT] + " …"


def whole(data: Data | None, keyword: str) -> int | None:
    """Return the first value as a whole number; None where it is missing or is none."""
    values = numbers(data, keyword)
    return round(values[0]) if values else None


def numbers(data: Data | None, keyword: str) -> tuple[float, ...]:
    """Return the values as finite numbers; empty where one is missing or is none."""
    value: Any = None if data is None else _value(data, keyword)
    many: Any = value if hasattr(value, "__iter__") and not isinstance(value, str | bytes) else [value]
    try:
        found = tuple(float(one) for one in many)
    except (TypeError, ValueError):
        return ()
    return found if all(map(isfinite, found)) else ()


def _value(data: Data, keyword: str) -> Any:
    """Return an element's value; None where it is missing or damaged."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return data.get(keyword)
    except Exception:  # values are converted when they are asked for; damaged ones raise all kinds of errors
        return None


def meaning(data: Data | None, keyword: str) -> str:
    """Return the meaning of the first code of a sequence in words, else its value; empty where there is none."""
    code = None if data is None else first(data, keyword)
    return text(code, "CodeMeaning") or text(code, "CodeValue") or text(code, "LongCodeValue")
