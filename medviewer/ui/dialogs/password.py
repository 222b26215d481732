"""The question for an archive's password."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLineEdit, QVBoxLayout, QWidget

from medviewer.core.job import REPORT_EVERY_S, Job
from medviewer.i18n import _
from medviewer.ui import theme
from medviewer.ui.cards import label

WIDTH_PX = 420
LONGEST_NAME = 48


class PasswordDialog(QDialog):
    """Asks for one archive's password; nothing is kept of it."""

    def __init__(self, archive_name: str, wrong_before: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Password"))
        self.line = QLineEdit()
        self.line.setEchoMode(QLineEdit.EchoMode.Password)
        self.line.setAccessibleName(_("Password"))
        self.line.setToolTip(_("The password that was given to you with the archive"))
        self.line.setInputMethodHints(Qt.InputMethodHint.ImhHiddenText | Qt.InputMethodHint.ImhSensitiveData)
        buttons = QDialogButtonBox()
        self.open_button = buttons.addButton(_("Open"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.open_button.setProperty("role", "primary")
        self.open_button.setToolTip(_("Try this password (Enter)"))
        self.skip_button = buttons.addButton(_("Leave out"), QDialogButtonBox.ButtonRole.RejectRole)
        self.skip_button.setToolTip(_("Go on without the files that need the password (Esc)"))
        column = QVBoxLayout(self)
        column.addWidget(label(_("The archive '{name}' is locked.").format(name=_short(archive_name)), "title"))
        if wrong_before:
            column.addWidget(label(_("That password does not open it. Try again."), "caution"))
        column.addWidget(self.line)
        column.addWidget(buttons)
        self.setMinimumWidth(theme.px(WIDTH_PX))
        self.line.textChanged.connect(self._typed)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self._typed("")
        self.line.setFocus()

    def _typed(self, text: str) -> None:
        self.open_button.setEnabled(bool(text))


def _short(name: str) -> str:
    """Return a name that fits the dialog, which does not break it."""
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME // 2]}…{name[-LONGEST_NAME // 2 :]}"


def ask_password(parent: QWidget | None, archive_name: str, wrong_before: bool, job: Job) -> str | None:
    """Ask for the password of an archive in the window's thread; None where the reader does not know it.

    ``archive_name`` may be any text that a file brought; ``wrong_before`` says that the last answer was wrong. The
    question goes when ``job``, which waits for the answer, is cancelled.
    """
    dialog = PasswordDialog(archive_name, wrong_before, parent)
    look = QTimer(dialog)
    look.timeout.connect(lambda: dialog.reject() if job.cancelled else None)
    look.start(round(REPORT_EVERY_S * 1000))
    try:
        return dialog.line.text() if dialog.exec() == QDialog.DialogCode.Accepted else None
    finally:
        look.stop()
        dialog.line.clear()
        dialog.deleteLater()
