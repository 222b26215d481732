"""Findings paired with their earlier selves, by place and side; the reader's own pairs win."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medviewer.app import reading
from medviewer.app.facts import thickness_mm
from medviewer.app.registering import same_frame
from medviewer.app.store import Store
from medviewer.core.ages import days_between
from medviewer.core.case import Case
from medviewer.core.compared import Compared, Examined, Row
from medviewer.core.finding import Finding, Point
from medviewer.core.grid import Grid, triple
from medviewer.core.growth import Course, Growth, Making, growth
from medviewer.core.job import Job
from medviewer.core.pair import NOTHING
from medviewer.core.problem import Problem
from medviewer.core.registration import Matrix, Registration
from medviewer.core.study import Series, Study
from medviewer.core.volume import Volume
from medviewer.i18n import _

BASE_MM, OF_SIZE = 10.0, 0.5  # breathing moves lungs against the chest; a large finding's middle is less certain
_SIDES = ("side", "lobe")


def saved(store: Store, study: Study, series: Series) -> Examined:
    """Return ``series`` of another study with the findings of its saved case, which stays as it is.

    Problem where the case cannot be read.
    """
    case = store.replay(Case(study.uid))[0].case
    return Examined(study.uid, series, placed(case.findings, study, series), was_read=bool(case.findings))


def read_unsaved(volume: Volume, job: Job, models: Sequence[str] = (), *, fresh: bool = False) -> tuple[Finding, ...]:
    """Let every model that fits, or those of ``models``, read ``volume`` for nobody's case; see ``reading.read``.

    Problem where none fits, or the reading fails.
    """
    fitting = reading.fitting(volume.series, models)
    if not fitting:
        raise Problem(_("No model may read the prior."), _("Mark its findings yourself: open it and draw them."))
    found: list[Finding] = []
    for n, bundle in enumerate(fitting):
        part = job.part(n / len(fitting), (n + 1) / len(fitting))
        found += reading.read(volume, bundle, part, fresh=fresh).findings
    return tuple(found)


def placed(findings: Sequence[Finding], study: Study, series: Series) -> tuple[Finding, ...]:
    """Return the findings not rejected that lie in the patient space of ``series``: on it, or in its frame."""
    spaces = {one.uid for one in study.series if one.uid == series.uid or same_frame(one.first, series.first)}
    return tuple(found for found in findings if found.status != "rejected" and found.series_uid in spaces)


def compare(case: Case, mine: Examined, other: Examined, registration: Registration) -> Compared:
    """Pair the findings of ``mine``, the examination of ``case``, with those of ``other``.

    ``registration`` leads from the patient space of ``other`` to that of ``mine``.
    """
    days = days_between(other.date, mine.date)
    said = {p.finding_id: p.prior_finding_id for p in case.pairs if p.prior_study_uid == other.study_uid}
    theirs = {found.id: found for found in other.findings}
    said = {one: another for one, another in said.items() if another == NOTHING or another in theirs}
    free = [found for found in mine.findings if found.id not in said]
    open_theirs = [found for found in other.findings if found.id not in said.values()]
    found_pairs = matched(free, open_theirs, registration.array)
    pairs = {one.id: another for one, another in found_pairs} | {a: theirs[b] for a, b in said.items() if b != NOTHING}
    judge = _Judge(mine, other, registration.array, days)
    rows = [judge.row(found, pairs.get(found.id), by_reader=found.id in said) for found in mine.findings]
    used = {found.id for found in pairs.values()}
    rows += [judge.row(None, found) for found in other.findings if found.id not in used]
    return Compared(other, registration, days, tuple(rows))


def matched(mine: Sequence[Finding], theirs: Sequence[Finding], to_mine: Matrix) -> list[tuple[Finding, Finding]]:
    """Return pairs of the same place, the nearest first, each finding in one pair only; ``to_mine`` maps theirs."""
    near = sorted(
        (apart, m, t)
        for m, one in enumerate(mine)
        for t, other in enumerate(theirs)
        if same_side(one, other) and (apart := apart_mm(one, other, to_mine)) <= tolerance_mm(one, other)
    )
    taken_mine, taken_theirs = set[int](), set[int]()
    pairs = []
    for _apart, m, t in near:
        if m not in taken_mine and t not in taken_theirs:
            taken_mine.add(m)
            taken_theirs.add(t)
            pairs.append((mine[m], theirs[t]))
    return pairs


def tolerance_mm(one: Finding, other: Finding) -> float:
    """Return how far apart the middles of two findings may be that are one."""
    return BASE_MM + OF_SIZE * max(one.long_axis_mm, other.long_axis_mm)


def same_side(one: Finding, other: Finding) -> bool:
    """Whether nothing that is known of both says that they lie on different sides or in different lobes."""
    said = [(str(one.attributes.get(name) or ""), str(other.attributes.get(name) or "")) for name in _SIDES]
    return all(a == b for a, b in said if a and b)


def apart_mm(one: Finding, other: Finding, to_mine: Matrix) -> float:
    """Return the distance of two middles in mm, the other one mapped by ``to_mine``."""
    return float(np.linalg.norm(np.subtract(one.center_lps_mm, mapped(to_mine, other.center_lps_mm))))


def mapped(matrix: NDArray[np.floating], point_lps_mm: Point) -> Point:
    """Return a point mapped by a 4x4 matrix."""
    return triple(matrix[:3, :3] @ np.asarray(point_lps_mm) + matrix[:3, 3])


def making_of(series: Series) -> Making:
    """Return how the images of a series were made."""
    return Making(thickness_mm(series), series.first.kernel, series.first.contrast)


@dataclass(frozen=True)
class _Judge:
    """What is needed to say what became of a finding."""

    mine: Examined
    other: Examined
    to_mine: Matrix
    days: int | None

    def row(self, now: Finding | None, other: Finding | None, *, by_reader: bool = False) -> Row:
        """Say what became of a finding that is in one of the two, or in both."""
        if now is not None and other is not None:
            apart = apart_mm(now, other, self.to_mine)
            change = self._growth(now, other)
            return Row(now, other, change.course, change, apart, by_reader)
        return Row(now, other, self._alone(now, other), by_reader=by_reader)

    def _growth(self, now: Finding, other: Finding) -> Growth:
        mine, theirs = making_of(self.mine.series), making_of(self.other.series)
        if self.days is not None and self.days < 0:
            return growth(now, other, -self.days, mine, theirs)
        return growth(other, now, self.days, theirs, mine)

    def _alone(self, now: Finding | None, other: Finding | None) -> Course:
        """Say what a finding is that the other examination lacks: only images that show its place can tell."""
        if now is not None:
            lacking, there = self.other, mapped(np.linalg.inv(self.to_mine), now.center_lps_mm)
        else:
            assert other is not None
            lacking, there = self.mine, mapped(self.to_mine, other.center_lps_mm)
        if not _shows(lacking.series.grid, there):
            return "outside"
        if not lacking.was_read:
            return "unread"
        other_is_later = self.days is not None and self.days < 0
        return "new" if (now is None) == other_is_later else "gone"


def _shows(grid: Grid | None, point_lps_mm: Point) -> bool:
    return grid is None or grid.contains(grid.to_kji(point_lps_mm))
