"""The whole window: keys, menus, toolbar, docks, dropping, closing."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QLineEdit,
    QMenu,
    QTableView,
    QTextBrowser,
    QToolBar,
    QToolButton,
)
from pytestqt.qtbot import QtBot

from medviewer.core.edits import AddFindings
from medviewer.core.region import Region
from medviewer.core.region_edits import AddRegion
from medviewer.core.study import Series
from medviewer.core.volume import Volume
from medviewer.imaging.window import LUNG, MEDIASTINUM, PRESETS
from medviewer.ui.actions.action import key_words
from medviewer.ui.actions.toolbar import TOOLBAR
from medviewer.ui.dialogs.card import CardDialog
from medviewer.ui.dialogs.notice import Notice, seen
from medviewer.ui.dialogs.shortcuts import ShortcutSheet
from medviewer.ui.window import MainWindow
from tests.cases import finding
from tests.ui.panels.desk import STUDY
from tests.ui.samples import folder_of, sphere

KEY = Qt.Key


@pytest.fixture
def opened(window: MainWindow, volume: Volume) -> Iterator[MainWindow]:
    """A window on a small chest with two findings."""
    window.session.catalogue.add(STUDY.series[0].headers)
    window.session.open_study(STUDY.uid)
    window.session.do(AddFindings((sphere(volume, "a"), finding("b"))))
    window.view.show_volume(volume, LUNG, window.session.case.findings[0].center_lps_mm)
    window.activateWindow()
    window.viewer.active.setFocus()
    yield window
    window.view.show_volume(None, LUNG, (0.0, 0.0, 0.0))


def statuses(window: MainWindow) -> list[str]:
    return [found.status for found in window.session.case.findings]


def press(
    qtbot: QtBot, window: MainWindow, *keys: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    for key in keys:
        QTest.keyClick(QApplication.focusWidget() or window.viewer.active, key, modifier)


def test_keys_leaf(opened: MainWindow, qtbot: QtBot) -> None:
    viewport = opened.viewer.active
    press(qtbot, opened, KEY.Key_Down, KEY.Key_Down, KEY.Key_Up)
    assert viewport.index == 12
    press(qtbot, opened, KEY.Key_PageDown)
    assert viewport.index == 2
    press(qtbot, opened, KEY.Key_Home)
    assert viewport.index == 23
    press(qtbot, opened, KEY.Key_End, KEY.Key_PageUp)
    assert viewport.index == 10


def test_number_keys_choose_the_window(opened: MainWindow, qtbot: QtBot) -> None:
    press(qtbot, opened, KEY.Key_2)
    assert opened.view.window == MEDIASTINUM
    assert opened.toolbar.presets.text() == "Mediastinum"
    press(qtbot, opened, KEY.Key_8)
    assert opened.view.window == PRESETS[8].window
    press(qtbot, opened, KEY.Key_0)
    assert opened.view.window == LUNG
    assert opened.toolbar.presets.text() == "Lung"


@pytest.mark.parametrize(
    ("key", "tool"), [(KEY.Key_T, "pan"), (KEY.Key_Z, "zoom"), (KEY.Key_S, "scroll"), (KEY.Key_X, "crosshair")]
)
def test_letter_keys_choose_the_tool(opened: MainWindow, qtbot: QtBot, key: Qt.Key, tool: str) -> None:
    press(qtbot, opened, key)
    assert opened.viewer.tool.id == tool
    assert opened.actions_by_id[f"tool-{tool}"].isChecked()
    press(qtbot, opened, KEY.Key_W)
    assert opened.viewer.tool.id == "window"
    assert not opened.actions_by_id[f"tool-{tool}"].isChecked()


def test_keys_turn_flip_and_reset(opened: MainWindow, qtbot: QtBot) -> None:
    viewport = opened.viewer.active
    press(qtbot, opened, KEY.Key_R, KEY.Key_H, KEY.Key_V, KEY.Key_I)
    assert (viewport.camera.quarter_turns, viewport.camera.flipped_h, viewport.camera.flipped_v) == (1, True, True)
    assert opened.view.inverted
    press(qtbot, opened, KEY.Key_Z, modifier=Qt.KeyboardModifier.ShiftModifier)
    assert (viewport.camera.quarter_turns, opened.view.inverted) == (0, False)


def test_keys_go_from_finding_to_finding_and_judge(opened: MainWindow, qtbot: QtBot) -> None:
    press(qtbot, opened, KEY.Key_N, KEY.Key_Return)
    assert statuses(opened) == ["accepted", "accepted"]
    press(qtbot, opened, KEY.Key_N, KEY.Key_Backspace, KEY.Key_P)
    assert statuses(opened) == ["accepted", "rejected"]
    assert opened.view.finding_id == "a"


def test_undo_says_what_it_takes_back(opened: MainWindow, qtbot: QtBot) -> None:
    press(qtbot, opened, KEY.Key_N, KEY.Key_Return)
    assert opened.actions_by_id["undo"].text() == "Undo: Accept finding"
    press(qtbot, opened, KEY.Key_Z, modifier=Qt.KeyboardModifier.ControlModifier)
    assert statuses(opened) == ["unreviewed", "accepted"]
    assert opened.actions_by_id["redo"].text() == "Redo: Accept finding"
    press(qtbot, opened, KEY.Key_Y, modifier=Qt.KeyboardModifier.ControlModifier)
    assert statuses(opened) == ["accepted", "accepted"]


def test_overlays_hide_by_key(opened: MainWindow, qtbot: QtBot) -> None:
    press(qtbot, opened, KEY.Key_G, KEY.Key_Space)
    assert (opened.view.overlay_shown, opened.view.texts_shown) == (False, False)


def test_full_screen_comes_and_goes(opened: MainWindow, qtbot: QtBot) -> None:
    press(qtbot, opened, KEY.Key_F11)
    assert opened.isFullScreen()
    press(qtbot, opened, KEY.Key_F11)
    assert not opened.isFullScreen()


def test_what_is_typed_into_a_field_is_no_shortcut(opened: MainWindow, qtbot: QtBot) -> None:
    field = QLineEdit(opened)
    field.show()
    field.setFocus()
    opened.view.select(opened.session.case.findings[0])
    QTest.keyClicks(field, "1w n")
    press(qtbot, opened, KEY.Key_Backspace, KEY.Key_Return, KEY.Key_Home)
    assert field.text() == "1w "
    assert opened.view.window == LUNG
    assert opened.session.case.findings[0].status == "unreviewed"
    assert opened.viewer.active.index == 13


def test_a_command_key_works_inside_a_field(opened: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def ask(*_args: object) -> str:
        asked.append("folder")
        return ""

    monkeypatch.setattr(QFileDialog, "getExistingDirectory", ask)
    field = QLineEdit(opened)
    field.show()
    field.setFocus()
    press(qtbot, opened, KEY.Key_O, modifier=Qt.KeyboardModifier.ControlModifier)
    assert asked == ["folder"]


def test_every_action_says_what_it_does_and_its_key(window: MainWindow) -> None:
    for action in window.table:
        tip = window.actions_by_id[action.id].toolTip()
        assert len(tip) > 3, action.id
        if action.keys:
            assert key_words(action) in tip


def test_no_key_has_two_meanings(window: MainWindow) -> None:
    keys = [QKeySequence(key).toString() for action in window.table for key in action.keys]
    assert all(keys)
    assert len(keys) == len(set(keys))


def test_no_action_has_the_name_of_another(window: MainWindow) -> None:
    assert len({action.id for action in window.table}) == len(window.table)
    buttons = {"presets", "grid", "tools-measure", "tools-outline", "tools-plane"}
    assert {name for group in TOOLBAR for name in group} - set(window.actions_by_id) == buttons


def test_every_button_of_the_toolbar_can_be_read_aloud(window: MainWindow) -> None:
    bar = window.findChild(QToolBar)
    assert bar is not None
    assert [b for b in bar.findChildren(QToolButton) if not (b.toolTip() or b.objectName().startswith("qt_"))] == []


def test_what_cannot_be_done_is_grey(window: MainWindow) -> None:
    possible = {name for name, action in window.actions_by_id.items() if action.isEnabled()}
    assert not possible & {"next-image", "accept", "undo", "invert", "layout-mpr", "layout-compare", "next-finding"}
    assert {"open", "demo", "shortcuts", "tool-pan"} <= possible


def test_what_can_be_done_is_offered(opened: MainWindow) -> None:
    opened.view.select(opened.session.case.findings[0])
    assert opened.actions_by_id["accept"].isEnabled()
    assert opened.actions_by_id["layout-mpr"].isEnabled()
    assert not opened.actions_by_id["layout-compare"].isEnabled()


def test_a_study_is_hung_once_and_after_that_the_reader_chooses(
    make_window: Callable[..., MainWindow], volume: Volume
) -> None:
    wide = make_window()
    wide.resize(1700, 1000)
    wide.session.catalogue.add(volume.series.headers)
    QApplication.processEvents()
    (series,) = wide.session.catalogue.study("1.2.3").series
    wide.flow.shown.emit(series)
    assert wide.viewer.layout_id == wide_layout(series)
    wide.viewer.set_layout("compare")
    wide.flow.shown.emit(series)
    assert wide.viewer.layout_id == "compare"


def wide_layout(series: Series) -> str:
    """Three planes need a stack; loose images are shown one at a time."""
    return "main" if series.grid is not None else "single"


def test_findings_stay_in_sight_on_a_tall_screen(window: MainWindow) -> None:
    docks = window.docks.panels
    lower = ["risk", "treatment", "report", "series", "layers", "tags"]
    assert [name for name in docks if name in lower] == lower
    assert docks["risk"] not in window.tabifiedDockWidgets(docks["findings"])
    assert docks["measurements"] in window.tabifiedDockWidgets(docks["findings"])
    assert docks["treatment"] in window.tabifiedDockWidgets(docks["risk"])
    window.docks.arrange(700)
    assert docks["risk"] in window.tabifiedDockWidgets(docks["findings"])
    window.docks.arrange(1000)
    assert docks["risk"] not in window.tabifiedDockWidgets(docks["findings"])


def test_a_panel_that_has_nothing_to_say_is_hidden_until_it_is_wanted(window: MainWindow) -> None:
    segments, risk = window.docks.panels["layers"], window.docks.panels["risk"]
    QApplication.processEvents()
    assert segments.isHidden()
    window.docks.reveal("layers")
    QApplication.processEvents()
    assert not segments.isHidden()
    assert not risk.visibleRegion().isEmpty()  # behind the one in front
    window.docks.show("layers")
    QApplication.processEvents()
    assert risk.visibleRegion().isEmpty()


def test_panels_come_when_they_have_something_to_say(opened: MainWindow, volume: Volume) -> None:
    outlines, comparison = opened.docks.panels["regions"], opened.docks.panels["comparison"]
    assert outlines.isHidden()
    opened.session.do(AddRegion(Region("r", "Outline 1", volume.series.uid, (255, 0, 0))))
    assert not outlines.isHidden()
    assert comparison.isHidden()
    opened.view.show_prior(volume)
    assert not comparison.isHidden()


def test_a_panel_can_float_and_then_has_a_frame(window: MainWindow) -> None:
    dock = window.docks.panels["report"]
    dock.setFloating(True)
    assert dock.titleBarWidget() is None
    dock.setFloating(False)
    assert dock.titleBarWidget() is not None
    window.docks.show("treatment")
    QApplication.processEvents()
    assert not window.docks.panels["treatment"].visibleRegion().isEmpty()


def test_only_the_panel_in_front_does_its_work(window: MainWindow) -> None:
    QApplication.processEvents()
    assert [name for name, dock in window.docks.panels.items() if dock.content.isVisible()] == ["findings", "risk"]
    window.docks.show("report")
    QApplication.processEvents()
    assert window.docks.panels["report"].content.isVisible()
    assert not window.docks.panels["risk"].content.isVisible()


def test_the_panel_in_use_floats_by_key(window: MainWindow, qtbot: QtBot) -> None:
    window.docks.show("report")
    QApplication.processEvents()
    findings, report = window.docks.panels["findings"], window.docks.panels["report"]
    table = findings.findChild(QTableView)
    assert table is not None
    window.activateWindow()
    table.setFocus()
    window.actions_by_id["float-panel"].trigger()
    assert (findings.isFloating(), report.isFloating()) == (True, False)
    window.actions_by_id["float-panel"].trigger()
    assert not findings.isFloating()


def drop(window: MainWindow, *places: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(place)) for place in places])
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, data, left, none)
    window.dragEnterEvent(enter)
    assert enter.isAccepted()
    window.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, left, none))


def test_a_folder_can_be_dropped(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    drop(window, folder_of(tmp_path))
    qtbot.waitUntil(lambda: window.view.volume is not None and not window.flow.busy, timeout=20_000)
    assert window.session.study is not None


def test_text_dragged_over_is_no_folder(window: MainWindow) -> None:
    data = QMimeData()
    data.setText("hello")
    enter = QDragEnterEvent(
        QPoint(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    enter.ignore()
    window.dragEnterEvent(enter)
    assert not enter.isAccepted()


def test_a_folder_or_several_files_can_be_chosen(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted: list[list[Path]] = []
    monkeypatch.setattr(window.flow, "open_paths", wanted.append)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_args: str(tmp_path))
    chosen = [str(tmp_path / name) for name in ("a.dcm", "b.zip")]
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_args: (chosen, ""))
    window.actions_by_id["open"].trigger()
    window.actions_by_id["open-files"].trigger()
    assert wanted == [[tmp_path], [tmp_path / "a.dcm", tmp_path / "b.zip"]]


def test_the_menu_of_an_image_offers_windows_tools_and_verdicts(opened: MainWindow) -> None:
    opened.viewer.menu_wanted.emit(QPoint(10, 10))
    menus = [menu for menu in opened.findChildren(QMenu) if menu.isVisible()]
    assert len(menus) == 1
    assert opened.actions_by_id["accept"] in menus[0].actions()
    menus[0].close()


def test_the_sheet_shows_every_key(window: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(window, KEY.Key_F1)
    sheet = window.findChild(ShortcutSheet)
    assert sheet is not None
    texts = {label.text() for label in sheet.findChildren(type(window.strip.notice))}
    assert {key_words(action) for action in window.table if action.keys} <= texts
    assert "Ctrl + wheel" in texts
    sheet.close()


def test_the_notice_is_remembered_once_read(window: MainWindow) -> None:
    assert not seen()
    window.show_notice()
    notice = window.findChild(Notice)
    assert notice is not None
    notice.accept()
    assert seen()


def test_a_models_card_can_be_read(window: MainWindow, qtbot: QtBot) -> None:
    dialog = CardDialog("Lung nodules 1.0", "# Lung nodules\n\nWhat it cannot do.", window)
    qtbot.addWidget(dialog)
    text = dialog.findChild(QTextBrowser)
    assert text is not None
    assert text.toPlainText() == "Lung nodules\nWhat it cannot do."
    dialog.close()


def test_the_strip_says_whether_a_model_has_read(opened: MainWindow) -> None:
    assert opened.strip.model.text() == "lung-nodules, test-model"
    opened.session.undo()
    assert opened.strip.model.text() == "not read by a model"


def test_closing_takes_the_window_out_of_the_session(window: MainWindow) -> None:
    window.close()
    assert window._case_changed not in window.session.changed
