"""Drawing a mark point by point: by dragging, or by clicks with the line following the mouse in between.

A tool of ``ui/tools`` is made here from how many points it takes. What is under way is the viewport's draft; its value
is seen while it grows, and nothing is left of it that has no size.
"""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent, QPainter

from medviewer.core.finding import Point
from medviewer.core.grid import triple
from medviewer.core.mark import POINTS, Mark, MarkKind
from medviewer.i18n import Message
from medviewer.imaging.marks import shapes as mark_shapes
from medviewer.imaging.marks.measure import Measured, measure, pixels_under
from medviewer.ui.marks.layout import laid_out
from medviewer.ui.marks.paint import paint_drawn
from medviewer.ui.marks.place import drawn, place_at, to_screen
from medviewer.ui.marks.slice import Slice
from medviewer.ui.marks.text import ask_text
from medviewer.ui.marks.view import LARGE_PX, marks_of
from medviewer.ui.marks.words import label_lines
from medviewer.ui.tool import Drag, Tool

if TYPE_CHECKING:
    from medviewer.ui.planes.plane import Plane
    from medviewer.ui.viewport import Viewport

APART_PX, CLOSE_PX, TRACE_PX = 4.0, 9.0, 1.5
DRAFT_ID = "draft"
_END_KEYS, _BACK_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter), (Qt.Key.Key_Backspace, Qt.Key.Key_Delete)


@dataclass
class Draft:
    """A mark under way: points that stay, and the one that follows the mouse (None while the pen is up)."""

    kind: MarkKind
    plane: "Plane"
    index: int
    fixed: list[Point] = field(default_factory=list)
    floating: Point | None = None

    def holds(self, viewport: "Viewport") -> bool:
        """Whether the viewport still shows the slice that it was begun on."""
        return viewport.plane is self.plane and viewport.index == self.index

    @property
    def points(self) -> tuple[Point, ...]:
        """All points as they are now."""
        return (*self.fixed, *([] if self.floating is None else [self.floating]))


def draft_of(viewport: "Viewport", kind: MarkKind) -> Draft | None:
    """Return what is under way on the slice shown; what was begun on another one is dropped."""
    draft = viewport.draft
    if not isinstance(draft, Draft) or draft.kind != kind:
        return None
    if not draft.holds(viewport):
        viewport.draft = None
        return None
    return draft


def drawing_tool(kind: MarkKind, title: Message, tip: Message, key: str, order: int) -> Tool:
    """Return the tool that draws marks of ``kind``."""
    pen = Pen(kind)
    return Tool(
        kind,
        title,
        tip,
        key,
        order,
        drag=pen.drag,
        press=pen.press,
        release=pen.release,
        hover=pen.hover,
        double=pen.double,
        key_press=pen.key,
        paint=pen.paint,
        cancel=pen.cancel,
        group="measure",
        cursor=Qt.CursorShape.CrossCursor,
    )


@dataclass(frozen=True)
class Pen:
    """What the mouse does while marks of ``kind`` are drawn."""

    kind: MarkKind

    @property
    def wanted(self) -> int:
        """How many points are set by hand; the short axis comes by itself."""
        return 2 if self.kind == "bidirectional" else POINTS[self.kind]

    @property
    def traces(self) -> bool:
        """Whether every step of the mouse is a point."""
        return self.kind == "freehand"

    def press(self, viewport: "Viewport", at_px: QPointF) -> None:
        """Begin, or set the point that follows the mouse down here."""
        at = place_at(viewport, at_px)
        draft = draft_of(viewport, self.kind)
        if draft is None:
            assert viewport.plane is not None
            marks_of(viewport.view).choose(None)
            viewport.draft = draft = Draft(self.kind, viewport.plane, viewport.index, [] if self.wanted == 1 else [at])
        elif draft.floating is None:  # the pen was up: a second line begins
            draft.fixed.append(at)
        draft.floating = at
        viewport.update()

    def drag(self, viewport: "Viewport", drag: Drag) -> None:
        """Follow the mouse with the button down."""
        draft = draft_of(viewport, self.kind)
        if draft is None or draft.floating is None:
            return
        if self.traces and self._far(viewport, draft, drag.now_px, TRACE_PX):
            draft.fixed.append(place_at(viewport, drag.now_px))
        draft.floating = place_at(viewport, drag.now_px)
        viewport.update()

    def hover(self, viewport: "Viewport", at_px: QPointF) -> None:
        """Follow the mouse between two clicks."""
        draft = draft_of(viewport, self.kind)
        if draft is not None and draft.floating is not None and not self.traces:
            draft.floating = place_at(viewport, at_px)
            viewport.update()

    def release(self, viewport: "Viewport", at_px: QPointF) -> None:
        """Set the point where it is far enough from the one before; the last one ends the mark."""
        draft = draft_of(viewport, self.kind)
        if draft is None or draft.floating is None:
            return
        draft.floating = place_at(viewport, at_px)
        if self.traces:
            self._end_trace(viewport, draft)
        elif self.wanted == 1:
            self._finish(viewport, draft.points)
        elif self.kind == "polygon":
            self._set_corner(viewport, draft, at_px)
        elif self._far(viewport, draft, at_px, APART_PX):
            self._set(viewport, draft)
        viewport.update()

    def _set(self, viewport: "Viewport", draft: Draft) -> None:
        assert draft.floating is not None
        draft.fixed.append(draft.floating)
        if len(draft.fixed) == self.wanted:
            self._finish(viewport, tuple(draft.fixed))
        elif self.kind == "cobb" and len(draft.fixed) == 2:
            draft.floating = None

    def _set_corner(self, viewport: "Viewport", draft: Draft, at_px: QPointF) -> None:
        """Set a corner; one on the first closes the polygon."""
        first = to_screen(viewport, draft.fixed[0])
        if len(draft.fixed) >= self.wanted and (first - at_px).manhattanLength() <= CLOSE_PX:
            self._finish(viewport, tuple(draft.fixed))
        elif self._far(viewport, draft, at_px, APART_PX):
            assert draft.floating is not None
            draft.fixed.append(draft.floating)

    def _end_trace(self, viewport: "Viewport", draft: Draft) -> None:
        """Close a freehand outline; a click or a stroke without a width leaves nothing."""
        if len(draft.fixed) >= self.wanted:
            self._finish(viewport, tuple(draft.fixed))
        else:
            viewport.draft = None

    def _far(self, viewport: "Viewport", draft: Draft, at_px: QPointF, least_px: float) -> bool:
        """Whether the mouse is away from the last point that was set."""
        last = to_screen(viewport, draft.fixed[-1])
        return (last - at_px).manhattanLength() >= least_px

    def double(self, viewport: "Viewport", at_px: QPointF) -> bool:
        """A double click closes a polygon; where nothing is under way it enlarges the viewport as everywhere."""
        draft = draft_of(viewport, self.kind)
        if draft is None:
            return marks_of(viewport.view).just_finished
        if self.kind == "polygon" and len(draft.fixed) >= self.wanted:
            self._finish(viewport, tuple(draft.fixed))
            return True
        if len(draft.fixed) == 1:  # two clicks on one place and nothing else: not a measurement
            self.cancel(viewport)
            return False
        self.press(viewport, at_px)
        self.release(viewport, at_px)
        return True

    def key(self, viewport: "Viewport", event: QKeyEvent) -> bool:
        """Enter closes a polygon, Backspace takes its last corner back."""
        draft = draft_of(viewport, self.kind)
        if draft is None or self.kind != "polygon":
            return False
        if event.key() in _END_KEYS and len(draft.fixed) >= self.wanted:
            self._finish(viewport, tuple(draft.fixed))
            return True
        if event.key() in _BACK_KEYS:
            draft.fixed.pop()
            viewport.draft = draft if draft.fixed else None
            viewport.update()
            return True
        return False

    def cancel(self, viewport: "Viewport") -> None:
        """Drop what is under way."""
        if isinstance(viewport.draft, Draft):
            viewport.draft = None
            viewport.update()

    def _finish(self, viewport: "Viewport", points: tuple[Point, ...]) -> None:
        """Make the mark; texts and arrows ask for their words first."""
        mark = made(viewport, self.kind, points)
        viewport.draft = None
        marks = marks_of(viewport.view)
        if not has_size(viewport, mark):
            return
        if self.kind in ("arrow", "text"):
            ask_text(viewport, mark, marks.add)
        else:
            marks.add(mark)

    # ---- how it looks ----

    def paint(self, viewport: "Viewport", painter: QPainter) -> None:
        """Draw what is under way, with its value."""
        draft = draft_of(viewport, self.kind)
        if draft is None or viewport.plane is None:
            return
        shown = Slice.of(viewport.plane, viewport.index, viewport.placing, viewport.slab.mm)
        for mark in sketch(viewport, draft):
            for one in laid_out((mark,), shown, lambda mark: _texts(viewport, mark), mark.id):
                paint_drawn(painter, replace(one, handles=()), chosen=True)


def made(viewport: "Viewport", kind: MarkKind, points: tuple[Point, ...], mark_id: str = "") -> Mark:
    """Return the mark of points set by hand, with what comes by itself."""
    mark = drawn(viewport, kind, points, mark_id)
    return mark_shapes.with_short_axis(mark) if kind == "bidirectional" else mark


def sketch(viewport: "Viewport", draft: Draft) -> tuple[Mark, ...]:
    """Return the unfinished mark as far as it can be drawn: as itself, or as the lines that there are."""
    kind, points = draft.kind, draft.points
    count = len(points)
    if kind == "polygon" and count == 2:
        return (drawn(viewport, "arrow", points, DRAFT_ID),)
    if kind in ("freehand", "polygon"):
        return (drawn(viewport, kind, points, DRAFT_ID),) if count >= POINTS[kind] else ()
    if kind == "bidirectional" and count == 2:
        return (made(viewport, kind, points, DRAFT_ID),)
    if count == POINTS[kind]:
        return (drawn(viewport, kind, points, DRAFT_ID),)
    lines = [points[n : n + 2] for n in range(0, count, 2) if len(points[n : n + 2]) == 2]
    return tuple(drawn(viewport, "length", line, f"{DRAFT_ID}-{n}") for n, line in enumerate(lines))


def has_size(viewport: "Viewport", mark: Mark) -> bool:
    """Whether a mark is more than a point or a line on the screen where it should be."""
    if mark.kind in ("probe", "text"):
        return True
    ends = [to_screen(viewport, point) for line in mark_shapes.lines(mark) for point in map(triple, line)]
    wide = max(end.x() for end in ends) - min(end.x() for end in ends)
    high = max(end.y() for end in ends) - min(end.y() for end in ends)
    return min(wide, high) >= APART_PX / 2.0 if mark.is_region else max(wide, high) >= APART_PX / 2.0


def _texts(viewport: "Viewport", mark: Mark) -> tuple[str, ...]:
    """Return the label of an unfinished mark; lines that will be part of something else have none."""
    draft = viewport.draft
    if not isinstance(draft, Draft) or mark.kind != draft.kind:
        return ()
    return label_lines(mark, _measured(viewport, mark))


def _measured(viewport: "Viewport", mark: Mark) -> Measured:
    """Measure while drawing; of regions so large that this takes long, the area alone."""
    assert viewport.plane is not None
    volume = viewport.plane.volume
    large = pixels_under(mark, volume) >= LARGE_PX
    return measure(mark, volume.series, None if large else volume)
