"""The menu of what the active display can be fused with."""

from typing import TYPE_CHECKING

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from medviewer.core.study import Series
from medviewer.i18n import _
from medviewer.ui.display import Display
from medviewer.ui.fusion import fusing as fusion

if TYPE_CHECKING:
    from medviewer.ui.window import MainWindow


class FusionMenu(QMenu):
    """Lists the series in the room, and those of the study in the same frame of reference that are not yet in it."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(_("Fuse with"), window)
        self.setObjectName("fuse-with")
        self._window = window
        self.aboutToShow.connect(self.fill)
        window.view.volume_changed.connect(self._enable)  # filled only when it is shown: an entry may be at work now
        window.view.displays_changed.connect(self._enable)
        self.fill()

    def _enable(self) -> None:
        self.setEnabled(self._window.view.active.volume is not None)

    def fill(self) -> None:
        """List what can be fused now."""
        self.clear()
        window, display = self._window, fusion.shown_on(self._window.view) or self._window.view.active
        self._enable()
        chosen = "" if display.fusion is None else display.fusion.display
        for other in fusion.partners(window.view, display):
            entry = self._entry(title_of(other))
            entry.setChecked(other.name == chosen)
            entry.triggered.connect(lambda _on, name=other.name: self._choose(name))
        for series in fusion.waiting(window, display):
            entry = self._entry(_title(series))
            entry.triggered.connect(lambda _on, series=series: fusion.fuse_series(window, series))
        if self.isEmpty():
            self.addAction(_("No other series lies in the same place.")).setEnabled(False)
        self.addSeparator()
        self.addAction(_("End the fusion"), lambda: fusion.end(window)).setEnabled(bool(chosen))

    def _choose(self, name: str) -> None:
        """Fuse with a display; the one fused already is taken away."""
        shown = fusion.shown_on(self._window.view)
        if shown is not None and shown.fusion is not None and shown.fusion.display == name:
            fusion.end(self._window)
        else:
            fusion.fuse(self._window, name)

    def _entry(self, title: str) -> QAction:
        entry = self.addAction(title.replace("&", "&&"))
        entry.setCheckable(True)
        return entry


def title_of(display: Display) -> str:
    """Return what a display is called in a list: modality, number and description of its series."""
    return display.name if display.volume is None else _title(display.volume.series)


def _title(series: Series) -> str:
    number = f"{series.first.series_number}: " if series.first.series_number else ""
    title = f"{series.modality}  {number}{series.title}"
    return f"{title} ({series.label})" if series.label is not None else title
