"""The series beside the main one: a prior, the other sequences of a layout; each loaded into a display of its own."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from medviewer.core.arrangement import MAIN, PRIOR
from medviewer.core.study import Series, Unreadable
from medviewer.core.volume import Volume
from medviewer.ui.first_look import center, first_slice, first_window, middle
from medviewer.ui.loading import Lease, Loader, Steps, Wanted
from medviewer.ui.view import View

SayBad = Callable[[Volume, tuple[Unreadable, ...]], None]


@dataclass(frozen=True, eq=False)
class Beside:
    """What a display shows or is about to show: whose series, at which slice first (None: where it begins)."""

    study_uid: str
    series: Series
    lease: Lease
    first: int | None = None


class Others(QObject):
    """Brings series into displays other than the main one; ``loaded`` gets the name when all slices are in."""

    loaded = Signal(str)

    def __init__(self, view: View, loader: Loader, say_bad: SayBad, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view, self._loader, self._say_bad = view, loader, say_bad
        self.shown: dict[str, Beside] = {}

    def show(self, name: str, study_uid: str, series: Series, first: int | None = None) -> None:
        """Load ``series`` into the display ``name``; slice ``first`` is looked at first."""
        self.clear((name,))
        start = first_slice(series) if first is None else first
        lease = self._loader.load(Wanted(series, start, self._slice_looked_at), lambda lease: self._steps(name, lease))
        self.shown[name] = Beside(study_uid, series, lease, first)

    def _slice_looked_at(self, volume: Volume) -> int:
        """Return the slice that is looked at; called in the loading thread."""
        for display in tuple(self._view.displays.values()):
            if display.volume is volume:
                return round(float(volume.grid.to_kji(display.point_lps_mm)[0]))
        return first_slice(volume.series)

    def _steps(self, name: str, lease: Lease) -> Steps:
        return Steps(
            first=lambda volume: self._first(name, lease, volume),
            more=lambda: None if lease.ended else self._view.slices_changed.emit(),
            done=lambda volume, bad: self._done(name, lease, volume, bad),
            failed=lambda error: self._failed(name, lease, error),
        )

    def _first(self, name: str, lease: Lease, volume: Volume) -> None:
        beside = self.shown.get(name)
        if lease.ended or beside is None or beside.lease is not lease:
            return
        if name == PRIOR:
            self._view.show_prior(volume)
        else:
            at = middle(volume) if beside.first is None else center(volume, beside.first)
            self._view.show_in(name, volume, first_window(volume), at)

    def _done(self, name: str, lease: Lease, volume: Volume, bad: tuple[Unreadable, ...]) -> None:
        if not lease.ended:
            self._view.slices_changed.emit()
            self._say_bad(volume, bad)
            self.loaded.emit(name)

    def _failed(self, name: str, lease: Lease, error: Exception) -> None:
        """Let an error go the way of all errors; the place stays empty."""
        if name in self.shown and self.shown[name].lease is lease:
            del self.shown[name]
        self._loader.end(lease)
        raise error

    def clear(self, names: Iterable[str] | None = None) -> None:
        """Take series away, all by default, and free their memory."""
        for name in tuple(self.shown) if names is None else tuple(names):
            beside = self.shown.pop(name, None)
            if beside is None:
                continue
            if name != MAIN and self._view.display(name).volume is not None:
                self._view.show_in(name, None, self._view.main.default_window, self._view.point_lps_mm)
            self._loader.end(beside.lease)
