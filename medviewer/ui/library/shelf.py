"""The library in the window: remembers what was opened, opens it again, keeps its small pictures, imports it."""

import queue
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QIODevice, QObject, Signal
from PySide6.QtGui import QImage

from medviewer import paths
from medviewer.app.importing import Imported, import_study
from medviewer.app.library.library import Library
from medviewer.app.session import Session
from medviewer.core.job import Job
from medviewer.core.study import Header, Study
from medviewer.i18n import _
from medviewer.ui.jobs import Jobs
from medviewer.ui.messages import Messages

if TYPE_CHECKING:
    from medviewer.app.library.disk import Opening as OnDisk


class Shelf(QObject):
    """Brings studies from the library to the catalogue and back.

    ``study_ready`` gets the UID of a study that is in the catalogue now; ``paths_wanted`` gets folders to look through
    because the library no longer knows them well enough; ``remembered`` fires when the library has learnt something.
    """

    study_ready = Signal(str)
    paths_wanted = Signal(object)
    remembered = Signal()

    def __init__(self, session: Session, jobs: Jobs, messages: Messages, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.library: Library = session.library
        self._session, self._jobs, self._messages = session, jobs, messages
        self._notes: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._pen = threading.Lock()
        self.library.tell = messages.problem

    def remember(self, headers: Sequence[Header]) -> None:
        """Take in what a scan has found, beside the work."""
        if headers and self.library.on:
            self._note(lambda: self.library.remember_headers(headers))

    def opened(self, study_uid: str) -> None:
        """Note that a study is being read."""
        self._note(lambda: self.library.opened(study_uid))

    def _note(self, work: Callable[[], None]) -> None:
        """Do one thing after the other: a study is remembered before it is noted as opened."""
        self._notes.put(work)
        self._jobs.start(
            _("Remembering the studies"),
            lambda _job: self._write_down(),
            done=lambda _nothing: self.remembered.emit(),
            quiet=True,
        )

    def _write_down(self) -> None:
        with self._pen:
            self._notes.get()()

    def open_study(self, study_uid: str) -> None:
        """Open a study of the library: at once where its files are as they were, else after a look at the disk."""
        self._jobs.start(
            _("Opening the study"),
            lambda job: self._fetch(study_uid, job),
            done=lambda found: self._fetched(study_uid, found),
        )

    def _fetch(self, study_uid: str, job: Job) -> "OnDisk":
        found = self.library.opening(study_uid, job)
        if found.headers:
            self._session.catalogue.add(found.headers)
        return found

    def _fetched(self, study_uid: str, found: "OnDisk") -> None:
        if found.gone:
            self._messages.problem(
                _("{n} files of this study are no longer where they were.").format(n=len(found.gone)),
                _("Insert the disc or restore the folder, then open the study again."),
            )
        if found.changed or found.stale:
            self.paths_wanted.emit([Path(folder) for folder in found.folders if Path(folder).is_dir()])
        elif found.headers:
            self.study_ready.emit(study_uid)

    # ---- importing ----

    def import_study(self, study_uid: str) -> None:
        """Copy a study's files into the library's own folder; the copies are opened from then on."""
        self._jobs.start(
            _("Importing the study"),
            lambda job: import_study(self._study(study_uid, job), self.folder, job),
            done=self._imported,
        )

    def _study(self, study_uid: str, job: Job) -> Study:
        """Return a study of the catalogue, fetched from the library where it is not there yet."""
        if all(study.uid != study_uid for study in self._session.catalogue.studies()):
            self._fetch(study_uid, job)
        return self._session.catalogue.study(study_uid)

    @property
    def folder(self) -> Path:
        """Where imported studies go."""
        chosen = self._session.settings.library_folder
        return Path(chosen) if chosen else paths.user_data() / "library"

    def _imported(self, imported: Imported) -> None:
        self.paths_wanted.emit([imported.folder])

    # ---- small pictures ----

    def thumbnail(self, series_uid: str) -> QImage | None:
        """Return the small picture that was kept of a series; None where there is none. For any thread."""
        png = self.library.thumbnail(series_uid)
        image = QImage.fromData(png) if png else QImage()
        return None if image.isNull() else image

    def keep_thumbnail(self, series_uid: str, image: QImage) -> None:
        """Keep the small picture of a series. For any thread."""
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        if image.save(buffer, "PNG"):  # type: ignore[call-overload]
            self.library.keep_thumbnail(series_uid, bytes(buffer.data().data()))
