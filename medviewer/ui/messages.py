"""The one place that tells the reader what went wrong: a bar that does not stop the work."""

import logging
import sys
import threading
import traceback
from collections.abc import Collection
from dataclasses import dataclass
from types import TracebackType

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMessageBox, QPushButton, QSizePolicy, QToolButton, QWidget

from medviewer.core.problem import Problem
from medviewer.i18n import _
from medviewer.ui.theme import as_role

log = logging.getLogger(__name__)
KEPT = 20


@dataclass(frozen=True)
class Said:
    """One message: what happened, what to do, and what a developer would want to know.

    ``passing``: about the images on the screen, and of no use when others are shown.
    """

    text: str
    hint: str = ""
    details: str = ""
    passing: bool = False


class Messages(QFrame):
    """A bar above the images; hidden while there is nothing to say. The newest message is on top."""

    _arrived = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.said: list[Said] = []
        self.setObjectName("messages")
        self._text, self._hint, self._more = QLabel(), QLabel(), QLabel()
        self._details = QPushButton(_("Details"))
        self._lay_out()
        self._arrived.connect(self._show)
        self.hide()

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 6, 6)
        row.setSpacing(10)
        sign = as_role(QLabel("\u26a0"), "danger")
        close = QToolButton()
        close.setText("\u2715")
        close.setToolTip(_("Close this message"))
        close.clicked.connect(self.dismiss)
        self._details.clicked.connect(self._show_details)
        self._text.setObjectName("message-text")
        for label in (self._text, self._hint):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        as_role(self._text, "strong")
        as_role(self._hint, "dim")
        as_role(self._more, "dim")
        row.addWidget(sign)
        row.addWidget(self._text, 3)
        row.addWidget(self._hint, 2)
        for widget in (self._more, self._details, close):
            row.addWidget(widget)

    def problem(self, text: str, hint: str = "", details: str = "", *, passing: bool = False) -> None:
        """Say something, ``passing`` where it is about the images on the screen; may be called from any thread."""
        self._arrived.emit(Said(text, hint, details, passing))

    def forget_passing(self) -> None:
        """Take away what was said of the images shown before."""
        self.said = [said for said in self.said if not said.passing]
        self._refresh()

    def withdraw(self, texts: Collection[str]) -> None:
        """Take away what holds no longer."""
        self.said = [said for said in self.said if said.text not in texts]
        self._refresh()

    def error(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Tell of an exception: a Problem in its words, anything else as a fault, logged. From any thread."""
        if isinstance(error, Problem):
            self.problem(error.text, error.hint)
            return
        # The log gets places in the code only: an exception's text may hold a patient's name or folder.
        log.error("fault: %s\n%s", kind.__name__, "".join(traceback.format_tb(trace)))
        self.problem(
            _("Something went wrong inside MedViewer."),
            _("Your work is saved. If it happens again, please report the details."),
            "".join(traceback.format_exception(kind, error, trace)),
        )

    def dismiss(self) -> None:
        """Take the message shown away; the one before it comes back."""
        if self.said:
            self.said.pop()
        self._refresh()

    def _show(self, said: Said) -> None:
        if said not in self.said:
            self.said = [*self.said, said][-KEPT:]
        self._refresh()

    def _refresh(self) -> None:
        self.setVisible(bool(self.said))
        if self.said:
            said = self.said[-1]
            self._text.setText(said.text)
            self._hint.setText(said.hint)
            self._hint.setVisible(bool(said.hint))
            self._details.setVisible(bool(said.details))
            waiting = len(self.said) - 1
            self._more.setText(_("{count} more").format(count=waiting) if waiting else "")

    def _show_details(self) -> None:
        box = QMessageBox(self)
        box.setWindowTitle(_("Details"))
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(self.said[-1].text)
        box.setDetailedText(self.said[-1].details)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()


class Hooks:
    """Leads every uncaught exception, of any thread, to the messages until ``remove``."""

    def __init__(self, messages: Messages) -> None:
        self._messages = messages
        self._before = sys.excepthook, threading.excepthook
        sys.excepthook = self._caught
        threading.excepthook = self._caught_in_thread

    def remove(self) -> None:
        """Put back what was there before."""
        sys.excepthook, threading.excepthook = self._before

    def _caught(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if isinstance(error, Exception):
            self._messages.error(kind, error, trace)
        else:  # KeyboardInterrupt and its like end the program
            self._before[0](kind, error, trace)

    def _caught_in_thread(self, args: threading.ExceptHookArgs) -> None:
        if isinstance(args.exc_value, Exception):
            self._messages.error(args.exc_type, args.exc_value, args.exc_traceback)
