"""A published risk model: what it asks for, what it answers, and for whom it was made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from medviewer.core.assessment import Contribution, Risk
from medviewer.core.facts import Facts, usable
from medviewer.core.fields import Field, Value
from medviewer.i18n import Message

Inputs = Mapping[str, Value]


@dataclass(frozen=True)
class Answer:
    """A value in the model's unit, and how much each input moved it from the reference person (log-odds)."""

    value: float
    contributions: tuple[Contribution, ...]


@dataclass(frozen=True)
class RiskModel:
    """One published model; a file in ``risk/models`` holds one.

    Attributes:
        fields: the inputs, all of them necessary: nothing is ever imputed.
        population: on whom it was developed.
        validation: published performance.
        solve: from a value for every field to the answer.
        limits: from the values known to sentences about those beyond the development data.
        unit: "1" for a probability from 0 to 1.
    """

    id: str
    title: Message
    fields: tuple[Field, ...]
    reference: str
    population: Message
    validation: Message
    solve: Callable[[Inputs], Answer]
    limits: Callable[[Inputs], tuple[Message, ...]]
    unit: str = "1"

    def assess(self, facts: Facts, finding_id: str) -> Risk:
        """Return the risk of a finding; inputs that are absent or unusable are named in ``missing``."""
        inputs = usable(self.fields, facts)
        missing = tuple(field.name for field in self.fields if field.name not in inputs)
        answer = None if missing else self.solve(inputs)
        return Risk(
            id=self.id,
            title=self.title,
            finding_id=finding_id,
            value=answer.value if answer else None,
            unit=self.unit,
            inputs=inputs,
            contributions=answer.contributions if answer else (),
            missing=missing,
            out_of_range=self.limits(inputs),
            reference=self.reference,
        )
