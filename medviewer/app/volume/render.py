"""3-D pictures of volumes, drawn by processes of their own: roughly at once, finely when nothing moves any more.

One process draws from a small copy and answers every movement; another one, started when something first stands still,
draws from all voxels. Where a graphics card can be used the first does both. ``medviewer.app.volume.vtk`` says how.
"""

import itertools
import threading
from collections.abc import Callable

from medviewer.app.volume.messages import FULL, ROUGH, SMOOTH, Failed, Found, Open, Opened, Wanted
from medviewer.app.volume.painter import News, Painter, Picture, Request
from medviewer.core.finding import Point
from medviewer.core.volume import Volume
from medviewer.i18n import N_, Message

QUICK_NICE, FULL_NICE = 5, 15
ROUGH_PX, LEAST_ROUGH_PX, MOST_ROUGH_PX, MOST_PX = 288, 144, 720, 1600
GOAL_S, EASY_S = 0.065, 0.035  # a rough picture should take no longer; may be larger where it is below the second
SMALLER, LARGER = 0.85, 1.15
STARTING = N_("Preparing the 3-D picture…")
COLOURED = N_("3-D pictures are made of grey images only.")
UNEVEN = N_("The slices of this series are not evenly spaced, so there is no 3-D picture of it.")
FLAT = N_("A 3-D picture needs at least {n} slices.", n=3)
REDUCED = N_("This series is large: its 3-D picture is up to {n} times coarser.", n=1)
LEAST_SLICES = 3


class VolumeRenderer:
    """The processes of one program; they start with the first picture asked for."""

    def __init__(self) -> None:
        self._keys = itertools.count(1)
        self._lock = threading.Lock()
        self._quick: Painter | None = None
        self._full: Painter | None = None

    def open(self, volume: Volume, changed: Callable[[], None]) -> "Rendering":
        """Return the pictures of a complete, even, grey volume; ``changed`` is called on another thread."""
        return Rendering(self, next(self._keys), volume, changed)

    @property
    def quick(self) -> Painter:
        """Draws every movement."""
        with self._lock:
            self._quick = self._quick or Painter("medviewer-volume", QUICK_NICE, try_gpu=True)
            return self._quick

    @property
    def full(self) -> Painter:
        """Draws what stands still, from all voxels."""
        with self._lock:
            self._full = self._full or Painter("medviewer-volume-full", FULL_NICE)
            return self._full

    @property
    def started(self) -> tuple[Painter, ...]:
        """The painters that there are."""
        return tuple(painter for painter in (self._quick, self._full) if painter is not None)

    def close(self) -> None:
        """End the processes."""
        for painter in self.started:
            painter.close()
        self._quick = self._full = None


class Rendering:
    """The latest picture of one volume, and how to ask for another; safe to use from any thread.

    Attributes:
        picture: the latest one, None while there is none.
        problem: why there is none, as a sentence; None while all is well.
        detail: so many voxels along an axis become one in the full picture, at most.
    """

    def __init__(self, renderer: VolumeRenderer, key: int, volume: Volume, changed: Callable[[], None]) -> None:
        self.picture: Picture | None = None
        self.problem: Message | None = None
        self.detail = 1
        self._renderer, self._key, self._changed = renderer, key, changed
        self._numbers = itertools.count(1)
        self._rough_px = ROUGH_PX
        self._finders: dict[int, Callable[[Point | None], None]] = {}
        self._lock = threading.Lock()
        self._opened_full = False
        handle, is_ct = volume.voxels_block.handle, volume.unit == "HU"
        self._asked = Open(key, handle, volume.grid, volume.slope, volume.intercept, is_ct, full=False)
        renderer.quick.open(self._asked, self._take)

    def ask(self, wanted: Wanted, *, moving: bool) -> None:
        """Want this picture now instead of any before; ``moving``: a rough one at once, else finer and finer ones."""
        number, quick = next(self._numbers), self._renderer.quick
        if moving:
            if self._opened_full:
                self._renderer.full.drop(self._key)
            quick.ask(self._key, Request(number, ROUGH, wanted.within(self._rough_px)))
            return
        wanted = wanted.within(MOST_PX)
        quick.ask(self._key, Request(number, FULL if quick.gpu else SMOOTH, wanted))
        if self._opened_full:
            self._renderer.full.ask(self._key, Request(number, FULL, wanted))

    def find(self, wanted: Wanted, at_px: tuple[float, float], found: Callable[[Point | None], None]) -> None:
        """Say through ``found``, on another thread, which place is seen under a pixel; None where nothing is."""
        number = next(self._numbers)
        with self._lock:
            self._finders = {number: found}
        self._renderer.quick.ask(self._key, Request(number, SMOOTH, wanted, at_px))

    def close(self) -> None:
        """Let go of the volume."""
        for painter in self._renderer.started:
            painter.forget(self._key)

    # ---- on a painter's thread ----

    def _take(self, news: News) -> None:
        if isinstance(news, Found):
            with self._lock:
                finder = self._finders.pop(news.number, None)
            if finder is not None:
                finder(news.point_lps_mm)
            return
        if isinstance(news, Opened):
            return
        if isinstance(news, Failed):
            self.problem = news.text
        else:
            self._take_picture(news)
        self._changed()

    def _take_picture(self, picture: Picture) -> None:
        with self._lock:
            shown = self.picture
            if shown is None or (picture.number, picture.level) > (shown.number, shown.level):
                self.picture = picture
        self.problem = None
        if picture.level == ROUGH:
            self._adapt(picture)
        elif picture.level == SMOOTH and not self._opened_full:
            self._go_full(picture)

    def _adapt(self, picture: Picture) -> None:
        """Draw the next movement smaller where this one took too long, larger where there was time to spare."""
        if picture.spent_s > GOAL_S:
            self._rough_px = max(LEAST_ROUGH_PX, round(self._rough_px * SMALLER))
        elif picture.spent_s < EASY_S:
            self._rough_px = min(MOST_ROUGH_PX, round(self._rough_px * LARGER))

    def _go_full(self, picture: Picture) -> None:
        """Start the full pictures once something stood still: they need memory and seconds of the processor."""
        self._opened_full = True
        full = self._renderer.full
        full.open(_in_full(self._asked), self._take_full)
        full.ask(self._key, Request(picture.number, FULL, picture.wanted))

    def _take_full(self, news: News) -> None:
        if isinstance(news, Opened):
            self.detail = news.detail
        elif isinstance(news, Picture):
            self._take(news)  # where the full picture fails the smooth one stays

    @property
    def remark(self) -> Message | None:
        """What the reader should know of the picture."""
        return None if self.detail == 1 else Message(REDUCED.msgid, {"n": self.detail})


def why_not(volume: Volume) -> Message | None:
    """Return why there is no 3-D picture of a volume, None where there is one."""
    if volume.colours is not None:
        return COLOURED
    if volume.voxels.shape[0] < LEAST_SLICES or min(volume.voxels.shape[1:]) < LEAST_SLICES:
        return FLAT
    return None if volume.regular else UNEVEN


def _in_full(asked: Open) -> Open:
    return Open(asked.key, asked.voxels, asked.grid, asked.slope, asked.intercept, asked.is_ct, full=True)


_default: VolumeRenderer | None = None
_default_lock = threading.Lock()


def default() -> VolumeRenderer:
    """Return the program's one renderer; its processes start with the first picture."""
    global _default  # noqa: PLW0603 - one renderer per program
    with _default_lock:
        _default = _default or VolumeRenderer()
        return _default


def close_renderer() -> None:
    """End the program's drawing processes where they were started; a later picture starts them again."""
    if _default is not None:
        _default.close()
