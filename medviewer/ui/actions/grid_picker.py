"""A small grid to choose from how many viewports there are, 1 x 1 to 3 x 4."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QMenu, QToolButton, QWidget, QWidgetAction

from medviewer.core.arrangement import MOST_COLUMNS, MOST_ROWS
from medviewer.i18n import _
from medviewer.ui import theme
from medviewer.ui.icons import icon

CELL_PX, GAP_PX, MARGIN_PX, WORDS_PX = 34, 4, 10, 22  # at a scale of 100 %
MOVES = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


class GridPicker(QWidget):
    """Rows and columns under the mouse, or by the arrow keys; ``chosen`` gets both."""

    chosen = Signal(int, int)

    def __init__(self) -> None:
        super().__init__()
        self.rows = self.columns = 1
        self.setObjectName("grid-picker")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(_("Number of viewports"))

    def sizeHint(self) -> QSize:
        """Room for all cells and a line of words."""
        last = self.cell(MOST_ROWS - 1, MOST_COLUMNS - 1)
        margin_px = theme.px(MARGIN_PX)
        return QSize(last.right() + 1 + margin_px, last.bottom() + 1 + margin_px + theme.px(WORDS_PX))

    def minimumSizeHint(self) -> QSize:
        """The same: none of them may be hidden."""
        return self.sizeHint()

    def cell(self, row: int, column: int) -> QRect:
        """Return where a cell is, counted from 0."""
        step, start, side = theme.px(CELL_PX) + theme.px(GAP_PX), theme.px(MARGIN_PX), theme.px(CELL_PX)
        return QRect(start + column * step, start + row * step, side, side)

    def _at(self, place: QPoint) -> tuple[int, int]:
        step, start = theme.px(CELL_PX) + theme.px(GAP_PX), theme.px(MARGIN_PX)
        row, column = (place.y() - start) // step + 1, (place.x() - start) // step + 1
        return min(max(row, 1), MOST_ROWS), min(max(column, 1), MOST_COLUMNS)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the mouse."""
        self.rows, self.columns = self._at(event.position().toPoint())
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Choose what is under the mouse."""
        self.rows, self.columns = self._at(event.position().toPoint())
        self.chosen.emit(self.rows, self.columns)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows change the number, Enter chooses."""
        move = MOVES.get(Qt.Key(event.key()))
        if move is not None:
            self.rows = min(max(self.rows + move[0], 1), MOST_ROWS)
            self.columns = min(max(self.columns + move[1], 1), MOST_COLUMNS)
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.chosen.emit(self.rows, self.columns)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the cells, those that would be shown stronger, and how many that is."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for row in range(MOST_ROWS):
            for column in range(MOST_COLUMNS):
                chosen = row < self.rows and column < self.columns
                painter.setPen(QPen(theme.colour("accent" if chosen else "line"), 1.4))
                painter.setBrush(theme.colour("chosen" if chosen else "raised"))
                painter.drawRoundedRect(self.cell(row, column), 3, 3)
        painter.setPen(theme.colour("text"))
        painter.setFont(theme.font())
        high = theme.px(WORDS_PX)
        words = QRect(0, self.height() - high - theme.px(6), self.width(), high)
        painter.drawText(words, Qt.AlignmentFlag.AlignCenter, f"{self.rows} × {self.columns}")
        painter.end()


class GridButton(QToolButton):
    """A button of the toolbar whose menu is the grid to choose from."""

    def __init__(self, choose: Callable[[int, int], None], parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("grid")
        self.setIcon(icon("layout-grid"))
        self.setToolTip(_("Number of viewports, up to 3 × 4"))
        self.setAccessibleName(_("Number of viewports"))
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        self.picker = GridPicker()
        entry = QWidgetAction(menu)
        entry.setDefaultWidget(self.picker)
        menu.addAction(entry)
        self.setMenu(menu)
        menu.aboutToShow.connect(lambda: self.picker.setFocus(Qt.FocusReason.PopupFocusReason))  # arrows are for it
        self.picker.chosen.connect(lambda *_size: menu.hide())
        self.picker.chosen.connect(choose)
