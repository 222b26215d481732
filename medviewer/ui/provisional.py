"""Findings of a reading that still goes on: on the images and in the list, not yet in the case.

So a reading that is cancelled, or whose engine dies, leaves the case as it was; what it answers at last is one step.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from medviewer.app.reading import same_place
from medviewer.core.case import Case
from medviewer.core.finding import Finding

if TYPE_CHECKING:
    from medviewer.ui.view import View


@dataclass(frozen=True, eq=False)
class Provisional(Finding):
    """A finding of a reading that goes on: seen, numbered and gone to, but not judged before it is sure to stay."""

    @staticmethod
    def of(found: Finding) -> "Provisional":
        """Return ``found`` as one."""
        return Provisional(**{field.name: getattr(found, field.name) for field in fields(found)})


class Provisionals(QObject):
    """The provisional findings of the series on the screen, in the order they came; ``changed`` tells of others."""

    changed = Signal()

    def __init__(self, view: "View") -> None:
        super().__init__(view)
        self._found: dict[str, Provisional] = {}
        self._seen: tuple[Case, Case] | None = None  # a case, and that case with these

    @property
    def findings(self) -> tuple[Provisional, ...]:
        """Those of now, whether or not the case has one at the same place."""
        return tuple(self._found.values())

    def add(self, findings: Sequence[Finding]) -> None:
        """Show more of them; one of the same ``id`` takes the place of the earlier one."""
        self._found |= {found.id: Provisional.of(found) for found in findings}
        self._change()

    def clear(self) -> None:
        """Show none."""
        if self._found:
            self._found.clear()
            self._change()

    def _change(self) -> None:
        self._seen = None
        self.changed.emit()

    def finding(self, finding_id: str | None) -> Provisional | None:
        """Return the one of that id, None where there is none."""
        return None if finding_id is None else self._found.get(finding_id)

    def seen(self, case: Case | None) -> Case | None:
        """Return ``case`` as it is seen: with these behind its own, but for those that it has already."""
        if case is None or not self._found:
            return case
        if self._seen is None or self._seen[0] is not case:
            self._seen = case, replace(case, findings=case.findings + self._new_to(case))
        return self._seen[1]

    def _new_to(self, case: Case) -> tuple[Provisional, ...]:
        """Return those whose place and id no finding of the case has: a second reading finds the same again."""
        known = {found.id for found in case.findings}

        def is_new(one: Provisional) -> bool:
            there = (other for other in case.findings if other.series_uid == one.series_uid)
            return one.id not in known and not any(same_place(one, other) for other in there)

        return tuple(one for one in self._found.values() if is_new(one))


def provisionals_of(view: "View") -> Provisionals:
    """Return the provisional findings of a view; made at first use."""
    found = view.findChild(Provisionals)
    return found if isinstance(found, Provisionals) else Provisionals(view)
