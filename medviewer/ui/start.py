"""The program's start and end around the window: theme, session, warming up, the screenshot, closing down."""

import sys
from pathlib import Path

from PySide6.QtCore import QLibraryInfo, QObject, QTimer, QTranslator
from PySide6.QtWidgets import QApplication

from medviewer.app import settings
from medviewer.app.session import Session
from medviewer.app.store import Store
from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.i18n import _, screen_language
from medviewer.ui import theme
from medviewer.ui.garbage import Garbage
from medviewer.ui.icons import icon
from medviewer.ui.window import SIZE, MainWindow

LOOK_MS = 50
SETTLE_MS = 300
SWITCH_S = 0.0005
WARM_LATEST_MS = 5000  # however long it takes to open what the program was started with


class Start(QObject):
    """One run of the window."""

    def __init__(self, program: QApplication) -> None:
        super().__init__()
        self._program = program
        # Each Qt call hands the interpreter over; with Python's 5 ms a loading thread would stall every one of them.
        sys.setswitchinterval(SWITCH_S)
        program.setApplicationName("MedViewer")
        self._qt_words = QTranslator(self)  # Qt's own dialogs
        where = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        if self._qt_words.load(f"qtbase_{screen_language()}", where):
            program.installTranslator(self._qt_words)
        chosen, self._notices = settings.load()
        theme.apply(program, chosen.theme, chosen.ui_scale)
        program.setWindowIcon(icon("app"))
        self._garbage = Garbage(self)
        self._store = Store()
        self.session = Session(self._store, chosen)
        self.window = MainWindow(self.session)
        self._picture: Path | None = None
        self._warms = False
        self._latest = QTimer(self, singleShot=True, interval=WARM_LATEST_MS)
        self._latest.timeout.connect(self._warm_up)

    def run(self, path: Path | None, screenshot: Path | None, demo: bool) -> int:
        """Show the window until it is closed and return the exit code; see ``window.run``."""
        window = self.window
        self._picture = screenshot
        self.show(opens=demo or path is not None)
        if demo:
            window.flow.open_demo()
        elif path is not None:
            window.flow.open_path(path)
        if screenshot is not None:
            self._watch(window)
        else:
            window.comfort.welcome()
        return self._program.exec()

    def show(self, *, opens: bool = False) -> None:
        """Show the window, as large as it fits, with the settings' complaints; begin to warm up.

        Where something ``opens`` at once the reader waits for that: warming up, which takes as long, comes after it.
        """
        window = self.window
        room = window.screen().availableGeometry().size()
        window.resize(SIZE if self._picture else SIZE.boundedTo(room))
        window.docks.arrange(window.height())
        if self._picture:
            window.comfort.restoring.rest()
        else:
            window.comfort.restoring.restore_desk()
        window.show()
        window.docks.retitle()
        for said in self._notices:
            window.messages.problem(said.text, said.hint)
        window.recent.refresh()
        self._garbage.wait()
        if opens:
            window.flow.prior_due.connect(self._warm_up)
            self._latest.start()
            QTimer.singleShot(0, self._paint_once)
            window.jobs.start(_("Warming up"), self._ready_to_open, quiet=True)
        else:
            self._warm_up()

    def _paint_once(self) -> None:
        """Let Qt's words for painting, which are made when they are first used, not hold up the first image."""
        if self.window.view.volume is None:
            self.window.viewer.active.grab()

    def _warm_up(self, *_what: object) -> None:
        self._latest.stop()
        if not self._warms:
            self._warms = True
            self.window.jobs.start(_("Warming up"), self._warm, self._warmed, self._warmed, quiet=True)

    def _ready_to_open(self, _job: Job) -> None:
        """Read what the first image is hung by and cut with."""
        import medviewer.ui.planes.tilted  # noqa: F401  # imported late elsewhere
        from medviewer.app.hanging.hang import read_protocols

        read_protocols()

    def _warm(self, job: Job) -> None:
        """Start what takes long to start: decoders, the engine, the database, descriptions of models."""
        from medviewer.ai.bundle import bundles, survey
        from medviewer.ai.engine import default
        from medviewer.dicom.decode import default_pool
        from medviewer.dicom.sources.scratch import sweep
        from medviewer.imaging import curved, fuse
        from medviewer.risk import models
        from medviewer.treatment import guidelines

        self._ready_to_open(job)
        default_pool()
        default().warm()
        sweep()
        self._store.warm()
        curved.warm()
        fuse.warm()
        models()
        guidelines()
        for problem in survey().broken.values():
            self.window.messages.problem(problem.text, problem.hint)
        bundles()  # what is wrong with one is said when it is to read

    def _warmed(self, _result: object) -> None:
        """Leave what has been made by now to itself, whether or not all of it could be warmed."""
        self._paint_once()
        self._garbage.settle()

    # ---- the screenshot ----

    def _watch(self, window: MainWindow) -> None:
        """Look again and again whether all is there; only for a screenshot, so a timer may do."""
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(lambda: self._look(window))
        self._timer.start()
        window.flow.failed.connect(self._give_up)

    def _look(self, window: MainWindow) -> None:
        read = window.view.reading.state in ("done", "refused", "failed", "cancelled")
        waits = self.session.settings.auto_read and not read
        if window.view.volume is None and window.messages.said and not window.flow.busy:
            self._give_up(Problem(window.messages.said[-1].text, window.messages.said[-1].hint))
        if window.flow.busy or window.view.volume is None or waits:
            return
        self._timer.stop()
        window.view.select(next(iter(self.session.case.kept), None))
        for name in ("treatment", "report", "risk"):  # each has been seen once, so each is filled in
            window.docks.show(name)
            self._program.processEvents()
        QTimer.singleShot(SETTLE_MS, lambda: self._save(window))

    def _save(self, window: MainWindow) -> None:
        assert self._picture is not None
        saved = window.grab().save(str(self._picture))
        if not saved:
            print(_("The picture could not be saved to '{path}'.").format(path=self._picture), file=sys.stderr)
        self._program.exit(0 if saved else 1)

    def _give_up(self, error: Exception) -> None:
        self._timer.stop()
        print(str(error) if isinstance(error, Problem) else type(error).__name__, file=sys.stderr)
        self._program.exit(1)

    def close(self) -> None:
        """End everything that was started."""
        from medviewer.ai.engine import close_engine
        from medviewer.app.volume.render import close_renderer
        from medviewer.dicom.decode import close_pool
        from medviewer.dicom.sources.archive import close_all

        self._latest.stop()
        self.window.close()
        self.window.deleteLater()
        self._program.removeTranslator(self._qt_words)
        close_engine()
        close_renderer()
        close_pool()
        close_all()
        self._garbage.close()
        self.session.library.close()
        self._store.close()
