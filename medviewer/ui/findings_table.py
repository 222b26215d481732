"""The rows of the findings panel, for Qt's table."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt

from medviewer.core.case import Case
from medviewer.core.finding import Finding
from medviewer.i18n import N_, Message
from medviewer.ui import theme, words

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()
SORT_ROLE = Qt.ItemDataRole.UserRole
ALIGN_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
ALIGN_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class Column:
    """A column: its heading and what it means, what it says of a finding, what it is sorted by."""

    title: Message
    tip: Message
    say: Callable[[Case, Finding], str]
    sort: Callable[[Case, Finding], Any]
    number: bool = False


COLUMNS = (
    Column(
        N_("#"),
        N_("Number on the images"),
        lambda case, f: str(words.number(case, f.id)),
        lambda case, f: words.number(case, f.id),
        number=True,
    ),
    Column(N_("Status"), N_("Your verdict"), lambda _c, f: words.symbol(f), lambda _c, f: f.status),
    Column(N_("Place"), N_("Side and zone of the lung"), lambda _c, f: words.place(f), lambda _c, f: words.place(f)),
    Column(N_("Type"), N_("Solid, part-solid, ground-glass"), lambda _c, f: words.kind(f), lambda _c, f: words.kind(f)),
    Column(
        N_("mm"),
        N_("Long and short axis in mm, on the slice where it is largest"),
        lambda _case, f: words.size(f),
        lambda _case, f: f.long_axis_mm,
        number=True,
    ),
    Column(N_("mm³"), N_("Volume"), lambda _c, f: words.volume(f), lambda _c, f: f.volume_mm3, number=True),
    Column(N_("HU"), N_("Mean density"), lambda _c, f: words.mean_hu(f), lambda _c, f: f.mean_hu, number=True),
    Column(
        N_("Model"),
        N_("How sure the model is, in words measured on test data"),
        lambda _case, f: words.belief(f),
        lambda _case, f: f.score or 0.0,
    ),
)
STATUS, PLACE = 1, 2


def _alignment(column: int) -> Qt.AlignmentFlag:
    if column == STATUS:
        return Qt.AlignmentFlag.AlignCenter
    return ALIGN_RIGHT if COLUMNS[column].number else ALIGN_LEFT


def _tip(case: Case | None, column: Column, finding: Finding) -> str:
    if column is COLUMNS[STATUS] or case is None:
        return words.status(finding)
    return column.say(case, finding)


class FindingsTable(QAbstractTableModel):
    """One row a finding of ``case``, in the order found."""

    def __init__(self) -> None:
        super().__init__()
        self.case: Case | None = None

    def show_case(self, case: Case | None) -> None:
        """Show the findings of another state of the case; rows that stay keep their selection."""
        same = (
            self.case is not None
            and case is not None
            and [f.id for f in self.case.findings] == [f.id for f in case.findings]
        )
        if same:
            self.case = case
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, len(COLUMNS) - 1))
            return
        self.beginResetModel()
        self.case = case
        self.endResetModel()

    def finding_at(self, row: int) -> Finding:
        """Return the finding of a row."""
        assert self.case is not None
        return self.case.findings[row]

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """Number of findings."""
        return 0 if self.case is None or parent.isValid() else len(self.case.findings)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        """Number of columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Headings and their tooltips."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        column = COLUMNS[section]
        return {
            Qt.ItemDataRole.DisplayRole: "" if section == STATUS else str(column.title),
            Qt.ItemDataRole.ToolTipRole: str(column.tip),
            Qt.ItemDataRole.TextAlignmentRole: _alignment(section),
        }.get(Qt.ItemDataRole(role))

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell says, its colour, and by what it is sorted."""
        if self.case is None or not index.isValid():
            return None
        column, finding = COLUMNS[index.column()], self.finding_at(index.row())
        answers: dict[int, Callable[[], Any]] = {
            Qt.ItemDataRole.DisplayRole: lambda: column.say(self.case, finding),  # type: ignore[arg-type]
            Qt.ItemDataRole.ToolTipRole: lambda: _tip(self.case, column, finding),
            Qt.ItemDataRole.TextAlignmentRole: lambda: _alignment(index.column()),
            Qt.ItemDataRole.ForegroundRole: lambda: self._ink(index.column(), finding),
            SORT_ROLE: lambda: column.sort(self.case, finding),  # type: ignore[arg-type]
        }
        return answers.get(role, lambda: None)()

    def _ink(self, column: int, finding: Finding) -> Any:
        if column == STATUS:
            return theme.colour("dim" if finding.status == "rejected" else words.STATUS_COLOURS[finding.status])
        return theme.colour("dim") if finding.status == "rejected" else None


class StatusFilter(QSortFilterProxyModel):
    """Sorts, and lets through the findings of some statuses only; all where ``wanted`` is empty."""

    def __init__(self, table: FindingsTable) -> None:
        super().__init__()
        self.wanted: frozenset[str] = frozenset()
        self._table = table
        self.setSourceModel(table)
        self.setSortRole(SORT_ROLE)

    def want(self, statuses: frozenset[str]) -> None:
        """Let through ``statuses`` only."""
        self.beginFilterChange()
        self.wanted = statuses
        self.endFilterChange()

    def filterAcceptsRow(self, row: int, _parent: Index) -> bool:
        """Whether the row is let through."""
        return not self.wanted or self._table.finding_at(row).status in self.wanted
