"""The sheet of keys: what holds now, by menu, to search in; F1 and ? open it."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from medviewer.app.keymap import Keymap
from medviewer.ui.comfort.comfort import Comfort
from medviewer.ui.dialogs.shortcuts import ShortcutSheet
from medviewer.ui.window import MainWindow
from tests.ui.test_settings_dialog import comfort_of


@pytest.fixture
def comfort(window: MainWindow) -> Comfort:
    """What the sheet is asked of."""
    return comfort_of(window)


def sheet(comfort: Comfort) -> ShortcutSheet:
    shown = comfort.show_shortcuts()
    assert isinstance(shown, ShortcutSheet)
    return shown


def said(shown: ShortcutSheet) -> dict[str, dict[str, str]]:
    """What the sheet shows: by heading, what each key does."""
    groups = [group for group in shown.groups if not group.box.isHidden()]
    return {
        group.heading.text(): {keys.text(): what.text() for keys, what in group.rows if not keys.isHidden()}
        for group in groups
    }


def test_it_shows_keys_by_menu_without_their_marks(comfort: Comfort) -> None:
    groups = said(sheet(comfort))
    assert (groups["Edit"]["Ctrl+Z"], groups["Edit"]["Ctrl+Y, Ctrl+Shift+Z"]) == ("Undo", "Redo")
    assert groups["Findings"]["N"] == "Next finding"
    assert groups["Tools"]["W"] == "Window/level"
    assert "" not in groups["Tools"]


def test_it_shows_the_keys_the_reader_chose(comfort: Comfort, window: MainWindow) -> None:
    usual = {action.id: action.keys for action in window.table}
    comfort.take_keymap(Keymap().with_keys("undo", ("Alt+U",), usual))
    assert said(sheet(comfort))["Edit"]["Alt+U"] == "Undo"


def test_it_shows_the_mouse_as_it_is_and_the_other_profile(comfort: Comfort, window: MainWindow) -> None:
    groups = said(sheet(comfort))
    assert groups["Mouse"]["Right drag"] == "Zoom"
    assert groups["Mouse"]["Wheel"] == "Previous or next image"
    assert groups["Mouse"]["Double click"] == "Enlarge a viewport, or show all again"
    assert groups["Mouse: Window/level on the right button"]["Right drag"] == "Window/level"
    comfort.take_settings(replace(window.session.settings, mouse_profile="mitk"))
    comfort.take_keymap(Keymap(gestures={"shift+middle": "scroll"}))
    groups = said(sheet(comfort))
    assert groups["Mouse"]["Right drag"] == "Window/level"
    assert groups["Mouse"]["Ctrl + right drag"] == "Zoom"
    assert groups["Mouse"]["Shift + middle drag"] == "Scroll"
    assert groups["Mouse: Standard"]["Right drag"] == "Zoom"


def test_it_is_searched_by_what_is_done_and_by_key(comfort: Comfort, qtbot: QtBot) -> None:
    shown = sheet(comfort)
    QTest.keyClicks(shown.search, "undo")
    assert said(shown) == {"Edit": {"Ctrl+Z": "Undo"}}
    shown.search.setText("ctrl+q")
    assert said(shown) == {"File": {"Ctrl+Q": "Quit"}}
    shown.search.setText("no such thing")
    assert said(shown) == {}
    assert not shown.nothing.isHidden()
    shown.search.clear()
    assert len(said(shown)) > 6
    assert shown.nothing.isHidden()


@pytest.mark.parametrize("key", [Qt.Key.Key_F1, Qt.Key.Key_Question])
def test_its_keys_open_it(key: Qt.Key, make_window: Callable[..., MainWindow], qtbot: QtBot) -> None:
    window = make_window()
    with qtbot.waitActive(window):
        window.activateWindow()
    QTest.keyClick(window, key)
    qtbot.waitUntil(lambda: any(isinstance(one, ShortcutSheet) for one in QApplication.topLevelWidgets()))


def test_no_text_is_cut(comfort: Comfort, qtbot: QtBot) -> None:
    shown = sheet(comfort)
    qtbot.waitExposed(shown)
    labels = [one for one in shown.findChildren(QLabel) if one.isVisible()]
    cut = [one.text() for one in labels if one.height() < one.heightForWidth(one.width()) and one.wordWrap()]
    assert cut == []
