"""A row of buttons that goes on in the next line where it is too long: large texts must not widen a panel."""

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget

GAP_PX = 4


class WrappingRow(QLayout):
    """Puts widgets side by side at their own size, in as many lines as its width asks for."""

    def __init__(self, *widgets: QWidget) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self.setContentsMargins(0, 0, 0, 0)
        for widget in widgets:
            self.addWidget(widget)

    def addItem(self, item: QLayoutItem) -> None:
        """Take one more; Qt calls it."""
        self._items.append(item)

    def count(self) -> int:
        """How many there are."""
        return len(self._items)

    def itemAt(self, at: int) -> QLayoutItem | None:
        """Return one of them; None beyond the last."""
        return self._items[at] if 0 <= at < len(self._items) else None

    def takeAt(self, at: int) -> QLayoutItem | None:
        """Take one of them out; None beyond the last."""
        return self._items.pop(at) if 0 <= at < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        """Never larger than it must be."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        """A narrow row has more lines."""
        return True

    def heightForWidth(self, wide: int) -> int:
        """Return how high it is in that width."""
        return self._put(QRect(0, 0, wide, 0), move=False)

    def setGeometry(self, room: QRect) -> None:
        """Put the widgets into the middle of ``room``, which may be higher than they are."""
        super().setGeometry(room)
        spare = max(room.height() - self.heightForWidth(room.width()), 0)
        self._put(room.translated(0, spare // 2), move=True)

    def sizeHint(self) -> QSize:
        """All in one line."""
        sizes = self._sizes()
        wide = sum(size.width() for size in sizes) + GAP_PX * max(len(sizes) - 1, 0)
        return QSize(wide, max((size.height() for size in sizes), default=0))

    def minimumSize(self) -> QSize:
        """As wide as the widest one."""
        sizes = self._sizes()
        return QSize(max((size.width() for size in sizes), default=0), max((s.height() for s in sizes), default=0))

    def _sizes(self) -> list[QSize]:
        return [item.sizeHint() for item in self._items if not item.isEmpty()]

    def _put(self, room: QRect, *, move: bool) -> int:
        """Go through the lines, moving the widgets where that is wanted; return how high they are together."""
        y = room.y()
        for line in self._lines(room.width()):
            high, x = max(item.sizeHint().height() for item in line), room.x()
            for item in line:
                size = item.sizeHint()
                if move:
                    item.setGeometry(QRect(QPoint(x, y + (high - size.height()) // 2), size))
                x += size.width() + GAP_PX
            y += high + GAP_PX
        return max(y - GAP_PX - room.y(), 0)

    def _lines(self, wide_px: int) -> list[list[QLayoutItem]]:
        lines: list[list[QLayoutItem]] = []
        left = 0
        for item in self._items:
            if item.isEmpty():
                continue
            size = item.sizeHint()
            if not lines or size.width() > left:
                lines.append([])
                left = wide_px
            lines[-1].append(item)
            left -= size.width() + GAP_PX
        return lines
