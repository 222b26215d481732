"""The other examinations of the patient shown, looked for beside the work."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from medviewer.app import priors
from medviewer.app.priors import Prior, Priors
from medviewer.core.job import Job
from medviewer.core.study import Series, Study
from medviewer.i18n import _
from medviewer.ui.panel import follow
from medviewer.ui.view import View

if TYPE_CHECKING:
    from medviewer.app.session import Session


class PriorSearch(QObject):
    """Looks among the studies scanned and in the library each time another series is read.

    Attributes:
        found: what there is for the series read; None while nobody has looked yet.
    """

    changed = Signal()

    def __init__(self, session: "Session", view: View, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session, self.view = session, view
        self.found: Priors | None = None
        self._job: Job | None = None
        self._of: Series | None = None
        follow(self, session, self._session_changed)

    def prior(self, study_uid: str) -> Prior | None:
        """Return the examination of that UID; None where it is not among those found."""
        found = self.found.found if self.found is not None else ()
        return next((prior for prior in found if prior.study.uid == study_uid), None)

    def found_for(self, series: Series) -> Priors | None:
        """Return what there is for ``series``; None where nobody has looked yet, or for another one."""
        return self.found if self._of is not None and self._of.uid == series.uid else None

    def look(self) -> None:
        """Look anew, as when more studies have been scanned."""
        study, series = self.session.study, self.session.series
        if self._job is not None:
            self._job.cancel()
            self._job = None
        if study is None or series is None:
            self.found, self._of = None, None
            self.changed.emit()
            return
        if series is not self._of:
            self.found, self._of = None, series
        self._job = self.view.jobs.start(
            _("Looking for earlier examinations"),
            lambda job: self._find(study, series, job),
            done=lambda found: self._take(series, found),
            quiet=True,
        )

    def _find(self, study: Study, series: Series, job: Job) -> Priors:
        return priors.find(self.session.catalogue.studies(), self.session.library, study, series, job)

    def _take(self, series: Series, found: Priors) -> None:
        if series is self._of:
            self.found = found
            self.changed.emit()

    def _session_changed(self, touched: frozenset[str], _source: object) -> None:
        if "study" in touched and self.session.series is not self._of:
            self.look()
