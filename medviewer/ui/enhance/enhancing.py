"""Enhancement of what is shown: made aside where it takes time, always labelled, put away while a key is held."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QPainter

from medviewer.core.job import Job
from medviewer.i18n import _
from medviewer.imaging.enhance import ENHANCEMENTS, Enhancement, loaded
from medviewer.ui.corners import COMPACT_BELOW_PX, MARGIN_PX, MIDDLE, Line, line_height_px, write
from medviewer.ui.jobs import Jobs
from medviewer.ui.planes.plane import Plane

if TYPE_CHECKING:
    from medviewer.ui.view import View
    from medviewer.ui.viewport import Viewport

Slice = NDArray[Any]
MOST, MOST_BYTES = 24, 1 << 27
ORIGINAL_KEY = Qt.Key.Key_O  # "O" for original: while it is down, the picture is as it was measured
_PLAIN = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)


@dataclass(frozen=True, eq=False)
class _Wish:
    """One slice to be enhanced."""

    plane: Plane
    index: int
    ready: int
    way: Enhancement
    pixels: Slice

    @property
    def key(self) -> "_Key":
        """What tells it from others."""
        return _named(self.plane), self.index, self.ready, self.way.id

    def made(self, job: Job) -> Slice:
        """Return the slice enhanced; what was cancelled meanwhile is let go."""
        made = self.way.make(self.pixels)
        job.check()
        return made


def _named(plane: Plane) -> Hashable:
    """Return what viewports on the same upright plane share; a tilted or bent one is itself alone."""
    return plane if type(plane) is Plane else id(plane)


_Key = tuple[Hashable, int, int, str]


class Enhancing:
    """Enhances slices, small ones at once and large ones in a thread, and keeps the last; ``changed`` tells of one.

    Only ever for looking: values, marks and regions are read from the volume, which nothing here can change. ``held``
    is set while the reader wants to see the original.
    """

    def __init__(self, jobs: Jobs, changed: Callable[[], None]) -> None:
        self._jobs, self._changed = jobs, changed
        self._kept: OrderedDict[_Key, tuple[Plane, Slice]] = OrderedDict()  # holding a plane keeps its id its own
        self._waiting: dict[Hashable, _Wish] = {}  # the slice wanted last of each plane
        self._refused: set[_Key] = set()  # failed once, and told
        self._busy = False
        self.held = False

    def of(self, plane: Plane, index: int, ready: int, enhancement: str) -> Slice | None:
        """Return slice ``index`` enhanced: int16 (rows, columns) or RGB; None while it is being made.

        ``ready`` is any number that changes when the slice does. None also for an id that is not known.
        """
        way = ENHANCEMENTS.get(enhancement)
        kept = self._kept.get((_named(plane), index, ready, enhancement))
        if way is None or kept is not None:
            return None if kept is None else kept[1]
        colours = plane.colours(index)
        wish = _Wish(plane, index, ready, way, plane.pixels(index) if colours is None else colours)
        rows, columns = wish.pixels.shape[:2]
        if rows * columns <= way.at_once_px and loaded():
            return self._keep(wish, way.make(wish.pixels))
        if wish.key not in self._refused:
            # A copy: the volume's memory may be freed while the thread is at work.
            self._waiting[_named(plane)] = replace(wish, pixels=np.array(wish.pixels))
            self._go_on()
        return None

    def _go_on(self) -> None:
        """Enhance one slice at a time; those leafed over meanwhile are left out."""
        if self._busy or not self._waiting:
            return
        wish = self._waiting.pop(next(iter(self._waiting)))
        if wish.key in self._kept or wish.key in self._refused:
            self._go_on()
            return
        self._busy = True
        self._jobs.start(
            _("Enhancing an image"),
            wish.made,
            done=lambda made: self._take(wish, made),
            cancelled=self._free,
            failed=lambda error: self._fail(wish, error),
            quiet=True,
        )

    def _take(self, wish: _Wish, made: Slice) -> None:
        self._busy = False
        self._keep(wish, made)
        self._changed()
        self._go_on()

    def _fail(self, wish: _Wish, error: Exception) -> None:
        self._busy = False
        self._refused.add(wish.key)
        self._go_on()
        raise error

    def _free(self) -> None:
        self._busy = False
        self._go_on()

    def _keep(self, wish: _Wish, made: Slice) -> Slice:
        self._kept[wish.key] = wish.plane, made
        while len(self._kept) > 1 and (len(self._kept) > MOST or self._bytes > MOST_BYTES):
            self._kept.popitem(last=False)
        return made

    @property
    def _bytes(self) -> int:
        return sum(made.nbytes for _plane, made in self._kept.values())

    def forget(self) -> None:
        """Let go of every slice kept, as their volumes are closed."""
        self._kept.clear()
        self._waiting.clear()
        self._refused.clear()


# ---- the held key ----


def hold_original(view: "View", held: bool) -> None:
    """Show the originals of every viewport, or the enhanced pictures again."""
    if view.enhancing.held != held:
        view.enhancing.held = held
        view.look_changed.emit()


def key_pressed(view: "View", event: QKeyEvent, key: int = ORIGINAL_KEY) -> bool:
    """Show the originals where the key is the one for it; True where the key was taken."""
    if event.key() != key or event.modifiers() not in _PLAIN or not any_enhanced(view):
        return False
    hold_original(view, True)
    return True


def key_released(view: "View", event: QKeyEvent, key: int = ORIGINAL_KEY) -> bool:
    """Show the enhanced pictures again when the key comes up; True where the key was taken."""
    if event.key() != key or not view.enhancing.held:
        return False
    if not event.isAutoRepeat():
        hold_original(view, False)
    return True


def any_enhanced(view: "View") -> bool:
    """Whether any display is enhanced."""
    return any(display.enhancement for display in view.displays.values())


# ---- what is said of it ----


def caption_lines(viewport: "Viewport") -> tuple[Line, ...]:
    """Say in a viewport that its picture is enhanced, in two lines where it is small; nothing where it is not."""
    way = ENHANCEMENTS.get(viewport.display.enhancement)
    if way is None or viewport.picture is None:
        return ()
    if viewport.view.enhancing.held:
        return (Line(_("Original, while the key is held"), "good"),)
    if not viewport.picture.enhanced:
        return (Line(_("Being enhanced: the original is shown until then"), "caution"),)
    done, limit = _("Enhanced: {what}").format(what=way.done), _("view only, not measured on")
    texts = (done, limit) if viewport.width() < COMPACT_BELOW_PX else (f"{done} — {limit}",)
    return tuple(Line(text, "caution") for text in texts)


def paint_label(painter: QPainter, viewport: "Viewport") -> None:
    """Write ``caption_lines`` at the top, where all other texts are hidden: this one never is."""
    high = line_height_px()
    for number, line in enumerate(caption_lines(viewport)):
        top = MARGIN_PX + number * high
        write(painter, QRectF(MARGIN_PX, top, viewport.width() - 2 * MARGIN_PX, high), line, MIDDLE)


def key_words() -> str:
    """The held key as it is called on this computer."""
    return QKeySequence(ORIGINAL_KEY).toString(QKeySequence.SequenceFormat.NativeText)
