"""A small grid to choose from how many viewports there are, 1 x 1 to 3 x 4."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QMenu, QToolButton, QWidget, QWidgetAction

from medviewer.core.arrangement import MOST_COLUMNS, MOST_ROWS
from medviewer.i18n import _
from medviewer.ui import theme
from medviewer.ui.icons import icon

CELL_PX, GAP_PX, MARGIN_PX, WORDS_PX = 34, 4, 10, 22
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
        self.setFixedSize(self.sizeHint())

    def sizeHint(self) -> QSize:
        """Room for all cells and a line of words."""
        wide = MOST_COLUMNS * (CELL_PX + GAP_PX) - GAP_PX + 2 * MARGIN_PX
        return QSize(wide, MOST_ROWS * (CELL_PX + GAP_PX) - GAP_PX + 2 * MARGIN_PX + WORDS_PX)

    def cell(self, row: int, column: int) -> QRect:
        """Return where a cell is, counted from 0."""
        step = CELL_PX + GAP_PX
        return QRect(MARGIN_PX + column * step, MARGIN_PX + row * step, CELL_PX, CELL_PX)

    def _at(self, place: QPoint) -> tuple[int, int]:
        step = CELL_PX + GAP_PX
        row, column = (place.y() - MARGIN_PX) // step + 1, (place.x() - MARGIN_PX) // step + 1
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
        words = QRect(0, self.height() - WORDS_PX - 6, self.width(), WORDS_PX)
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
        self.picker.chosen.connect(lambda *_size: menu.hide())
        self.picker.chosen.connect(choose)
