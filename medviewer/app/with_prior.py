"""The study read beside the patient's earlier one without a window: what the comparison panel shows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from medviewer.app import pairing, priors, registering
from medviewer.app.priors import Prior
from medviewer.app.session import Session
from medviewer.core.compared import Compared, Examined, Row
from medviewer.core.finding import Finding
from medviewer.core.job import Job
from medviewer.core.pair_edits import aligned
from medviewer.core.problem import Problem
from medviewer.core.registration import Registration
from medviewer.core.study import Series
from medviewer.core.volume import Volume
from medviewer.i18n import Message
from medviewer.report.comparison import compared_with, doubling_of
from medviewer.report.wording import Words

Load = Callable[[Series, Job], Volume]


@dataclass(frozen=True, eq=False)
class BesidePrior:
    """The latest earlier examination, and what came of the comparison; ``why_not`` says why there is none.

    ``read_now``: its findings are a model's of just now, in nobody's case and reviewed by nobody.
    """

    prior: Prior
    compared: Compared | None = None
    why_not: str = ""
    read_now: bool = False


def beside_prior(
    session: Session, volume: Volume, load: Load, job: Job, models: Sequence[str] = (), *, fresh: bool = False
) -> BesidePrior | None:
    """Compare the open case with the latest earlier examination scanned or in the library; None where there is none.

    ``load`` reads a series, to be closed here; ``models`` are those that may read, ``fresh`` also what they
    have read before. A computed registration is kept in the case. What cannot be compared is said in ``why_not``;
    Cancelled where the reader cancelled.
    """
    study, series = session.study, session.series
    if study is None or series is None:
        return None
    best = priors.find(session.catalogue.studies(), session.library, study, series, job.part(0.0, 0.05)).best
    if best is None:
        return None
    try:
        other = load(best.series, job.part(0.05, 0.25))
    except Problem as problem:
        return BesidePrior(best, why_not=problem.text)
    try:
        return _compared(session, (volume, other), best, job.part(0.25, 1.0), models, fresh=fresh)
    except Problem as problem:
        return BesidePrior(best, why_not=problem.text)
    finally:
        other.close()


def _compared(
    session: Session, volumes: tuple[Volume, Volume], prior: Prior, job: Job, models: Sequence[str], *, fresh: bool
) -> BesidePrior:
    volume, other = volumes
    registration = _registered(session, volume, other, job.part(0.0, 0.3))
    theirs = pairing.saved(session.store, prior.study, other.series)
    read_now = not theirs.was_read
    if read_now:
        found = pairing.read_unsaved(other, job.part(0.3, 1.0), models, fresh=fresh)
        theirs = replace(theirs, findings=found, was_read=True)
    case = session.case
    assert session.study is not None  # it was looked for beside that
    mine = Examined(case.study_uid, volume.series, pairing.placed(case.findings, session.study, volume.series))
    return BesidePrior(prior, pairing.compare(case, mine, theirs, registration), read_now=read_now)


def _registered(session: Session, volume: Volume, other: Volume, job: Job) -> Registration:
    """Return how the prior lies: as the case has it, else as computed now, which the case keeps."""
    kept = registering.kept(session.case, volume.series, other.series)
    if kept is not None:
        return kept
    made = registering.register(volume, other, job)
    if made.method != "frame":
        session.do(aligned(session.case, made, made.from_series_uid, made.to_series_uid))
    return made


def to_dict(beside: BesidePrior, session: Session) -> dict[str, Any]:
    """Return the comparison as it stands in ``result.json``: texts in English, numbers None where none is reliable."""
    prior, compared = beside.prior, beside.compared
    said: dict[str, Any] = {
        "study_uid": prior.study.uid,
        "series_uid": prior.series.uid,
        "date": prior.study.date,
        "age": prior.age.to("en"),
        "days": prior.days,
        "cautions": _all_english(prior.cautions),
        "why_not": beside.why_not,
        "read_now": beside.read_now,
    }
    if compared is None or session.study is None:
        return {**said, "registration": None, "text": [], "rows": []}
    registration = {**compared.registration.to_dict(), "words": compared.registration.words.to("en")}
    section = compared_with(session.case, session.study, compared, Words("en"))
    return {
        **said,
        "registration": registration,
        "text": list(section.paragraphs),
        "rows": [_row(row) for row in compared.rows],
    }


def _row(row: Row) -> dict[str, Any]:
    growth = row.growth
    return {
        "finding_id": None if row.now is None else row.now.id,
        "prior": None if row.other is None else _sizes(row.other),
        "course": row.course,
        "by_reader": row.by_reader,
        "apart_mm": row.apart_mm,
        "volume_share": None if growth is None else growth.volume_share,
        "diameter_mm": None if growth is None else growth.diameter_mm,
        "doubling_days": doubling_of(row),
        "why": [] if growth is None else _all_english(growth.why),
        "cautions": [] if growth is None else _all_english(growth.cautions),
    }


def _sizes(finding: Finding) -> dict[str, Any]:
    names = "id", "long_axis_mm", "short_axis_mm", "volume_mm3"
    return {name: getattr(finding, name) for name in names}


def _all_english(texts: tuple[Message, ...]) -> list[str]:
    return [text.to("en") for text in texts]
