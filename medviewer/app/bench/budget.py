"""What a budget is, and what a measurement of it gave."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from medviewer.i18n import Message

if TYPE_CHECKING:
    from medviewer.app.bench.workbench import Workbench


@dataclass(frozen=True)
class Budget:
    """One line of the table: ``measure(workbench)`` gives a number in ``unit`` to hold against ``limit``.

    ``at_least``: the number must not be below the limit; else it must not be above it. ``measure`` raises Problem
    where it cannot be measured here.
    """

    id: str
    title: Message
    limit: float
    unit: str
    measure: Callable[["Workbench"], float]
    at_least: bool = False

    def keeps(self, value: float) -> bool:
        """Whether ``value`` is within the budget."""
        return value >= self.limit if self.at_least else value <= self.limit


@dataclass(frozen=True)
class Measured:
    """A budget and the number measured; ``value`` and ``ok`` are None where ``note`` says why there is none."""

    budget: Budget
    value: float | None
    ok: bool | None
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data."""
        budget = self.budget
        return {
            "id": budget.id,
            "title": budget.title.to("en"),
            "budget": budget.limit,
            "at_least": budget.at_least,
            "unit": budget.unit,
            "measured": self.value,
            "ok": self.ok,
            "note": self.note,
        }
