"""The findings panel: what was found, what is measured, what the model thinks, and the reader's verdict."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QSize, Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QLabel,
    QPushButton,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from medviewer.core.case import Case
from medviewer.core.finding import Finding
from medviewer.core.study import Series
from medviewer.i18n import N_, _
from medviewer.ui import verdict
from medviewer.ui.explaining.candidates import CandidateFold
from medviewer.ui.explaining.heating import heating_of
from medviewer.ui.explaining.threshold import ThresholdBar
from medviewer.ui.finding_card import FindingCard
from medviewer.ui.findings_table import PLACE, FindingsTable, StatusFilter
from medviewer.ui.panel import Panel, follow
from medviewer.ui.provisional import provisionals_of
from medviewer.ui.strip import remaining_words
from medviewer.ui.tables import as_list
from medviewer.ui.theme import as_role
from medviewer.ui.view import ReadingStatus, View
from medviewer.ui.wrapping import WrappingRow

if TYPE_CHECKING:
    from medviewer.app.session import Session

LEAST_ROWS, MOST_ROWS = 3, 8
FILTERS = (
    (N_("All"), frozenset[str]()),
    (N_("To review"), frozenset({"unreviewed"})),
    (N_("Accepted"), frozenset({"accepted", "edited"})),
    (N_("Rejected"), frozenset({"rejected"})),
)


def empty_words(reading: ReadingStatus, study_open: bool) -> str:
    """Say why the table is empty, and what that means."""
    if not study_open:
        return _("Open a study to see its findings.")
    if reading.state == "running":
        left = remaining_words(reading.remaining_s)
        share = _("Reading… {percent:.0f} %").format(percent=100 * reading.share)
        return f"{share}, {left}" if left else share
    if reading.state == "done":
        return _("No nodule found by the model — this does not mean there is none.")
    if reading.state in ("refused", "failed"):
        return _("This series is not read: {reason}").format(reason=reading.text)
    if reading.state == "cancelled":
        return _("The reading was cancelled. Read again to start it anew.")
    return _("This series has not been read yet.")


class ShortTable(QTableView):
    """A table that asks for room for its rows, up to some, and takes more where there is more."""

    def sizeHint(self) -> QSize:
        """As high as its first rows."""
        rows = min(max(self.model().rowCount(), LEAST_ROWS), MOST_ROWS) if self.model() else LEAST_ROWS
        high = self.horizontalHeader().sizeHint().height() + rows * self.verticalHeader().defaultSectionSize()
        return QSize(super().sizeHint().width(), high + 2 * self.frameWidth())


class FindingsPanel(QWidget):
    """Filter, table, and the chosen finding with the verdict buttons; a click jumps there in all planes."""

    def __init__(self, session: "Session", view: View) -> None:
        super().__init__()
        self.session, self.view = session, view
        self.model = FindingsTable()
        self.filtered = StatusFilter(self.model)
        self.table, self.empty, self.card = ShortTable(), QLabel(), FindingCard()
        self.threshold, self.candidates = ThresholdBar(session, view), CandidateFold(session, view)
        self.heating, self.provisional = heating_of(view), provisionals_of(view)
        self.pages, self.filters = QStackedWidget(), QButtonGroup(self)
        self.again = QPushButton(_("Read again"))
        self._lay_out()
        self._connect()
        self.refresh()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(8)
        column.addLayout(self._filter_row())
        self.empty.setWordWrap(True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setMargin(24)
        self.empty.setObjectName("findings-empty")
        as_role(self.empty, "dim")
        self._prepare_table()
        self.pages.addWidget(self.empty)
        self.pages.addWidget(self.table)
        column.addWidget(self.pages, 1)
        for part in (self.card, self.threshold, self.candidates):
            column.addWidget(part)

    def _filter_row(self) -> WrappingRow:
        row = WrappingRow()
        for number, (title, _statuses) in enumerate(FILTERS):
            button = QPushButton(str(title))
            button.setCheckable(True)
            button.setChecked(number == 0)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            row.addWidget(as_role(button, "filter"))
            self.filters.addButton(button, number)
        self.again.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.again.setToolTip(_("Let the model read this series anew; your verdicts stay."))
        row.addWidget(as_role(self.again, "flat"))
        return row

    def _prepare_table(self) -> None:
        table = self.table
        table.setModel(self.filtered)
        self.columns = as_list(table, _("Findings"), PLACE)
        table.setSortingEnabled(True)
        table.sortByColumn(-1, Qt.SortOrder.AscendingOrder)  # the order found, until the reader sorts

    def _connect(self) -> None:
        self.filters.idClicked.connect(lambda number: self.filtered.want(FILTERS[number][1]))
        self.again.clicked.connect(self.view.reading_wanted)
        self.table.clicked.connect(self._jump)
        self.table.selectionModel().currentRowChanged.connect(self._chosen)
        self.card.accept.clicked.connect(lambda: verdict.accept(self.session, self.view))
        self.card.reject.clicked.connect(lambda: verdict.reject(self.session, self.view))
        self.card.heat.clicked.connect(self.heating.toggle)
        self.heating.changed.connect(lambda: self.card.show_heat(self.heating.on))
        follow(self, self.session, lambda _touched, _source: self.refresh())
        self.view.finding_changed.connect(self.refresh)
        self.provisional.changed.connect(self.refresh)
        self.view.reading_changed.connect(self._say_reading)
        self.view.page_changed.connect(self._say_reading)

    def minimumSizeHint(self) -> QSize:
        """As high as its texts are at the width there is; Qt would wrap them as narrowly as it can to ask for room."""
        least = super().minimumSizeHint()
        return QSize(least.width(), min(least.height(), self.heightForWidth(max(self.width(), least.width()))))

    @property
    def case(self) -> Case | None:
        """The open case as it is seen, what a reading under way has found included; None where nothing is open."""
        return None if self.session.study is None else self.provisional.seen(self.session.case)

    def refresh(self) -> None:
        """Show the case and how far the model is."""
        case = self.case
        self.model.show_case(case)
        self.filtered.invalidate()
        self.columns.fit()
        self.table.updateGeometry()
        has_rows = case is not None and bool(case.findings)
        self.pages.setCurrentIndex(1 if has_rows else 0)
        self._say_reading()
        for number, (title, statuses) in enumerate(FILTERS):
            count = len([f for f in case.findings if not statuses or f.status in statuses]) if case else 0
            self.filters.button(number).setText(f"{title} {count}")
        self._select_row()
        chosen = None if case is None or self.view.finding_id is None else case.finding(self.view.finding_id)
        self.card.show_finding(case, chosen, self.view.reading, self._series_of(chosen))
        self.threshold.refresh()
        self.candidates.refresh()

    def _series_of(self, finding: Finding | None) -> Series | None:
        """Return the series of a finding, as the study has it."""
        study = self.session.study
        if finding is None or study is None:
            return None
        return next((series for series in study.series if series.uid == finding.series_uid), None)

    def _say_reading(self) -> None:
        """Say how far the model is; asked for ten times a second, so nothing else is done here."""
        reading, is_open = self.view.reading, self.session.study is not None
        document = self.view.page is not None
        self.empty.setText(_("A document is shown, no images.") if document else empty_words(reading, is_open))
        self.again.setEnabled(is_open and not document and reading.state not in ("running", "refused"))

    def _select_row(self) -> None:
        """Mark the row of the chosen finding without telling anybody."""
        selection = self.table.selectionModel()
        selection.blockSignals(True)
        target = QModelIndex()
        for row in range(self.model.rowCount()):
            if self.model.finding_at(row).id == self.view.finding_id:
                target = self.filtered.mapFromSource(self.model.index(row, 0))
        flags = QItemSelectionModel.SelectionFlag
        selection.setCurrentIndex(target, flags.ClearAndSelect | flags.Rows)
        selection.blockSignals(False)
        self.table.viewport().update()

    def _chosen(self, index: QModelIndex) -> None:
        if index.isValid():
            self._jump(index)

    def _jump(self, index: QModelIndex) -> None:
        """Go to the finding of a row in all planes."""
        self.view.select(self.model.finding_at(self.filtered.mapToSource(index).row()))


def _make(session: "Session", view: View) -> QWidget:
    return FindingsPanel(session, view)


PANEL = Panel("findings", N_("Findings"), 10, _make, upper=True)
