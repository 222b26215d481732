"""Headers as one small blob: what all share once, what differs as columns, in compressed JSON (never pickle)."""

import json
import os
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from itertools import repeat
from operator import attrgetter
from typing import Any

from medviewer.core.study import Header, Patient

_FIELDS = tuple(field.name for field in fields(Header))
_values = attrgetter(*_FIELDS)
_LEVEL = 3  # of zlib: a higher one costs more time than it saves room
UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class Filed:
    """A header with what its file was like when it was remembered: size in bytes and time of change in ns.

    Both are ``UNKNOWN`` where the file had gone by then.
    """

    header: Header
    file_bytes: int
    mtime_ns: int

    @property
    def path(self) -> str:
        """Where the file is."""
        return self.header.path


def look_at(headers: Iterable[Header]) -> list[Filed]:
    """Return the headers with size and time of their files as they are now; each file is asked once."""
    seen: dict[str, tuple[int, int]] = {}
    found = []
    for header in headers:
        now = seen.get(header.path)
        if now is None:
            now = seen[header.path] = state_of(header.path)
        found.append(Filed(header, *now))
    return found


def state_of(path: str) -> tuple[int, int]:
    """Return size in bytes and time of change in ns of a file; ``UNKNOWN`` twice where it is not there."""
    try:
        now = os.stat(path)
    except (OSError, ValueError):  # a path with a NUL is a ValueError
        return UNKNOWN, UNKNOWN
    return now.st_size, now.st_mtime_ns


def pack(files: Sequence[Filed]) -> bytes:
    """Return the files as a blob that ``unpack`` reads; empty for none. Equal files make equal blobs."""
    if not files:
        return b""
    columns = zip(_FIELDS, zip(*(_values(file.header) for file in files), strict=True), strict=True)
    same, each = {}, {}
    for name, column in columns:
        if column.count(column[0]) == len(column):
            same[name] = column[0]
        else:
            each[name] = column
    state = [(file.file_bytes, file.mtime_ns) for file in files]
    whole = {"count": len(files), "same": same, "each": each, "state": state}
    return zlib.compress(json.dumps(whole, default=_plain, separators=(",", ":")).encode("ascii"), _LEVEL)


def _plain(value: object) -> list[str]:
    if isinstance(value, Patient):
        return [value.id, value.name, value.birth_date, value.sex]
    raise TypeError(type(value).__name__)


def unpack(blob: bytes) -> list[Filed] | None:
    """Return the files of a blob; None where another version's Header made it, or it is damaged: scan again then."""
    if not blob:
        return []
    try:
        whole = json.loads(zlib.decompress(blob))
        if whole["same"].keys() | whole["each"].keys() != set(_FIELDS):
            return None
        columns = [_column(name, whole) for name in _FIELDS]
        sizes, times = zip(*whole["state"], strict=True)
        files = [Filed(*one) for one in zip(map(Header, *columns), sizes, times, strict=True)]
        return files if len(files) == whole["count"] else None
    except (zlib.error, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _column(name: str, whole: dict[str, Any]) -> Iterable[Any]:
    """Return the values of one field for all headers, as they were before JSON."""
    if name in whole["same"]:
        return repeat(_restored(name, whole["same"][name]), whole["count"])
    return [_restored(name, value) for value in whole["each"][name]]


def _restored(name: str, value: Any) -> Any:
    if not isinstance(value, list):
        return value
    return Patient(*value) if name == "patient" else _as_tuple(value)


def _as_tuple(value: Any) -> Any:
    return tuple(_as_tuple(each) for each in value) if isinstance(value, list) else value
