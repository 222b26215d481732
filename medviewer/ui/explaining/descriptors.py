"""What readers would say of a finding, one line for each descriptor, as far as a network was asked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from medviewer.core.characters import MALIGNANCY, SCALES, Scale, opinion_word
from medviewer.core.finding import Finding
from medviewer.i18n import _
from medviewer.ui.cards import clear, label
from medviewer.ui.theme import as_role


@dataclass(frozen=True)
class Row:
    """One line: what is described, the word for it, and what else readers might say."""

    title: str
    said: str
    tip: str = ""


def opinion_row(attributes: Mapping[str, Any]) -> Row | None:
    """Return the opinion of malignancy beside what size alone would say; None where nobody was asked."""
    opinion, by_size = (_number(attributes.get(name)) for name in ("malignancy_opinion", "malignancy_opinion_by_size"))
    if opinion is None:
        return None
    said = _opinion(opinion)
    if by_size is not None:
        said = _("{opinion}; by its size alone: {by_size}").format(opinion=said, by_size=_opinion(by_size))
    return Row(str(MALIGNANCY.title), said)


def _opinion(opinion: float) -> str:
    return _("{word} ({opinion:.1f} of 5)").format(word=opinion_word(opinion), opinion=opinion)


def rows(finding: Finding) -> list[Row]:
    """Return a line for each descriptor there is, in the order of the scales; the opinion of malignancy is none."""
    return list(_rows(finding.attributes))


def _rows(attributes: Mapping[str, Any]) -> Iterator[Row]:
    told = attributes.get("descriptors")
    described = told if isinstance(told, Mapping) else {}
    for scale in SCALES:
        if scale is MALIGNANCY:
            continue
        one = described.get(scale.id)
        said = _described(scale, one) if isinstance(one, Mapping) else _plain(scale, attributes.get(scale.id))
        if said:
            yield Row(str(scale.title), said, _set(scale, one) if isinstance(one, Mapping) else "")


def _described(scale: Scale, one: Mapping[str, Any]) -> str:
    """Say the likeliest step, and how many of ten readers would say so."""
    word, shares = one.get("word"), one.get("shares")
    if not isinstance(word, str) or not word:
        return _plain(scale, one.get("mean"))
    if (
        not isinstance(shares, list | tuple)
        or not all(isinstance(share, int | float) for share in shares)
        or not shares
    ):
        return _(word)
    return _("{word}: {count:.0f} of 10 readers").format(word=_(word), count=10 * max(shares))


def _plain(scale: Scale, value: Any) -> str:
    """Say a plain value: a word as it is, a number by the nearest step."""
    number = _number(value)
    if number is not None:
        return str(scale.words[min(max(round(number), 1), scale.steps) - 1])
    return _(value) if isinstance(value, str) and value else ""


def _set(scale: Scale, one: Mapping[str, Any]) -> str:
    """Say what readers may well say: the steps of the conformal set."""
    steps = one.get("set")
    if not isinstance(steps, list | tuple):
        return ""
    words = [str(scale.words[step - 1]) for step in steps if isinstance(step, int) and 1 <= step <= scale.steps]
    return _("Readers may well say: {words}.").format(words=", ".join(words)) if words else ""


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


class Descriptors(QWidget):
    """The lines of a finding; hidden where there are none."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 2, 0, 2)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(1)
        self._grid.setColumnStretch(1, 1)
        self._shown: tuple[Row | None, tuple[Row, ...]] = (None, ())
        self.hide()

    def show_finding(self, finding: Finding) -> None:
        """Show what there is to say of ``finding``."""
        opinion, found = opinion_row(finding.attributes), rows(finding)
        self.setVisible(bool(found) or opinion is not None)
        if (opinion, tuple(found)) == self._shown:
            return
        self._shown = opinion, tuple(found)
        clear(self._grid)
        if opinion is not None:
            self._add(0, opinion)
        if self._shown != (None, ()):
            self._grid.addWidget(label(self.note, "small"), 1, 0, 1, 2)
        for line, row in enumerate(found, start=2):
            self._add(line, row)

    @property
    def note(self) -> str:
        """What these words are and what not."""
        return _("What readers would say of these pictures, as a network learnt it; not a probability of cancer.")

    def _add(self, line: int, row: Row) -> None:
        title, said = as_role(QLabel(row.title), "dim"), label(row.said)
        title.setToolTip(row.tip)
        said.setToolTip(row.tip)
        self._grid.addWidget(title, line, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(said, line, 1)
