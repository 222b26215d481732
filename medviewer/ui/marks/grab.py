"""Taking hold of marks that are there: handles change their shape, lines move them, labels are put elsewhere."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from PySide6.QtCore import QPointF, Qt

from medviewer.core.mark import Mark
from medviewer.i18n import N_
from medviewer.imaging.marks import shapes as mark_shapes
from medviewer.ui.marks.paint import drawn_in
from medviewer.ui.marks.place import place_at
from medviewer.ui.marks.slice import Drawn
from medviewer.ui.marks.text import ask_text
from medviewer.ui.marks.view import MarkView, marks_of
from medviewer.ui.tool import Drag, Tool

if TYPE_CHECKING:
    from medviewer.core.finding import Point
    from medviewer.ui.viewport import Viewport

HANDLE_NEAR_PX, LINE_NEAR_PX = 8.0, 5.0
Part = Literal["handle", "line", "label"]


@dataclass(frozen=True)
class Hold:
    """What of which mark is under the mouse; ``number`` is the handle's."""

    mark: Mark
    part: Part
    number: int = 0


def grab(viewport: "Viewport", at_px: QPointF) -> Tool | None:
    """Return the tool that drags what is under the mouse; None where no mark is."""
    hold = None if viewport.hand.outlines else hold_at(drawn_in(viewport), at_px)
    if hold is None:
        return None
    mover = Mover(hold)
    cursor = Qt.CursorShape.PointingHandCursor if hold.part == "handle" else Qt.CursorShape.SizeAllCursor
    return Tool(
        "move-mark", N_("Move measurement"), N_("Drag moves the measurement."), "", 0,
        mover.drag, mover.press, mover.release, cancel=mover.cancel, group="measure", cursor=cursor,
    )  # fmt: skip


def hold_at(shown: list[Drawn], at_px: QPointF) -> Hold | None:
    """Return what is under the mouse: handles before labels before lines, what is drawn on top first."""
    flat = [one for one in reversed(shown) if one.flat and not one.carried]
    for one in flat:
        for number, handle in enumerate(one.handles):
            if one.mark.kind not in ("probe", "text") and _apart(handle, at_px) <= HANDLE_NEAR_PX:
                return Hold(one.mark, "handle", number)
    for one in flat:
        if one.label is not None and one.label.contains(at_px):
            return Hold(one.mark, "line" if one.mark.kind == "text" else "label")
    for one in flat:
        if _near_line(one, at_px):
            return Hold(one.mark, "line")
    return None


def _apart(one: QPointF, other: QPointF) -> float:
    return float(np.hypot(one.x() - other.x(), one.y() - other.y()))


def _near_line(one: Drawn, at_px: QPointF) -> bool:
    if any(_apart(point, at_px) <= HANDLE_NEAR_PX for point in one.crosses):
        return True
    return any(_from_line(line, at_px) <= LINE_NEAR_PX for line in one.lines)


def _from_line(line: tuple[QPointF, ...], at_px: QPointF) -> float:
    """Return how far a point is from a row of segments, in pixels."""
    points = np.array([[point.x(), point.y()] for point in line])
    start, way = points[:-1], np.diff(points, axis=0)
    to_start = np.array([at_px.x(), at_px.y()]) - start
    size = np.maximum((way**2).sum(axis=1), 1e-12)
    share = np.clip((to_start * way).sum(axis=1) / size, 0.0, 1.0)
    return float(np.linalg.norm(to_start - share[:, None] * way, axis=1).min())


class Mover:
    """Drags one part of one mark; the change is one step when the button comes up."""

    def __init__(self, hold: Hold) -> None:
        self.hold = hold
        self._after = hold.mark
        self._from: Point | None = None
        self._was_chosen = False

    def press(self, viewport: "Viewport", at_px: QPointF) -> None:
        """Choose the mark and remember where it was taken."""
        marks = marks_of(viewport.view)
        self._was_chosen = marks.chosen_id == self.hold.mark.id
        marks.choose(self.hold.mark.id)
        self._from = place_at(viewport, at_px)

    def drag(self, viewport: "Viewport", drag: Drag) -> None:
        """Follow the mouse."""
        if self._from is None:
            return
        mark, at = self.hold.mark, place_at(viewport, drag.now_px)
        by = np.asarray(at) - np.asarray(self._from)
        if self.hold.part == "handle":
            self._after = mark_shapes.with_handle(mark, self.hold.number, at)
        elif self.hold.part == "line":
            self._after = mark_shapes.shifted(mark, by)
        else:
            self._after = replace(mark, label_lps_mm=self._label(viewport, drag))
        marks_of(viewport.view).show_preview(self._after)
        viewport.update()

    def _label(self, viewport: "Viewport", drag: Drag) -> "Point":
        """Return where the label's middle is now; it keeps its place under the mouse."""
        before = next((one.label for one in drawn_in(viewport) if one.mark.id == self.hold.mark.id), None)
        middle = drag.now_px if before is None else before.center() + drag.by_px
        return place_at(viewport, middle)

    def release(self, viewport: "Viewport", _at_px: QPointF) -> None:
        """Keep the change as one step; a click on a text already chosen lets its words be changed."""
        marks = marks_of(viewport.view)
        changed = self._after != self.hold.mark
        if changed:
            marks.change(self.hold.mark, self._after)
        elif self._was_chosen and self.hold.mark.kind in ("text", "arrow") and self.hold.part != "handle":
            edit_text(viewport, marks, self.hold.mark)
        viewport.update()

    def cancel(self, viewport: "Viewport") -> None:
        """Leave the mark as it was."""
        self._after, self._from = self.hold.mark, None
        marks_of(viewport.view).show_preview(None)
        viewport.update()


def edit_text(viewport: "Viewport", marks: MarkView, mark: Mark) -> None:
    """Let the reader change the words of a text or an arrow in place."""
    ask_text(viewport, mark, lambda after: marks.change(mark, after))


def delete_chosen(marks: MarkView) -> None:
    """Delete the mark chosen; nothing happens where none is."""
    if marks.chosen is not None:
        marks.remove([marks.chosen.id])
