"""The rows of the measurements panel, for Qt's table."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from medviewer.core.mark import Mark
from medviewer.i18n import N_
from medviewer.ui import theme
from medviewer.ui.icons import icon
from medviewer.ui.marks.view import MarkView
from medviewer.ui.marks.words import KIND_TITLES, value_words
from medviewer.ui.severity import tip

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()
NUMBER, EYE, NAME, KIND, VALUE, PLACE = range(6)
TITLES = (N_("#"), N_("Shown"), N_("Name"), N_("Kind"), N_("Value"), N_("Place"))
TIPS = (
    N_("Number of the measurement"),
    N_("Click, or Space, shows or hides it on the images"),
    N_("Double click, or F2, to name it"),
    N_("What was drawn"),
    N_("What it measures"),
    N_("On which image or plane it was drawn"),
)


class MarkTable(QAbstractTableModel):
    """One row a mark of the case, in the order drawn. ``place_of`` says where one is."""

    def __init__(self, marks: MarkView, place_of: Callable[[Mark], str]) -> None:
        super().__init__()
        self._marks, self._place_of = marks, place_of
        self._rows: tuple[Mark, ...] = ()

    def show_marks(self) -> None:
        """Show the marks as they are now; rows that stay keep their selection."""
        before, self._rows = self._rows, self._marks.marks
        if [mark.id for mark in before] == [mark.id for mark in self._rows]:
            if self._rows:
                self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, PLACE))
            return
        self.beginResetModel()
        self.endResetModel()

    def mark_at(self, row: int) -> Mark:
        """Return the mark of a row."""
        return self._rows[row]

    def row_of(self, mark_id: str | None) -> int:
        """Return the row of a mark, -1 where there is none."""
        return next((row for row, mark in enumerate(self._rows) if mark.id == mark_id), -1)

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """Number of marks."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        """Number of columns."""
        return 0 if parent.isValid() else len(TITLES)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Headings and their tooltips."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ToolTipRole:
            return str(TIPS[section])
        if role == Qt.ItemDataRole.DisplayRole:
            return "" if section == EYE else str(TITLES[section])
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Names can be typed in place."""
        usual = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return usual | Qt.ItemFlag.ItemIsEditable if index.column() == NAME else usual

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell says, its icon and its colour."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        mark, column = self._rows[index.row()], index.column()
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return self._said(mark, column, index.row())
        if role == Qt.ItemDataRole.DecorationRole and column == EYE:
            return icon("eye-off" if mark.hidden else "eye", "dim" if mark.hidden else "text")
        if role == Qt.ItemDataRole.ForegroundRole and mark.hidden:
            return theme.colour("dim")
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            said = self._tip(mark, column, index.row())
            return tip(*said.splitlines()) if role == Qt.ItemDataRole.ToolTipRole else said
        return None

    def _said(self, mark: Mark, column: int, row: int) -> str:
        if column == VALUE:
            return value_words(mark, self._marks.measured(mark))
        if column == PLACE:
            return self._place_of(mark)
        return {NUMBER: str(row + 1), NAME: mark.name, KIND: str(KIND_TITLES[mark.kind])}.get(column, "")

    def _tip(self, mark: Mark, column: int, row: int) -> str:
        if column == EYE:
            return str(N_("Hidden on the images")) if mark.hidden else str(N_("Shown on the images"))
        if column == VALUE:
            notes = " ".join(str(note) for note in self._marks.measured(mark).notes)
            return f"{self._said(mark, column, row)}\n{notes}".strip()
        return str(TIPS[NAME]) if column == NAME and not mark.name else self._said(mark, column, row)

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Rename a mark."""
        from dataclasses import replace

        if role != Qt.ItemDataRole.EditRole or index.column() != NAME:
            return False
        mark = self._rows[index.row()]
        self._marks.change(mark, replace(mark, name=str(value).strip()))
        return True
