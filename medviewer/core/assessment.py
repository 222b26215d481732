"""What risk models and guidelines answer, as plain data."""

from dataclasses import dataclass
from typing import Any

from medviewer.core.fields import Value
from medviewer.i18n import Message


@dataclass(frozen=True, slots=True)
class Contribution:
    """How much one input moves the answer, in the model's own scale (log-odds)."""

    name: str
    title: Message
    value: float


@dataclass(frozen=True)
class Risk:
    """One risk model's answer about a finding; ``value`` is None while inputs are missing.

    ``value`` is in ``unit`` ("1" = probability 0 to 1). ``missing`` holds field names, ``out_of_range`` sentences.
    """

    id: str
    title: Message
    finding_id: str
    value: float | None
    unit: str
    inputs: dict[str, Value]
    contributions: tuple[Contribution, ...] = ()
    missing: tuple[str, ...] = ()
    out_of_range: tuple[Message, ...] = ()
    reference: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data in the form of ``result.json``; texts in English."""
        return {
            "id": self.id,
            "finding_id": self.finding_id,
            "value": self.value,
            "unit": self.unit,
            "inputs": self.inputs,
            "contributions": {c.name: c.value for c in self.contributions},
            "missing": list(self.missing),
            "out_of_range": [text.to("en") for text in self.out_of_range],
            "reference": self.reference,
        }


@dataclass(frozen=True)
class Option:
    """One thing that may be done: what, when, how strong the guideline is, what speaks against it."""

    text: Message
    when: Message
    strength: str
    certainty: str
    cautions: tuple[Message, ...] = ()


@dataclass(frozen=True)
class Advice:
    """What one guideline offers for a finding; no options while inputs are missing or it does not apply.

    ``why`` tells how the category was reached, ``not_applicable`` why the guideline does not apply.
    """

    guideline: str
    title: Message
    finding_id: str
    category: str
    options: tuple[Option, ...]
    inputs: dict[str, Value]
    why: tuple[Message, ...] = ()
    missing: tuple[str, ...] = ()
    not_applicable: tuple[Message, ...] = ()
    reference: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data in the form of ``result.json``; texts in English."""
        return {
            "guideline": self.guideline,
            "finding_id": self.finding_id,
            "category": self.category,
            "options": [
                {
                    "text": option.text.to("en"),
                    "when": option.when.to("en"),
                    "strength": option.strength,
                    "certainty": option.certainty,
                    "cautions": [caution.to("en") for caution in option.cautions],
                }
                for option in self.options
            ],
            "why": [text.to("en") for text in self.why],
            "not_applicable": [text.to("en") for text in self.not_applicable],
            "inputs": self.inputs,
            "missing": list(self.missing),
            "reference": self.reference,
        }
