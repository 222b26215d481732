"""A window is never left where no monitor shows it."""

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from medviewer.ui.comfort.screens import ScreenCare, bring_back, brought_back

LEFT, RIGHT = QRect(0, 0, 1600, 1000), QRect(1600, 0, 1920, 1080)


@pytest.mark.parametrize(
    ("frame", "screens", "back"),
    [
        (QRect(100, 100, 800, 600), (LEFT, RIGHT), QRect(100, 100, 800, 600)),
        (QRect(1700, 100, 800, 600), (LEFT, RIGHT), QRect(1700, 100, 800, 600)),
        (QRect(1700, 100, 800, 600), (LEFT,), QRect(800, 100, 800, 600)),  # its monitor was unplugged
        (QRect(1700, -50, 1900, 1080), (LEFT,), QRect(0, 0, 1600, 1000)),  # larger than the one left
        (QRect(-700, 100, 800, 600), (LEFT,), QRect(-700, 100, 800, 600)),  # enough to take hold of
        (QRect(-780, 100, 800, 600), (LEFT,), QRect(0, 100, 800, 600)),
        (QRect(100, -590, 800, 600), (LEFT,), QRect(100, 0, 800, 600)),  # its lower edge only
        (QRect(100, 990, 800, 600), (LEFT,), QRect(100, 400, 800, 600)),
        (QRect(100, 100, 800, 600), (), QRect(100, 100, 800, 600)),  # no monitor at all: wait for one
    ],
)
def test_a_window_comes_back_to_a_monitor_that_is_there(frame: QRect, screens: tuple[QRect, ...], back: QRect) -> None:
    assert brought_back(frame, screens) == back


def test_a_floating_window_follows_when_its_monitor_goes(qapp: QApplication, qtbot: QtBot) -> None:
    window, kept = QWidget(), QWidget()
    care = ScreenCare(qapp)
    for shown, left in ((window, 5000), (kept, 20)):
        qtbot.addWidget(shown)
        shown.resize(300, 200)
        shown.move(left, 60)
        shown.show()
        qtbot.waitExposed(shown)
    before = kept.pos()
    qapp.screenRemoved.emit(QGuiApplication.primaryScreen())
    room = QGuiApplication.primaryScreen().availableGeometry()
    qtbot.waitUntil(lambda: room.contains(window.frameGeometry()))
    assert kept.pos() == before
    care.deleteLater()


def test_a_window_too_large_for_the_monitor_left_is_made_smaller(qapp: QApplication, qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(1500, 900)
    window.move(4000, 0)
    bring_back(window, [QRect(0, 0, 640, 480)])
    assert window.size().width() <= 640
    assert window.size().height() <= 480
