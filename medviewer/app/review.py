"""The whole flow without a window: from a folder of images to findings, risks, advice and report files."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medviewer import __version__
from medviewer.app import clinical as clinical_inputs
from medviewer.app import thresholds
from medviewer.app.console import as_json, ask_password
from medviewer.app.keyimage import key_image
from medviewer.app.outbox import ensure_writable, outbox
from medviewer.app.reading import as_edits, fitting, installed, read, refuse, stops
from medviewer.app.replay_file import record
from medviewer.app.saved_reading import seal
from medviewer.app.scanning import damaged, scan_into
from medviewer.app.session import Session
from medviewer.app.with_prior import BesidePrior, beside_prior, to_dict
from medviewer.core.case import Case
from medviewer.core.job import Job
from medviewer.core.problem import Problem, Unsuitable
from medviewer.core.study import Check, Series, Unreadable
from medviewer.core.volume import Volume
from medviewer.i18n import N_, _

if TYPE_CHECKING:
    from medviewer.ai.bundle import Bundle
    from medviewer.ai.protocol import Reading

Result = dict[str, Any]


class Clock:
    """Seconds by phase, in the order of the phases."""

    def __init__(self) -> None:
        self.timings_s: dict[str, float] = {}
        self._start_s = time.perf_counter()

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Measure what happens inside."""
        start_s = time.perf_counter()
        yield
        self.timings_s[name] = round(time.perf_counter() - start_s, 3)

    def all_s(self) -> dict[str, float]:
        """Every phase and the total."""
        return {**self.timings_s, "total": round(time.perf_counter() - self._start_s, 3)}


@dataclass(frozen=True)
class Wish:
    """What is asked of a review, beside images and folder: plain values that can be sent to another computer.

    Attributes:
        models: only these, by id; all that fit where empty.
        clinical: inputs about the patient, by name.
        series_uid, study_uid: read that one, instead of choosing (see ``pick_series``).
        language: of the report.
        fresh: read again what was read before.
    """

    models: tuple[str, ...] = ()
    clinical: Mapping[str, object] = field(default_factory=dict)
    series_uid: str | None = None
    study_uid: str | None = None
    language: str = "en"
    fresh: bool = False

    def check(self) -> None:
        """Problem where something is asked for that does not exist: told before the long work."""
        installed(self.models)
        clinical_inputs.as_edits(Case(""), self.clinical)


def review(
    path: Path | Sequence[Path], out: Path, *, session: Session, job: Job, wish: Wish | None = None, **more: Any
) -> Result:
    """Review the study in ``path``, write its files into ``out`` and return what stands in ``result.json``.

    The case is saved like any other: what its reader has judged before stays judged. Problem where nothing can be
    written (before any work), nothing can be read, no model fits, or an input is wrong; then ``out`` is untouched.
    ``more`` are single things of the ``wish``.
    """
    wish, clock = wish or Wish(**more), Clock()
    wish.check()
    ensure_writable(out)
    with clock.phase("scan"):
        unreadable = damaged(scan_into(session.catalogue, path, job.part(0.0, 0.1), password=ask_password))
    return review_scanned(session, unreadable, out, wish, job.part(0.1, 1.0), clock=clock, source=path)


def review_scanned(
    session: Session,
    unreadable: Sequence[Unreadable],
    out: Path,
    wish: Wish,
    job: Job,
    *,
    clock: Clock,
    source: Path | Sequence[Path] = (),
) -> Result:
    """Like ``review``, of what the session's catalogue holds already; ``source`` is where that came from."""
    with outbox(out) as desk:
        series = pick_series(session, wish)
        bundles = fitting(series, wish.models)
        session.open_study(series.first.study_uid)
        session.choose(series.uid)
        for edit in clinical_inputs.as_edits(session.case, wish.clinical):
            session.do(edit)
        volume, failed = _load(series, clock, job.part(0.0, 0.2))
        try:
            steps = [job.part(0.2, 0.55).part(n / len(bundles), (n + 1) / len(bundles)) for n in range(len(bundles))]
            answers = [
                (bundle, _let_read(session, volume, bundle, step, wish=wish, clock=clock))
                for bundle, step in zip(bundles, steps, strict=True)
            ]
            beside = _compare(session, volume, wish, clock, job.part(0.55, 0.9))
            pictures = {f.id: image for f in session.case.kept if (image := key_image(volume, f)) is not None}
            recorded = record(session, volume, answers, source)
        finally:
            volume.close()
        checks = (*series.checks, *_gate(bundles, series), *_lost(failed), *_unread(unreadable))
        _write_files(session, desk, pictures, beside, language=wish.language, clock=clock, job=job.part(0.9, 1.0))
        result = describe(session, series, checks, clock.all_s(), beside)
        (desk / "result.json").write_text(as_json(result) + "\n", "utf-8")
        (desk / "replay.json").write_text(seal(recorded), "utf-8")
    session.store.audit("review", session.case.study_uid, {"findings": len(session.case.findings)})
    return result


def pick_series(session: Session, wish: Wish) -> Series:
    """Return the series to read: the one asked for, else of the latest study the largest that a model may read.

    Unsuitable where there is none: with the reason of the one asked for, or of the latest study's largest CT.
    """
    bundles = installed(wish.models)
    studies = [study for study in session.catalogue.studies() if wish.study_uid in (None, study.uid)]
    every = [series for study in studies for series in sorted(study.series, key=_size)]
    if wish.series_uid is not None:
        every = [series for series in every if series.uid == wish.series_uid]
        if not every:
            raise Problem(_("There is no series {uid} here.").format(uid=wish.series_uid))
    for series in every:
        if any(not stops(bundle, series) for bundle in bundles):
            return series
    for bundle in bundles if every else ():
        refuse(bundle, every[0])
    raise Unsuitable(_("No model is installed that could read this study."))


def _size(series: Series) -> tuple[bool, int]:
    """CT first, then by the number of images, the most first."""
    return series.modality != "CT", -len(series.headers)


def _load(series: Series, clock: Clock, job: Job) -> tuple[Volume, tuple[Unreadable, ...]]:
    from medviewer.dicom.load import allocate, fill

    with clock.phase("load"):
        volume = allocate(series)
        try:
            failed = fill(volume, job)
        except BaseException:
            volume.close()
            raise
    if len(failed) == len(series.headers):
        volume.close()
        raise Problem(_("None of the images of this series can be read."), failed[0].reason)
    return volume, failed


def _let_read(session: Session, volume: Volume, bundle: "Bundle", job: Job, *, wish: Wish, clock: Clock) -> "Reading":
    with clock.phase(bundle.id):
        reading = read(volume, bundle, job, fresh=wish.fresh)
    clock.timings_s |= {f"{bundle.id}.{name}": round(s, 3) for name, s in reading.timings_s.items()}
    listed = thresholds.listed(session.case, volume.series.uid, bundle, reading)
    for edit in as_edits(session.case, listed, bundle.id, volume.series.uid):
        session.do(edit)
    return reading


def _compare(session: Session, volume: Volume, wish: Wish, clock: Clock, job: Job) -> BesidePrior | None:
    def load(series: Series, part: Job) -> Volume:
        return _load(series, Clock(), part)[0]

    with clock.phase("compare"):
        return beside_prior(session, volume, load, job, wish.models, fresh=wish.fresh)


def _gate(bundles: Sequence["Bundle"], series: Series) -> tuple[Check, ...]:
    """What the models that read say of the series: further from what they know than they should be."""
    from medviewer.ai.bundle import fits

    return tuple(check for bundle in bundles for check in fits(bundle, series))


def _lost(failed: Sequence[Unreadable]) -> tuple[Check, ...]:
    if not failed:
        return ()
    text = N_(
        "{count} images of this series could not be read; findings there are missed. The first: {reason}",
        count=len(failed),
        reason=failed[0].reason,
    )
    return (Check("unreadable-images", "warning", text),)


def _unread(unreadable: Sequence[Unreadable]) -> tuple[Check, ...]:
    if not unreadable:
        return ()
    text = N_(
        "{count} files could not be read and are not part of this review. The first: {reason}",
        count=len(unreadable),
        reason=unreadable[0].reason,
    )
    return (Check("unreadable-files", "warning", text),)


def _write_files(
    session: Session,
    desk: Path,
    pictures: Mapping[str, bytes],
    beside: BesidePrior | None,
    *,
    language: str,
    clock: Clock,
    job: Job,
) -> None:
    """Write reports and DICOM objects of the open case into ``desk``."""
    from medviewer.app.exports import write_dicom, write_reports

    with clock.phase("assess"):
        session.risks()
        session.advice()
    with clock.phase("report"):
        write_reports(session, desk, ("html", "pdf"), pictures, language, compared=beside.compared if beside else None)
        job.step(0.5, _("Writing files"))
    with clock.phase("dicom"):
        write_dicom(session, desk, language)
        job.step(1.0)


def describe(
    session: Session,
    series: Series,
    checks: Sequence[Check],
    timings_s: Mapping[str, float],
    beside: BesidePrior | None = None,
) -> Result:
    """Return the open case in the form of design.md section 5, and the comparison with the prior; texts in English."""
    case = session.case
    return {
        "medviewer": __version__,
        "study_uid": case.study_uid,
        "series_uid": series.uid,
        "checks": [{"code": c.code, "severity": c.severity, "text": c.text.to("en")} for c in checks],
        "findings": [found.to_dict() for found in case.findings],
        "risks": [risk.to_dict() for risk in session.risks()],
        "advice": [advice.to_dict() for advice in session.advice()],
        "comparison": None if beside is None else to_dict(beside, session),
        "timings_s": dict(timings_s),
    }
