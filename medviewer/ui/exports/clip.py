"""Clips: the images of a viewport drawn one after the other between other work, packed into a file in a thread."""

import queue
from collections.abc import Iterator, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from medviewer.app.clips import save_clip
from medviewer.app.snapshots import Pixels
from medviewer.core.job import Job
from medviewer.i18n import _
from medviewer.ui.exports.picture import Twin, Watch, Wish, banded, pixels_of
from medviewer.ui.viewport import Viewport

_AHEAD, _ASK_EVERY_S, _LATER_MS = 4, 0.1, 5  # images packed later than drawn


class ClipRun(QObject):
    """Makes one clip. The reader may go on leafing: what is drawn is a twin on a display of its own.

    ``saved`` gets the path. The job in the strip shows how far it is, and cancels it.
    """

    saved = Signal(object)

    def __init__(self, viewport: Viewport, numbers: Sequence[int], fps: float, path: Path, wish: Wish) -> None:
        super().__init__(viewport.window())
        self._numbers, self._drawn, self._count = list(numbers), 0, len(numbers)
        self._queue: queue.Queue[Pixels] = queue.Queue(_AHEAD)
        self._twin, self._watch = Twin(viewport, wish, own_place=True), Watch(viewport.view)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._draw)
        self.job = viewport.view.jobs.start(
            _("Saving the clip"),
            lambda job: save_clip(self._frames(job), self._count, fps, path, job),
            done=self._done,
            failed=self._failed,
            cancelled=self._end,
        )
        self._timer.start(0)

    # ---- in the window's thread ----

    def _draw(self) -> None:
        """Draw the next image; what goes wrong ends the clip and is told once, not at every turn of the timer."""
        try:
            self._draw_next()
        except Exception:
            self._timer.stop()
            self.job.cancel()
            raise

    def _draw_next(self) -> None:
        """Draw the next image, unless enough are waiting to be packed."""
        if self._drawn == self._count:
            self._timer.stop()
        elif self._queue.full():
            self._timer.setInterval(_LATER_MS)
        else:
            self._twin.go_to_number(self._numbers[self._drawn])
            if self._twin.waits:
                self._watch.check_reading(self.job)
                self._timer.setInterval(_LATER_MS)
                return
            self._timer.setInterval(0)
            self._queue.put(pixels_of(banded(self._twin.drawn())))
            self._drawn += 1

    def _done(self, path: Path) -> None:
        self._end()
        self.saved.emit(path)

    def _failed(self, error: Exception) -> None:
        self._end()
        raise error

    def _end(self) -> None:
        self._timer.stop()
        self._twin.close()
        self.deleteLater()

    # ---- in the job's thread ----

    def _frames(self, job: Job) -> Iterator[Pixels]:
        for _number in range(self._count):
            while True:
                job.check()
                try:
                    yield self._queue.get(timeout=_ASK_EVERY_S)
                    break
                except queue.Empty:
                    continue
