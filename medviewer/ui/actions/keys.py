"""Keys belong to the field that is being typed in; everywhere else they are the window's shortcuts."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTabBar,
    QTextEdit,
    QWidget,
)

_KEY = Qt.Key
TYPING = (QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox)
MOVING = (QComboBox, QAbstractItemView, QTabBar)
MOVES = {_KEY.Key_Up, _KEY.Key_Down, _KEY.Key_PageUp, _KEY.Key_PageDown, _KEY.Key_Home, _KEY.Key_End}
SIDEWAYS = {_KEY.Key_Left, _KEY.Key_Right}
WITH_COMMAND = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


def belongs_to(widget: QWidget | None, event: QKeyEvent) -> bool:
    """Whether the key is for ``widget`` itself and not for a shortcut of the window."""
    if widget is None or event.modifiers() & WITH_COMMAND:
        return False
    wants = getattr(widget, "wants_key", None)
    if wants is not None:  # a viewport where a tool is at work
        return bool(wants(event))
    key = event.key()
    if isinstance(widget, TYPING):
        return key not in range(_KEY.Key_F1, _KEY.Key_F35) and not _reads_only(widget)
    if isinstance(widget, MOVING):
        return key in MOVES or (key in SIDEWAYS and not isinstance(widget, QAbstractItemView))
    return isinstance(widget, QAbstractButton) and key == _KEY.Key_Space


def _reads_only(widget: QWidget) -> bool:
    return bool(getattr(widget, "isReadOnly", lambda: False)())


class KeyFilter(QObject):
    """Asks, before a shortcut fires, whether the key belongs to the widget with the focus.

    It watches that widget alone: watching the whole program would pass every event of every widget through Python.
    """

    def __init__(self, program: QApplication, parent: QObject | None = None) -> None:
        super().__init__(parent)
        program.focusChanged.connect(self._follow)

    def _follow(self, old: QWidget | None, new: QWidget | None) -> None:
        if old is not None:
            old.removeEventFilter(self)
        if new is not None:
            new.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Accepting Qt's question "is this key yours?" keeps shortcuts from it."""
        if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
            return False
        mine = belongs_to(watched if isinstance(watched, QWidget) else None, event)
        if mine:
            event.accept()
        return mine
