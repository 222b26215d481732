"""What the reader chose to open: looked through beside the work, told as it is found."""

import queue
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from medviewer.app.session import Session
from medviewer.core.job import Job
from medviewer.i18n import _
from medviewer.ui.dialogs.password import ask_password
from medviewer.ui.jobs import Jobs
from medviewer.ui.scanning import Listener, Scanned, scan_paths

WAIT_S = 0.1


class Opening(QObject):
    """One look through folders, files and discs at a time; a new one ends the one before.

    ``previewed`` gets the first image's Header where the scan takes long, ``studies_changed`` all studies so far,
    ``found`` what a finished scan has brought (Scanned), ``failed`` the error of one that came to nothing.
    """

    previewed = Signal(object)
    studies_changed = Signal(object)
    found = Signal(object)
    failed = Signal(object)

    def __init__(self, session: Session, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._jobs = session, jobs
        self._job: Job | None = None

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Look through ``paths``; what is open stays until something is found."""
        self.stop()
        catalogue = self._session.catalogue
        listener = Listener(
            preview=lambda header: self._jobs.post(lambda: self.previewed.emit(header)),
            studies=lambda studies: self._jobs.post(lambda: self.studies_changed.emit(studies)),
            password=self._ask_password,
        )
        self._job = job = self._jobs.start(
            _("Looking through the folder"),
            lambda job: scan_paths(catalogue, paths, job, listener),
            done=lambda scanned: self._done(job, scanned),
            failed=self.failed.emit,
            cancelled=lambda: self.studies_changed.emit(catalogue.studies()),
        )

    def open_demo(self) -> None:
        """Make a virtual chest CT with known nodules and its prior, and open them."""
        from medviewer.ui.demo import demo_folder

        self.stop()
        self._job = self._jobs.start(
            _("Making a virtual chest CT"),
            demo_folder,
            done=lambda folder: self.open_paths([folder]),
            failed=self.failed.emit,
        )

    def stop(self) -> None:
        """End the scan under way; what it has found stays."""
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def _done(self, job: Job, scanned: Scanned) -> None:
        self.studies_changed.emit(scanned.studies)
        # One turn of the event loop later: the list has been painted, and a newer scan may have begun.
        self._jobs.post(lambda: self.found.emit(scanned) if job is self._job else None)

    def _ask_password(self, archive: str, wrong_before: bool, job: Job) -> str | None:
        """Ask for an archive's password; called in the scanning thread, which waits for the reader."""
        answers: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        parent = self.parent()
        self._jobs.post(lambda: answers.put(ask_password(_window_of(parent), archive, wrong_before, job)))
        while True:
            job.check()
            try:
                return answers.get(timeout=WAIT_S)
            except queue.Empty:
                continue


def _window_of(parent: QObject | None) -> QWidget | None:
    while parent is not None and not isinstance(parent, QWidget):
        parent = parent.parent()
    return parent
