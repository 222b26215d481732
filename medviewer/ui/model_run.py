"""The model reads the series shown, beside the work; what it finds becomes edits of the case."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from medviewer.app import reading
from medviewer.app.session import Session
from medviewer.core.job import Job
from medviewer.core.problem import Problem, Unsuitable
from medviewer.core.volume import Volume
from medviewer.i18n import _
from medviewer.ui.view import ReadingStatus, View

if TYPE_CHECKING:
    from medviewer.ai.bundle import Bundle
    from medviewer.ai.protocol import Reading

Answers = list[tuple["Bundle", "Reading"]]


class Refused(Exception):  # noqa: N818 - no fault: the series is not for any model here
    """No model may read the series; the text says why."""


class ModelRun(QObject):
    """One reading at a time, of the volume on the screen; the view's ``reading`` tells how far it is."""

    def __init__(self, session: Session, view: View) -> None:
        super().__init__()
        self.session, self.view = session, view
        self._job: Job | None = None
        view.jobs.changed.connect(self._follow)

    def start(self, volume: Volume, *, asked: bool = True) -> Job:
        """Let every model that fits read ``volume``; ``asked`` by the reader, who is then told what goes wrong."""
        self.stop()
        job = self.view.jobs.start(
            _("The model reads the images"),
            lambda job: _read(volume, job),
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
            self.view.set_reading(ReadingStatus("done", model_id=mine[0].model.id))
        return bool(mine)

    def stop(self) -> None:
        """Cancel the reading under way; what it finds would be of another series."""
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def _follow(self) -> None:
        job = self._job
        if job is not None and job in self.view.jobs.running:
            self.view.set_reading(ReadingStatus("running", share=job.share, remaining_s=job.remaining_s))

    def _ended(self, job: Job, status: ReadingStatus) -> None:
        if job is self._job:
            self._job = None
            self.view.set_reading(status)

    def _failed(self, job: Job, error: Exception, asked: bool) -> None:
        if isinstance(error, Refused) or (isinstance(error, Unsuitable) and not asked):
            self._ended(job, ReadingStatus("refused", text=str(error)))
            return
        text = error.text if isinstance(error, Problem) else _("Something went wrong inside MedViewer.")
        self._ended(job, ReadingStatus("failed", text=text))
        raise error

    def _done(self, job: Job, volume: Volume, answers: Answers) -> None:
        if job is not self._job:
            return
        status = ReadingStatus("done", model_id=answers[0][0].id, device=answers[0][1].device)
        for bundle, answer in answers:
            for edit in reading.as_edits(self.session.case, answer.findings, bundle.id, volume.series.uid):
                self.session.do(edit, source=self)
        if self.view.finding_id and self.session.case.finding(self.view.finding_id) is None:
            self.view.select(None)
        self._ended(job, status)


def _read(volume: Volume, job: Job) -> Answers:
    """Run every model that may read ``volume`` one after the other; Refused where none may."""
    fitting = reading.fitting(volume.series)
    if not fitting:
        raise Refused(_refusal(volume))
    return [
        (bundle, reading.read(volume, bundle, job.part(n / len(fitting), (n + 1) / len(fitting))))
        for n, bundle in enumerate(fitting)
    ]


def _refusal(volume: Volume) -> str:
    """Say why the models do not read the series: the first model's first reason."""
    from medviewer.ai.bundle import bundles

    for bundle in bundles().values():
        return str(reading.stops(bundle, volume.series)[0].text)
    return _("No model is installed.")
