"""Plain text, 100 columns, for systems that take nothing else."""

import textwrap
import unicodedata

from medviewer.i18n import N_
from medviewer.report.document import Report, Section, Table
from medviewer.report.format import Format

WIDTH = 100


def render(report: Report) -> bytes:
    """Return the report as UTF-8 text; pictures are left out and charts become tables."""
    label_width = max([0, *(_columns(label) for label, _value in report.rows)])
    head = [report.title, "=" * _columns(report.title), *_wrapped(report.notice), ""]
    head += [f"{_padded(label, label_width)}  {value}" for label, value in report.rows]
    parts = ["\n".join(head), *("\n".join(_section(section)) for section in report.sections), report.notice]
    return ("\n\n".join(parts) + "\n").encode()


def _section(section: Section) -> list[str]:
    lines = [section.heading, "-" * _columns(section.heading)]
    for paragraph in section.paragraphs:
        lines += _wrapped(paragraph)
    for table in section.tables:
        lines += ["", *_table(table)]
    for chart in section.charts:
        bars = tuple((label, f"{value:+.2f}") for label, value in chart.bars)
        lines += ["", *_table(Table(chart.caption, (), bars))]
    return lines


def _wrapped(paragraph: str) -> list[str]:
    wide = any(unicodedata.east_asian_width(letter) in "WF" for letter in paragraph)
    width = WIDTH // 2 if wide else WIDTH
    return [line for part in paragraph.splitlines() for line in textwrap.wrap(part, width) or [""]]


def _table(table: Table) -> list[str]:
    rows = [row for row in (table.head, *table.rows) if row]
    widths = [max(_columns(row[n]) for row in rows) for n in range(len(rows[0]))] if rows else []
    lines = ["  ".join(_padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return [*([table.caption] if table.caption else []), *lines]


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _columns(text))


def _columns(text: str) -> int:
    """Columns on a fixed-width screen, where a Chinese letter takes two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


FORMAT = Format("text", ".txt", N_("Plain text"), render)
