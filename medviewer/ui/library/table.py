"""The rows of the library's window, for Qt's table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from medviewer.app.library.rows import StudyRow
from medviewer.i18n import N_, Message, _
from medviewer.ui.corners import day, person
from medviewer.ui.icons import icon
from medviewer.ui.severity import tip

Place = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_ASCENDING = Qt.SortOrder.AscendingOrder


def name_of(row: StudyRow) -> str:
    """Return the patient as people write it."""
    return person(row.patient_name) or _("no name")


def disk_words(row: StudyRow) -> str:
    """Say what is wrong with the files of a study, or that there are copies; empty where nothing is."""
    said = []
    if row.gone:
        said.append(_("gone"))
    elif row.missing:
        said.append(_("{n} of {all} gone").format(n=row.missing, all=row.files))
    if row.copies:
        said.append(_("1 copy") if row.copies == 1 else _("{n} copies").format(n=row.copies))
    return ", ".join(said)


def disk_sentence(row: StudyRow) -> str:
    """Say the same in sentences, with what can be done."""
    said = []
    if row.gone:
        said.append(_("None of the files is where it was. Insert the disc or connect the drive, then check the disk."))
    elif row.missing:
        text = _("Files that are gone: {n} of {all}. The rest can be opened.")
        said.append(text.format(n=row.missing, all=row.files))
    if row.copies:
        said.append(_("Files with images that the library has already: {n}. They count once.").format(n=row.copies))
    return " ".join(said) or _("All files were there at the last look.")


@dataclass(frozen=True)
class Column:
    """A column: its heading and what it means, what it says of a study, what it is sorted by, its width."""

    title: Message
    tip: Message
    say: Callable[[StudyRow], str]
    sort: Callable[[StudyRow], Any]
    width_px: int
    number: bool = False


def _folded(say: Callable[[StudyRow], str]) -> Callable[[StudyRow], Any]:
    return lambda row: say(row).casefold()


def _plain(
    title: Message, tip: Message, say: Callable[[StudyRow], str], width_px: int, *, number: bool = False
) -> Column:
    return Column(title, tip, say, _folded(say), width_px, number)


COLUMNS = (
    _plain(N_("Patient"), N_("Name of the patient"), name_of, 190),
    _plain(N_("ID"), N_("Patient ID"), lambda row: row.patient_id, 110),
    _plain(N_("Born"), N_("Date of birth"), lambda row: day(row.birth_date), 86),
    _plain(N_("Sex"), N_("Sex as the files say: M, F or O (other)"), lambda row: row.sex, 40),
    Column(N_("Date"), N_("Date of the study"), lambda r: day(r.date), lambda r: (r.date, r.time), 86),
    _plain(N_("Modality"), N_("How the images were made"), lambda row: ", ".join(row.modalities), 74),
    _plain(N_("Description"), N_("What was done"), lambda row: row.description, 200),
    Column(
        N_("Images"),
        N_("Images of the study; each frame of a moving image counts"),
        lambda row: str(row.images),
        lambda row: row.images,
        60,
        number=True,
    ),
    Column(
        N_("Disk"),
        N_("Files that were gone at the last look, and copies of images that the library has already"),
        disk_words,
        lambda row: (row.missing / max(row.files, 1), row.copies),
        116,
    ),
    _plain(N_("Folder"), N_("Folder with the files of the study"), lambda row: row.folder, 220),
)
DATE, DISK = 4, 8


class LibraryTable(QAbstractTableModel):
    """One row a study, in the order of the column chosen."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[StudyRow] = []
        self._order = DATE, Qt.SortOrder.DescendingOrder

    def show_rows(self, rows: Sequence[StudyRow]) -> None:
        """Show other studies, in the order chosen before."""
        self.beginResetModel()
        self.rows = self._sorted(rows)
        self.endResetModel()

    def row_of(self, study_uid: str) -> int:
        """Return the row of a study; -1 where it is not shown."""
        return next((n for n, row in enumerate(self.rows) if row.study_uid == study_uid), -1)

    def sort(self, column: int, order: Qt.SortOrder = _ASCENDING) -> None:
        """Order the rows by a column; rows that are alike keep their order."""
        self._order = column, order
        self.layoutAboutToBeChanged.emit()
        before = [(index, self.rows[index.row()].study_uid) for index in self.persistentIndexList()]
        self.rows = self._sorted(self.rows)
        places = {row.study_uid: n for n, row in enumerate(self.rows)}
        for index, study_uid in before:
            self.changePersistentIndex(index, self.index(places[study_uid], index.column()))
        self.layoutChanged.emit()

    def _sorted(self, rows: Sequence[StudyRow]) -> list[StudyRow]:
        column, order = self._order
        return sorted(rows, key=COLUMNS[column].sort, reverse=order != _ASCENDING)

    def rowCount(self, parent: Place = NOWHERE) -> int:
        """Number of studies."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Place = NOWHERE) -> int:
        """Number of columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Headings and their tooltips."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        column = COLUMNS[section]
        return {
            Qt.ItemDataRole.DisplayRole: str(column.title),
            Qt.ItemDataRole.ToolTipRole: str(column.tip),
            Qt.ItemDataRole.TextAlignmentRole: _RIGHT if column.number else _LEFT,
        }.get(Qt.ItemDataRole(role))

    def data(self, index: Place, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell says, and the sign of what is missing."""
        if not index.isValid():
            return None
        column, row = COLUMNS[index.column()], self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.say(row)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column.number else _LEFT
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip(disk_sentence(row) if index.column() == DISK else column.say(row))
        if role == Qt.ItemDataRole.DecorationRole and index.column() == DISK and row.missing:
            return icon("warning", "caution")  # of the theme shown now
        return None
