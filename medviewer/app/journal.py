"""The journal of a case: one row per step, from which the case and its undo come back."""

import hashlib
import json
import zlib
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from medviewer import __version__
from medviewer.app import audit
from medviewer.app.schema import blobs, cases, journal
from medviewer.app.store import Changed
from medviewer.core.case import Case
from medviewer.core.edits import Edit, from_dict
from medviewer.core.history import History
from medviewer.core.problem import Problem
from medviewer.i18n import _


def append(connection: Connection, study_uid: str, seq: int, action: str, edit: Edit) -> None:
    """Write step ``seq`` and its audit row in the writer's transaction.

    Changed where a step of that number is there already: another window was faster.
    """
    payload: dict[str, Any] = {"edit": {}, "blobs": {}}
    if action == "do":
        masks = {name: _keep(connection, data) for name, data in edit.blobs().items()}
        payload = {"edit": edit.to_dict(), "blobs": masks}
    data, kind = audit.canonical(payload), type(edit).__name__
    if seq == 1:
        _open(connection, study_uid)
    row = {"study_uid": study_uid, "seq": seq, "action": action, "kind": kind, "data": data}
    try:
        connection.execute(journal.insert().values(**row, who=audit.who(), at=audit.now(), version=__version__))
    except IntegrityError as error:
        raise _changed_elsewhere() from error
    hashes = {"step": hashlib.sha256(data.encode()).hexdigest()} | _models(edit)
    audit.append(connection, f"{action} {kind}", study_uid, {"seq": seq}, hashes)


def _changed_elsewhere() -> Changed:
    return Changed(
        _("This case was changed in another window."),
        _("The other changes are shown now; repeat your last step if you still want it."),
    )


def _open(connection: Connection, study_uid: str) -> None:
    if connection.execute(select(cases).where(cases.c.study_uid == study_uid)).first() is None:
        connection.execute(cases.insert().values(study_uid=study_uid, at=audit.now()))


def _keep(connection: Connection, data: bytes) -> str:
    """Keep ``data`` once, whoever refers to it, and return its sha256."""
    sha256 = hashlib.sha256(data).hexdigest()
    if connection.execute(select(blobs.c.sha256).where(blobs.c.sha256 == sha256)).first() is None:
        connection.execute(blobs.insert().values(sha256=sha256, data=data))
    return sha256


def _models(edit: Edit) -> dict[str, str]:
    models = [found.model for found in getattr(edit, "findings", ()) if found.model is not None]
    return {f"{model.id} {model.version}": model.sha256 for model in models}


def replay(connection: Connection, case: Case) -> tuple[History, int]:
    """Return the history of ``case`` (its facts, nothing else, are used) and the number of its last step.

    Problem where the journal is damaged or was written by a newer program.
    """
    history, seq = History(case), 0
    steps = select(journal).where(journal.c.study_uid == case.study_uid).order_by(journal.c.seq)
    for row in connection.execute(steps).mappings():
        seq += 1
        if row["seq"] != seq:
            raise _damaged(seq)
        try:
            _step(connection, history, row["action"], row["kind"], json.loads(row["data"]))
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, zlib.error) as error:
            raise _damaged(seq) from error
    return history, seq


def _damaged(seq: int) -> Problem:
    return Problem(
        _("Step {seq} of the saved case cannot be read.").format(seq=seq),
        _("It may be damaged, or saved by a newer MedViewer; nothing was changed."),
    )


def _step(connection: Connection, history: History, action: str, kind: str, payload: dict[str, Any]) -> None:
    if action == "do":
        masks = {name: _fetch(connection, sha256) for name, sha256 in payload["blobs"].items()}
        history.do(from_dict(kind, payload["edit"], masks))
    elif {"undo": history.undo, "redo": history.redo}[action]() is None:
        raise ValueError("nothing to take back or to do again")


def _fetch(connection: Connection, sha256: str) -> bytes:
    data = connection.execute(select(blobs.c.data).where(blobs.c.sha256 == sha256)).scalar_one_or_none()
    if data is None or hashlib.sha256(data).hexdigest() != sha256:
        raise ValueError("a mask is missing or damaged")
    return bytes(data)
