"""Where workspaces are kept in the case database: one row for each reader and study, the newest only."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, and_, delete, select

from medviewer.app import audit
from medviewer.app.schema import workspaces

_LONGEST = 128


def _owner() -> str:
    return audit.who()[:_LONGEST]


def write(connection: Connection, study_uid: str, data: Mapping[str, Any]) -> None:
    """Keep ``data`` (JSON-ready) in place of what was kept of the study before."""
    owner = _owner()
    mine = and_(workspaces.c.owner == owner, workspaces.c.study_uid == study_uid)
    connection.execute(delete(workspaces).where(mine))
    row = {"owner": owner, "study_uid": study_uid, "at": audit.now(), "data": audit.canonical(dict(data))}
    connection.execute(workspaces.insert().values(**row))


def read(connection: Connection, study_uid: str) -> dict[str, Any] | None:
    """Return what was kept of the study; None where there is nothing, or nothing that can be read."""
    mine = and_(workspaces.c.owner == _owner(), workspaces.c.study_uid == study_uid)
    kept = connection.execute(select(workspaces.c.data).where(mine)).scalar()
    try:
        found = json.loads(kept or "null")
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
