"""From which score on a model's answers are findings, as the reader wants it: one edit moves it, for one series."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from medviewer.app.reading import same_place
from medviewer.core.case import Case
from medviewer.core.finding import Finding
from medviewer.core.threshold_edits import MoveThreshold, TakeCandidate

if TYPE_CHECKING:
    from medviewer.ai.bundle import Bundle
    from medviewer.ai.protocol import Reading

Findings = Sequence[Finding]


def listed(case: Case, series_uid: str, bundle: "Bundle", reading: "Reading") -> tuple[Finding, ...]:
    """Return which answers of a new reading are findings: those of the reader's threshold, else of the model's."""
    from medviewer.ai.operating import operating

    threshold = case.thresholds.get(series_uid)
    if threshold is None or not operating(bundle.output, bundle.threshold).points:
        return reading.findings
    return tuple(one for one in (*reading.findings, *reading.candidates) if _score(one) >= threshold)


def under(case: Case, answers: Findings) -> tuple[Finding, ...]:
    """Return which of a model's ``answers`` are no findings of the case, the surest first.

    What lies where a finding of the case does is none either: it has been judged there, or is listed already.
    """
    left = [one for one in answers if not any(one.id == f.id or same_place(one, f) for f in _of(case, one.series_uid))]
    return tuple(sorted(left, key=lambda one: -_score(one)))


def moved(
    case: Case, series_uid: str, answers: Findings, after: float | None, default: float, *, model_id: str
) -> MoveThreshold:
    """Return the step that moves the threshold of a series to ``after``, None to the model's own, ``default``.

    Unreviewed findings of that model that are under it go, answers above it come in. What the reader has judged stays.
    """
    level = default if after is None else after
    gone = tuple(
        (place, one)
        for place, one in enumerate(case.findings)
        if one.series_uid == series_uid
        and one.status == "unreviewed"
        and one.model is not None
        and one.model.id == model_id
        and _score(one) < level
    )
    here = tuple(one for one in answers if one.series_uid == series_uid)
    coming = tuple(one for one in under(case, here) if _score(one) >= level)
    return MoveThreshold(series_uid, case.thresholds.get(series_uid), after, coming, gone)


def taken(candidate: Finding) -> TakeCandidate:
    """Return the step that takes a candidate into the findings: whoever asks for it has judged it."""
    return TakeCandidate(candidate.with_status("accepted"))


def _of(case: Case, series_uid: str) -> list[Finding]:
    return [one for one in case.findings if one.series_uid == series_uid]


def _score(finding: Finding) -> float:
    return finding.score or 0.0
