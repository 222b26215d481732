"""Thick interpolated planes in full: made aside as soon as the hand rests, one at a time, given up when it moves on."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, QTimer

from medviewer.core.job import Job
from medviewer.core.volume import READY
from medviewer.ui.display import Display
from medviewer.ui.jobs import Jobs
from medviewer.ui.planes.plane import Plane
from medviewer.ui.planes.sampled import SampledPlane, Slice

REST_MS = 90
_Place = tuple[int, type[Plane], str]  # where a picture is wanted, by its display's id: only the last one there counts


@dataclass(frozen=True)
class _Wish:
    plane: SampledPlane
    index: int
    ready: int


class Refining(QObject):
    """Makes pictures in full that a plane shows coarse; ``changed`` is called when there is one."""

    def __init__(self, jobs: Jobs, changed: Callable[[], None], parent: QObject) -> None:
        super().__init__(parent)
        self._jobs, self._changed = jobs, changed
        self._waiting: dict[_Place, _Wish] = {}
        self._refused: list[_Wish] = []  # failed once, and told
        self._doing: tuple[_Place, _Wish, Job] | None = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._go_on)

    def want(self, display: Display, plane: Plane, index: int) -> bool:
        """Return whether the picture of slice ``index`` is there in full; else it is made, soon."""
        if not isinstance(plane, SampledPlane) or plane.is_full(index):
            return True
        place = id(display), type(plane), plane.orientation
        wish = _Wish(plane, index, int(np.count_nonzero(plane.volume.state == READY)))
        doing = self._doing
        if wish not in (self._waiting.get(place), doing and doing[1], *self._refused):
            self._waiting[place] = wish
            if doing is not None and doing[0] == place:
                doing[2].cancel()
            self._rest.start()
        return False

    def forget(self) -> None:
        """Let go of every plane, as volumes are closed."""
        self._waiting.clear()
        self._refused.clear()
        if self._doing is not None:
            self._doing[2].cancel()

    def _go_on(self) -> None:
        if self._doing is not None or not self._waiting:
            return
        place = next(iter(self._waiting))
        wish = self._waiting.pop(place)
        cut = wish.plane.cutting(wish.index)
        job = self._jobs.start(
            str(wish.plane.title), lambda job: cut(job.check), self._take, self._fail, self._free, quiet=True
        )
        self._doing = place, wish, job

    def _take(self, made: Slice) -> None:
        assert self._doing is not None
        wish = self._doing[1]
        wish.plane.keep(wish.index, wish.ready, made)
        self._free()
        self._changed()

    def _fail(self, error: Exception) -> None:
        assert self._doing is not None
        self._refused.append(self._doing[1])
        self._free()
        raise error

    def _free(self) -> None:
        self._doing = None
        if self._waiting and not self._rest.isActive():
            self._go_on()
