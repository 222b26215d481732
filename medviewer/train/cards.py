"""A model's card: prose written by hand, and for each split a table of what ``medviewer evaluate`` measured on it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Row = tuple[str, str, str]
HEADING = "## Measured on "


def table(metrics: Mapping[str, Any]) -> str:
    """Return metrics, nested, as a Markdown table: one row a number, with its 95 % interval and on how many."""
    lines = ["| what | value (95 % interval) | measured on |", "|---|---|---|"]
    return "\n".join(lines + [f"| {name} | {value} | {count} |" for name, value, count in rows(metrics)])


def rows(metrics: Mapping[str, Any], before: str = "") -> Iterator[Row]:
    """Yield name, value and count of every number in ``metrics``; an interval is one number, a list a row an entry."""
    for key, value in metrics.items():
        name = f"{before}{key.replace('_', ' ')}"
        if isinstance(value, Mapping) and "mean" in value and "low" in value:
            yield name, _interval(value), _count(value)
        elif isinstance(value, Mapping):
            yield from rows(value, f"{name}: ")
        elif isinstance(value, Sequence) and not isinstance(value, str) and value and isinstance(value[0], Mapping):
            for number, entry in enumerate(value, start=1):
                yield f"{name} {number}", "; ".join(_short(entry)), ""
        else:
            yield name, _plain(value), ""


def _short(entry: Mapping[str, Any]) -> Iterator[str]:
    for key, value in entry.items():
        shown = _interval(value) if isinstance(value, Mapping) and "mean" in value else _plain(value)
        yield f"{key.replace('_', ' ')} {shown}"


def _interval(value: Mapping[str, Any]) -> str:
    if value["mean"] is None:
        return "not measurable"
    return f"{value['mean']:.3f} ({value['low']:.3f} to {value['high']:.3f})"


def _count(value: Mapping[str, Any]) -> str:
    return f"{value['n']} of {value['patients']} patients" if "patients" in value else f"{value.get('n', '')}"


def _plain(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, list | tuple):
        return ", ".join(_plain(one) for one in value)
    return str(value)


def with_measured(card: str, split: str, command: str, metrics: Mapping[str, Any]) -> str:
    """Return ``card`` with the section of ``split`` made anew: the ``command`` and the table of what it printed."""
    section = f"{HEADING}{split}\n\n`{command}` printed:\n\n{table(metrics)}\n"
    found = re.compile(rf"^{re.escape(HEADING + split)}\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
    if found.search(card):
        return found.sub(lambda _found: section + "\n", card, count=1).rstrip() + "\n"
    return f"{card.rstrip()}\n\n{section}"
