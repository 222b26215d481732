"""The whole window by keyboard: Tab comes to every control and is caught nowhere; each shows that it has the focus."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QTableWidget, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from medviewer.ui import theme
from medviewer.ui.comfort.comfort import Comfort
from medviewer.ui.comfort.focus import first_control, parts, step_part, takes_tab
from medviewer.ui.viewport import Viewport
from medviewer.ui.window import MainWindow
from tests.ui.samples import folder_of
from tests.ui.test_settings_dialog import comfort_of

MOST_STOPS = 300


@pytest.fixture
def busy(make_window: Callable[..., MainWindow], tmp_path: Path, qtbot: QtBot) -> MainWindow:
    """A window with a study open, which has the focus."""
    window = make_window()
    comfort_of(window)
    window.flow.open_path(folder_of(tmp_path / "ct"))
    qtbot.waitUntil(lambda: window.session.study is not None and not window.flow.busy, timeout=20_000)
    with qtbot.waitActive(window):
        window.activateWindow()
    window.browser.setFocus()
    return window


def walk(window: MainWindow, qtbot: QtBot, key: Qt.Key = Qt.Key.Key_Tab) -> list[QWidget]:
    """Press Tab until the focus is back where it began; return where it stopped."""
    held = Qt.KeyboardModifier.ShiftModifier if key == Qt.Key.Key_Backtab else Qt.KeyboardModifier.NoModifier
    stops: list[QWidget] = []
    for _press in range(MOST_STOPS):
        focused = QApplication.focusWidget()
        assert focused is not None
        if stops and focused is stops[0]:
            return stops
        assert focused not in stops, f"Tab is caught at {focused.objectName() or type(focused).__name__}"
        stops.append(focused)
        QTest.keyClick(focused, key, held)
    raise AssertionError("Tab never comes back")


def controls(window: MainWindow) -> list[QWidget]:
    """What a reader sees and can use."""
    every = [widget for widget in window.findChildren(QWidget) if widget.window() is window]
    return [one for one in every if takes_tab(one) and not one.visibleRegion().isEmpty()]


def test_tab_comes_to_every_control_and_back_both_ways(busy: MainWindow, qtbot: QtBot) -> None:
    stops = walk(busy, qtbot)
    missed = [one for one in controls(busy) if one not in stops]
    assert [f"{type(one).__name__} {one.objectName() or one.accessibleName()}" for one in missed] == []
    assert any(isinstance(stop, Viewport) for stop in stops)
    back = walk(busy, qtbot, Qt.Key.Key_Backtab)
    assert set(back) == set(stops)


def spoken(widget: QWidget) -> str:
    """What a screen reader says of a control."""
    found = QAccessible.queryAccessibleInterface(widget)
    return str(found.text(QAccessible.Text.Name)) if found is not None else ""


def test_every_control_has_a_name_to_be_spoken(busy: MainWindow, qtbot: QtBot) -> None:
    stops = walk(busy, qtbot)
    nameless = [stop for stop in stops if not any(letter.isalnum() for letter in spoken(stop))]
    assert [f"{type(one).__name__} {one.objectName()} in {type(one.parent()).__name__}" for one in nameless] == []


def test_the_focus_can_be_seen_wherever_it_is(busy: MainWindow, qtbot: QtBot) -> None:
    unseen = []
    for stop in walk(busy, qtbot):
        stop.setFocus(Qt.FocusReason.TabFocusReason)
        shown = around(busy, stop)
        (busy.browser if stop is not busy.browser else busy.toolbar.presets).setFocus(Qt.FocusReason.TabFocusReason)
        if around(busy, stop) == shown:
            unseen.append(f"{type(stop).__name__} {stop.objectName() or spoken(stop)}")
    assert unseen == []


def around(window: MainWindow, widget: QWidget) -> object:
    """What is seen of a widget and close around it."""
    area = widget.rect().translated(widget.mapTo(window, widget.rect().topLeft()))
    return window.grab(area).toImage()


def test_the_viewport_with_the_focus_is_the_active_one(busy: MainWindow, qtbot: QtBot) -> None:
    busy.viewer.set_layout("mpr")
    other = busy.viewer.viewports[2]
    assert not other.active
    other.setFocus(Qt.FocusReason.TabFocusReason)
    assert other.active
    assert busy.viewer.active is other


def test_a_step_leads_from_part_to_part_and_around(busy: MainWindow, qtbot: QtBot) -> None:
    every = parts(busy)
    assert busy.browser in every
    assert busy.viewer.active in every
    reached = [part for part in every if first_control(part) is not None]
    seen: list[QWidget] = []
    for _part in reached:
        focused = QApplication.focusWidget()
        assert focused is not None
        seen.append(next(part for part in every if part is focused or part.isAncestorOf(focused)))
        step_part(busy, 1)
    assert seen == reached
    step_part(busy, -1)
    last = QApplication.focusWidget()
    assert last is not None
    assert seen[-1] is last or seen[-1].isAncestorOf(last)


def test_tab_leaves_a_table_and_a_long_text(window: MainWindow, comfort: Comfort, qtbot: QtBot) -> None:
    table, text = QTableWidget(2, 2, window), QPlainTextEdit(window)
    for widget in (table, text):
        widget.show()
        widget.setFocus()
        qtbot.waitUntil(widget.hasFocus)
        QTest.keyClick(widget, Qt.Key.Key_Tab)
        assert not widget.hasFocus()
    assert text.toPlainText() == ""


def test_a_button_with_a_sign_only_is_named_by_its_tooltip(window: MainWindow, comfort: Comfort, qtbot: QtBot) -> None:
    button = QToolButton(window)
    button.setText("\u2715")
    button.setToolTip("Close this message")
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.show()
    button.setFocus()
    qtbot.waitUntil(button.hasFocus)
    assert spoken(button) == "Close this message"


@pytest.fixture
def comfort(window: MainWindow, qtbot: QtBot) -> Comfort:
    """A window without a study, which has the focus."""
    made = comfort_of(window)
    with qtbot.waitActive(window):
        window.activateWindow()
    assert theme.scale_percent() == 100
    return made
