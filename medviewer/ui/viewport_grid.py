"""Viewports on a grid, in the window or on another screen."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from medviewer.core.arrangement import MOST_COLUMNS, MOST_ROWS, Arrangement, Cell
from medviewer.i18n import _
from medviewer.ui.layouts import SINGLE
from medviewer.ui.viewport import Viewport

LINE_PX = 2


class ViewportGrid(QWidget):
    """Shows the cells of an arrangement; ``make`` makes a viewport, which is used again for other cells later."""

    def __init__(self, make: Callable[[Cell], Viewport]) -> None:
        super().__init__()
        self._make = make
        self._made: list[Viewport] = []
        self.arrangement = SINGLE
        self.viewports: tuple[Viewport, ...] = ()
        self.enlarged: Viewport | None = None
        self.setObjectName("viewports")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(LINE_PX)
        self.arrange(SINGLE)

    def arrange(self, arrangement: Arrangement) -> None:
        """Show these cells where they belong; viewports that show one of them already go on showing it."""
        self.arrangement, self.enlarged = arrangement, None
        self.viewports = self._matched([cell for cell, _place in arrangement.cells])
        self._put()

    def _matched(self, cells: list[Cell]) -> tuple[Viewport, ...]:
        """Return a viewport for each cell: the one that shows it, else one that is free, else a new one."""
        free = list(self._made)
        found: list[Viewport | None] = []
        for cell in cells:
            same = next((viewport for viewport in free if viewport.cell == cell), None)
            found.append(same)
            if same is not None:
                free.remove(same)
        return tuple(viewport or self._other(free, cell) for viewport, cell in zip(found, cells, strict=True))

    def _other(self, free: list[Viewport], cell: Cell) -> Viewport:
        if free:
            viewport = free.pop(0)
            viewport.set_cell(cell)
            return viewport
        made = self._make(cell)
        made.setParent(self)
        self._made.append(made)
        return made

    def set_cell(self, viewport: Viewport, cell: Cell) -> None:
        """Let one of the viewports show another cell."""
        viewport.set_cell(cell)
        cells = tuple((v.cell, place) for v, (_cell, place) in zip(self.viewports, self.arrangement.cells, strict=True))
        self.arrangement = Arrangement(cells, self.arrangement.widths, self.arrangement.heights)
        self._let_speak()

    def enlarge(self, viewport: Viewport | None) -> None:
        """Show one viewport alone; None shows all again."""
        self.enlarged = viewport
        self._put()

    def _put(self) -> None:
        for viewport in self._made:
            self._grid.removeWidget(viewport)
            viewport.setVisible(viewport in self.viewports if self.enlarged is None else viewport is self.enlarged)
            viewport.alone = len(self.viewports) == 1
        if self.enlarged is not None:
            self._grid.addWidget(self.enlarged, 0, 0, 1, 1)
        else:
            for viewport, (_cell, place) in zip(self.viewports, self.arrangement.cells, strict=True):
                self._grid.addWidget(viewport, *place)
        self._share()
        self._let_speak()

    def _let_speak(self) -> None:
        """Let the first viewport of each display, and one that is alone, say whose images these are."""
        said: set[str] = set()
        for viewport in self.viewports:
            viewport.speaks = viewport is self.enlarged or viewport.cell.display not in said
            said.add(viewport.cell.display)
            viewport.update()

    def _share(self) -> None:
        """Give columns and rows their shares; those not used get none."""
        whole = self.enlarged is not None
        for column in range(MOST_COLUMNS):
            used = column < len(self.arrangement.widths) and not (whole and column)
            self._grid.setColumnStretch(column, self.arrangement.widths[column] if used else 0)
        for row in range(MOST_ROWS):
            used = row < len(self.arrangement.heights) and not (whole and row)
            self._grid.setRowStretch(row, self.arrangement.heights[row] if used else 0)


class ScreenWindow(QWidget):
    """A window of its own with viewports, for another monitor; ``closed`` fires when the reader closes it."""

    closed = Signal(object)

    def __init__(self, grid: ViewportGrid) -> None:
        super().__init__()
        self.grid = grid
        self.setWindowTitle(_("MedViewer: images"))
        self.setObjectName("screen-window")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(grid)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Say so."""
        self.closed.emit(self)
        super().closeEvent(event)
