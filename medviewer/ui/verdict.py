"""The reader's verdict on the chosen finding, and the way to the next one: for keys, buttons and menu alike."""

from typing import TYPE_CHECKING

from medviewer.core.edits import SetStatus
from medviewer.core.finding import Finding, Status
from medviewer.ui.provisional import provisionals_of
from medviewer.ui.view import View

if TYPE_CHECKING:
    from medviewer.app.session import Session


def chosen(session: "Session", view: View) -> Finding | None:
    """Return the chosen finding, None where there is none."""
    if session.study is None or view.finding_id is None:
        return None
    return session.case.finding(view.finding_id)


def accept(session: "Session", view: View) -> None:
    """Accept the chosen finding; once more takes the verdict back."""
    _judge(session, view, "accepted")


def reject(session: "Session", view: View) -> None:
    """Reject the chosen finding; once more takes the verdict back."""
    _judge(session, view, "rejected")


def _judge(session: "Session", view: View, status: Status) -> None:
    finding = chosen(session, view)
    if finding is not None:
        after: Status = "unreviewed" if finding.status == status else status
        session.do(SetStatus(finding.id, finding.status, after), source=view)


def step(session: "Session", view: View, by: int) -> None:
    """Choose the next (1) or previous (-1) finding, round and round; the first or last where none is chosen.

    Those of a reading that still goes on come last.
    """
    seen = provisionals_of(view).seen(session.case) if session.study is not None else None
    if seen is None or not seen.findings:
        return
    findings = seen.findings
    ids = [finding.id for finding in findings]
    at = ids.index(view.finding_id) if view.finding_id in ids else (-1 if by > 0 else 0)
    view.select(findings[(at + by) % len(findings)])
