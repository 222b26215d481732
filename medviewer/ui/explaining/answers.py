"""All that models answered about the series on the screen, findings and what stayed under the threshold alike."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from medviewer.app import thresholds
from medviewer.core.case import Case
from medviewer.core.finding import Finding
from medviewer.core.problem import Problem
from medviewer.i18n import _

if TYPE_CHECKING:
    from medviewer.ai.bundle import Bundle
    from medviewer.ai.operating import Operating
    from medviewer.ai.protocol import Reading
    from medviewer.core.job import Job
    from medviewer.core.volume import Volume
    from medviewer.ui.view import View

Found = list[tuple["Bundle", "Reading"]]


@dataclass(frozen=True, eq=False)
class Answers:
    """What one model answered about a series, and what its thresholds were measured to do."""

    model_id: str
    series_uid: str
    every: tuple[Finding, ...]
    operating: "Operating"


class ModelAnswers(QObject):
    """The answers about the series that is read: no part of the case, so they come back from the kept readings.

    ``changed`` fires when there are others, or when another candidate is chosen.
    """

    changed = Signal()

    def __init__(self, view: "View") -> None:
        super().__init__(view)
        self.view = view
        self.answers: Answers | None = None
        self.chosen_id: str | None = None
        view.volume_changed.connect(self._follow_volume)
        view.finding_changed.connect(self._follow_finding)

    def put(self, series_uid: str, found: Found) -> None:
        """Take what models answered; of several the first one whose thresholds were measured, else the first."""
        from medviewer.ai.operating import operating

        known = [(operating(bundle.output, bundle.threshold), bundle, reading) for bundle, reading in found]
        known.sort(key=lambda one: not one[0].points)
        self.answers = None
        for measured, bundle, reading in known[:1]:
            every = (*reading.findings, *reading.candidates)
            self.answers = Answers(bundle.id, series_uid, every, measured)
        self.changed.emit()

    def recall(self, volume: "Volume") -> None:
        """Take the answers about ``volume`` from the kept readings, where they are, in the background."""
        job = self.view.jobs.start(
            _("Looking for kept readings"),
            lambda job: kept(volume, job),
            done=lambda found: self._recalled(volume, found),
            quiet=True,
        )
        self.view.hold(job, volume)

    def _recalled(self, volume: "Volume", found: Found) -> None:
        if self.view.volume is volume and found:
            self.put(volume.series.uid, found)

    def candidates(self, case: Case | None) -> tuple[Finding, ...]:
        """Return what was answered and is no finding of ``case``, the surest first."""
        return () if case is None or self.answers is None else thresholds.under(case, self.answers.every)

    def chosen(self, case: Case | None) -> Finding | None:
        """Return the candidate chosen, None where there is none."""
        return next((one for one in self.candidates(case) if one.id == self.chosen_id), None)

    def choose(self, candidate: Finding | None) -> None:
        """Choose a candidate and go there; no finding is chosen then."""
        if candidate is not None:
            self.view.move_to(candidate.center_lps_mm)
            self.view.select(None)  # afterwards: close-ups look at the place of then
        self.chosen_id = None if candidate is None else candidate.id
        self.changed.emit()
        self.view.marks_changed.emit()  # the viewports show it

    def _follow_volume(self) -> None:
        volume = self.view.volume
        if self.answers is not None and (volume is None or volume.series.uid != self.answers.series_uid):
            self.answers = self.chosen_id = None
            self.changed.emit()

    def _follow_finding(self) -> None:
        """A finding is chosen instead."""
        if self.view.finding_id is not None and self.chosen_id is not None:
            self.choose(None)


def answers_of(view: "View") -> ModelAnswers:
    """Return the answers of a view; made at first use."""
    found = view.findChild(ModelAnswers)
    return found if isinstance(found, ModelAnswers) else ModelAnswers(view)


def kept(volume: "Volume", job: "Job") -> Found:
    """Return the kept readings of ``volume`` by the models that may read it; nothing is read anew."""
    from medviewer.app import reading
    from medviewer.app.result_cache import ResultCache, key_of

    cache, found = ResultCache(), Found()
    try:
        bundles = reading.fitting(volume.series)
    except Problem:  # the reading itself says what is wrong with the models
        return found
    for bundle in bundles:
        job.check()
        answer = cache.get(key_of(volume, bundle))
        if answer is not None:
            found.append((bundle, answer))
    return found
