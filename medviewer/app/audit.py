"""The audit trail: who did what, when, with which versions; rows that hold hands, so that a change shows."""

import getpass
import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, func, select

from medviewer import __version__
from medviewer.app.schema import audit

_SEALED = ("row", "at", "who", "what", "study_uid", "version", "details", "hashes", "previous")
_START = "0" * 64


def append(
    connection: Connection,
    what: str,
    study_uid: str = "",
    details: Mapping[str, Any] | None = None,
    hashes: Mapping[str, str] | None = None,
) -> str:
    """Add a row in the writer's transaction and return its sha256; never put a patient's name into it."""
    last = connection.execute(select(audit.c.row, audit.c.hash).order_by(audit.c.row.desc()).limit(1)).first()
    row = {
        "row": last.row + 1 if last else 1,
        "at": now(),
        "who": who(),
        "what": what,
        "study_uid": study_uid,
        "version": __version__,
        "details": canonical(details or {}),
        "hashes": canonical(hashes or {}),
        "previous": last.hash if last else _START,
    }
    seal = _seal(row)
    connection.execute(audit.insert().values(**row, hash=seal))
    return seal


def verify(connection: Connection, *, expect: str = "") -> int | None:
    """Return the number of the first row that does not fit, None where the whole trail holds.

    ``expect`` is the hash of a row noted earlier: without it, rows cut off at the end cannot be noticed.
    The row after the last one is returned where that hash is not in the trail.
    """
    previous, number, seen = _START, 0, not expect
    for found in connection.execute(select(audit).order_by(audit.c.row)).mappings():
        number += 1
        if found["row"] != number or found["previous"] != previous or found["hash"] != _seal(dict(found)):
            return number
        previous = found["hash"]
        seen = seen or previous == expect
    return None if seen else number + 1


def count(connection: Connection) -> int:
    """Return the number of rows."""
    return connection.execute(select(func.count()).select_from(audit)).scalar_one()


def _seal(row: Mapping[str, Any]) -> str:
    sealed = canonical({name: row[name] for name in _SEALED})
    return hashlib.sha256((row["previous"] + sealed).encode()).hexdigest()


def canonical(value: object) -> str:
    """Return ``value`` as JSON with sorted keys and no spaces; numpy numbers count as plain ones."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=lambda v: v.item())


def now() -> str:
    """Return the time in UTC, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def who() -> str:
    """Return the computer's user name."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container without a user database
        return "unknown"
