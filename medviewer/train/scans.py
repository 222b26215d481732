"""Whole scans of known truth: which lesions a reader bundle finds, and what else it calls one."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from medviewer.ai.bundle import Bundle
from medviewer.ai.protocol import Reading
from medviewer.core.finding import Finding, Point
from medviewer.core.job import Job
from medviewer.core.volume import Volume
from medviewer.i18n import _
from medviewer.train.evaluate import interval
from medviewer.train.scan_truth import Case, Lesion

CURVE = tuple(round(0.05 * n, 2) for n in range(2, 20))
NOTE = (
    "A lesion is found where a finding's centre lies within its box (or half its diameter). What is found elsewhere "
    "counts as false, except within a lesion found already; in scans where not everything was marked some of it may be "
    "true. These are single scans: the LUNA16 score (CPM) cannot be computed from them."
)
Reader = Callable[[Volume, Job], Reading]


@dataclass(frozen=True, eq=False)
class Hit:
    """Something the model saw: its score, and which lesion of the scan it is, None where it is none."""

    score: float
    finding: Finding
    lesion: int | None


@dataclass(frozen=True, eq=False)
class Judged:
    """One scan as it was read."""

    case: Case
    lesions: tuple[Lesion, ...]
    hits: tuple[Hit, ...]
    seconds: float
    timings_s: dict[str, float]
    device: str

    def found(self, threshold: float) -> tuple[Hit | None, ...]:
        """Return for each lesion the surest of what was seen of it from ``threshold`` on, None where nothing was."""
        kept = [hit for hit in self.hits if hit.score >= threshold]
        own = [[hit for hit in kept if hit.lesion == n] for n in range(len(self.lesions))]
        return tuple(max(hits, key=lambda hit: hit.score, default=None) for hits in own)

    def false(self, threshold: float) -> tuple[Hit, ...]:
        """Return what was seen from ``threshold`` on where no lesion is known, the surest first."""
        elsewhere = [hit for hit in self.hits if hit.score >= threshold and hit.lesion is None]
        return tuple(sorted(elsewhere, key=lambda hit: -hit.score))


def judge_scans(
    bundle: Bundle,
    cases: Sequence[Case],
    job: Job,
    read: Reader | None = None,
    tell: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Read every case with ``bundle`` (or by ``read``) and return what it found and missed, JSON-ready.

    ``scans`` tells each lesion and each false positive at the bundle's threshold, by name and number; ``at_threshold``
    and ``curve`` (by threshold) tell sensitivity and false positives a scan, of patients and of virtual ones apart,
    the former with 95 % intervals over scans. ``tell`` gets a line a scan.
    Problem where a case is not there or cannot be read.
    """
    judged = []
    for n, case in enumerate(cases):
        part = job.part(n / len(cases), (n + 1) / len(cases))
        part.step(0.0, _("Reading {name}").format(name=case.name))
        judged.append(judge(case, read or _engine(bundle), part))
        if tell is not None:
            tell(sentence(judged[-1], bundle.threshold))
    kinds = sorted({case.kind for case in cases})
    by_kind = {kind: [one for one in judged if one.case.kind == kind] for kind in kinds}
    return {
        "threshold": bundle.threshold,
        "scans": {one.case.name: _described(one, bundle.threshold) for one in judged},
        "at_threshold": {kind: at_threshold(some, bundle.threshold) for kind, some in by_kind.items()},
        "curve": {kind: {f"{level:.2f}": _point(some, level) for level in CURVE} for kind, some in by_kind.items()},
        "note": NOTE,
    }


def judge(case: Case, read: Reader, job: Job) -> Judged:
    """Read one case and say of everything seen which lesion it is."""
    volume, lesions = case.open(job.part(0.0, 0.1))
    try:
        start_s = time.perf_counter()
        reading = read(volume, job.part(0.1, 1.0))
        seconds = time.perf_counter() - start_s
    finally:
        volume.close()
    seen = (*reading.findings, *reading.candidates)
    hits = tuple(Hit(finding.score or 0.0, finding, _which(lesions, finding.center_lps_mm)) for finding in seen)
    return Judged(case, tuple(lesions), hits, seconds, reading.timings_s, reading.device)


def _which(lesions: Sequence[Lesion], center_lps_mm: Point) -> int | None:
    """The nearest of the lesions that hold the point."""
    holding = [n for n, lesion in enumerate(lesions) if lesion.holds(center_lps_mm)]
    return min(holding, key=lambda n: lesions[n].away_mm(center_lps_mm), default=None)


def at_threshold(judged: Sequence[Judged], threshold: float) -> dict[str, Any]:
    """Report sensitivity by lesion and false positives a scan, with intervals over scans."""
    found = [[hit is not None for hit in one.found(threshold)] for one in judged]
    names = np.array([one.case.name for one in judged])
    return {
        "sensitivity": interval(
            [sum(hits) for hits in found], names, weights=[len(hits) for hits in found]
        ),
        "found": sum(map(sum, found)),
        "lesions": sum(map(len, found)),
        "false_positives_per_scan": interval([len(one.false(threshold)) for one in judged], names),
    }  # fmt: skip


def _point(judged: Sequence[Judged], threshold: float) -> dict[str, float | None]:
    lesions = sum(len(one.lesions) for one in judged)
    found = sum(hit is not None for one in judged for hit in one.found(threshold))
    false = sum(len(one.false(threshold)) for one in judged)
    return {
        "sensitivity": round(found / lesions, 4) if lesions else None,
        "false_positives_per_scan": round(false / len(judged), 3),
    }


def sentence(one: Judged, threshold: float) -> str:
    """Say in a line how a scan was read."""
    found, false = one.found(threshold), one.false(threshold)
    return (
        f"{one.case.name}: {sum(hit is not None for hit in found)} of {len(found)} found, {len(false)} elsewhere, "
        f"{one.seconds:.1f} s on {one.device or '?'}"
    )


def _described(one: Judged, threshold: float) -> dict[str, Any]:
    pairs = zip(one.lesions, one.found(threshold), one.found(0.0), strict=True)
    return {
        "kind": one.case.kind,
        "everything_marked": one.case.whole,
        "lesions": {lesion.id: _lesion(lesion, hit, best) for lesion, hit, best in pairs},
        "false_positives": {str(n): _false(hit) for n, hit in enumerate(one.false(threshold), start=1)},
        "seconds": round(one.seconds, 2),
        "timings_s": {name: round(seconds, 2) for name, seconds in one.timings_s.items()},
        "device": one.device,
    }


def _lesion(lesion: Lesion, hit: Hit | None, best: Hit | None) -> dict[str, Any]:
    """What became of a lesion; its ``score`` is told under the threshold, too."""
    return {
        "diameter_mm": round(lesion.diameter_mm, 1),
        "what": lesion.what,
        "found": hit is not None,
        "score": None if best is None else round(best.score, 3),
        "away_mm": None if best is None else round(lesion.away_mm(best.finding.center_lps_mm), 1),
        "long_axis_mm": None if best is None else round(best.finding.long_axis_mm, 1),
    }


def _false(hit: Hit) -> dict[str, Any]:
    return {
        "score": round(hit.score, 3),
        "center_lps_mm": [round(mm, 1) for mm in hit.finding.center_lps_mm],
        "long_axis_mm": round(hit.finding.long_axis_mm, 1),
    }


def _engine(bundle: Bundle) -> Reader:
    from medviewer.ai.engine import run

    return lambda volume, job: run(bundle, volume, job)
