"""The question for an archive's password."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from medviewer.core.job import Job
from medviewer.ui.dialogs.password import PasswordDialog, ask_password


def _answer(
    qtbot: QtBot, act: Callable[[PasswordDialog], None], name: str = "ct.zip", wrong: bool = False
) -> str | None:
    """Ask, and act on the dialog as soon as it is up."""

    def when_up() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, PasswordDialog)
        act(dialog)

    QTimer.singleShot(0, when_up)
    return ask_password(None, name, wrong, Job())


def _texts(dialog: PasswordDialog) -> list[str]:
    return [label.text() for label in dialog.findChildren(QLabel)]


def test_what_is_typed_is_given_and_not_shown(qtbot: QtBot) -> None:
    def act(dialog: PasswordDialog) -> None:
        assert dialog.line.echoMode() == QLineEdit.EchoMode.Password
        QTest.keyClicks(dialog.line, "gehe im")
        QTest.keyClick(dialog.line, Qt.Key.Key_Return)

    assert _answer(qtbot, act) == "gehe im"


@pytest.mark.parametrize("by", ["button", "escape"])
def test_leaving_it_out_gives_nothing(qtbot: QtBot, by: str) -> None:
    def act(dialog: PasswordDialog) -> None:
        QTest.keyClicks(dialog.line, "half typed")
        if by == "button":
            QTest.mouseClick(dialog.skip_button, Qt.MouseButton.LeftButton)
        else:
            QTest.keyClick(dialog, Qt.Key.Key_Escape)

    assert _answer(qtbot, act) is None


def test_the_question_goes_when_nobody_waits_for_the_answer_any_more(qtbot: QtBot) -> None:
    job = Job()
    QTimer.singleShot(0, job.cancel)
    assert ask_password(None, "ct.zip", False, job) is None
    assert QApplication.activeModalWidget() is None


def test_nothing_typed_cannot_be_tried(qtbot: QtBot) -> None:
    dialog = PasswordDialog("ct.zip", False)
    qtbot.addWidget(dialog)
    assert not dialog.open_button.isEnabled()
    QTest.keyClicks(dialog.line, "x")
    assert dialog.open_button.isEnabled()


def test_a_wrong_answer_is_told_at_the_next_question(qtbot: QtBot) -> None:
    first, second = PasswordDialog("ct.zip", False), PasswordDialog("ct.zip", True)
    qtbot.addWidget(first)
    qtbot.addWidget(second)
    assert "does not open it" not in " ".join(_texts(first))
    assert "does not open it" in " ".join(_texts(second))


def test_an_archive_s_name_is_shown_as_it_is_and_kept_short(qtbot: QtBot) -> None:
    dialog = PasswordDialog("<b>a</b>&amp;.zip", False)
    qtbot.addWidget(dialog)
    label = dialog.findChildren(QLabel)[0]
    assert "<b>a</b>&amp;.zip" in label.text()
    assert label.textFormat() == Qt.TextFormat.PlainText
    long = PasswordDialog("x" * 5000 + ".zip", False)
    qtbot.addWidget(long)
    long.show()
    assert long.width() < 700
