"""The model reads the series shown, beside the work; what it finds becomes edits of the case."""

import logging
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from medviewer.app import reading, thresholds
from medviewer.app.session import Session
from medviewer.core.finding import Finding
from medviewer.core.job import Job
from medviewer.core.problem import Problem, Unsuitable
from medviewer.core.volume import Volume
from medviewer.i18n import _
from medviewer.ui.explaining.answers import answers_of
from medviewer.ui.provisional import provisionals_of
from medviewer.ui.view import ReadingStatus, View

if TYPE_CHECKING:
    from medviewer.ai.bundle import Bundle
    from medviewer.ai.protocol import Reading

Answers = list[tuple["Bundle", "Reading"]]
WORTH_FINISHING_S = 15.0
log = logging.getLogger("medviewer.ui")


class Refused(Exception):  # noqa: N818 - no fault: the series is not for any model here
    """No model may read the series; the text says why."""


class ModelRun(QObject):
    """One reading at a time, of the volume on the screen; the view's ``reading`` tells how far it is.

    Findings are shown as they come; they become edits of the case when the reading has ended, and only then. The model
    is told where the reader looks, and begins there.
    """

    def __init__(self, session: Session, view: View) -> None:
        super().__init__()
        self.session, self.view = session, view
        self.provisional = provisionals_of(view)
        self.answers = answers_of(view)
        self._job: Job | None = None
        view.jobs.changed.connect(self._follow)

    def start(self, volume: Volume, *, asked: bool = True) -> Job:
        """Let every model that fits read ``volume``; ``asked`` by the reader: anew, and told what goes wrong."""
        if self._job is not None:
            self._job.cancel()
        self.provisional.clear()
        job = self.view.jobs.start(
            _("The model reads the images"),
            lambda job: self._read(volume, job, fresh=asked),
            done=lambda answers: self._done(job, volume, answers),
            failed=lambda error: self._failed(job, error, asked),
            cancelled=lambda: self._ended(job, ReadingStatus("cancelled")),
        )
        self._job = job
        self.view.set_reading(ReadingStatus("running"))
        return job

    def recall(self, volume: Volume) -> bool:
        """Whether the saved case holds what a model found in ``volume``; then it need not be read once more."""
        mine = [f for f in self.session.case.findings if f.series_uid == volume.series.uid and f.model is not None]
        if mine and mine[0].model is not None:
            self.answers.recall(volume)
            self.view.set_reading(ReadingStatus("done", model_id=mine[0].model.id))
        return bool(mine)

    def leave(self) -> None:
        """Turn away from the reading under way: another series comes to the screen, and is to be read first.

        One that is nearly done goes on behind the other: its answer is kept for when the reader comes back.
        """
        job, self._job = self._job, None
        self.provisional.clear()
        if job is not None and not _nearly_done(job):
            job.cancel()

    # ---- in the thread of the job ----

    def _read(self, volume: Volume, job: Job, *, fresh: bool) -> Answers:
        """Run every model that may read ``volume`` one after the other; Refused where none may."""
        fitting = reading.fitting(volume.series)
        if not fitting:
            raise Refused(_refusal(volume))

        def found(findings: tuple[Finding, ...]) -> None:
            self.view.jobs.post(lambda: self._found(job, findings))

        def look() -> int | None:
            return self._slice_looked_at(volume)

        parts = [job.part(n / len(fitting), (n + 1) / len(fitting)) for n in range(len(fitting))]
        return [
            (bundle, reading.read(volume, bundle, part, fresh=fresh, on_found=found, look=look))
            for bundle, part in zip(fitting, parts, strict=True)
        ]

    def _slice_looked_at(self, volume: Volume) -> int | None:
        """Return the slice of ``volume`` that the reader looks at, None where another volume is on the screen."""
        if self.view.volume is not volume:
            return None
        k = round(float(volume.grid.to_kji(self.view.point_lps_mm)[0]))
        return min(max(k, 0), volume.grid.shape_kji[0] - 1)

    # ---- in the window's thread ----

    def _follow(self) -> None:
        job = self._job
        if job is not None and job in self.view.jobs.running:
            self.view.set_reading(ReadingStatus("running", share=job.share, remaining_s=job.remaining_s))

    def _found(self, job: Job, findings: tuple[Finding, ...]) -> None:
        if job is self._job and not job.cancelled:
            self.provisional.add(findings)

    def _ended(self, job: Job, status: ReadingStatus) -> None:
        if job is self._job:
            self._job = None
            self.provisional.clear()
            self._keep_choice(None)
            self.view.set_reading(status)

    def _failed(self, job: Job, error: Exception, asked: bool) -> None:
        if job is not self._job:  # of a series that is no longer there: it will be read when it comes back
            log.warning("a reading behind another series failed: %s", error)
            return
        if isinstance(error, Refused) or (isinstance(error, Unsuitable) and not asked):
            self._ended(job, ReadingStatus("refused", text=str(error)))
            return
        text = error.text if isinstance(error, Problem) else _("Something went wrong inside MedViewer.")
        self._ended(job, ReadingStatus("failed", text=text))
        raise error

    def _done(self, job: Job, volume: Volume, answers: Answers) -> None:
        if job is not self._job:
            return
        chosen = self.provisional.finding(self.view.finding_id)
        self.provisional.clear()
        status = ReadingStatus("done", model_id=answers[0][0].id, device=answers[0][1].device)
        for bundle, answer in answers:
            listed = thresholds.listed(self.session.case, volume.series.uid, bundle, answer)
            for edit in reading.as_edits(self.session.case, listed, bundle.id, volume.series.uid):
                self.session.do(edit, source=self)
        self.answers.put(volume.series.uid, answers)
        self._keep_choice(chosen)
        self._ended(job, status)

    def _keep_choice(self, provisional: Finding | None) -> None:
        """Choose what has come in the place of the ``provisional`` one, and nothing that is no longer there."""
        chosen_id = self.view.finding_id
        if chosen_id is None or self.session.study is None or self.session.case.finding(chosen_id) is not None:
            return
        every = self.session.case.findings if provisional is not None else ()
        same = next((f for f in every if provisional is not None and reading.same_place(f, provisional)), None)
        self.view.finding_id = None if same is None else same.id  # without going there: the reader looks somewhere
        self.view.finding_changed.emit()


def _nearly_done(job: Job) -> bool:
    return job.remaining_s is not None and job.remaining_s <= WORTH_FINISHING_S


def _refusal(volume: Volume) -> str:
    """Say why the models do not read the series: the first model's first reason."""
    from medviewer.ai.bundle import readers

    for bundle in readers().values():
        return str(reading.stops(bundle, volume.series)[0].text)
    return _("No model is installed.")
