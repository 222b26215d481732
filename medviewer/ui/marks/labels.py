"""Labels of marks: beside them, clear of lines and of each other, or where the reader put them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

import numpy as np
from PySide6.QtCore import QPointF, QRectF

from medviewer.ui import theme
from medviewer.ui.corners import Line, line_height_px, width_px
from medviewer.ui.marks.slice import Drawn, Points, Slice

LABEL_GAP_PX, EDGE_PX, LEADER_FROM_PX = 10.0, 3.0, 18.0
CORNER_SHARE, CORNER_ROWS, LETTER_PX = 0.3, 4, 36.0  # of the viewport: about what the texts of the corners take


@dataclass
class Room:
    """Where labels may go: the lines (n, 2) of all marks, the labels that are there already, and the findings."""

    shown: Slice
    lines: Points
    findings: Sequence[QRectF] = ()
    taken: list[QRectF] = field(default_factory=list)

    @property
    def area(self) -> QRectF:
        """The viewport without its rim."""
        return QRectF(0, 0, *self.shown.area_px).adjusted(EDGE_PX, EDGE_PX, -EDGE_PX, -EDGE_PX)

    def clear_of_labels(self, box: QRectF) -> bool:
        """Whether no label is there."""
        return not any(box.intersects(other) for other in self.taken)

    def clear_of_findings(self, box: QRectF) -> bool:
        """Whether no finding is drawn or named there."""
        return not any(box.intersects(other) for other in self.findings)

    @cached_property
    def written(self) -> tuple[QRectF, ...]:
        """Where the viewport itself writes: the corners, and the letters of the edges."""
        wide, high = self.shown.area_px
        text = CORNER_SHARE * wide, min(CORNER_ROWS * line_height_px(), high / 3.0)
        letter = theme.px(LETTER_PX)
        ends = [QRectF(x, y, *text) for x in (0.0, wide - text[0]) for y in (0.0, high - text[1])]
        middle_x, middle_y = (wide - letter) / 2.0, (high - letter) / 2.0
        edges = ((0.0, middle_y), (wide - letter, middle_y), (middle_x, 0.0), (middle_x, high - letter))
        return (*ends, *(QRectF(x, y, letter, letter) for x, y in edges))

    def clear_of_texts(self, box: QRectF) -> bool:
        """Whether the viewport writes nothing over it."""
        return not any(box.intersects(other) for other in self.written)

    def clear_of_lines(self, box: QRectF) -> bool:
        """Whether no line runs through."""
        x, y = self.lines.T
        inside = (x > box.left() - 2) & (x < box.right() + 2) & (y > box.top() - 1) & (y < box.bottom() + 1)
        return not bool(inside.any())


def with_label(one: Drawn, texts: tuple[str, ...], room: Room) -> Drawn:
    """Give a mark its label: where the reader put it, else beside it and clear of those before."""
    points = theme.font(theme.IMAGE_PT).pointSizeF()
    size = QRectF(0.0, 0.0, max(_width_px(text, points) for text in texts), line_height_px() * len(texts))
    kept = one.mark.label_lps_mm
    if kept is not None and one.flat:
        box = QRectF(size)
        box.moveCenter(room.shown.to_screen(np.asarray(kept))[0])
    else:
        box = _free(one, size, room)
    room.taken.append(box)
    return replace(one, texts=texts, label=box, anchor=_nearest(one.trace, box))


@lru_cache(maxsize=1000)
def _width_px(text: str, _points: float) -> float:
    """Return how wide a line is; kept for each size of the font."""
    return width_px(Line(text, strong=True))


def _free(one: Drawn, size: QRectF, room: Room) -> QRectF:
    """Return the first place beside the mark that is in the viewport and clear of all else; the first at worst.

    Other labels are kept clear of before findings, those before the viewport's own texts, and those before lines.
    """
    places = [_kept_inside(box, room.area) for box in _beside(one, size)]
    if one.mark.kind == "text":
        return places[-1]
    for clear in (room.clear_of_labels, room.clear_of_findings, room.clear_of_texts, room.clear_of_lines):
        places = [box for box in places if clear(box)] or places
    return places[0]


def _beside(one: Drawn, size: QRectF) -> list[QRectF]:
    """Return places for a label, the best first: right, left, below, above; a text stands at its own point."""
    (left, top), (right, bottom) = one.trace.min(axis=0), one.trace.max(axis=0)
    wide, high, gap = size.width(), size.height(), LABEL_GAP_PX
    middle_x, middle_y = (left + right - wide) / 2.0, (top + bottom - high) / 2.0
    corners = [
        (right + gap, middle_y),
        (left - gap - wide, middle_y),
        (middle_x, bottom + gap),
        (middle_x, top - gap - high),
        (right + gap, bottom),
        (right + gap, top - high),
        (left - gap - wide, bottom),
        (left - gap - wide, top - high),
        (left, top - high / 2.0),
    ]
    if one.mark.kind == "arrow" and one.lines:  # at the tail, not at what it points to
        tip, tail = one.lines[0][0], one.lines[0][-1]
        sides = sorted((gap / 2.0, -gap / 2.0 - wide), reverse=tail.x() >= tip.x())
        corners = [(tail.x() + side, tail.y() - high / 2.0) for side in sides] + corners
    return [QRectF(x, y, wide, high) for x, y in corners]


def _kept_inside(box: QRectF, area: QRectF) -> QRectF:
    moved = QRectF(box)
    moved.moveLeft(max(area.left(), min(box.left(), area.right() - box.width())))
    moved.moveTop(max(area.top(), min(box.top(), area.bottom() - box.height())))
    return moved


def _nearest(trace: Points, box: QRectF) -> QPointF:
    """Return the point of a mark that is nearest to its label."""
    low, high = np.array([box.left(), box.top()]), np.array([box.right(), box.bottom()])
    x, y = trace[np.linalg.norm(trace - np.clip(trace, low, high), axis=1).argmin()].tolist()
    return QPointF(x, y)


def to_box(point: QPointF, box: QRectF) -> QPointF:
    """Return the place of a box that is nearest to a point."""
    return QPointF(min(max(point.x(), box.left()), box.right()), min(max(point.y(), box.top()), box.bottom()))
