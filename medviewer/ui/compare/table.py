"""The rows of the comparison panel, for Qt's table."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from medviewer.core.case import Case
from medviewer.core.compared import Compared, Row
from medviewer.core.growth import COURSE_TITLES
from medviewer.i18n import N_, Message
from medviewer.ui import theme, words
from medviewer.ui.compare import words as compare_words

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class Column:
    """A column: its heading, what that means, and what it says of a row."""

    title: Message
    tip: Message
    say: Callable[[Case, Row], str]
    number: bool = True


def _number(case: Case, row: Row) -> str:
    return "" if row.now is None else str(words.number(case, row.now.id))


COLUMNS = (
    Column(N_("#"), N_("Number on the images"), _number),
    Column(N_("Now"), N_("Long and short axis now, in mm"), lambda _c, row: compare_words.axes(row.now)),
    Column(
        N_("Other"), N_("Long and short axis in the other examination, in mm"),
        lambda _c, row: compare_words.axes(row.other),
    ),
    Column(N_("Volume"), N_("Change of volume"), lambda _c, row: compare_words.change(row)),
    Column(N_("Doubles in"), N_("Volume doubling time, in days"), lambda _c, row: compare_words.doubling(row)),
    Column(
        N_("Course"), N_("What became of it"), lambda _c, row: str(compare_words.COURSE_SHORT[row.course]), number=False
    ),
)  # fmt: skip
OTHER, COURSE = 2, 5
EARLIER, LATER = N_("Before"), N_("Later")


class PairsTable(QAbstractTableModel):
    """One row a finding of either examination."""

    def __init__(self) -> None:
        super().__init__()
        self.case: Case | None = None
        self.compared: Compared | None = None

    def show_pairs(self, case: Case | None, compared: Compared | None) -> None:
        """Show another state of the comparison."""
        self.beginResetModel()
        self.case, self.compared = case, compared
        self.endResetModel()

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows shown."""
        return () if self.compared is None or self.case is None else self.compared.rows

    def place_of(self, finding_id: str | None) -> int:
        """Return the row of a finding of this examination; -1 where it has none."""
        ids = [None if row.now is None else row.now.id for row in self.rows]
        return ids.index(finding_id) if finding_id is not None and finding_id in ids else -1

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """Number of rows."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        """Number of columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Headings and their tooltips."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        column = COLUMNS[section]
        later = self.compared is not None and self.compared.is_later
        title = (LATER if later else EARLIER) if section == OTHER else column.title
        return {
            Qt.ItemDataRole.DisplayRole: str(title),
            Qt.ItemDataRole.ToolTipRole: str(column.tip),
            Qt.ItemDataRole.TextAlignmentRole: RIGHT if column.number else LEFT,
        }.get(Qt.ItemDataRole(role))

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell says, and its colour."""
        if self.case is None or not index.isValid():
            return None
        column, row, case = COLUMNS[index.column()], self.rows[index.row()], self.case
        answers: dict[int, Callable[[], Any]] = {
            Qt.ItemDataRole.DisplayRole: lambda: column.say(case, row),
            Qt.ItemDataRole.ToolTipRole: lambda: str(COURSE_TITLES[row.course]),
            Qt.ItemDataRole.TextAlignmentRole: lambda: RIGHT if column.number else LEFT,
            Qt.ItemDataRole.ForegroundRole: lambda: _ink(index.column(), row),
        }
        return answers.get(role, lambda: None)()


def _ink(column: int, row: Row) -> Any:
    name = compare_words.COURSE_COLOURS.get(row.course) if column == COURSE else None
    return theme.colour(name) if name else None
