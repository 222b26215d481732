"""How a reader's pairs and alignments change: undoable steps of a case."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

from medviewer.core.case import Case
from medviewer.core.pair import NOTHING, Pair
from medviewer.core.registration import Registration
from medviewer.i18n import N_, Message

Blobs = dict[str, bytes]
Pairs = tuple[Pair, ...]


@dataclass(frozen=True)
class PairFinding:
    """The reader pairs a finding with an earlier one, parts them, or takes back what he said.

    ``before`` and ``after`` are all the case's pairs: a finding paired anew may part another pair.
    """

    before: Pairs
    after: Pairs
    touches = frozenset({"pairs"})

    @property
    def label(self) -> Message:
        """What was done."""
        said = [pair for pair in self.after if pair not in self.before]
        if not said:
            return N_("Pair findings automatically")
        parts = any(pair.prior_finding_id == NOTHING for pair in said)
        return N_("Part finding from its earlier one") if parts else N_("Pair finding with its earlier one")

    def apply(self, case: Case) -> Case:
        """Set the new pairs."""
        return replace(case, pairs=self.after)

    def revert(self, case: Case) -> Case:
        """Set the old pairs."""
        return replace(case, pairs=self.before)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data."""
        return {"before": [asdict(pair) for pair in self.before], "after": [asdict(pair) for pair in self.after]}

    def blobs(self) -> Blobs:
        """No masks."""
        return {}


@dataclass(frozen=True)
class Align:
    """How another series lies to the one read, said by the reader or computed; None takes that back."""

    before: Registration | None
    after: Registration | None
    touches = frozenset({"alignments"})

    @property
    def label(self) -> Message:
        """What was done."""
        if self.after is None:
            by_hand = self.before is not None and self.before.method == "hand"
            return N_("Undo the alignment") if by_hand else N_("Undo the registration")
        return N_("Align by hand") if self.after.method == "hand" else N_("Register the prior")

    def _set(self, case: Case, old: Registration | None, new: Registration | None) -> Case:
        kept = tuple(one for one in case.alignments if one != old)
        return replace(case, alignments=kept if new is None else (*kept, new))

    def apply(self, case: Case) -> Case:
        """Set the new alignment."""
        return self._set(case, self.before, self.after)

    def revert(self, case: Case) -> Case:
        """Set the old alignment."""
        return self._set(case, self.after, self.before)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data."""
        return {name: one and one.to_dict() for name, one in (("before", self.before), ("after", self.after))}

    def blobs(self) -> Blobs:
        """No masks."""
        return {}


def paired(case: Case, finding_id: str, prior_study_uid: str, prior_finding_id: str = NOTHING) -> PairFinding:
    """Return the step that pairs a finding with an earlier one, or with ``NOTHING``; each is in one pair only."""

    def gives_way(pair: Pair) -> bool:
        taken = prior_finding_id != NOTHING and pair.prior_finding_id == prior_finding_id
        return pair.prior_study_uid == prior_study_uid and (pair.finding_id == finding_id or taken)

    kept = tuple(pair for pair in case.pairs if not gives_way(pair))
    return PairFinding(case.pairs, (*kept, Pair(finding_id, prior_study_uid, prior_finding_id)))


def left_to_program(case: Case, finding_id: str, prior_study_uid: str) -> PairFinding:
    """Return the step that takes back what the reader said of a finding: the program's proposal counts again."""
    mine = (finding_id, prior_study_uid)
    return PairFinding(case.pairs, tuple(p for p in case.pairs if (p.finding_id, p.prior_study_uid) != mine))


def aligned(case: Case, after: Registration | None, from_uid: str, to_uid: str) -> Align:
    """Return the step that sets (None: drops) the alignment of series ``from_uid`` to ``to_uid``."""
    return Align(alignment(case, from_uid, to_uid), after)


def alignment(case: Case, from_uid: str, to_uid: str) -> Registration | None:
    """Return the alignment kept of series ``from_uid`` to ``to_uid``; None where there is none."""
    both = (from_uid, to_uid)
    return next((one for one in case.alignments if (one.from_series_uid, one.to_series_uid) == both), None)


def _pairs(rows: Any) -> Pairs:
    return tuple(Pair(**row) for row in rows)


def _pair_finding(data: dict[str, Any], _blobs: Blobs) -> PairFinding:
    return PairFinding(_pairs(data["before"]), _pairs(data["after"]))


def _align(data: dict[str, Any], _blobs: Blobs) -> Align:
    before, after = (data[name] and Registration.from_dict(data[name]) for name in ("before", "after"))
    return Align(before, after)


PAIR_EDITS: dict[str, Callable[[dict[str, Any], Blobs], PairFinding | Align]] = {
    "PairFinding": _pair_finding,
    "Align": _align,
    "AlignByHand": _align,  # its name in journals before computed ones were kept too
}
