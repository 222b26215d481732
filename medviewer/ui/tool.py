"""What a mouse tool is: one file in ``ui/tools`` with one ``TOOL``."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent, QPainter

from medviewer.i18n import Message

if TYPE_CHECKING:
    from medviewer.ui.viewport import Viewport

Group = Literal["navigate", "measure", "outline", "plane"]


@dataclass(frozen=True)
class Drag:
    """One step of a drag: where it began, where it was, where it is, in the viewport's pixels."""

    start_px: QPointF
    before_px: QPointF
    now_px: QPointF

    @property
    def by_px(self) -> QPointF:
        """The way since the last step."""
        return self.now_px - self.before_px


@dataclass(frozen=True)
class Tool:
    """What the mouse does in a viewport while this tool is chosen; unfinished work is kept in ``viewport.draft``.

    Attributes:
        drag: the mouse moves with the button down.
        press, release: the moment the button goes down, comes up.
        hover: the mouse moves with no button down.
        double: a double click; True where it is taken, else the viewport is enlarged.
        wheel: notches turned, away from the reader positive, and the keys held; True where they are taken.
        key_press: a key; True where it is taken.
        paint: drawn over everything else while the tool is chosen, in the viewport's pixels.
        cancel: Esc, or another tool is chosen: unfinished work is dropped.
        group: which drop-down of the toolbar it is in.
    """

    id: str
    title: Message
    tip: Message
    key: str
    order: int
    drag: Callable[["Viewport", Drag], None]
    press: Callable[["Viewport", QPointF], None] | None = None
    release: Callable[["Viewport", QPointF], None] | None = None
    hover: Callable[["Viewport", QPointF], None] | None = None
    double: Callable[["Viewport", QPointF], bool] | None = None
    wheel: Callable[["Viewport", int, Qt.KeyboardModifier], bool] | None = None
    key_press: Callable[["Viewport", QKeyEvent], bool] | None = None
    paint: Callable[["Viewport", QPainter], None] | None = None
    cancel: Callable[["Viewport"], None] | None = None
    group: Group = "navigate"
    cursor: Qt.CursorShape = Qt.CursorShape.ArrowCursor
