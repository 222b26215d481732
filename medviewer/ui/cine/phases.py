"""4-D: the other phases at the place looked at, loaded beside the work and stepped through at the same slice."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from medviewer.core.phases import phases_of
from medviewer.core.study import Series, Study
from medviewer.core.volume import Volume
from medviewer.dicom.room import budget_bytes, needed_bytes
from medviewer.ui.display import Display
from medviewer.ui.loading import Lease, Loader, Steps, Wanted
from medviewer.ui.marks.view import marks_of
from medviewer.ui.view import View
from medviewer.ui.viewport import Viewport

SETTLED_MS = 400


class Phases(QObject):
    """Steps the main display through its phases.

    ``study_of`` gives the study open, ``viewports`` those on the screen. ``changed`` fires when there are others, when
    one has been loaded and when another is shown. Phases that would take more memory than there is stay out;
    ``left_out`` says how many.
    """

    changed = Signal()

    def __init__(
        self,
        view: View,
        loader: Loader,
        study_of: Callable[[], Study | None],
        viewports: Callable[[], Sequence[Viewport]],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._view, self._loader, self._study_of, self._viewports = view, loader, study_of, viewports
        self.series: tuple[Series, ...] = ()
        self.at = 0
        self.left_out = 0
        self.in_cine = False  # the cine goes through phases in place of slices
        self._leases: dict[str, Lease] = {}
        self._volumes: dict[str, Volume] = {}
        self._wanted: int | None = None
        self._begun = False
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.setInterval(SETTLED_MS)
        self._settled.timeout.connect(self._settle)
        view.volume_changed.connect(self._take_volume)
        marks_of(view).show_phase = self.show_series

    # ---- what there is ----

    @property
    def count(self) -> int:
        """Number of phases; 0 where the images have none."""
        return len(self.series)

    @property
    def label(self) -> str:
        """What the phase shown is called."""
        return str(self.series[self.at].label) if self.series else ""

    @property
    def ready(self) -> int:
        """How many phases can be shown at once."""
        return len(self._volumes)

    def look_again(self) -> None:
        """Look for the other phases once more: the first image is shown before its study is known."""
        if not self.series:
            self._take_volume()

    def _take_volume(self) -> None:
        """Other images are on the screen: forget the phases, unless they are one of them."""
        volume = self._view.main.volume
        uids = [series.uid for series in self.series]
        if volume is not None and volume.series.uid in uids and self._is_known(volume):
            self.at = uids.index(volume.series.uid)
            return
        self._forget()
        if volume is not None:
            self.series = phases_of(self._study_of(), volume.series)
            if self.series:
                self.at = next(n for n, one in enumerate(self.series) if one.uid == volume.series.uid)
                self._volumes[volume.series.uid] = volume
        self.changed.emit()

    def _is_known(self, volume: Volume) -> bool:
        return self._volumes.get(volume.series.uid) is volume

    def _forget(self) -> None:
        self._settled.stop()
        for lease in self._leases.values():
            self._loader.end(lease)
        self._leases.clear()
        self._volumes.clear()
        self.series, self.at, self.left_out = (), 0, 0
        self._wanted, self._begun, self.in_cine = None, False, False

    # ---- stepping ----

    def step(self, by: int) -> None:
        """Show the phase ``by`` further, round and round."""
        if self.series:
            self.show((self.at + by) % self.count)

    def show(self, n: int) -> None:
        """Show phase ``n`` at the same place, as soon as it is there."""
        if not self.series:
            return
        self._begin()
        volume = self._volumes.get(self.series[n].uid)
        self._wanted = n if volume is None else None
        display = self._view.main
        if volume is None or volume is display.volume:
            return
        display.volume, self.at = volume, n
        for viewport in self._viewports():
            if viewport.display is display:
                viewport.take_plane()
        self._settled.start()
        self.changed.emit()

    def show_series(self, uid: str) -> Display | None:
        """Show the phase that is the series ``uid`` as soon as it is there; return where, None where it is none."""
        n = next((n for n, one in enumerate(self.series) if one.uid == uid), None)
        if n is None:
            return None
        self.show(n)
        return self._view.main

    def _settle(self) -> None:
        """Tell the panels, which need not follow every step."""
        self._view.volume_changed.emit()

    def cine_steps(self, viewport: Viewport) -> tuple[int, int, Callable[[int], None]] | None:
        """Return number of phases, the one shown, and how to show another, for ``Cine.instead``; None for slices."""
        if not self.in_cine or not self.series or viewport.display is not self._view.main:
            return None
        self._begin()
        return self.count, self.at, self.show

    def set_in_cine(self, on: bool) -> None:
        """Let the cine go through the phases, or through the slices."""
        self.in_cine = on and bool(self.series)
        if self.in_cine:
            self._begin()
        self.changed.emit()

    # ---- loading ----

    def _begin(self) -> None:
        """Load the other phases, those next in time first, as many as there is memory for."""
        if self._begun:
            return
        self._begun = True
        room = budget_bytes()
        nearest = sorted(range(self.count), key=lambda n: min((n - self.at) % self.count, (self.at - n) % self.count))
        for n in nearest:
            series = self.series[n]
            if series.uid in self._volumes:
                continue
            room -= needed_bytes(series)
            if room < 0:
                self.left_out += 1
                continue
            wanted = Wanted(series, self._slice_shown(), self._slice_looked_at)
            self._leases[series.uid] = self._loader.load(wanted, partial(self._steps, n))
        self.changed.emit()

    def _slice_shown(self) -> int:
        display = self._view.main
        return 0 if display.volume is None else self._slice_looked_at(display.volume)

    def _slice_looked_at(self, volume: Volume) -> int:
        k = round(float(volume.grid.to_kji(self._view.main.point_lps_mm)[0]))
        return min(max(k, 0), volume.grid.shape_kji[0] - 1)

    def _steps(self, n: int, lease: Lease) -> Steps:
        return Steps(
            first=lambda volume: self._arrived(n, lease, volume),
            more=lambda: None if lease.ended else self._view.slices_changed.emit(),
            done=lambda _volume, _bad: self._view.slices_changed.emit(),
            failed=lambda error: self._failed(n, lease, error),
        )

    def _arrived(self, n: int, lease: Lease, volume: Volume) -> None:
        if lease.ended:
            return
        self._volumes[volume.series.uid] = volume
        if self._wanted == n:
            self.show(n)
        else:
            self.changed.emit()

    def _failed(self, n: int, lease: Lease, error: Exception) -> None:
        """The phase stays out; the reader is told why, unless the images have gone from the screen meanwhile."""
        gone = lease.ended
        self._loader.end(lease)
        if gone:
            return
        self._wanted = None if self._wanted == n else self._wanted
        self.left_out += 1
        self.changed.emit()
        raise error
