"""A study comes to the screen: the hanging protocol that fits it lays out the viewports and says what they show."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from medviewer.app import priors
from medviewer.app.hanging import hang as hanging
from medviewer.app.hanging.hang import Hung, Shown
from medviewer.core.arrangement import MAIN, PRIOR, Arrangement
from medviewer.core.problem import Problem
from medviewer.core.study import Series, Study
from medviewer.imaging.colours import FIRST
from medviewer.ui.hanging.placing import fuse_all, place_all
from medviewer.ui.layouts import BY_ID, SINGLE, needs_volume

if TYPE_CHECKING:
    from medviewer.ui.window import MainWindow

WIDE_VIEWER_PX = 800  # from here on several planes are large enough to be read


def _narrowed(arrangement: Arrangement) -> Arrangement:
    """Return what has room in a small window: one image, or two side by side where there is a prior."""
    return BY_ID["compare"].arrangement if PRIOR in arrangement.displays else SINGLE


class HangingFlow(QObject):
    """Hangs each study once; after that only the reader chooses. A study read before is found again as it was left."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self._study_uid = self._by_hand = ""  # studies hung; the latter as the reader said
        self.hung: Hung | None = None
        self._laid: Arrangement | None = None  # how the viewports were laid out last, before the reader's own choice
        window.flow.shown.connect(self._arrange)
        window.flow.prior_due.connect(self._bring)
        window.priors.comparing.search.changed.connect(self._make_room)
        window.flow.others.loaded.connect(lambda _name: self._place())
        window.view.volume_changed.connect(self._place)

    def _arrange(self, series: Series) -> None:
        """Lay out the viewports while the first image is still being read; a preview may be of any series."""
        study = None if self._window.flow.previews else self._study_of(series)
        if study is None or study.uid == self._study_uid or series.kind != "image":
            return
        self._window.comfort.restoring.leave()
        self._study_uid, self._by_hand = study.uid, ""
        self.hung = self._hang(study, series)
        self._laid = self._fitted(self.hung.arrangement)
        self._window.viewer.arrange(self._laid)

    def _make_room(self) -> None:
        """Lay out anew where an earlier examination was found late, in the library; the reader's own choice stays."""
        window, series = self._window, self._window.session.series
        study = None if series is None else self._study_of(series)
        as_hung = window.viewer.arrangement == self._laid and not self._is_restored
        if series is None or study is None or study.uid != self._study_uid or self._by_hand or not as_hung:
            return
        hung = self._hang(study, series)
        if PRIOR in hung.arrangement.displays and PRIOR not in window.viewer.arrangement.displays:
            self.hung, self._laid = hung, self._fitted(hung.arrangement)
            window.viewer.arrange(self._laid)
            self._place()

    def _fitted(self, arrangement: Arrangement) -> Arrangement:
        """Return an arrangement as far as it has room in the window."""
        narrow = self._window.viewer.width() < WIDE_VIEWER_PX
        return _narrowed(arrangement) if narrow and needs_volume(arrangement) else arrangement

    def _hang(self, study: Study, series: Series) -> Hung:
        known, problems = hanging.read_protocols()
        for problem in problems:
            self._window.messages.problem(problem.text, problem.hint)
        return hanging.hang(study, self._earlier(study, series), series, known)

    def _earlier(self, study: Study, series: Series) -> list[Study]:
        studies, search = self._window.session.catalogue.studies(), self._window.priors.comparing.search
        found = search.found_for(series) or priors.of_catalogue(studies, study, series)
        return [prior.study for prior in found.found if prior.is_earlier]

    def fitting(self) -> tuple[Hung, ...]:
        """Return every way to hang the series read, the best first; none while nothing is open."""
        series = self._window.session.series
        study = None if series is None or self._window.view.volume is None else self._study_of(series)
        if series is None or study is None:
            return ()
        return hanging.fitting(study, self._earlier(study, series), series)

    def choose(self, hung: Hung) -> None:
        """Hang the study as the reader wants it; what was laid over its images, or stood in their places, goes."""
        window = self._window
        self.hung, self._by_hand = hung, self._study_uid
        for name, shown in hung.displays.items():
            beside = window.flow.others.shown.get(name)
            if name not in (MAIN, PRIOR) and (beside is None or beside.series.uid != shown.series_uid):
                window.flow.others.clear((name,))
        for display in window.view.displays.values():
            if display.fusion is not None:
                window.view.set_fusion(display, None)
        window.viewer.arrange(hung.arrangement)
        self._bring_all(hung)

    def _study_of(self, series: Series) -> Study | None:
        try:
            return self._window.session.catalogue.study(series.first.study_uid)
        except Problem:
            return None

    def _bring(self, study: Study, _series: Series) -> None:
        """Load what stands beside the main series, now that that is all there."""
        hung = self.hung
        if hung is not None and study.uid == self._study_uid and not self._is_restored:
            self._bring_all(hung)

    @property
    def _is_restored(self) -> bool:
        """Whether the study is shown as it was left, and not as a protocol would have it."""
        return self._by_hand != self._study_uid and self._window.comfort.restoring.restored == self._study_uid

    def _bring_all(self, hung: Hung) -> None:
        for name, shown in hung.displays.items():
            if name not in (MAIN, PRIOR) and name in self._window.viewer.arrangement.displays:
                self._show(name, shown)
        self._place()

    def _show(self, name: str, shown: Shown) -> None:
        window, main = self._window, self._window.view.main
        study = window.session.catalogue.study(shown.study_uid)
        series = next(one for one in study.series if one.uid == shown.series_uid)
        if main.volume is not None and main.volume.series.uid == shown.series_uid and shown.image is None:
            window.view.show_in(name, main.volume, main.default_window, main.point_lps_mm)  # one volume is enough
        elif name not in window.flow.others.shown:
            window.flow.others.show(name, shown.study_uid, series, shown.image)

    def _place(self) -> None:
        """Mirror and move films to their edges, lay colours over what has come."""
        hung, main = self.hung, self._window.view.volume
        if hung is None or main is None or main.series.first.study_uid != self._study_uid:
            return
        if not self._is_restored:
            place_all(self._window.viewer.viewports, hung.displays)
            fuse_all(self._window.view, hung.displays, FIRST)
