"""How grave a check is, by word, sign and colour together: never by colour alone."""

import html
from collections.abc import Iterable
from dataclasses import dataclass

from medviewer.core.study import Check, Severity
from medviewer.i18n import N_, Message

# What a series is by nature limits its use, and is no cause for alarm.
BY_NATURE = frozenset({"single-image", "colour", "cine", "whole-slide"})


@dataclass(frozen=True)
class Sign:
    """The icon of a severity, its colour and its word."""

    icon: str
    colour: str
    word: Message


SIGNS: dict[Severity, Sign] = {
    "stop": Sign("stop", "danger", N_("Limitation")),
    "warning": Sign("warning", "caution", N_("Warning")),
    "info": Sign("info", "dim", N_("Note")),
}


def severity_shown(check: Check) -> Severity:
    """Return how grave a check looks: where a photograph or a film is just that, nobody is alarmed."""
    return "info" if check.code in BY_NATURE else check.severity


def by_severity(checks: Iterable[Check]) -> list[Check]:
    """Return checks, the gravest first as they look."""
    order = list(SIGNS)
    return sorted(checks, key=lambda check: order.index(severity_shown(check)))


def worst(checks: tuple[Check, ...]) -> Check | None:
    """Return the gravest check, the first of its kind; None where there are none."""
    return next(iter(by_severity(checks)), None)


def in_words(check: Check) -> str:
    """Return severity and text: "Warning: …"."""
    return f"{SIGNS[severity_shown(check)].word}: {check.text}"


def tip(*lines: str) -> str:
    """Return lines for a tooltip, shown as they are: what files say is never taken for markup."""
    shown = "<br>".join(html.escape(line) for line in lines)
    return f"<p style='white-space:pre-wrap'>{shown}</p>" if shown else ""
