"""The heat map of the chosen finding: worked out when it is wanted, kept while the series is shown."""

from collections import OrderedDict
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from medviewer.app import explaining
from medviewer.core.finding import Finding
from medviewer.core.heat import Heat
from medviewer.i18n import _

if TYPE_CHECKING:
    from medviewer.core.job import Job
    from medviewer.ui.view import View
    from medviewer.ui.window import MainWindow

KEPT = 30


class Heating(QObject):
    """Whether heat maps are shown, and that of the chosen finding.

    ``changed`` fires when they are turned on or off, and when a map has come or will not come.
    """

    changed = Signal()

    def __init__(self, view: "View") -> None:
        super().__init__(view)
        self.view, self.on = view, False
        self.job: Job | None = None
        self._kept: OrderedDict[int, tuple[Finding, Heat]] = OrderedDict()  # by the finding's id(), which it holds
        view.finding_changed.connect(self._follow)
        view.volume_changed.connect(self._follow_volume)

    @property
    def finding(self) -> Finding | None:
        """The chosen finding of the series that is read, None where none is."""
        case, volume = self.view.case(), self.view.volume
        chosen = None if case is None or self.view.finding_id is None else case.finding(self.view.finding_id)
        return chosen if chosen is not None and volume is not None and chosen.series_uid == volume.series.uid else None

    @property
    def heat(self) -> Heat | None:
        """The map to be shown; None while there is none."""
        finding = self.finding
        kept = self._kept_for(finding) if self.on and finding is not None else None
        return None if kept is None else kept[1]

    def toggle(self) -> None:
        """Show heat maps, or not any more; one that is being worked out is cancelled then."""
        self.on = not self.on
        self._follow()

    def _kept_for(self, finding: Finding) -> tuple[Finding, Heat] | None:
        """A verdict makes another finding of it, with the same outline: the map stays that of the outline."""
        kept = self._kept.get(id(finding.mask))
        return kept if kept is not None and kept[0].mask is finding.mask else None

    def _follow(self) -> None:
        """Ask for what is wanted now and give up what is not."""
        finding = self.finding
        if self.job is not None:
            self.job.cancel()
            self.job = None
        if self.on and finding is not None and self._kept_for(finding) is None:
            self._ask(finding)
        self._tell()

    def _ask(self, finding: Finding) -> None:
        volume = self.view.volume
        assert volume is not None
        job = self.view.jobs.start(
            _("Heat map of a finding"),
            lambda job: explaining.heat_of(volume, finding, job),
            done=lambda heat: self._done(job, finding, heat),
            failed=lambda error: self._failed(job, error),
            cancelled=lambda: self._cancelled(job),
        )
        self.view.hold(job, volume)
        self.job = job

    def _done(self, job: "Job", finding: Finding, heat: Heat) -> None:
        self._kept[id(finding.mask)] = finding, heat
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        self._ended(job)

    def _failed(self, job: "Job", error: Exception) -> None:
        self._cancelled(job)
        raise error

    def _cancelled(self, job: "Job") -> None:
        """The reader stopped it, or there is none: off, so that it does not begin again at once."""
        if job is self.job:
            self.on = False
        self._ended(job)

    def _ended(self, job: "Job") -> None:
        if job is self.job:
            self.job = None
        self._tell()

    def _follow_volume(self) -> None:
        self._kept.clear()
        self._follow()

    def _tell(self) -> None:
        self.changed.emit()
        self.view.marks_changed.emit()  # the viewports show it


def heating_of(view: "View") -> Heating:
    """Return the heat maps of a view; made at first use."""
    found = view.findChild(Heating)
    return found if isinstance(found, Heating) else Heating(view)


def toggle(window: "MainWindow") -> None:
    """Show or hide the heat map of the chosen finding."""
    heating_of(window.view).toggle()


def is_on(window: "MainWindow") -> bool:
    """Whether heat maps are shown."""
    return heating_of(window.view).on


def is_possible(window: "MainWindow") -> bool:
    """Whether the chosen finding is a model's."""
    heating = heating_of(window.view)
    return heating.on or (heating.finding is not None and heating.finding.model is not None)
