"""How the reader moves a model's threshold, and takes in what stayed under it: undoable steps of a case."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from medviewer.core.case import Case
from medviewer.core.finding import Finding
from medviewer.core.mask import Mask
from medviewer.i18n import N_

Blobs = dict[str, bytes]


@dataclass(frozen=True, eq=False)
class MoveThreshold:
    """The reader moves the threshold of what is listed of one series; ``before`` and ``after`` None: the model's own.

    ``removed`` are unreviewed findings that are under it now, each with its place among the case's findings, so that
    taking the step back gives every finding its number again; ``added`` are those that are above it now.
    """

    series_uid: str
    before: float | None
    after: float | None
    added: tuple[Finding, ...] = ()
    removed: tuple[tuple[int, Finding], ...] = ()
    label = N_("Move the threshold")
    touches = frozenset({"findings", "thresholds"})

    def apply(self, case: Case) -> Case:
        """Set the new threshold, take away what is under it, add what is above."""
        gone = {found.id for _place, found in self.removed}
        kept = tuple(found for found in case.findings if found.id not in gone)
        return replace(case, findings=kept + self.added, thresholds=self._thresholds(case, self.after))

    def revert(self, case: Case) -> Case:
        """Set the old threshold, with the findings it had where they were."""
        mine = {found.id for found in self.added}
        findings = [found for found in case.findings if found.id not in mine]
        for place, found in sorted(self.removed, key=lambda pair: pair[0]):
            findings.insert(place, found)
        return replace(case, findings=tuple(findings), thresholds=self._thresholds(case, self.before))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What it brings into the case, for the audit trail's models."""
        return self.added

    def _thresholds(self, case: Case, value: float | None) -> dict[str, float]:
        others = {uid: one for uid, one in case.thresholds.items() if uid != self.series_uid}
        return others if value is None else {**others, self.series_uid: value}

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data; masks are in ``blobs``."""
        return {
            "series_uid": self.series_uid,
            "before": self.before,
            "after": self.after,
            "added": [found.to_dict() for found in self.added],
            "removed": [[place, found.to_dict()] for place, found in self.removed],
        }

    def blobs(self) -> Blobs:
        """Masks by finding id."""
        every = (*self.added, *(found for _place, found in self.removed))
        return {found.id: found.mask.to_bytes() for found in every if found.mask is not None}


@dataclass(frozen=True, eq=False)
class TakeCandidate:
    """A candidate under the threshold that the reader takes into the findings."""

    finding: Finding
    label = N_("Take candidate into the findings")
    touches = frozenset({"findings"})

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What it brings into the case, for the audit trail's models."""
        return (self.finding,)

    def apply(self, case: Case) -> Case:
        """Add it at the end."""
        return replace(case, findings=(*case.findings, self.finding))

    def revert(self, case: Case) -> Case:
        """Take it away again."""
        return replace(case, findings=tuple(found for found in case.findings if found.id != self.finding.id))

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data; the mask is in ``blobs``."""
        return {"finding": self.finding.to_dict()}

    def blobs(self) -> Blobs:
        """Its mask by its id."""
        return {} if self.finding.mask is None else {self.finding.id: self.finding.mask.to_bytes()}


def _finding(data: dict[str, Any], blobs: Blobs) -> Finding:
    return Finding.from_dict(data, Mask.from_bytes(blobs[data["id"]]) if data["id"] in blobs else None)


def _move(data: dict[str, Any], blobs: Blobs) -> MoveThreshold:
    return MoveThreshold(
        data["series_uid"],
        data["before"],
        data["after"],
        tuple(_finding(one, blobs) for one in data["added"]),
        tuple((int(place), _finding(one, blobs)) for place, one in data["removed"]),
    )


def _take(data: dict[str, Any], blobs: Blobs) -> TakeCandidate:
    return TakeCandidate(_finding(data["finding"], blobs))


THRESHOLD_EDITS: dict[str, Callable[[dict[str, Any], Blobs], MoveThreshold | TakeCandidate]] = {
    "MoveThreshold": _move,
    "TakeCandidate": _take,
}
