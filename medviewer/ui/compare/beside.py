"""Which other examination stands beside the one read, and the jobs that read it."""

from PySide6.QtCore import QObject

from medviewer.app import priors
from medviewer.core.arrangement import PRIOR
from medviewer.core.study import Series, Study
from medviewer.ui.compare.comparing import comparing_of
from medviewer.ui.flow import Flow


class PriorFlow(QObject):
    """Brings the best earlier examination when a study has been opened, and another one when the reader wants it.

    What this program has scanned comes at once; the library is looked through beside the work.
    """

    def __init__(self, flow: Flow) -> None:
        super().__init__(flow)
        self._flow = flow
        self.comparing = comparing_of(flow.session, flow.view)
        self.comparing.prior_wanted.connect(self._show)
        self.comparing.search.changed.connect(self._show_found)
        self._due: Series | None = None  # it is read and all there, and no prior was brought for it yet
        flow.prior_due.connect(self._bring)
        flow.studies_changed.connect(lambda _studies: self.comparing.search.look())

    def _bring(self, study: Study, series: Series) -> None:
        best = priors.of_catalogue(self._flow.session.catalogue.studies(), study, series).best
        self._due = series if best is None else None
        if best is None:
            self._show_found()
        else:
            self._flow.others.show(PRIOR, best.study.uid, best.series)

    def _show_found(self) -> None:
        """Show what the library holds where nothing else was found, once: what the reader takes away stays away."""
        found = None if self._due is None else self.comparing.search.found_for(self._due)
        best = None if found is None else found.best
        if best is not None:
            self._due = None
            self._flow.others.show(PRIOR, best.study.uid, best.series)

    def _show(self, study_uid: str, series_uid: str) -> None:
        """Show the examination that the reader chose."""
        prior = self.comparing.search.prior(study_uid)
        if prior is not None and prior.series is not None:
            self._flow.others.show(PRIOR, study_uid, prior.series)
