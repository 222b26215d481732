"""The question before a series takes more memory than it may."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from medviewer.dicom.room import TooLarge
from medviewer.i18n import _


class TooLargeQuestion(QMessageBox):
    """Asks whether to open some of the slices, all of them, or none; ``opened`` gets every how many-th one."""

    def __init__(self, error: TooLarge, opened: Callable[[int], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setIcon(QMessageBox.Icon.Question)
        self.setWindowTitle(_("Not enough memory"))
        self.setText(error.text)
        self.setInformativeText(
            _("All slices may slow the computer down. With fewer, what lies between them is not seen.")
        )
        some = self.addButton(_("Open one slice in {n}").format(n=error.every), QMessageBox.ButtonRole.AcceptRole)
        every = self.addButton(_("Open all slices"), QMessageBox.ButtonRole.DestructiveRole)
        leave = self.addButton(QMessageBox.StandardButton.Cancel)
        some.clicked.connect(lambda: opened(error.every))
        every.clicked.connect(lambda: opened(1))
        self.some, self.every, self.leave, self.every_nth = some, every, leave, error.every
        self.setDefaultButton(some)
