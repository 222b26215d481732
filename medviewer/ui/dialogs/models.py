"""The models: what each is for, whether it is whole; adding one that others made, and removing it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import shiboken6
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QMessageBox,
    QPushButton,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.i18n import _
from medviewer.ui import theme
from medviewer.ui.cards import GAP_PX, label, say
from medviewer.ui.dialogs.model_form import ModelForm
from medviewer.ui.finding_card import bundle_of
from medviewer.ui.jobs import Jobs

if TYPE_CHECKING:
    from medviewer.ai.bundle import Bundle
    from medviewer.ai.foreign.brought import Brought

T = TypeVar("T")
SIZE, LIST_PX = QSize(980, 640), 300


@dataclass(frozen=True)
class Entry:
    """One model of the list: a line and a state in words, its card (or what is wrong), and whether it can go."""

    id: str
    line: str
    state: str
    text: str
    removable: bool


def entries() -> list[Entry]:
    """Return every model there is, those that cannot be used at the end; hashes are checked, so not for the window."""
    from medviewer.ai.bundle import survey

    found = survey()
    listed = [_entry(bundle) for bundle in found.whole.values()]
    for wrong in (found.damaged, found.broken):
        for folder, problem in wrong.items():
            name = folder.name
            listed.append(Entry(name, name, _("cannot be used"), str(problem), wrong is found.broken))
    return listed


def _entry(bundle: "Bundle") -> Entry:
    state = _("added here, file unchanged") if bundle.added else _("comes with MedViewer, file unchanged")
    return Entry(bundle.id, f"{_(bundle.title)} {bundle.version}", state, bundle.card, bundle.added)


class ModelsDialog(QDialog):
    """A list beside the card of what is chosen in it; the window behind stays usable."""

    def __init__(self, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._job: Job | None = None
        self.entries: list[Entry] = []
        self.setWindowTitle(_("Models"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.list, self.card, self.note = QListWidget(), QTextBrowser(), label(role="caution")
        self.list.setAccessibleName(_("Models"))
        self.card.setAccessibleName(_("Card of the model"))
        self.card.setOpenLinks(False)
        self.buttons = {
            "file": QPushButton(_("Add file…")),
            "folder": QPushButton(_("Add folder…")),
            "remove": QPushButton(_("Remove…")),
            "close": QPushButton(_("Close")),
        }
        self._lay_out()
        self._connect()
        say(self.note, "")
        self.refresh()

    def _lay_out(self) -> None:
        self.buttons["file"].setToolTip(_("A TorchScript, .pt2 or ONNX network, or a MONAI bundle as a ZIP archive"))
        self.buttons["folder"].setToolTip(_("A MONAI bundle"))
        self.buttons["remove"].setToolTip(_("Remove a model that was added here"))
        middle, foot, whole = QHBoxLayout(), QHBoxLayout(), QVBoxLayout(self)
        self.list.setFixedWidth(theme.px(LIST_PX))
        self.list.setSpacing(GAP_PX // 2)
        middle.addWidget(self.list)
        middle.addWidget(self.card, 1)
        for name, button in self.buttons.items():
            button.setAutoDefault(False)
            if name == "close":
                foot.addStretch(1)
            foot.addWidget(button)
        whole.addLayout(middle, 1)
        whole.addWidget(self.note)
        whole.addLayout(foot)
        room = self.screen().availableGeometry().size()
        self.resize(QSize(theme.px(SIZE.width()), theme.px(SIZE.height())).boundedTo(room))

    def _connect(self) -> None:
        self.list.currentRowChanged.connect(self._choose)
        for name, call in {
            "file": self._ask_file,
            "folder": self._ask_folder,
            "remove": self._ask_remove,
            "close": self.reject,
        }.items():
            self.buttons[name].clicked.connect(call)

    # ---- the list ----

    def refresh(self, chosen: str = "") -> None:
        """Look again what there is, and choose the model ``chosen``."""
        bundle_of.cache_clear()
        self._run(_("Looking at the models"), lambda _job: entries(), lambda found: self._show(found, chosen))

    def _show(self, found: list[Entry], chosen: str) -> None:
        self.entries = found
        self.list.clear()
        for entry in found:
            item = QListWidgetItem(f"{entry.line}\n{entry.state}")
            item.setToolTip(entry.id)
            self.list.addItem(item)
        ids = [entry.id for entry in found]
        self.list.setCurrentRow(ids.index(chosen) if chosen in ids else 0)
        self._allow()

    @property
    def chosen(self) -> Entry | None:
        """The model chosen in the list."""
        row = self.list.currentRow()
        return self.entries[row] if 0 <= row < len(self.entries) else None

    def _choose(self, _row: int) -> None:
        self.card.setMarkdown(self.chosen.text if self.chosen else "")
        self._allow()

    def _allow(self) -> None:
        self.buttons["file"].setEnabled(self._job is None)
        self.buttons["folder"].setEnabled(self._job is None)
        self.buttons["remove"].setEnabled(self._job is None and self.chosen is not None and self.chosen.removable)

    # ---- adding ----

    def _ask_file(self) -> None:
        kinds = _("Models") + " (*.ts *.pt *.pt2 *.onnx *.zip)"
        path, _kind = QFileDialog.getOpenFileName(self, _("Add a model"), "", kinds)
        if path:
            self.bring(Path(path))

    def _ask_folder(self) -> None:
        path = QFileDialog.getExistingDirectory(self, _("Add a MONAI bundle"))
        if path:
            self.bring(Path(path))

    def bring(self, path: Path) -> None:
        """Look at what is in ``path`` and ask for what its files do not say."""
        from medviewer.ai.foreign.brought import look

        self._run(_("Looking at the model"), lambda _job: look(path), self._ask)

    def _ask(self, brought: "Brought") -> None:
        form = ModelForm(brought, self)
        form.accepted.connect(lambda: self.keep(brought, form.given()))
        form.open()

    def keep(self, brought: "Brought", given: dict[str, object]) -> None:
        """Try what was brought, in a process of its own, and keep it where it answers as it should."""
        from medviewer.ai.foreign import adding

        self._run(
            _("Trying the model"),
            lambda job: adding.add(brought, adding.merged(brought, given), job),
            lambda added: self.refresh(added.id),
        )

    # ---- removing ----

    def _ask_remove(self) -> None:
        entry = self.chosen
        if entry is None:
            return
        words = _("Remove the model '{name}'? Findings that it made stay.").format(name=entry.id)
        box = QMessageBox(QMessageBox.Icon.Question, _("Remove a model"), words, parent=self)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setStandardButtons(QMessageBox.StandardButton.Cancel)
        gone = box.addButton(_("Remove"), QMessageBox.ButtonRole.DestructiveRole)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        gone.clicked.connect(lambda: self.remove(entry.id))
        box.open()

    def remove(self, identity: str) -> None:
        """Remove a model that was added here."""
        from medviewer.ai.foreign import adding

        self._run(_("Removing the model"), lambda _job: adding.remove(identity), lambda _none: self.refresh())

    # ---- work beside the window ----

    def _run(self, title: str, work: Callable[[Job], T], done: Callable[[T], None]) -> None:
        say(self.note, "")

        def end(call: Callable[[], None]) -> None:
            if not shiboken6.isValid(self):  # closed meanwhile
                return
            self._job = None
            self._allow()
            call()

        self._job = self._jobs.start(
            title,
            work,
            done=lambda result: end(lambda: done(result)),
            failed=lambda error: end(lambda: self._failed(error)),
            cancelled=lambda: end(lambda: None),
        )
        self._allow()

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, Problem):
            raise error
        say(self.note, str(error))

    def done(self, result: int) -> None:
        """Close; a trial under way is stopped, and nothing of it is kept."""
        if self._job is not None:
            self._job.cancel()
        super().done(result)
