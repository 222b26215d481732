"""Small pieces of the panels."""

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from medviewer.ui.cards import QuietCombo, clear, label, say


def test_the_wheel_scrolls_past_a_choice_and_does_not_change_it(qtbot: QtBot) -> None:
    combo = QuietCombo()
    qtbot.addWidget(combo)
    combo.addItems(["a", "b"])
    turn = QWheelEvent(
        QPointF(2, 2), QPointF(2, 2), QPoint(0, -120), QPoint(0, -120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    combo.wheelEvent(turn)
    assert combo.currentIndex() == 0
    assert not turn.isAccepted()


def test_a_label_with_nothing_to_say_takes_no_room(qtbot: QtBot) -> None:
    shown = label("something")
    qtbot.addWidget(shown)
    say(shown, "")
    assert shown.isHidden()
    say(shown, "again")
    assert not shown.isHidden()


def test_a_text_is_never_read_as_html(qtbot: QtBot) -> None:
    shown = label("<b>bold</b>")
    qtbot.addWidget(shown)
    assert shown.textFormat() == Qt.TextFormat.PlainText


def test_a_cleared_column_is_empty(qtbot: QtBot) -> None:
    whole = QWidget()
    qtbot.addWidget(whole)
    column = QVBoxLayout(whole)
    column.addWidget(QWidget())
    clear(column)
    assert column.count() == 0
