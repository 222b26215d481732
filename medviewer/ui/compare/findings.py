"""The findings of the prior shown: out of its saved case, or by letting the model read it too."""

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, Signal

from medviewer.app import pairing, reading
from medviewer.core.case import Case
from medviewer.core.compared import Compared, Examined
from medviewer.core.edits import AddFindings
from medviewer.core.finding import Finding
from medviewer.core.job import Job
from medviewer.core.pair_edits import left_to_program, paired
from medviewer.core.problem import Problem
from medviewer.core.registration import Registration
from medviewer.core.study import Series, Study
from medviewer.core.volume import Volume
from medviewer.i18n import _
from medviewer.ui.panel import follow
from medviewer.ui.view import View

if TYPE_CHECKING:
    from medviewer.app.session import Session

State = Literal["none", "loading", "known", "reading"]


class OtherFindings(QObject):
    """What is known of the prior's findings, and the verbs on pairs.

    ``proposed`` tells that the findings are a model's of just now, in nobody's case until ``keep`` is called.
    """

    changed = Signal()

    def __init__(self, session: "Session", view: View, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session, self.view = session, view
        self.proposed = False
        self._other: Examined | None = None
        self._volume: Volume | None = None
        self._job: Job | None = None
        self.state: State = "none"
        view.volume_changed.connect(self._follow)
        follow(self, session, lambda touched, _source: self._follow() if "study" in touched else None)

    def compared(self, registration: Registration) -> Compared | None:
        """Return the findings of both in pairs; None while those of the prior are not known."""
        study, series, volume = self.session.study, self.session.series, self.view.main.volume
        if self._other is None or study is None or series is None or volume is None:
            return None
        if volume.series.uid != series.uid:
            return None
        case = self.session.case
        was_read = bool(case.findings) or self.view.reading.state == "done"
        mine = Examined(study.uid, series, pairing.placed(case.findings, study, series), was_read)
        return pairing.compare(case, mine, self._other, registration)

    @property
    def other(self) -> Examined | None:
        """The prior with its findings; None while they are not known."""
        return self._other

    # ---- where they come from ----

    def _follow(self) -> None:
        volume = self.view.prior if self.session.study is not None else None
        if volume is self._volume:
            return
        self._stop()
        self._volume, self._other, self.proposed = volume, None, False
        if volume is None:
            self._set("none")
            return
        study, store = self._study_of(volume.series), self.session.store
        self._set("loading")
        self._job = self.view.jobs.start(
            _("Opening the prior's case"),
            lambda _job: pairing.saved(store, study, volume.series),
            done=lambda other: self._take(volume, other),
            failed=lambda error: self._failed(volume, error),
            quiet=True,
        )

    def _study_of(self, series: Series) -> Study:
        uid = series.first.study_uid
        known = next((study for study in self.session.catalogue.studies() if study.uid == uid), None)
        return known or Study(uid, (series,))

    def _stop(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def _set(self, state: State) -> None:
        self.state = state
        self.changed.emit()

    def _take(self, volume: Volume, other: Examined) -> None:
        if volume is self._volume:
            self._other = other
            self._set("known")

    def _failed(self, volume: Volume, error: Exception) -> None:
        if volume is self._volume:
            self._set("none" if self._other is None else "known")
            raise error

    def read(self) -> Job:
        """Let the model read the prior too; what it finds is in nobody's case. Problem where it does not fit."""
        volume = self._volume
        if volume is None:
            raise Problem(_("There is nothing to compare with."), _("Choose an earlier examination first."))
        if not volume.complete:
            raise Problem(_("The images are still being read."), _("Try again when all of them are in."))
        self._stop()
        before = self.state
        job = self._job = self.view.jobs.start(
            _("The model reads the prior"),
            lambda job: pairing.read_unsaved(volume, job),
            done=lambda found: self._found(volume, found),
            failed=lambda error: self._failed(volume, error),
            cancelled=lambda: self._set(before) if volume is self._volume else None,
        )
        self.view.hold(job, volume)
        self._set("reading")
        return job

    def _found(self, volume: Volume, found: tuple[Finding, ...]) -> None:
        if volume is self._volume:
            series = volume.series
            known = self._other or Examined(series.first.study_uid, series)
            self._other, self.proposed = replace(known, findings=found, was_read=True), bool(found)
            self._set("known")

    def keep(self) -> None:
        """Save what the model found in the prior to the prior's own case; Problem where it cannot be saved."""
        if self._other is None or not self.proposed:
            return
        store, uid = self.session.store, self._other.study_uid
        history, seq = store.replay(Case(uid))
        edits = reading.as_edits(history.case, self._other.findings, _model_of(self._other), self._other.series.uid)
        for number, edit in enumerate(edits, seq + 1):
            store.append(uid, number, "do", edit)
        added = [found for edit in edits if type(edit) is AddFindings for found in edit.findings]
        judged = tuple(found for found in history.case.kept if found.status != "unreviewed")
        self._other, self.proposed = replace(self._other, findings=(*judged, *added)), False
        self._set("known")

    # ---- pairs ----

    def pair(self, finding_id: str, other_id: str) -> None:
        """Say that a finding was that one of the prior."""
        self._do_pair(finding_id, other_id)

    def part(self, finding_id: str) -> None:
        """Say that a finding has no earlier self in the prior."""
        self._do_pair(finding_id, "")

    def leave(self, finding_id: str) -> None:
        """Leave it to the program which one it was."""
        if self._other is not None:
            self.session.do(left_to_program(self.session.case, finding_id, self._other.study_uid), source=self)

    def _do_pair(self, finding_id: str, other_id: str) -> None:
        if self._other is not None:
            self.session.do(paired(self.session.case, finding_id, self._other.study_uid, other_id), source=self)


def _model_of(other: Examined) -> str:
    return next((found.model.id for found in other.findings if found.model is not None), "")
