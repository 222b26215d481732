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
        self._brought = ""  # the study that a prior was brought for: what the reader takes away stays away
        flow.prior_due.connect(self._bring)
        flow.studies_changed.connect(lambda _studies: self.comparing.search.look())

    def _bring(self, study: Study, series: Series) -> None:
        best = priors.of_catalogue(self._flow.session.catalogue.studies(), study, series).best
        if best is not None and best.series is not None:
            self._brought = study.uid
            self._flow.others.show(PRIOR, best.study.uid, best.series)

    def _show_found(self) -> None:
        """Show what the library holds where nothing else was found."""
        study, found = self._flow.session.study, self.comparing.search.found
        best = None if found is None else found.best
        if study is None or best is None or best.series is None or self._brought == study.uid:
            return
        self._brought = study.uid
        self._flow.others.show(PRIOR, best.study.uid, best.series)

    def _show(self, study_uid: str, series_uid: str) -> None:
        """Show the examination that the reader chose."""
        prior = self.comparing.search.prior(study_uid)
        if prior is not None and prior.series is not None:
            self._flow.others.show(PRIOR, study_uid, prior.series)
