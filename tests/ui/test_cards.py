"""Pieces of panels go without a trace."""

from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from medviewer.ui.cards import Card, clear


def test_what_is_taken_out_of_a_layout_at_once_never_becomes_a_window(qtbot: QtBot, qapp: QApplication) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    layout, card = QVBoxLayout(window), Card("short-lived")
    window.show()
    layout.addWidget(card)  # the layout shows it a moment later
    clear(layout)
    qapp.processEvents()
    assert not card.isVisible()
