"""The only ways a case changes: small values that apply, revert and can be written down."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

from medviewer.core.case import Case
from medviewer.core.fields import Value
from medviewer.core.finding import Finding, Status
from medviewer.core.key_edits import KEY_EDITS
from medviewer.core.mark_edits import MARK_EDITS
from medviewer.core.mask import Mask
from medviewer.core.pair_edits import PAIR_EDITS
from medviewer.core.region_edits import REGION_EDITS
from medviewer.core.threshold_edits import THRESHOLD_EDITS
from medviewer.i18n import N_, Message

Blobs = dict[str, bytes]


class Edit(Protocol):
    """One step of work on a case. ``touches`` names what it changes: findings, inputs, texts, marks, regions, keys."""

    @property
    def label(self) -> Message:
        """What the step is called in the undo menu."""

    @property
    def touches(self) -> frozenset[str]:
        """What it changes: findings, inputs, texts, marks, regions, keys."""

    def apply(self, case: Case) -> Case:
        """Return the case after the step."""

    def revert(self, case: Case) -> Case:
        """Return the case as it was before the step."""

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data, without masks."""

    def blobs(self) -> Blobs:
        """Return masks by finding id."""


@dataclass(frozen=True, eq=False)
class AddFindings:
    """Findings of one reading, added in one step."""

    findings: tuple[Finding, ...]
    label = N_("Add findings")
    touches = frozenset({"findings"})

    def apply(self, case: Case) -> Case:
        """Add the findings at the end."""
        return replace(case, findings=case.findings + self.findings)

    def revert(self, case: Case) -> Case:
        """Take them away again."""
        mine = {found.id for found in self.findings}
        return replace(case, findings=tuple(f for f in case.findings if f.id not in mine))

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data; masks are in ``blobs``."""
        return {"findings": [found.to_dict() for found in self.findings]}

    def blobs(self) -> Blobs:
        """Masks by finding id."""
        return {found.id: found.mask.to_bytes() for found in self.findings if found.mask is not None}


@dataclass(frozen=True, eq=False)
class RemoveFindings(AddFindings):
    """Findings taken away in one step, as before a new reading."""

    label = N_("Remove findings")

    def apply(self, case: Case) -> Case:
        """Take the findings away."""
        return super().revert(case)

    def revert(self, case: Case) -> Case:
        """Put them back."""
        return super().apply(case)


@dataclass(frozen=True)
class SetStatus:
    """The reader's verdict on a finding."""

    finding_id: str
    before: Status
    after: Status
    touches = frozenset({"findings"})

    @property
    def label(self) -> Message:
        """What was decided."""
        return {
            "accepted": N_("Accept finding"),
            "rejected": N_("Reject finding"),
            "edited": N_("Edit finding"),
            "unreviewed": N_("Mark finding as unreviewed"),
        }[self.after]

    def _set(self, case: Case, status: Status) -> Case:
        found = case.finding(self.finding_id)
        return case if found is None else case.with_finding(found.with_status(status))

    def apply(self, case: Case) -> Case:
        """Set the new status."""
        return self._set(case, self.after)

    def revert(self, case: Case) -> Case:
        """Set the old status."""
        return self._set(case, self.before)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data."""
        return {"finding_id": self.finding_id, "before": self.before, "after": self.after}

    def blobs(self) -> Blobs:
        """No masks."""
        return {}


@dataclass(frozen=True)
class SetInput:
    """A clinical input entered, changed or cleared (None) by the reader."""

    scope: str
    name: str
    before: Value | None
    after: Value | None
    label = N_("Change input")
    touches = frozenset({"inputs"})

    def _set(self, case: Case, value: Value | None) -> Case:
        inputs = {key: v for key, v in case.inputs.items() if key != (self.scope, self.name)}
        if value is not None:
            inputs[self.scope, self.name] = value
        return replace(case, inputs=inputs)

    def apply(self, case: Case) -> Case:
        """Set the new value."""
        return self._set(case, self.after)

    def revert(self, case: Case) -> Case:
        """Set the old value."""
        return self._set(case, self.before)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data."""
        return {"scope": self.scope, "name": self.name, "before": self.before, "after": self.after}

    def blobs(self) -> Blobs:
        """No masks."""
        return {}


@dataclass(frozen=True)
class SetText:
    """A report section rewritten by the reader; None goes back to the draft."""

    section: str
    before: str | None
    after: str | None
    label = N_("Edit report")
    touches = frozenset({"texts"})

    def _set(self, case: Case, text: str | None) -> Case:
        texts = {name: t for name, t in case.texts.items() if name != self.section}
        return replace(case, texts=texts if text is None else {**texts, self.section: text})

    def apply(self, case: Case) -> Case:
        """Set the new text."""
        return self._set(case, self.after)

    def revert(self, case: Case) -> Case:
        """Set the old text."""
        return self._set(case, self.before)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data."""
        return {"section": self.section, "before": self.before, "after": self.after}

    def blobs(self) -> Blobs:
        """No masks."""
        return {}


def from_dict(kind: str, data: dict[str, Any], blobs: Blobs) -> Edit:
    """Build the edit of class name ``kind`` that ``to_dict`` described; KeyError for an unknown kind."""
    if kind in ("AddFindings", "RemoveFindings"):
        findings = tuple(
            Finding.from_dict(d, Mask.from_bytes(blobs[d["id"]]) if d["id"] in blobs else None)
            for d in data["findings"]
        )
        return AddFindings(findings) if kind == "AddFindings" else RemoveFindings(findings)
    for table in (MARK_EDITS, REGION_EDITS, KEY_EDITS, PAIR_EDITS, THRESHOLD_EDITS):
        if kind in table:
            return table[kind](data, blobs)
    plain: dict[str, Callable[..., Edit]] = {"SetStatus": SetStatus, "SetInput": SetInput, "SetText": SetText}
    return plain[kind](**data)
