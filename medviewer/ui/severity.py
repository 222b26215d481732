"""How grave a check is, by word, sign and colour together: never by colour alone."""

import html
from dataclasses import dataclass

from medviewer.core.study import Check, Severity
from medviewer.i18n import N_, Message


@dataclass(frozen=True)
class Sign:
    """The icon of a severity, its colour and its word."""

    icon: str
    colour: str
    word: Message


SIGNS: dict[Severity, Sign] = {
    "stop": Sign("stop", "danger", N_("Not for measuring")),
    "warning": Sign("warning", "caution", N_("Warning")),
    "info": Sign("info", "dim", N_("Note")),
}


def worst(checks: tuple[Check, ...]) -> Check | None:
    """Return the gravest check, the first of its kind; None where there are none."""
    order = list(SIGNS)
    return min(checks, key=lambda check: order.index(check.severity), default=None)


def in_words(check: Check) -> str:
    """Return severity and text: "Warning: …"."""
    return f"{SIGNS[check.severity].word}: {check.text}"


def tip(*lines: str) -> str:
    """Return lines for a tooltip, shown as they are: what files say is never taken for markup."""
    return "<p style='white-space:pre-wrap'>" + "<br>".join(html.escape(line) for line in lines) + "</p>"
