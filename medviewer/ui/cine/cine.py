"""The images of a viewport pass by themselves: at a rate, on and on, to and fro, or once."""

import time
from collections.abc import Callable
from typing import Literal, get_args

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from medviewer.i18n import N_, Message
from medviewer.ui.first_look import frame_time_ms
from medviewer.ui.viewport import Viewport

Way = Literal["loop", "bounce", "once"]
WAYS: tuple[Way, ...] = get_args(Way)
TITLES: dict[Way, Message] = {"loop": N_("Loop"), "bounce": N_("Back and forth"), "once": N_("Once")}
LEAST_FPS, MOST_FPS = 1, 60
_SEEN_S = 1.0  # the real rate is that of the last second
_RATE_EVERY_S = 0.5


def frame_at(step: int, count: int, way: Way) -> int | None:
    """Return which of ``count`` images is shown ``step`` images after the first; None where it has ended."""
    if count <= 1:
        return 0
    if way == "once":
        return step if step < count else None
    if way == "loop":
        return step % count
    at = step % (2 * count - 2)
    return at if at < count else 2 * count - 2 - at


class Cine(QObject):
    """Leafs through the active viewport by the clock; where drawing takes too long for the rate, images are left out.

    ``active`` gives the viewport, ``fps`` and ``way`` may be set while it runs. ``steps`` of other things (phases) may
    be taken in place of slices: ``instead`` gives their number and what shows the n-th, None for slices.
    """

    changed = Signal()  # it starts, stops, or goes another way
    rated = Signal(float)  # images a second that were really painted

    def __init__(self, active: Callable[[], Viewport], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._active = active
        self.fps = 15.0
        self.way: Way = "loop"
        self.instead: Callable[[Viewport], tuple[int, int, Callable[[int], None]] | None] = lambda _viewport: None
        self._viewport: Viewport | None = None
        self._count, self._shown, self._told_s = 0, -1, 0.0
        self._show: Callable[[int], None] = lambda _n: None
        self._began_s, self._began_at = 0.0, 0
        self._painted_s: list[float] = []
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    # ---- what may be asked and set ----

    @property
    def runs(self) -> bool:
        """Whether images pass by themselves."""
        return self._timer.isActive()

    @property
    def viewport(self) -> Viewport | None:
        """Where they do; None while nothing runs."""
        return self._viewport if self.runs else None

    def toggle(self) -> None:
        """Start in the active viewport, or stop."""
        if self.runs:
            self.stop()
        else:
            self.start()

    def start(self, fps: float | None = None) -> None:
        """Start in the active viewport from the image shown; at the file's rate, unless ``fps`` or the reader says."""
        viewport = self._active()
        if viewport.volume is None or viewport.plane is None:
            return
        self.stop()
        self._viewport = viewport
        if not self._prepare(viewport):
            return
        self.fps = fps or 1000.0 / frame_time_ms(viewport.volume)
        self._painted_s.clear()
        self._set_off(self._began_at)
        self._timer.start(round(1000.0 / MOST_FPS / 2))
        self.changed.emit()

    def stop(self) -> None:
        """Stop at the image that is shown."""
        if self.runs:
            self._timer.stop()
            self._viewport = None
            self.changed.emit()

    def set_fps(self, fps: float) -> None:
        """Show so many images a second from now on, 1 to 60."""
        self._set_off(self._step_now())
        self.fps = min(max(fps, float(LEAST_FPS)), float(MOST_FPS))
        self.changed.emit()

    def set_way(self, way: Way) -> None:
        """Go on and on, to and fro, or once, from the image shown."""
        shown = self._shown
        self.way = way
        self._set_off(max(shown, 0))
        self.changed.emit()

    # ---- at work ----

    def _prepare(self, viewport: Viewport) -> bool:
        """Find out what passes, how much of it, and where it is now; there is nothing to see in a single image."""
        other = self.instead(viewport)
        if other is not None:
            self._count, self._began_at, self._show = other
        else:
            plane = viewport.plane
            assert plane is not None
            self._count = plane.count
            self._began_at = plane.number(viewport.index) - 1
            self._show = lambda n: viewport.go_to(n if plane.onward > 0 else plane.count - 1 - n)
        if self.way == "once" and self._began_at == self._count - 1:
            self._began_at = 0
        return self._count > 1

    def _set_off(self, step: int) -> None:
        self._began_s, self._began_at, self._shown = time.perf_counter(), step, -1

    def _step_now(self) -> int:
        return self._began_at + int((time.perf_counter() - self._began_s) * self.fps)

    def _tick(self) -> None:
        """Show the image whose time it is, unless the last one is still being painted."""
        viewport = self._viewport
        if viewport is None or viewport.plane is None or not viewport.isVisible():
            self.stop()
            return
        wanted = frame_at(self._step_now(), self._count, self.way)
        if wanted is None:
            self._show(self._count - 1)
            self.stop()
        elif wanted != self._shown:
            self._shown = wanted
            self._show(wanted)
            self._count_painted(viewport)

    def _count_painted(self, viewport: Viewport) -> None:
        """Tell the real rate twice a second: by the times at which the viewport was painted."""
        now_s = time.perf_counter()
        if not self._painted_s or viewport.painted_s != self._painted_s[-1]:
            self._painted_s.append(viewport.painted_s)
        self._painted_s = [when_s for when_s in self._painted_s if now_s - when_s <= _SEEN_S]
        if now_s - self._told_s >= _RATE_EVERY_S and len(self._painted_s) > 1:
            self._told_s = now_s
            self.rated.emit((len(self._painted_s) - 1) / max(self._painted_s[-1] - self._painted_s[0], 1e-6))
