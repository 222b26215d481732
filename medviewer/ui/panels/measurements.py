"""The measurements panel: everything drawn on the images, what it measures, and what may be done with it."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QPushButton,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from medviewer.app.marks_csv import Row, table, write_csv
from medviewer.core.mark import Mark
from medviewer.core.problem import Problem
from medviewer.core.study import Series
from medviewer.i18n import N_, _
from medviewer.imaging.marks.measure import refusals
from medviewer.ui import theme
from medviewer.ui.cards import label
from medviewer.ui.marks.card import MarkCard
from medviewer.ui.marks.grab import delete_chosen
from medviewer.ui.marks.table import EYE, KIND, NAME, PLACE, VALUE, MarkTable
from medviewer.ui.marks.view import marks_of
from medviewer.ui.marks.where import go_to, place_words
from medviewer.ui.panel import LatePanel, Panel, follow
from medviewer.ui.tables import as_list
from medviewer.ui.theme import as_role
from medviewer.ui.view import View
from medviewer.ui.wrapping import WrappingRow

if TYPE_CHECKING:
    from medviewer.app.session import Session

EYE_PX, EYE_ICON_PX, MOST_PX = 30, 16, 170  # at a scale of 100 %
_KEYS = Qt.Key


def empty_words(study_open: bool, series: Series | None) -> str:
    """Say why the list is empty and what to do."""
    if not study_open:
        return _("Open a study to measure in its images.")
    refused = refusals(series) if series is not None else ()
    if refused:
        return _("Nothing is measured in these images: {why}").format(why=" ".join(str(c.text) for c in refused))
    words = _(
        "Nothing is measured yet. Press D and drag over the image for a length, E for a region, A for an angle; "
        "all tools are in the Tools menu."
    )
    if series is not None and series.first.pixel_spacing_mm is None:
        return words + " " + _("The files do not say how large a pixel is: lengths are given in pixels.")
    return words


class MarksView(QTableView):
    """The list; Space shows or hides, Delete deletes, Enter goes there, F2 names."""

    toggle_wanted = Signal()
    delete_wanted = Signal()
    go_wanted = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the keys of the list; everything else goes Qt's way."""
        wanted = {
            _KEYS.Key_Space: self.toggle_wanted,
            _KEYS.Key_Delete: self.delete_wanted,
            _KEYS.Key_Return: self.go_wanted,
            _KEYS.Key_Enter: self.go_wanted,
        }.get(_KEYS(event.key()))
        if wanted is None or not self.currentIndex().isValid():
            super().keyPressEvent(event)
        else:
            wanted.emit()

    def wants_key(self, event: QKeyEvent) -> bool:
        """Whether a key is for the list rather than a shortcut of the window."""
        own = {_KEYS.Key_Space, _KEYS.Key_Delete, _KEYS.Key_F2, _KEYS.Key_Up, _KEYS.Key_Down}
        return event.key() in own | {_KEYS.Key_Return, _KEYS.Key_Enter, _KEYS.Key_Home, _KEYS.Key_End}


class MeasurementsPanel(LatePanel):
    """Table above, the chosen mark's numbers and histogram below, buttons for all of them."""

    def __init__(self, session: "Session", view: View) -> None:
        super().__init__()
        self.session, self.view, self.marks = session, view, marks_of(view)
        self.marks.find_series = self._series
        self.model = MarkTable(self.marks, self._place)
        self.table, self.empty, self.card = MarksView(), label(role="dim"), MarkCard()
        self.pages = QStackedWidget()
        self.remove = QPushButton(_("Delete"))
        self.copy, self.save = QPushButton(_("Copy")), QPushButton(_("Export CSV…"))
        self._lay_out()
        self._connect()

    # ---- building ----

    def _lay_out(self) -> None:
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setMargin(24)
        self.empty.setObjectName("measurements-empty")
        self._prepare_table()
        listed = QWidget()
        column = QVBoxLayout(listed)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(self._button_row())
        column.addWidget(self.table, 1)
        column.addWidget(self.card)
        self.pages.addWidget(self.empty)
        self.pages.addWidget(listed)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(8, 8, 8, 8)
        whole.addWidget(self.pages)

    def _button_row(self) -> WrappingRow:
        row = WrappingRow()
        self.remove.setToolTip(_("Delete the chosen measurement (Delete); undo brings it back"))
        self.copy.setToolTip(_("Copy the table, to paste it into a report or a spreadsheet"))
        self.save.setToolTip(_("Save the table as a CSV file; it holds nothing about the patient"))
        for button in (self.remove, self.copy, self.save):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            row.addWidget(as_role(button, "flat"))
        return row

    def _prepare_table(self) -> None:
        shown = self.table
        shown.setModel(self.model)
        most = dict.fromkeys((NAME, KIND, PLACE), MOST_PX)
        self.columns = as_list(shown, _("Measurements"), VALUE, fixed={EYE: EYE_PX}, most=most)
        self.columns.fitted.connect(self._size_eyes)
        triggers = QAbstractItemView.EditTrigger
        shown.setEditTriggers(triggers.DoubleClicked | triggers.EditKeyPressed)
        self._size_eyes()

    def _size_eyes(self) -> None:
        self.table.setIconSize(QSize(theme.px(EYE_ICON_PX), theme.px(EYE_ICON_PX)))

    def _connect(self) -> None:
        self.table.clicked.connect(self._clicked)
        self.table.selectionModel().currentRowChanged.connect(lambda now, _before: self._jump(now))
        self.table.toggle_wanted.connect(lambda: self._toggle(self.table.currentIndex()))
        self.table.delete_wanted.connect(lambda: delete_chosen(self.marks))
        self.table.go_wanted.connect(lambda: self._jump(self.table.currentIndex()))
        self.remove.clicked.connect(lambda: delete_chosen(self.marks))
        self.copy.clicked.connect(self.copy_table)
        self.save.clicked.connect(self._ask_where)
        follow(self, self.session, lambda touched, _source: self.mark() if touched & {"marks", "study"} else None)
        self.view.marks_changed.connect(self.mark)
        self.view.volume_changed.connect(self.mark)
        self.view.slices_changed.connect(self._more_read)
        self.marks.changed.connect(self.mark)

    # ---- showing ----

    def refresh(self) -> None:
        """List the marks anew."""
        self.model.show_marks()
        self.columns.fit()
        self.pages.setCurrentIndex(1 if self.model.rowCount() else 0)
        shown = self.view.active.volume
        self.empty.setText(empty_words(self.session.study is not None, None if shown is None else shown.series))
        self._select_row()
        chosen = self.marks.chosen
        self.card.show_mark(chosen, None if chosen is None else self.marks.measured(chosen))
        self.remove.setEnabled(chosen is not None)

    def _more_read(self) -> None:
        """Values under slices that were being read may be there now."""
        if self.model.rowCount() and not all(self.marks.measured(mark).complete for mark in self.marks.marks):
            self.mark()

    def _select_row(self) -> None:
        """Mark the row of the chosen mark without going there."""
        selection = self.table.selectionModel()
        selection.blockSignals(True)
        row, flags = self.model.row_of(self.marks.chosen_id), QItemSelectionModel.SelectionFlag
        if row < 0:
            selection.clearSelection()
            selection.setCurrentIndex(QModelIndex(), flags.NoUpdate)
        elif selection.currentIndex().row() != row or not selection.isRowSelected(row, QModelIndex()):
            selection.setCurrentIndex(self.model.index(row, NAME), flags.ClearAndSelect | flags.Rows)
            self.table.scrollTo(self.model.index(row, NAME))
        selection.blockSignals(False)
        self.table.viewport().update()

    def _series(self, uid: str) -> Series | None:
        """Return a series of the open study, or of another one that was scanned: a prior is measured too."""
        study = self.session.study
        found = next((one for one in study.series if one.uid == uid), None) if study is not None else None
        if found is None:
            with suppress(Problem):
                found = self.session.catalogue.series(uid)
        return found

    def _place(self, mark: Mark) -> str:
        return place_words(mark, self.marks)

    # ---- doing ----

    def _clicked(self, index: QModelIndex) -> None:
        if index.column() == EYE:
            self._toggle(index)
        else:
            self._jump(index)

    def _toggle(self, index: QModelIndex) -> None:
        """Show a hidden mark on the images, or hide it."""
        if index.isValid():
            mark = self.model.mark_at(index.row())
            self.marks.change(mark, replace(mark, hidden=not mark.hidden))

    def _jump(self, index: QModelIndex) -> None:
        """Choose the mark of a row and go there in all planes."""
        if index.isValid():
            mark = self.model.mark_at(index.row())
            self.marks.choose(mark.id)
            go_to(mark, self.marks)

    def _rows(self) -> list[Row]:
        return [Row(mark, self.marks.measured(mark), self.marks.series_of(mark)) for mark in self.marks.marks]

    def copy_table(self) -> None:
        """Put the table on the clipboard, its columns apart by tabs."""
        QGuiApplication.clipboard().setText(table(self._rows(), delimiter="\t"))

    def _ask_where(self) -> None:
        chosen, _kind = QFileDialog.getSaveFileName(self, _("Export measurements"), "measurements.csv", "CSV (*.csv)")
        if chosen:
            self.export(Path(chosen))

    def export(self, path: Path) -> None:
        """Write the table as CSV; Problem where that is not possible."""
        write_csv(path, self._rows())


def _make(session: "Session", view: View) -> QWidget:
    return MeasurementsPanel(session, view)


PANEL = Panel("measurements", N_("Measurements"), 15, _make, upper=True)
