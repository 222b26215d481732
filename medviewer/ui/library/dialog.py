"""The library's window: every study ever opened, found as one types, opened again without a scan."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import shiboken6
from PySide6.QtCore import QItemSelectionModel, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QMessageBox,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from medviewer.app.library.library import Library
from medviewer.app.library.rows import Copies, StudyRow
from medviewer.core.job import Job
from medviewer.i18n import _
from medviewer.ui.cards import label, say
from medviewer.ui.jobs import Jobs
from medviewer.ui.library.search import SearchBar, StudyTable
from medviewer.ui.library.series import Pictured, SeriesStrip, pictured
from medviewer.ui.library.table import COLUMNS, DATE, LibraryTable
from medviewer.ui.theme import as_role

if TYPE_CHECKING:
    from medviewer.app.library.rebuild import Rebuilt

T = TypeVar("T")
TYPING_MS, LIMIT = 120, 1000
SHOWN_ROWS = 0
INDEX_BUTTONS, STUDY_BUTTONS = ("check", "rebuild", "delete"), ("forget", "import", "open", "close")


class LibraryDialog(QDialog):
    """Studies to be searched, opened and forgotten; the window behind it stays usable.

    ``study_wanted`` and ``import_wanted`` get the study's UID.
    """

    study_wanted = Signal(str)
    import_wanted = Signal(str)

    def __init__(
        self, library: Library, jobs: Jobs, places: Callable[[], Sequence[Path]] = tuple, parent: QWidget | None = None
    ) -> None:
        """``places`` tells the folders that are looked through too when the index is built again."""
        super().__init__(parent)
        self.library, self._jobs, self._places = library, jobs, places
        self._search_job: Job | None = None
        self._series_job: Job | None = None
        self._long_job: Job | None = None
        self._row_shown: StudyRow | None = None
        self.setWindowTitle(_("Library"))
        self.table, self.strip = LibraryTable(), SeriesStrip()
        self.bar, self.view, self.pages = SearchBar(), StudyTable(), QStackedWidget()
        self.state, self.empty, self.more, self.note = label(role="dim"), label(), label(role="dim"), label()
        self.buttons = _buttons()
        self._search_soon, self._series_soon = self._timer(self.search), self._timer(self._show_series)
        self._dress()
        self._lay_out()
        self._connect()
        self.resize(1180, 680)
        say(self.more, "")
        say(self.note, "")
        self._allow()

    def _timer(self, call: Callable[[], None]) -> QTimer:
        made = QTimer(self)
        made.setSingleShot(True)
        made.setInterval(TYPING_MS)
        made.timeout.connect(call)
        return made

    def _dress(self) -> None:
        self.view.setModel(self.table)
        self.view.sortByColumn(DATE, Qt.SortOrder.DescendingOrder)
        self.view.setSortingEnabled(True)
        for number, column in enumerate(COLUMNS):
            self.view.setColumnWidth(number, column.width_px)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)

    def _lay_out(self) -> None:
        foot, whole = QHBoxLayout(), QVBoxLayout(self)
        self.pages.addWidget(self.view)
        self.pages.addWidget(self.empty)
        for name in INDEX_BUTTONS:
            foot.addWidget(self.buttons[name])
        foot.addStretch(1)
        for name in STUDY_BUTTONS:
            foot.addWidget(self.buttons[name])
        whole.addWidget(self.bar)
        whole.addWidget(self.state)
        whole.addWidget(self.pages, 1)
        whole.addWidget(self.strip)
        whole.addWidget(self.more)
        whole.addWidget(self.note)
        whole.addLayout(foot)

    def _connect(self) -> None:
        self.bar.changed.connect(self._search_soon.start)
        self.bar.entered.connect(self._enter)
        self.bar.moved.connect(self._move)
        self.view.wanted.connect(self._want)
        self.view.doubleClicked.connect(self._want)
        self.view.selectionModel().currentRowChanged.connect(self._chosen)
        for name, call in {
            "open": self._want,
            "import": self._want_import,
            "forget": self._forget,
            "check": lambda: self.check_disk(quiet=False),
            "rebuild": self._ask_rebuild,
            "delete": self._ask_delete,
            "close": self.reject,
        }.items():
            self.buttons[name].clicked.connect(call)
        QShortcut(QKeySequence("Ctrl+F"), self, self.bar.begin)
        QShortcut(QKeySequence(Qt.Key.Key_Delete), self.view, self._forget, context=Qt.ShortcutContext.WidgetShortcut)

    # ---- what is shown ----

    def showEvent(self, event: QShowEvent) -> None:
        """List what there is, ready to type, and look beside that which files are gone."""
        super().showEvent(event)
        self.bar.begin()
        self.search()
        self.check_disk(quiet=True)

    @property
    def chosen(self) -> StudyRow | None:
        """The study chosen in the list."""
        index = self.view.currentIndex()
        return self.table.rows[index.row()] if index.isValid() else None

    def search(self) -> None:
        """Look for what the fields say; the answer comes from a thread, and an older one no longer counts."""
        self._search_soon.stop()
        library, wanted = self.library, self.bar.wanted
        self._search_job = job = self._run(
            _("Searching the library"),
            lambda _job: (library.find(*wanted, limit=LIMIT), library.count(), library.modalities()),
            lambda found: self._found(*found) if job is self._search_job else None,
        )

    def _run(self, title: str, work: Callable[[Job], T], done: Callable[[T], None], *, quiet: bool = True) -> Job:
        """Run ``work`` in a thread; what goes wrong stands above the list."""
        return self._jobs.start(
            title,
            work,
            done=lambda result: done(result) if shiboken6.isValid(self) else None,
            failed=lambda error: self._failed(error) if shiboken6.isValid(self) else None,
            quiet=quiet,
        )

    def _failed(self, error: Exception) -> None:
        say(self.state, str(error))
        self._allow()

    def _found(self, rows: Sequence[StudyRow], count: int, modalities: Sequence[str]) -> None:
        before = self.chosen
        with QSignalBlocker(self.view.selectionModel()):
            self.table.show_rows(rows)
            row = max(self.table.row_of(before.study_uid) if before else 0, 0)
            if rows:
                rows_of = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
                self.view.selectionModel().setCurrentIndex(self.table.index(row, 0), rows_of)
        self.view.scrollTo(self.view.currentIndex())
        self.bar.list_modalities(modalities)
        self.pages.setCurrentIndex(SHOWN_ROWS if rows else 1)
        self.strip.setVisible(bool(rows))
        self.empty.setText("" if rows else self._why_empty(count))
        say(self.state, _count_words(len(rows), count))
        self._chosen()

    def _why_empty(self, count: int) -> str:
        if count:
            return _("No study in the library fits. Take out a word, or widen modality and dates.")
        if not self.library.on:
            return _("The library is empty. Remembering studies is switched off in the settings.")
        return _("The library is empty. Open a folder or a disc (Ctrl+O): its studies are listed here from then on.")

    def _chosen(self) -> None:
        self._allow()
        if self.chosen != self._row_shown:
            self._series_soon.start()

    def _show_series(self) -> None:
        row, library = self.chosen, self.library
        if row is None:
            self._row_shown, self._series_job = None, None
            self.strip.clear()
            say(self.more, "")
            return
        self._series_job = job = self._run(
            _("Looking up the series"),
            lambda _job: (pictured(library, row.study_uid), library.copies(row.study_uid) if row.copies else []),
            lambda found: self._show_found_series(row, *found) if job is self._series_job else None,
        )

    def _show_found_series(self, row: StudyRow, series: Sequence[Pictured], copies: Sequence[Copies]) -> None:
        self._row_shown = row
        self.strip.show_series(series)
        say(self.more, "\n".join(_copies_words(one) for one in copies))

    def _allow(self) -> None:
        """Let the buttons do what can be done now."""
        row = self.chosen
        busy = self._long_job is not None and self._jobs.is_busy(self._long_job)
        for name in ("open", "import"):
            self.buttons[name].setEnabled(row is not None and not row.gone)
        self.buttons["forget"].setEnabled(row is not None)
        for name in INDEX_BUTTONS:
            self.buttons[name].setEnabled(not busy)

    # ---- what can be done ----

    def _move(self, event: QKeyEvent) -> None:
        self.view.setFocus()
        self.view.keyPressEvent(event)

    def _enter(self) -> None:
        """Open what is chosen; where the list is still that of an older text, look first."""
        if self._search_soon.isActive():
            self.search()
            self.view.setFocus()
        else:
            self._want()

    def _want(self) -> None:
        if self.chosen is not None and not self.chosen.gone:
            self.study_wanted.emit(self.chosen.study_uid)

    def _want_import(self) -> None:
        if self.chosen is not None:
            self.import_wanted.emit(self.chosen.study_uid)

    def _forget(self) -> None:
        library, row = self.library, self.chosen
        if row is not None:
            self._run(_("Forgetting a study"), lambda _job: library.forget(row.study_uid), lambda _none: self.search())

    def check_disk(self, *, quiet: bool) -> None:
        """Look which files are gone; ``quiet`` where nobody asked for it."""
        library = self.library
        job = self._run(_("Checking files"), library.check_disk, self._checked, quiet=quiet)
        if not quiet:
            self._long_job = job
            self._allow()

    def _checked(self, _studies: int) -> None:
        self.search()
        self._allow()

    def _ask_rebuild(self) -> None:
        text = _("Build the index again? Every image in the known folders is read again. No image is changed.")
        self._ask(text, _("Rebuild"), self._rebuild)

    def _rebuild(self) -> None:
        library, places = self.library, tuple(self._places())
        say(self.note, "")
        self._long_job = self._run(
            _("Building the library again"), lambda job: library.rebuild(job, places), self._rebuilt, quiet=False
        )
        self._allow()

    def _rebuilt(self, built: "Rebuilt") -> None:
        self.search()
        self._allow()
        if built.folders_gone:
            one = _("1 folder is not there; its studies stay in the list.")
            more = _("{n} folders are not there; their studies stay in the list.")
            count = len(built.folders_gone)
            say(self.note, one if count == 1 else more.format(n=count))

    def _ask_delete(self) -> None:
        text = _("Delete the index? The list and its small pictures are emptied. No image is deleted.")
        self._ask(text, _("Delete"), self._delete)

    def _delete(self) -> None:
        library = self.library
        self._run(_("Deleting the index"), lambda _job: library.delete_index(), lambda _none: self.search())

    def _ask(self, text: str, yes: str, then: Callable[[], None]) -> None:
        """Ask once; nothing happens on Escape."""
        box = QMessageBox(QMessageBox.Icon.Question, self.windowTitle(), text, parent=self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.addButton(yes, QMessageBox.ButtonRole.AcceptRole)
        box.setDefaultButton(box.addButton(_("Cancel"), QMessageBox.ButtonRole.RejectRole))
        box.accepted.connect(then)
        box.open()


def _buttons() -> dict[str, QPushButton]:
    """Return the buttons by name; none of them takes the Enter of the fields."""
    said = {
        "open": (_("Open"), _("Open the chosen study (Enter)")),
        "import": (
            _("Import into the library folder"),
            _("Copy the files of the chosen study into the library's own folder"),
        ),
        "forget": (_("Forget"), _("Take the chosen study out of this list (Delete); its files stay")),
        "check": (_("Check files"), _("Look again which files are gone")),
        "rebuild": (_("Rebuild the index…"), _("Read all known folders again")),
        "delete": (_("Delete the index…"), _("Empty this list; no image is deleted")),
        "close": (_("Close"), _("Close the library (Esc)")),
    }
    made = {name: QPushButton(title) for name, (title, _tip) in said.items()}
    for name, button in made.items():
        button.setToolTip(said[name][1])
        button.setAutoDefault(False)
    as_role(made["open"], "primary")
    return made


def _count_words(shown: int, count: int) -> str:
    if shown >= LIMIT and count > shown:
        return _("The newest {n} studies that fit, of {all}; another word narrows the list.").format(n=shown, all=count)
    if shown == count:
        return _("1 study") if count == 1 else _("{n} studies").format(n=count)
    return _("{n} of {all} studies").format(n=shown, all=count)


def _copies_words(copies: Copies) -> str:
    if copies.files == 1:
        return _("1 file in {folder} holds an image that the library has already.").format(folder=copies.folder)
    return _("{n} files in {folder} hold images that the library has already.").format(
        n=copies.files, folder=copies.folder
    )
