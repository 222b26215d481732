"""Steps that cannot be saved now, as on a full disk: told in one sentence, kept, and saved as soon as possible."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QThread, QTimer
from PySide6.QtWidgets import QMessageBox

from medviewer.core.problem import Problem
from medviewer.i18n import _

if TYPE_CHECKING:
    from medviewer.ui.window import MainWindow

AGAIN_MS = 5000


class Saving(QObject):
    """Keeps what the session of a window could not save, and tries again."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window, self._session = window, window.session
        self._told: list[str] = []
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(AGAIN_MS)
        self._again.timeout.connect(self.save)
        self._session.keep = self._keep

    def _keep(self, problem: Problem) -> None:
        self._told.append(problem.text)
        self._window.messages.problem(
            problem.text, _("Nothing you did is lost: it is saved as soon as that is possible. Keep MedViewer open.")
        )
        self._again.start()

    def save(self) -> None:
        """Save what waits; what was said of it goes when all is saved."""
        try:
            self._session.save()
        except Problem as problem:
            if self._session.unsaved:
                self._again.start()
            else:  # another window was faster
                self._window.messages.problem(problem.text, problem.hint)
        if not self._session.unsaved:
            self._again.stop()
            self._window.messages.withdraw(self._told)
            self._told = []

    def may_close(self) -> bool:
        """Save what waits, before the window goes; ask whether it may go where that is not possible.

        When the whole program ends there is nobody to ask.
        """
        if self._session.unsaved and self._session.keep is not None:
            self.save()
        if not self._told or QThread.currentThread().loopLevel() == 0:
            return True
        box = QMessageBox(QMessageBox.Icon.Warning, self._window.windowTitle(), "", parent=self._window)
        box.setText(_("Your last steps could not be saved: {why}").format(why=self._told[-1]))
        lose = box.addButton(_("Close and lose them"), QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(box.addButton(_("Keep open"), QMessageBox.ButtonRole.RejectRole))
        box.exec()
        return box.clickedButton() is lose

    def close(self) -> None:
        """Keep nothing from here on."""
        self._again.stop()
        self._session.keep, self._told = None, []
