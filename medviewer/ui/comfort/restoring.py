"""A study is found again as it was left: its viewports, series, place, greys and tool; and the window where it was."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer

from medviewer.app.workspace import Shown, Workspace, load_desk, save_desk
from medviewer.core.problem import Problem
from medviewer.i18n import _
from medviewer.ui.comfort import room

if TYPE_CHECKING:
    from medviewer.ui.window import MainWindow

QUIET_MS = 1000  # after so long without a change it is saved: never while something moves
AGAIN_MS = 5000  # what could not be saved is tried again so much later
DESK = "desk"


class Restoring(QObject):
    """Saves how the open study is being read, as it happens, and brings it back when the study is opened again.

    What cannot be saved is told once: it costs nobody a mark.
    """

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window, self._store = window, window.session.store
        self._study_uid = ""
        self._known = False  # what was kept of the study has been looked up, and may be replaced
        self._room: dict[str, Any] = {}  # as it was saved last
        self._desk = load_desk()
        self._due: Workspace | None = None  # to be restored as soon as the study's images are there
        self._coming: dict[str, Shown] = {}  # displays whose series are on their way
        self._told = self._resting = False
        self.restored = ""  # UID of the study that is shown as it was left
        self._to_write: dict[str, Callable[[], None]] = {}  # by study UID, or the desk: the newest is enough
        self._writing = threading.Lock()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(QUIET_MS)
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(AGAIN_MS)
        for timer in (self._timer, self._again):
            timer.timeout.connect(self.save)
        self._connect()

    def _connect(self) -> None:
        view, viewer = self._window.view, self._window.viewer
        changes = (view.moved, view.look_changed, view.displays_changed, view.links_changed, view.volume_changed)
        for change in (*changes, viewer.layout_changed, viewer.tool_changed):
            change.connect(self._mark)
        for dock in self._window.docks.all:
            for moved in (dock.visibilityChanged, dock.topLevelChanged, dock.dockLocationChanged):
                moved.connect(self._mark)
        view.volume_changed.connect(self._images_came)
        self._window.session.changed.append(self._case_changed)

    def _mark(self, *_what: object) -> None:
        self._timer.start()

    def rest(self) -> None:
        """Neither save nor restore from here on: a picture of the window is the same whoever takes it."""
        self._resting = True

    # ---- as data ----

    @staticmethod
    def capture(window: "MainWindow") -> dict[str, Any]:
        """Return how the open study is being read, JSON-ready; empty while its images are not on the screen."""
        study = window.session.study
        found = None if study is None else room.workspace_of(window, study.uid)
        return {} if found is None else found.to_dict()

    def apply(self, window: "MainWindow", data: dict[str, Any]) -> None:
        """Show the open study as ``capture`` described it; what is none, or does not fit any more, is left out."""
        workspace = Workspace.from_dict(data)
        if workspace is not None:
            self._coming = room.restore(window, workspace)

    # ---- saving ----

    def save(self) -> None:
        """Save what has changed, in another thread."""
        if self._note_changes():
            self._window.jobs.start(_("Saving the room"), self._write, failed=self._not_written, quiet=True)

    def leave(self) -> None:
        """Another study is about to come: save how this one was read, and note nothing more of it."""
        if self._timer.isActive():
            self.save()
            self._timer.stop()
        self._known = False

    def close(self) -> None:
        """Save what has changed now, before the window goes; nothing is saved after that."""
        self._timer.stop()
        self._again.stop()
        if self._case_changed in self._window.session.changed:
            self._window.session.changed.remove(self._case_changed)
        self._note_changes()
        try:
            self._write()
        except Problem as problem:
            self._tell(problem)

    def _note_changes(self) -> bool:
        """Put what is other than when it was saved last on the list of what is to be written; whether there is any."""
        if self._resting:
            return False
        study_uid, desk = self._study_uid, room.desk_of(self._window)
        found = room.workspace_of(self._window, study_uid) if self._known and self._due is None else None
        data = {} if found is None else found.to_dict()
        if data and data != self._room:
            self._room = data
            self._to_write[study_uid] = lambda: self._store.remember(study_uid, data)
        if desk != self._desk and self._window.isVisible():
            self._desk = desk
            self._to_write[DESK] = lambda: save_desk(desk)
        return bool(self._to_write)

    def _write(self, _job: object = None) -> None:
        """Write all that waits, whichever thread comes first; what cannot be written waits on, Problem then."""
        refused: list[Problem] = []
        with self._writing:
            for what, write in list(self._to_write.items()):
                try:
                    write()
                except Problem as problem:
                    refused.append(problem)
                else:
                    if self._to_write.get(what) is write:  # else it has changed meanwhile
                        del self._to_write[what]
        if refused:
            raise refused[0]

    def _not_written(self, error: Exception) -> None:
        if isinstance(error, Problem):
            self._again.start()
        self._tell(error)

    def _tell(self, error: Exception) -> None:
        if not isinstance(error, Problem):
            raise error
        known = any(said.text == error.text for said in self._window.messages.said)
        if not self._told and not known:
            self._told = True
            self._window.messages.problem(error.text, error.hint)

    # ---- restoring ----

    def restore_desk(self) -> bool:
        """Put the window and its panels where they were; whether anything was known of them."""
        return not self._resting and room.restore_desk(self._window, self._desk)

    def _case_changed(self, touched: frozenset[str], _source: object) -> None:
        """Another study is open: look up how it was read."""
        study = self._window.session.study
        study_uid = study.uid if study is not None else ""
        if "study" not in touched or study_uid == self._study_uid:
            return
        if self._timer.isActive():  # the images of the study before are still on the screen
            self.save()
            self._timer.stop()
        self._study_uid, self._known, self._room = study_uid, False, {}
        self._due, self._coming = None, {}
        if study_uid:
            self._window.jobs.start(
                _("Looking up the room"),
                lambda _job: self._store.recall(study_uid),
                done=lambda found: self._recalled(study_uid, found),
                failed=self._tell,
                quiet=True,
            )

    def _recalled(self, study_uid: str, found: dict[str, Any] | None) -> None:
        if study_uid == self._study_uid and not self._resting:
            self._known = True
            self._due = Workspace.from_dict(found or {})
            self._images_came()

    def _images_came(self) -> None:
        """Restore what waited for these images."""
        window = self._window
        if self._due is not None and room.workspace_of(window, self._study_uid) is not None:
            due, self._due = self._due, None
            self.restored = self._study_uid
            self.apply(window, due.to_dict())
        for name, shown in tuple(self._coming.items()):
            display = window.view.display(name)
            if room.shows(display, shown):
                del self._coming[name]
                room.dress(window, display, shown)
