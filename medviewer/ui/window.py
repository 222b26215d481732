"""The reading window: what is where, and who is told of what."""

import signal
import sys
from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QMainWindow,
    QVBoxLayout,
    QWidget,
)

from medviewer.app.session import Session
from medviewer.core.case import Case
from medviewer.core.study import Series
from medviewer.dicom.stacks.checks import against_volume
from medviewer.i18n import _
from medviewer.ui import placing_series
from medviewer.ui.actions import table as actions
from medviewer.ui.actions.action import make, refresh
from medviewer.ui.actions.keys import KeyFilter
from medviewer.ui.actions.menus import fill_menus, show_image_menu
from medviewer.ui.actions.toolbar import ToolBar
from medviewer.ui.browser import Browser
from medviewer.ui.cine.cine_bar import CineBar
from medviewer.ui.cine.phase_bar import PhaseBar
from medviewer.ui.cine.phases import Phases
from medviewer.ui.comfort.comfort import Comfort
from medviewer.ui.compare.beside import PriorFlow
from medviewer.ui.docks import Docks
from medviewer.ui.enhance import enhancing as enhance
from medviewer.ui.equipment import equip
from medviewer.ui.finding_card import bundle_of
from medviewer.ui.flow import Flow
from medviewer.ui.fusion.control import FusionControl
from medviewer.ui.hanging.flow import HangingFlow
from medviewer.ui.jobs import Jobs
from medviewer.ui.layouts import BY_ID, needs_volume
from medviewer.ui.library.dialog import LibraryDialog
from medviewer.ui.library.recent import RecentStudies
from medviewer.ui.messages import Hooks, Messages
from medviewer.ui.panels.keys import KeysPanel
from medviewer.ui.provisional import provisionals_of
from medviewer.ui.strip import Strip
from medviewer.ui.view import View
from medviewer.ui.viewer import Viewer

SIZE, LEAST = QSize(1600, 1000), QSize(960, 600)


class MainWindow(QMainWindow):
    """Studies left, images in the middle, panels right, jobs and the notice below."""

    _library: LibraryDialog | None = None  # made when it is asked for

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session: Session = session
        self.jobs = Jobs(self)
        self.view: View = View(self.jobs, self)
        self.view.overlay_shown = session.settings.overlay
        self.view.do, self.view.case = lambda edit: session.do(edit, self.view), self._case
        self.messages = Messages()
        self.hooks = Hooks(self.messages)
        self.flow: Flow = Flow(session, self.view, self.messages, self)
        self.priors: PriorFlow = PriorFlow(self.flow)
        self.recent = RecentStudies(session.library, self.jobs)
        self.provisional = provisionals_of(self.view)
        self.viewer: Viewer = Viewer(self.view, lambda: self.provisional.seen(self._case()), self.recent)
        equip(self.viewer)
        self.phases: Phases = Phases(
            self.view, self.flow.loader, lambda: self.session.study, lambda: self.viewer.viewports, self
        )
        self.viewer.cine.instead = self.phases.cine_steps
        self.browser: Browser = Browser()
        self.strip = Strip(self.jobs)
        self.table = actions.table(self)
        self.actions_by_id = {action.id: make(self, action) for action in self.table}
        self.docks: Docks = Docks(self, session, self.view, self.browser)
        self._lay_out()
        self._connect()
        self.comfort: Comfort = Comfort(self)
        self.comfort.mouse_changed.connect(self.viewer.set_mouse)
        self.viewer.set_mouse(self.comfort.mouse)
        self.hanging = HangingFlow(self)
        self.refresh_actions()

    def _case(self) -> Case | None:
        return None if self.session.study is None else self.session.case

    # ---- building ----

    def _lay_out(self) -> None:
        self.setWindowTitle("MedViewer")
        self.setMinimumSize(LEAST)
        self.setAcceptDrops(True)
        middle = QWidget()
        middle.setObjectName("viewports")
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.messages)
        column.addWidget(FusionControl(self.view))
        column.addWidget(self.viewer, 1)
        column.addWidget(CineBar(self.viewer.cine))
        column.addWidget(PhaseBar(self.phases))
        self.setCentralWidget(middle)
        self.menus = fill_menus(self)
        self.toolbar = ToolBar(self)
        self.addToolBar(self.toolbar)
        bar = self.statusBar()
        bar.setSizeGripEnabled(False)
        bar.addPermanentWidget(self.strip, 1)

    def _connect(self) -> None:
        flow, view = self.flow, self.view
        flow.studies_changed.connect(self.browser.show_studies)
        flow.thumbnails.made.connect(self.browser.set_thumbnail)
        flow.shown.connect(self._series_chosen)
        keys = self.docks.panels["keys"].content
        if isinstance(keys, KeysPanel):
            keys.image_wanted.connect(flow.show_image)
        self.viewer.cine.changed.connect(self.refresh_actions)
        flow.attaching.pages_read.connect(self.viewer.show_pages)
        flow.attaching.layers_placed.connect(lambda: self.docks.show("layers"))
        flow.shelf.remembered.connect(self.recent.refresh)
        self.recent.study_wanted.connect(flow.shelf.open_study)
        self.browser.series_wanted.connect(lambda study, series: placing_series.choose(self, study, series))
        self.viewer.series_dropped.connect(lambda *dropped: placing_series.drop(self, *dropped))
        self.browser.checks_wanted.connect(self._show_checks)
        self.viewer.image_wanted.connect(flow.show_image)
        self.viewer.open_wanted.connect(self.ask_folder)
        self.viewer.demo_wanted.connect(flow.open_demo)
        self.viewer.menu_wanted.connect(lambda at: show_image_menu(self, at))
        self.session.changed.append(self._case_changed)
        view.volume_changed.connect(self.refresh_actions)
        view.volume_changed.connect(lambda: self.docks.reveal("comparison") if view.prior is not None else None)
        view.reading_changed.connect(self._say_model)
        self.provisional.changed.connect(lambda: [viewport.update() for viewport in self.viewer.viewports])
        looks = (view.look_changed, view.displays_changed, view.finding_changed, view.links_changed, view.marks_changed)
        for change in (*looks, view.planes_changed, self.viewer.layout_changed, self.viewer.tool_changed):
            change.connect(self.refresh_actions)
        program = QApplication.instance()
        assert isinstance(program, QApplication)
        self._keys = KeyFilter(program, self)

    # ---- keeping up ----

    def _case_changed(self, touched: frozenset[str], _source: object) -> None:
        if touched & {"study", "findings"}:
            self._say_model()
        if "study" in touched:
            self.phases.look_again()
        case = self._case()
        for panel_id, said in {"regions": case.regions, "keys": case.keys}.items() if case else ():
            if panel_id in touched and said:
                self.docks.reveal(panel_id)
        if touched & {"marks", "regions"}:
            self.view.marks_changed.emit()
        else:
            self.refresh_actions()
        for viewport in self.viewer.viewports:
            viewport.update()

    def _show_checks(self, study_uid: str, series_uid: str) -> None:
        """Show what is odd about a series, and the series."""
        if self.session.series is None or self.session.series.uid != series_uid:
            self.flow.open_study(study_uid, series_uid)
        self.docks.show("series")

    def _series_chosen(self, series: Series) -> None:
        """Mark it in the list."""
        self.messages.forget_passing()
        self.browser.mark_shown(series.uid, series.first.study_uid)

    def refresh_actions(self) -> None:
        """Show which actions are possible and on; name what undo would take back."""
        for action in self.table:
            refresh(self, action, self.actions_by_id[action.id])
        self._name("undo", _("Undo: {what}"), self.session.undo_label)
        self._name("redo", _("Redo: {what}"), self.session.redo_label)
        self.toolbar.refresh()

    def _name(self, action_id: str, words: str, what: object) -> None:
        action = next(action for action in self.table if action.id == action_id)
        self.actions_by_id[action_id].setText(words.format(what=what) if what else str(action.title))

    def _say_model(self) -> None:
        """Say which model read the images, on what."""
        case = self._case()
        refs = {found.model for found in case.findings if found.model} if case else set()
        reading = self.view.reading
        ids = sorted({ref.id for ref in refs} | ({reading.model_id} if reading.model_id else set()))
        words = [self._model_words(model_id, reading.device) for model_id in ids]
        weights = [f"{ref.id} {ref.version} sha256 {ref.sha256}" for ref in refs]
        unread = _("not read by a model") if case and reading.state != "running" else ""
        self.strip.show_model(", ".join(words) or unread, "\n".join(weights))

    @staticmethod
    def _model_words(model_id: str, device: str) -> str:
        bundle = bundle_of(model_id)
        words = f"{model_id} {bundle.version}" if bundle else model_id
        return f"{words} ({device})" if device else words

    def why_no_layout(self, layout_id: str) -> str:
        """Say why a layout cannot be shown now; empty where it can."""
        volume = self.view.volume
        if volume is None:
            return _("No images are open.")
        if layout_id == "compare" and self.view.prior is None:
            return _("No earlier examination of this patient is open.")
        if needs_volume(BY_ID[layout_id].arrangement) and not volume.regular:
            return " ".join(str(check.text) for check in against_volume(volume.series))
        return ""

    # ---- what actions do ----

    def ask_folder(self) -> None:
        """Let the reader choose a folder."""
        chosen = QFileDialog.getExistingDirectory(self, _("Open a folder with DICOM images"))
        if chosen:
            self.flow.open_path(Path(chosen))

    def ask_files(self) -> None:
        """Let the reader choose files: images, archives, a disc's DICOMDIR."""
        chosen, _kind = QFileDialog.getOpenFileNames(self, _("Open DICOM files, archives or a DICOMDIR"))
        if chosen:
            self.flow.open_paths([Path(name) for name in chosen])

    def set_grid(self, rows: int, columns: int) -> None:
        """Show a grid of viewports, the empty ones with the next series of the study."""
        self.viewer.set_grid(rows, columns)
        placing_series.fill(self)

    def open_screen(self) -> None:
        """Open a window for another monitor; keys work there as they do here."""
        screen = self.viewer.open_screen()
        screen.addActions(list(self.actions_by_id.values()))

    def show_library(self) -> None:
        """Show every study opened before, to search and to open again."""
        if self._library is None:
            shelf = self.flow.shelf
            self._library = LibraryDialog(self.session.library, self.jobs, lambda: [shelf.folder], self)
            self._library.finished.connect(self.recent.refresh)
            self._library.study_wanted.connect(self.flow.shelf.open_study)
            self._library.import_wanted.connect(self.flow.shelf.import_study)
        self._library.show()
        self._library.raise_()

    def reset_views(self) -> None:
        """Show every image whole, the usual way round, in its first window."""
        for viewport in self.viewer.viewports:
            viewport.reset()
        self.view.reset_looks()

    def toggle_full_screen(self) -> None:
        """Use the whole screen, or not."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def show_notice(self) -> None:
        """Show what the program is for."""
        from medviewer.ui.dialogs.notice import Notice

        Notice(self).open()

    def show_card(self) -> None:
        """Show the card of the model that fits, else of the first one there is."""
        from medviewer.ai.bundle import bundles
        from medviewer.ui.dialogs.card import CardDialog

        known = bundles()
        wanted = self.view.reading.model_id
        for bundle in [known[wanted]] if wanted in known else list(known.values())[:1]:
            CardDialog(f"{_(bundle.title)} {bundle.version}", bundle.card, self).show()

    def leave(self) -> None:
        """Close the window."""
        self.close()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Show the original for as long as its key is held."""
        if not enhance.key_pressed(self.view, event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Show what is enhanced again."""
        if not enhance.key_released(self.view, event):
            super().keyReleaseEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """A key that is let go elsewhere is held no longer."""
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            enhance.hold_original(self.view, False)
        super().changeEvent(event)

    # ---- dropping and closing ----

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Welcome files and folders."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped, all of it."""
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        event.acceptProposedAction()
        self.flow.open_paths(paths)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop the work, end the helpers, free the volumes; the case is saved already."""
        if not self.comfort.saving.may_close():
            event.ignore()
            return
        if self._case_changed in self.session.changed:
            self.session.changed.remove(self._case_changed)
        self.comfort.close()
        self.viewer.close_screens()
        self.flow.close()
        self.hooks.remove()
        super().closeEvent(event)


def run(path: Path | None, *, screenshot: Path | None = None, demo: bool = False) -> int:
    """Show the window, on ``path`` or the demo where given, until it is closed; return the exit code.

    With ``screenshot`` it waits until findings, risk and advice are shown, saves a picture of the window there and
    ends: 0 when saved, 1 when what was to be opened could not be.
    """
    from medviewer.ui.start import Start

    program = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(program, QApplication)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    start = Start(program)
    try:
        return start.run(path, screenshot, demo)
    finally:
        start.close()
