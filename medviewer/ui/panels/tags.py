"""The tags panel: everything the file of the image shown says, to be searched and copied, never changed."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.core.study import Header
from medviewer.i18n import N_, _
from medviewer.ui import theme
from medviewer.ui.cards import label, say
from medviewer.ui.panel import Panel, follow
from medviewer.ui.severity import tip
from medviewer.ui.theme import as_role
from medviewer.ui.view import View

if TYPE_CHECKING:
    from medviewer.app.session import Session
    from medviewer.dicom.tags import TagRow

WAIT_MS = 120  # while the reader scrolls, no file is read
COLUMNS = (N_("Tag"), N_("Name"), N_("Value"), N_("VR"))
TAG, NAME, VALUE, VR = range(4)
ROW_PX, CELL_PX, NAME_PX = 6, 18, 170  # at a scale of 100 %
Index = QModelIndex | QPersistentModelIndex


class TagTable(QAbstractTableModel):
    """The rows of one file; elements of sequences are set in by their level."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[TagRow] = []

    def show_rows(self, rows: "list[TagRow]") -> None:
        """Show the rows of another file."""
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """How many rows."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """How many columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text of a cell; its tip has the whole value."""
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip(row.name, row.value)
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        name = row.name or (_("private") if row.private else "")
        return ("    " * row.level + row.tag, "    " * row.level + name, row.value, row.vr)[index.column()]

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Titles of the columns."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return str(COLUMNS[section])
        return None


class TagsPanel(QWidget):
    """A table of the tags with a filter; the file is read beside the work, and only while the panel is seen."""

    def __init__(self, session: "Session", view: View) -> None:
        super().__init__()
        self.view = view
        self.model, self.filtered = TagTable(), QSortFilterProxyModel()
        self.filter, self.table, self.message = QLineEdit(), QTableView(), label(role="dim")
        self.copy = QPushButton(_("Copy"))
        self._read: str | None = None  # the file shown or being read
        self._job: Job | None = None
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(WAIT_MS)
        self._wait.timeout.connect(self.refresh)
        self._lay_out()
        self._connect(session)

    def _lay_out(self) -> None:
        self.filter.setPlaceholderText(_("Search tags, names and values"))
        self.filter.setAccessibleName(_("Search tags, names and values"))
        self.filter.setClearButtonEnabled(True)
        self.copy.setToolTip(_("Copy the chosen rows, or all that are shown (Ctrl+C)"))
        self.table.setAccessibleName(_("Tags of the image shown"))
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setWordWrap(False)
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.filtered.setSourceModel(self.model)
        self.filtered.setFilterKeyColumn(-1)
        self.filtered.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.table.setModel(self.filtered)
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(VALUE, QHeaderView.ResizeMode.Stretch)
        as_role(self.table, "small")
        theme.follow_scale(self.table, self._fit)
        row, column = QHBoxLayout(), QVBoxLayout(self)
        row.addWidget(self.filter, 1)
        row.addWidget(self.copy)
        column.setContentsMargins(8, 8, 8, 8)
        column.addLayout(row)
        column.addWidget(self.message)
        column.addWidget(self.table, 1)

    def _fit(self) -> None:
        """Give rows and columns the size that the texts need; names leave values at least as much room as they have."""
        metrics, header = self.table.fontMetrics(), self.table.horizontalHeader()
        self.table.verticalHeader().setDefaultSectionSize(metrics.height() + theme.px(ROW_PX))
        widths = {column: metrics.horizontalAdvance(text) for column, text in ((TAG, "(0000,0000)"), (VR, "UN"))}
        for column, width in widths.items():
            header.resizeSection(column, width + theme.px(CELL_PX))
        room = self.width() - sum(header.sectionSize(column) for column in widths)
        header.resizeSection(NAME, max(min(theme.px(NAME_PX), room // 2), theme.px(NAME_PX) // 3))

    def _connect(self, session: "Session") -> None:
        self.filter.textChanged.connect(self.filtered.setFilterFixedString)
        self.copy.clicked.connect(self.copy_rows)
        keys = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self.table)
        keys.setContext(Qt.ShortcutContext.WidgetShortcut)
        keys.activated.connect(self.copy_rows)
        follow(self, session, lambda touched, _source: self._mark() if "study" in touched else None)
        self.view.volume_changed.connect(self._mark)
        self.view.page_changed.connect(self._mark)
        self.view.moved.connect(self._mark)

    @property
    def header(self) -> Header | None:
        """The document or image looked at, None where there is none."""
        if self.view.page is not None:
            return self.view.page.first
        volume = self.view.volume
        if volume is None:
            return None
        k = round(float(volume.grid.to_kji(self.view.point_lps_mm)[0]))
        headers = volume.series.headers
        return headers[min(max(k, 0), len(headers) - 1)]

    def _mark(self) -> None:
        if self.isVisible():
            self._wait.start()

    def showEvent(self, event: QShowEvent) -> None:
        """Read the file of the image looked at."""
        super().showEvent(event)
        self._wait.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Read no more."""
        self._wait.stop()
        self._stop()
        super().hideEvent(event)

    def refresh(self) -> None:
        """Read the file of the image looked at, unless it is the one already shown."""
        header = self.header
        path = header.path if header is not None else ""
        if path == self._read:
            return
        self._stop()
        self._read = path
        if not path:
            self._show([], _("No image is shown."))
            return
        say(self.message, "" if self.model.rows else _("Reading the tags…"))
        self._job = self.view.jobs.start(
            _("Reading the tags"), lambda job: _rows(path, job), self._shown, self._failed, quiet=True
        )

    def _stop(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._job, self._read = None, None

    def _shown(self, rows: "list[TagRow]") -> None:
        self._job = None
        self._show(rows, "")

    def _failed(self, error: Exception) -> None:
        self._job = None
        if not isinstance(error, Problem):
            raise error
        self._show([], str(error))

    def _show(self, rows: "list[TagRow]", words: str) -> None:
        place = self.table.verticalScrollBar().value()
        self.model.show_rows(rows)
        self.table.verticalScrollBar().setValue(place)
        say(self.message, words)

    def copy_rows(self) -> None:
        """Put the chosen rows, or all that the filter leaves, on the clipboard, columns apart by tabs."""
        chosen = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        lines = []
        for row in chosen or range(self.filtered.rowCount()):
            cells = (str(self.filtered.index(row, column).data()) for column in range(len(COLUMNS)))
            lines.append("\t".join(cells))
        QGuiApplication.clipboard().setText("\n".join(lines))


def _rows(path: str, job: Job) -> "list[TagRow]":
    from medviewer.dicom.tags import rows

    return rows(path, job)


def _make(session: "Session", view: View) -> QWidget:
    return TagsPanel(session, view)


PANEL = Panel("tags", N_("Tags"), 70, _make)
