"""Whose key it is."""

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLineEdit,
    QPushButton,
    QTabBar,
    QTableView,
    QTextBrowser,
    QWidget,
)
from pytestqt.qtbot import QtBot

from medviewer.ui.actions.keys import KeyFilter, belongs_to

KEY, NONE, CTRL = Qt.Key, Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier


def event(key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> QKeyEvent:
    return QKeyEvent(QEvent.Type.ShortcutOverride, key, modifiers)


@pytest.mark.parametrize(
    ("kind", "key", "mine"),
    [
        (QLineEdit, KEY.Key_Return, True),
        (QLineEdit, KEY.Key_1, True),
        (QLineEdit, KEY.Key_F1, False),
        (QTextBrowser, KEY.Key_N, False),  # it can only be read
        (QTableView, KEY.Key_Down, True),
        (QTableView, KEY.Key_Return, False),
        (QTableView, KEY.Key_Right, False),
        (QComboBox, KEY.Key_Left, True),
        (QComboBox, KEY.Key_N, False),
        (QTabBar, KEY.Key_Right, True),
        (QPushButton, KEY.Key_Space, True),
        (QPushButton, KEY.Key_Return, False),
        (QWidget, KEY.Key_Space, False),
    ],
)
def test_a_key_belongs_to_the_field_it_means_something_to(
    qtbot: QtBot, kind: type[QWidget], key: Qt.Key, mine: bool
) -> None:
    widget = kind()
    qtbot.addWidget(widget)
    assert belongs_to(widget, event(key)) is mine
    assert not belongs_to(widget, event(key, CTRL))


def test_without_focus_every_key_is_the_windows() -> None:
    assert not belongs_to(None, event(KEY.Key_A))


def test_the_filter_only_answers_that_one_question(qtbot: QtBot, qapp: QApplication) -> None:
    field = QLineEdit()
    qtbot.addWidget(field)
    keys, asked = KeyFilter(qapp), event(KEY.Key_A)
    asked.ignore()
    assert keys.eventFilter(field, asked)
    assert asked.isAccepted()
    assert not keys.eventFilter(field, QEvent(QEvent.Type.User))


def test_only_the_widget_with_the_focus_is_watched(qtbot: QtBot, qapp: QApplication) -> None:
    whole = QWidget()
    qtbot.addWidget(whole)
    first, second = QLineEdit(whole), QLineEdit(whole)
    second.move(0, 40)
    seen: list[object] = []

    class Watching(KeyFilter):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            seen.append(watched)
            return super().eventFilter(watched, event)

    keys = Watching(qapp)
    with qtbot.waitActive(whole):
        whole.show()
        whole.activateWindow()
    first.setFocus()
    second.setFocus()
    seen.clear()
    QApplication.sendEvent(first, event(KEY.Key_A))
    assert seen == []
    QApplication.sendEvent(second, event(KEY.Key_A))
    assert second in seen
    keys.deleteLater()
