"""The settings as a reader changes them: at once, by mouse and by keyboard, and kept."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLineEdit, QSpinBox, QToolButton
from pytestqt.qtbot import QtBot

from medviewer.app import keymap as keymaps
from medviewer.app import settings as files
from medviewer.app.keymap import Keymap
from medviewer.ui import theme
from medviewer.ui.comfort.comfort import Comfort
from medviewer.ui.dialogs.settings import SettingsDialog
from medviewer.ui.icons import redraw
from medviewer.ui.window import MainWindow


@pytest.fixture
def comfort(window: MainWindow, qapp: QApplication) -> Iterator[Comfort]:
    """What a window's reader changes; the theme is as it was afterwards."""
    yield comfort_of(window)
    theme.apply(qapp)
    redraw(window)


def comfort_of(window: MainWindow) -> Comfort:
    """The window's own."""
    return next((one for one in window.children() if isinstance(one, Comfort)), None) or Comfort(window)


@pytest.fixture
def dialog(comfort: Comfort, qtbot: QtBot) -> SettingsDialog:
    """The settings of a window, open."""
    shown = comfort.show_settings()
    assert isinstance(shown, SettingsDialog)
    qtbot.waitExposed(shown)
    return shown


def combo(dialog: SettingsDialog, name: str) -> QComboBox:
    found = dialog.controls[name]
    assert isinstance(found, QComboBox)
    return found


def test_every_setting_has_a_control_with_a_name_and_its_sentence(dialog: SettingsDialog) -> None:
    shown = set(dialog.controls) | {"mouse_profile", "wheel_down"}
    assert shown == {field.name for field in files.describe()}
    for field in files.describe():
        if field.name in dialog.controls:
            control = dialog.controls[field.name]
            assert control.accessibleName() == str(field.metadata["title"])
            assert str(field.metadata["sentence"]) in control.accessibleDescription()


def test_another_theme_holds_at_once_icons_and_all(dialog: SettingsDialog, window: MainWindow, qtbot: QtBot) -> None:
    button = window.actions_by_id["open"]
    before = button.icon().cacheKey()
    themes = combo(dialog, "theme")
    themes.setCurrentIndex(themes.findData("light"))
    assert theme.colour("panel") == QColor(theme.LIGHT.panel)
    assert button.icon().cacheKey() != before
    assert files.load()[0].theme == "light"
    assert window.session.settings.theme == "light"


def test_another_size_holds_at_once(dialog: SettingsDialog, window: MainWindow, qtbot: QtBot) -> None:
    scale = dialog.controls["ui_scale"]
    assert isinstance(scale, QSpinBox)
    before = window.menuBar().sizeHint().height()
    scale.setFocus()
    scale.selectAll()
    QTest.keyClicks(scale, "200")
    QTest.keyClick(scale, Qt.Key.Key_Return)
    assert theme.scale_percent() == 200
    assert window.menuBar().sizeHint().height() >= 1.7 * before
    assert files.load()[0].ui_scale == 200
    bar = window.findChildren(QToolButton, "tools-measure") or window.findChildren(QToolButton, "window-presets")
    assert bar[0].iconSize().width() == 40


def test_pictures_are_the_same_pixels_at_every_size(comfort: Comfort, window: MainWindow) -> None:
    before = window.devicePixelRatioF()
    comfort.take_settings(replace(window.session.settings, ui_scale=150))
    assert window.devicePixelRatioF() == before == 1.0


def test_ticks_and_texts_are_taken_and_kept(dialog: SettingsDialog, window: MainWindow, qtbot: QtBot) -> None:
    tick, reader = dialog.controls["auto_read"], dialog.controls["reader"]
    assert isinstance(tick, QCheckBox)
    assert isinstance(reader, QLineEdit)
    tick.setChecked(True)
    QTest.keyClicks(reader, "Dr. Ann ")
    reader.editingFinished.emit()
    kept = files.load()[0]
    assert (kept.auto_read, kept.reader) == (True, "Dr. Ann")
    assert window.session.settings == kept


def test_hiding_findings_is_seen_on_the_images(dialog: SettingsDialog, window: MainWindow) -> None:
    tick = dialog.controls["overlay"]
    assert isinstance(tick, QCheckBox)
    tick.setChecked(False)
    assert not window.view.overlay_shown


def test_settings_that_cannot_be_saved_still_hold(
    comfort: Comfort, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.file().mkdir()
    with pytest.raises(Exception, match="could not be saved"):
        comfort.take_settings(replace(window.session.settings, reader="Ann"))
    assert window.session.settings.reader == "Ann"


# ---- keys ----


def shortcuts(window: MainWindow, action_id: str) -> list[str]:
    return [key.toString() for key in window.actions_by_id[action_id].shortcuts()]


def press(dialog: SettingsDialog, qtbot: QtBot, action_id: str, key: Qt.Key, held: Qt.KeyboardModifier) -> None:
    """Choose an action and press its new key in the field."""
    dialog.tabs.setCurrentIndex(2)
    dialog.keys.choose(action_id)
    dialog.keys.edit.setFocus()
    QTest.keyClick(dialog.keys.edit, key, held)


def test_a_key_is_pressed_given_and_works(
    dialog: SettingsDialog, window: MainWindow, comfort: Comfort, qtbot: QtBot
) -> None:
    press(dialog, qtbot, "texts", Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier)
    QTest.mouseClick(dialog.keys.use, Qt.MouseButton.LeftButton)
    assert shortcuts(window, "texts") == ["Ctrl+J"]
    assert "Ctrl+J" in window.actions_by_id["texts"].toolTip()
    assert keymaps.load()[0].keys == {"texts": ("Ctrl+J",)}
    dialog.close()
    with qtbot.waitActive(window):
        window.activateWindow()
    shown = window.view.texts_shown
    QTest.keyClick(window, Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier)
    assert window.view.texts_shown is not shown


def test_a_key_that_is_taken_says_by_whom_and_changes_hands(
    dialog: SettingsDialog, window: MainWindow, qtbot: QtBot
) -> None:
    press(dialog, qtbot, "texts", Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert dialog.keys.words.text() == "Ctrl+Z belongs to 'Undo'; it will be taken from there."
    QTest.mouseClick(dialog.keys.add, Qt.MouseButton.LeftButton)
    assert shortcuts(window, "texts") == ["Space", "Ctrl+Z"]
    assert shortcuts(window, "undo") == []
    dialog.keys.choose("undo")
    QTest.mouseClick(dialog.keys.usual, Qt.MouseButton.LeftButton)
    assert (shortcuts(window, "undo"), shortcuts(window, "texts")) == (["Ctrl+Z"], ["Space"])


def test_the_windows_own_keys_cannot_be_given(dialog: SettingsDialog, qtbot: QtBot) -> None:
    press(dialog, qtbot, "texts", Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier)
    assert dialog.keys.words.text() == "Esc is needed by the window itself."
    assert not dialog.keys.use.isEnabled()


def test_keys_are_taken_away_and_all_come_back(dialog: SettingsDialog, window: MainWindow, qtbot: QtBot) -> None:
    dialog.tabs.setCurrentIndex(2)
    dialog.keys.choose("cine")
    QTest.mouseClick(dialog.keys.none, Qt.MouseButton.LeftButton)
    assert shortcuts(window, "cine") == []
    QTest.mouseClick(dialog.keys.all_usual, Qt.MouseButton.LeftButton)
    assert shortcuts(window, "cine") == ["C"]
    assert keymaps.load()[0] == Keymap()


def test_the_table_is_searched_by_action_and_by_key(dialog: SettingsDialog, qtbot: QtBot) -> None:
    def shown() -> list[str]:
        table = dialog.keys.table
        return [
            str(table.model().index(row, 0).data()) for row in range(table.rowCount()) if not table.isRowHidden(row)
        ]

    whole = shown()
    dialog.keys.search.setText("full screen")
    assert shown() == ["Full screen"]
    dialog.keys.search.setText("ctrl+y")
    assert shown() == ["Redo"]
    dialog.keys.search.clear()
    assert shown() == whole


def test_keys_saved_before_are_had_from_the_start(make_window: Callable[..., MainWindow]) -> None:
    first = make_window()
    keymaps.save(Keymap({"cine": ("Ctrl+M",)}))
    window = make_window()
    comfort_of(window)
    assert shortcuts(window, "cine") == ["Ctrl+M"]
    assert first is not window


def test_a_broken_file_of_keys_is_told_in_the_window(make_window: Callable[..., MainWindow]) -> None:
    make_window()
    keymaps.file().write_text("[keys")
    window = make_window()
    comfort_of(window)
    assert any("file of keys" in said.text for said in window.messages.said)


def test_no_two_actions_have_one_key(window: MainWindow) -> None:
    usual = {action.id: tuple(key for key in action.keys if key) for action in window.table}
    assert Keymap().conflicts(usual) == ()


# ---- the mouse ----


def test_the_other_profile_is_one_click_away(
    dialog: SettingsDialog, comfort: Comfort, window: MainWindow, qtbot: QtBot
) -> None:
    right = Qt.MouseButton.RightButton
    assert (tool := comfort.mouse.tool(window.viewer.tool, right)) is not None
    assert tool.id == "zoom"
    dialog.tabs.setCurrentIndex(2)
    with qtbot.waitSignal(comfort.mouse_changed):
        dialog.mouse.profiles["mitk"].click()
    assert (tool := comfort.mouse.tool(window.viewer.tool, right)) is not None
    assert tool.id == "window"
    assert files.load()[0].mouse_profile == "mitk"


def test_a_button_with_a_key_held_gets_a_tool_of_its_own(
    dialog: SettingsDialog, comfort: Comfort, window: MainWindow
) -> None:
    one = dialog.mouse.combos["shift+right"]
    one.setCurrentIndex(one.findData("scroll"))
    one.activated.emit(one.currentIndex())
    mouse, chosen = comfort.mouse, window.viewer.tool
    right, shift = Qt.MouseButton.RightButton, Qt.KeyboardModifier.ShiftModifier
    assert [tool.id if (tool := mouse.tool(chosen, right, held)) else "" for held in (shift, shift ^ shift)] == [
        "scroll",
        "zoom",
    ]
    assert keymaps.load()[0].gestures == {"shift+right": "scroll"}
    dialog.mouse.reset.click()
    assert keymaps.load()[0].gestures == {}


def test_the_wheel_may_turn_the_other_way(dialog: SettingsDialog, comfort: Comfort) -> None:
    assert comfort.mouse.images(-1) == 1
    wheel = dialog.mouse.wheel_down
    wheel.setCurrentIndex(wheel.findData("previous"))
    wheel.activated.emit(wheel.currentIndex())
    assert comfort.mouse.images(-1) == -1


def test_what_the_wheel_does_follows_the_key_held(comfort: Comfort) -> None:
    keys = Qt.KeyboardModifier
    held = (keys.NoModifier, keys.ControlModifier, keys.ShiftModifier, keys.AltModifier)
    assert [comfort.mouse.wheel(one) for one in held] == ["image", "zoom", "ten", "slab"]


def test_the_field_takes_one_key_only(dialog: SettingsDialog) -> None:
    assert dialog.keys.edit.maximumSequenceLength() == 1
    assert QKeySequence("?").toString() == "?"
