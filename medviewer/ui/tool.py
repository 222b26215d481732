"""What a mouse tool is: one file in ``ui/tools`` with one ``TOOL``."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

from medviewer.i18n import Message

if TYPE_CHECKING:
    from medviewer.ui.viewport import Viewport


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
    """What a drag with a mouse button does; ``press`` is the same for the moment the button goes down."""

    id: str
    title: Message
    tip: Message
    key: str
    order: int
    drag: Callable[["Viewport", Drag], None]
    press: Callable[["Viewport", QPointF], None] | None = None
    cursor: Qt.CursorShape = Qt.CursorShape.ArrowCursor
