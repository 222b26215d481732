"""A published guideline: when it applies, what it needs to know, and the options it offers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from medviewer.core.assessment import Advice, Option, Risk
from medviewer.core.facts import Facts, usable
from medviewer.core.fields import Field, Value
from medviewer.i18n import Message

Known = Mapping[str, Value]


@dataclass(frozen=True)
class Decision:
    """The category a finding falls into, the sentences that led there, and what may be done."""

    category: str
    why: tuple[Message, ...]
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Guideline:
    """One published guideline; a file in ``treatment/guidelines`` holds one. It offers, it never directs.

    Attributes:
        fields: every input it can use.
        excluded: from what is known to the reasons why it does not apply (none: it may apply).
        needed: from what is known to the fields the decision needs as far as can be told now, known or not.
        decide: from what is known, with every needed field in it, and the risks of the finding to a decision.
        note: what the reader must keep in mind beside the category.
    """

    id: str
    title: Message
    fields: tuple[Field, ...]
    reference: str
    note: Message
    excluded: Callable[[Known], tuple[Message, ...]] = field(repr=False)
    needed: Callable[[Known], tuple[Field, ...]] = field(repr=False)
    decide: Callable[[Known, Sequence[Risk]], Decision] = field(repr=False)

    def advise(self, facts: Facts, finding_id: str, risks: Sequence[Risk] = ()) -> Advice:
        """Return options for a finding, or why the guideline does not apply, or the inputs still missing."""
        known = usable(self.fields, facts)
        reasons = self.excluded(known)
        missing = () if reasons else tuple(f.name for f in self.needed(known) if f.name not in known)
        decision = Decision("", (), ()) if reasons or missing else self.decide(known, risks)
        return Advice(
            guideline=self.id,
            title=self.title,
            finding_id=finding_id,
            category=decision.category,
            options=decision.options,
            inputs=known,
            why=decision.why,
            missing=missing,
            not_applicable=reasons,
            reference=self.reference,
        )
