"""Panels as docks: rows of tabs are where panels are, and nowhere else."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QTabBar
from pytestqt.qtbot import QtBot

from medviewer.ui.window import MainWindow

UPPER, LOWER = ["Findings", "Measurements"], ["Risk", "Treatment", "Report", "Series", "Tags"]


def rows_of_tabs(window: MainWindow) -> list[list[str]]:
    bars = window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
    return sorted([bar.tabText(at) for at in range(bar.count())] for bar in bars if bar.isVisible())


def test_no_row_of_tabs_is_left_where_panels_were(
    make_window: Callable[..., MainWindow], qtbot: QtBot, qapp: QApplication
) -> None:
    window = make_window()
    for panel_id in ("comparison", "keys", "regions", "layers"):
        window.docks.show(panel_id)
        qapp.processEvents()
    window.resize(1280, 720)
    window.docks.arrange(720)
    qtbot.waitUntil(lambda: rows_of_tabs(window) == [[*UPPER, *LOWER]])
    window.resize(1400, 950)
    window.docks.arrange(950)
    qtbot.waitUntil(lambda: rows_of_tabs(window) == [UPPER, LOWER])
    window.docks.show("keys")
    qtbot.waitUntil(lambda: rows_of_tabs(window) == [[*UPPER, "Key images"], LOWER])
