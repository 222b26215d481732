"""Tables in panels: one row chosen at a time, no lines, small texts that follow the scale."""

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from medviewer.ui import theme
from medviewer.ui.theme import as_role

LEAST_COLUMN_PX, ROW_PX, CELL_PX, TIGHTER_PX = 22, 10, 14, 5  # at a scale of 100 %
REFIT = {QEvent.Type.FontChange, QEvent.Type.Resize}


class Columns(QObject):
    """Keeps the rows of a list as high, and its columns as wide, as what they say at every size of texts.

    Column ``widest`` takes the room that is left; where there is none the list is scrolled sideways. ``fixed`` columns
    have a width, ``most`` columns have one that they do not exceed, both in pixels at a scale of 100 %. ``fitted``
    fires whenever the sizes have been worked out.
    """

    fitted = Signal()

    def __init__(self, table: QTableView, widest: int, fixed: Mapping[int, int], most: Mapping[int, int]) -> None:
        super().__init__(table)
        self._table, self._widest, self._fixed, self._most = table, widest, fixed, most
        self._later = QTimer(self)  # a change of scale comes as several of the font
        self._later.setSingleShot(True)
        self._later.timeout.connect(self.fit)
        for watched in (table, table.viewport()):  # the texts are the table's, the room is the viewport's
            watched.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Fit anew where texts or the list itself take another size."""
        if event.type() in REFIT:
            self._later.start()
        return False

    def fit(self) -> None:
        """Work out every size anew."""
        table, model = self._table, self._table.model()
        table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + theme.px(ROW_PX))
        table.horizontalHeader().setMinimumSectionSize(theme.px(LEAST_COLUMN_PX))
        wide = [self._wanted_px(column, CELL_PX) for column in range(model.columnCount())]
        if sum(wide) > table.viewport().width():  # before the list has to be scrolled its columns move together
            wide = [self._wanted_px(column, CELL_PX - TIGHTER_PX) for column in range(model.columnCount())]
        wide[self._widest] += max(table.viewport().width() - sum(wide), 0)
        for column, width in enumerate(wide):
            table.setColumnWidth(column, width)
        self.fitted.emit()

    def _wanted_px(self, column: int, beside_px: int) -> int:
        """Return how wide a column should be that leaves so much beside its texts."""
        if column in self._fixed:
            return theme.px(self._fixed[column])
        model, metrics = self._table.model(), self._table.fontMetrics()
        said = [str(model.headerData(column, Qt.Orientation.Horizontal))]
        said += [str(model.index(row, column).data()) for row in range(model.rowCount())]
        wide = max(metrics.horizontalAdvance(text) for text in said) + theme.px(beside_px)
        wide = max(wide, theme.px(LEAST_COLUMN_PX))
        return min(wide, theme.px(self._most[column])) if column in self._most else wide


def as_list(
    table: QTableView,
    title: str,
    widest: int,
    fixed: Mapping[int, int] | None = None,
    most: Mapping[int, int] | None = None,
) -> Columns:
    """Let a table, which has its model already, look and behave as lists in panels do; return what fits its columns."""
    table.setAccessibleName(title)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setTabKeyNavigation(False)
    table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.verticalHeader().hide()
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    as_role(table, "small")
    made = Columns(table, widest, fixed or {}, most or {})
    made.fit()
    return made
