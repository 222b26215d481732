"""The comparison panel: which other examination is shown beside, how it lies, what became of each finding."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from medviewer.app.priors import Prior
from medviewer.core.case import Case
from medviewer.core.compared import Compared
from medviewer.i18n import N_, _
from medviewer.ui.cards import column, label, say, scrolled
from medviewer.ui.compare.comparing import Comparing, comparing_of
from medviewer.ui.compare.pair import AUTOMATIC, PairCard
from medviewer.ui.compare.state import StateCard
from medviewer.ui.compare.table import COURSE, PairsTable
from medviewer.ui.panel import LatePanel, Panel, follow
from medviewer.ui.severity import tip
from medviewer.ui.tables import as_list
from medviewer.ui.view import View

if TYPE_CHECKING:
    from medviewer.app.session import Session

MOST_LISTED = 5


class ComparisonPanel(LatePanel):
    """Examinations, registration, pairs; ``prior_wanted`` gets study and series UID of what is to be shown beside."""

    prior_wanted = Signal(str, str)

    def __init__(self, session: "Session", view: View, comparing: Comparing) -> None:
        super().__init__()
        self.session, self.view, self.comparing = session, view, comparing
        self.priors, self.told = QListWidget(), label(role="dim")
        self.state, self.pair = StateCard(comparing), PairCard()
        self.model, self.table = PairsTable(), QTableView()
        self.why_no_pairs = label(role="dim")
        self.read, self.keep = (
            QPushButton(_("Let the model read the prior")),
            QPushButton(_("Save to the prior's case")),
        )
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self.priors.setObjectName("comparison-priors")
        self.priors.setAccessibleName(_("Other examinations"))
        self.priors.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.priors.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.told.setObjectName("comparison-told")
        self.why_no_pairs.setObjectName("comparison-empty")
        self.read.setToolTip(_("What it finds is saved nowhere until you save it"))
        self.keep.setToolTip(_("Add these findings to the case of that examination, to be reviewed there"))
        self._prepare_table()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        above = self.told, self.priors, self.state, self.why_no_pairs, self.read, self.keep
        layout.addWidget(scrolled(column(*above, self.table, self.pair)))

    def _prepare_table(self) -> None:
        table = self.table
        table.setModel(self.model)
        table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.columns = as_list(table, _("Findings of both examinations"), COURSE)
        self.columns.fitted.connect(self._fit_height)

    def _connect(self) -> None:
        self.priors.itemClicked.connect(self._want)
        self.priors.itemActivated.connect(self._want)
        self.prior_wanted.connect(self.comparing.prior_wanted)
        self.table.clicked.connect(self._jump)
        self.table.selectionModel().currentRowChanged.connect(lambda index, _before: self._jump(index))
        self.pair.chosen.connect(self._pair)
        self.read.clicked.connect(lambda _on: self.comparing.findings.read())
        self.keep.clicked.connect(lambda _on: self.comparing.findings.keep())
        self.comparing.changed.connect(self.mark)
        self.view.finding_changed.connect(self._select_row)
        self.view.reading_changed.connect(self._follow_reading)
        self.view.jobs.changed.connect(self._say_progress)
        follow(self, self.session, lambda touched, _source: self.mark() if touched & {"study", "findings"} else None)

    def _follow_reading(self) -> None:
        if self.view.reading.state != "running":  # else ten times a second
            self.mark()

    def _say_progress(self) -> None:
        if self.isVisible() and self.comparing.state() == "running":
            self.state.refresh()

    # ---- what is shown ----

    @property
    def case(self) -> Case | None:
        """The open case, None where nothing is open."""
        return None if self.session.study is None else self.session.case

    def refresh(self) -> None:
        """Show what is known now."""
        self._list_priors()
        self.state.refresh()
        self.state.setVisible(self.comparing.prior_shown() is not None)
        compared = self.comparing.compared() if self.case is not None else None
        self.model.show_pairs(self.case, compared)
        self.columns.fit()
        say(self.why_no_pairs, self._why_no_pairs(compared))
        findings = self.comparing.findings
        unread = findings.state == "known" and findings.other is not None and not findings.other.was_read
        self.read.setVisible(unread)
        self.keep.setVisible(findings.proposed)
        self._select_row()

    def _list_priors(self) -> None:
        search = self.comparing.search.found
        self.priors.clear()
        for prior in () if search is None else search.found:
            self.priors.addItem(self._item(prior))
        count = self.priors.count()
        self.priors.setVisible(count > 0)
        self.priors.setFixedHeight(min(count, MOST_LISTED) * (self.priors.fontMetrics().height() + 10) + 4)
        told = [] if search is None else [str(text) for text in (search.why_none, *search.told) if text is not None]
        if self.case is None:
            told = [_("No study is open. Choose one on the left, or open a folder.")]
        elif search is None:
            told = [_("Looking for earlier examinations…")]
        say(self.told, "\n".join(told))

    def _item(self, prior: Prior) -> QListWidgetItem:
        shown = self.comparing.prior_shown()
        is_shown = shown is not None and shown.series.first.study_uid == prior.study.uid
        item = QListWidgetItem(f"{'●' if is_shown else '○'} {prior.words}")
        item.setData(Qt.ItemDataRole.UserRole, (prior.study.uid, prior.series.uid))
        item.setSizeHint(QSize(0, self.priors.fontMetrics().height() + 10))
        lines = [str(prior.words), _("Shown beside now") if is_shown else _("Click to show it beside")]
        item.setToolTip(tip(*lines, *(f"⚠ {text}" for text in prior.cautions)))
        return item

    def _fit_height(self) -> None:
        """Make the table as high as its rows, and the bar below where it is scrolled sideways."""
        table, count = self.table, self.model.rowCount()
        wide = table.horizontalHeader().length() > table.viewport().width()
        bar = table.horizontalScrollBar().sizeHint().height() if wide else 0
        rows = count * table.verticalHeader().defaultSectionSize()
        table.setFixedHeight(rows + table.horizontalHeader().sizeHint().height() + bar + 4)
        table.setVisible(count > 0)

    def _why_no_pairs(self, compared: Compared | None) -> str:
        comparing = self.comparing
        if self.case is None or comparing.prior_shown() is None:
            return _("Choose an examination above to compare findings with it.") if self.priors.count() else ""
        if comparing.findings.state == "reading":
            return _("The model reads the prior.")
        if compared is None and comparing.registration() is None:
            return _("Findings are paired once the prior is registered or aligned by hand.")
        if compared is None:
            return _("Opening the prior's case…")
        if not compared.other.was_read:
            return _("The prior has not been read yet.")
        return "" if compared.rows else _("There is no finding in either examination.")

    def _select_row(self) -> None:
        """Mark the row of the chosen finding without telling anybody."""
        selection, place = self.table.selectionModel(), self.model.place_of(self.view.finding_id)
        current = self.table.currentIndex()
        if place < 0 and current.isValid() and self.model.rows[current.row()].now is None:
            place = current.row()
        selection.blockSignals(True)
        flags = QItemSelectionModel.SelectionFlag
        target = self.model.index(place, 0) if place >= 0 else QModelIndex()
        selection.setCurrentIndex(target, flags.ClearAndSelect | flags.Rows)
        selection.blockSignals(False)
        self.table.viewport().update()
        self.pair.show_row(self.model.compared, self.model.rows[place] if place >= 0 else None)

    # ---- what the reader does ----

    def _want(self, item: QListWidgetItem) -> None:
        study_uid, series_uid = item.data(Qt.ItemDataRole.UserRole)
        self.prior_wanted.emit(study_uid, series_uid)

    def _jump(self, index: QModelIndex) -> None:
        """Go to the finding of a row in both examinations."""
        if index.isValid():
            self.comparing.jump(self.model.rows[index.row()])
            self._select_row()

    def _pair(self, finding_id: str, other_id: str) -> None:
        findings = self.comparing.findings
        if other_id == AUTOMATIC:
            findings.leave(finding_id)
        elif other_id:
            findings.pair(finding_id, other_id)
        else:
            findings.part(finding_id)


def _make(session: "Session", view: View) -> QWidget:
    return ComparisonPanel(session, view, comparing_of(session, view))


PANEL = Panel("comparison", N_("Comparison"), 16, _make, upper=True, optional=True)
