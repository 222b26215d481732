"""A study is found again as it was left, and so is the window; a full disk costs a sentence, once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from medviewer.app import workspace
from medviewer.app.session import Session
from medviewer.app.settings import Settings
from medviewer.app.store import Store
from medviewer.app.workspace import Workspace
from medviewer.core.arrangement import Arrangement, Cell
from medviewer.core.look import Window
from medviewer.core.problem import Problem
from medviewer.ui.comfort import restoring
from medviewer.ui.comfort.comfort import Comfort
from medviewer.ui.window import MainWindow
from tests.ui.samples import folder_of
from tests.ui.test_settings_dialog import comfort_of

TWO = Arrangement.grid(1, 2, (Cell("axial"), Cell("coronal")))
BONE = Window(400.0, 2000.0)


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits a second for a change to be saved."""
    monkeypatch.setattr(restoring, "QUIET_MS", 1)


def opened(window: MainWindow, folder: Path, qtbot: QtBot) -> Comfort:
    """Open a folder and wait until its case and its images are there."""
    comfort = comfort_of(window)
    window.flow.open_path(folder)
    qtbot.waitUntil(lambda: settled(window), timeout=20_000)
    return comfort


def settled(window: MainWindow) -> bool:
    return window.session.study is not None and not window.flow.busy and not window.jobs.quiet


def again(window: MainWindow, qtbot: QtBot) -> MainWindow:
    """Another window on the same saved cases, as at the next start of the program."""
    assert window.session.store._where is not None
    store = Store(window.session.store._where)
    made = MainWindow(Session(store, Settings(language="en", auto_read=False)))
    qtbot.addWidget(made, before_close_func=lambda _window: store.close())
    made.resize(1400, 900)
    made.docks.arrange(900)
    made.show()
    return made


def close(comfort: Comfort, window: MainWindow) -> None:
    comfort.close()
    window.close()


def test_a_study_comes_back_as_it_was_left(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "ct")
    comfort = opened(window, folder, qtbot)
    window.viewer.arrange(TWO)
    window.viewer.active.step(3)
    place = window.view.point_lps_mm
    window.view.set_window(BONE)
    window.view.set_link("zoom", False)
    window.viewer.set_tool("crosshair")
    window.viewer.viewports[1].change_camera(zoom=2.5)
    close(comfort, window)

    later = again(window, qtbot)
    other = opened(later, folder, qtbot)
    qtbot.waitUntil(lambda: later.viewer.arrangement == TWO)
    assert later.view.point_lps_mm == pytest.approx(place)
    assert (later.view.window, later.view.as_filed) == (BONE, False)
    assert later.view.links == {"scroll", "pan", "window"}
    assert later.viewer.tool.id == "crosshair"
    assert later.viewer.viewports[1].camera.zoom == 2.5
    close(other, later)


def test_what_is_as_it_was_left_already_is_not_told_again(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    comfort = opened(window, folder_of(tmp_path / "ct"), qtbot)
    room, told = comfort.restoring.capture(window), list[str]()
    window.view.links_changed.connect(lambda: told.append("links"))
    window.viewer.tool_changed.connect(lambda: told.append("tool"))
    comfort.restoring.apply(window, room)
    assert told == []
    window.view.set_link("zoom", False)
    comfort.restoring.apply(window, room)
    assert told == ["links", "links"]


def test_it_is_saved_as_it_happens_in_another_thread(
    fast: None, window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    comfort = opened(window, folder_of(tmp_path / "ct"), qtbot)
    window.viewer.set_tool("pan")
    assert window.session.study is not None
    uid = window.session.study.uid

    def saved_tool() -> str:
        found = window.session.store.recall(uid)
        return str(found["tool"]) if found else ""

    qtbot.waitUntil(lambda: saved_tool() == "pan")
    close(comfort, window)


def test_what_is_captured_is_json_and_says_it_all(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    comfort = comfort_of(window)
    assert comfort.restoring.capture(window) == {}
    opened(window, folder_of(tmp_path / "ct"), qtbot)
    window.view.invert()
    found = Workspace.from_dict(comfort.restoring.capture(window))
    assert found is not None
    assert window.view.volume is not None
    shown = found.displays["main"]
    assert (shown.series_uid, shown.window, shown.inverted) == (window.view.volume.series.uid, None, True)
    assert shown.point_lps_mm == window.view.point_lps_mm
    assert len(found.cameras) == len(window.viewer.viewports)
    close(comfort, window)


@pytest.mark.parametrize(
    "damage",
    [
        {"tool": "laser"},
        {"links": ["telepathy"]},
        {"cameras": [{"zoom": "huge"}]},
        {"displays": {"main": {"series_uid": 1}}},
        {"displays": {}},
    ],
)
def test_what_does_not_fit_any_more_is_left_out(
    damage: dict[str, Any], window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    comfort = opened(window, folder_of(tmp_path / "ct"), qtbot)
    tool, place = window.viewer.tool, window.view.point_lps_mm
    comfort.restoring.apply(window, {**comfort.restoring.capture(window), **damage})
    assert (window.viewer.tool, window.view.point_lps_mm) == (tool, place)
    close(comfort, window)


def test_another_series_as_the_main_one_keeps_its_own_place_and_greys(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    comfort = opened(window, folder_of(tmp_path / "ct"), qtbot)
    place, greys = window.view.point_lps_mm, window.view.window
    data = comfort.restoring.capture(window)
    data["displays"]["main"] |= {"series_uid": "9.9", "point_lps_mm": [0.0, 0.0, 0.0], "inverted": True}
    data["arrangement"] = TWO.to_dict()
    comfort.restoring.apply(window, data)
    assert (window.view.point_lps_mm, window.view.window, window.view.inverted) == (place, greys, False)
    assert window.viewer.arrangement == TWO
    close(comfort, window)


def test_windows_on_other_screens_come_back(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    comfort = opened(window, folder_of(tmp_path / "ct"), qtbot)
    window.viewer.open_screen().grid.arrange(TWO)
    data = comfort.restoring.capture(window)
    window.viewer.close_screens()
    comfort.restoring.apply(window, data)
    assert [screen.grid.arrangement for screen in window.viewer.screens] == [TWO]
    close(comfort, window)


def test_the_room_of_the_study_before_is_not_given_to_the_next_one(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    first, second = folder_of(tmp_path / "a"), folder_of(tmp_path / "b", date="20250101")
    comfort = opened(window, first, qtbot)
    assert window.session.study is not None
    uid = window.session.study.uid
    window.viewer.set_tool("zoom")
    window.flow.open_path(second)
    qtbot.waitUntil(lambda: window.session.study is not None and window.session.study.uid != uid, timeout=20_000)
    qtbot.waitUntil(lambda: settled(window), timeout=20_000)
    kept = window.session.store.recall(uid)
    assert kept is not None
    assert kept["tool"] == "zoom"
    assert kept["displays"]["main"]["study_uid"] == uid
    close(comfort, window)


def test_a_full_disk_is_told_once_and_stops_nothing(
    fast: None, window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_store: Store, _uid: str, _data: object) -> None:
        raise Problem("The disk with the case database is full.", "Free some space and try again.")

    monkeypatch.setattr(Store, "remember", full)
    comfort = opened(window, folder_of(tmp_path / "ct"), qtbot)
    for tool in ("pan", "zoom", "scroll"):
        window.viewer.set_tool(tool)
        comfort.restoring.save()
        qtbot.waitUntil(lambda: not window.jobs.quiet)
    close(comfort, window)
    assert [said.text for said in window.messages.said].count("The disk with the case database is full.") == 1


def test_the_window_and_its_panels_come_back(make_window: Callable[..., MainWindow]) -> None:
    first = make_window()
    comfort = comfort_of(first)
    assert not comfort.restoring.restore_desk()  # nothing is known of it yet
    first.resize(960, 640)
    first.docks.panels["tags"].hide()
    first.docks.show("report")
    comfort.close()

    second = make_window()
    assert comfort_of(second).restoring.restore_desk()
    assert (second.width(), second.height()) == (960, 640)
    assert second.docks.panels["tags"].isHidden()
    assert not second.docks.panels["report"].visibleRegion().isEmpty()


def test_a_picture_of_the_window_neither_saves_nor_restores(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    comfort = comfort_of(window)
    comfort.restoring.rest()
    opened(window, folder_of(tmp_path / "ct"), qtbot)
    window.viewer.set_tool("zoom")
    close(comfort, window)
    assert window.session.study is not None
    assert window.session.store.recall(window.session.study.uid) is None
    assert not workspace.desk_file().exists()


@pytest.mark.parametrize("geometry", ["", "AAAA", "no base64 at all!"])
def test_a_desk_that_is_none_changes_nothing(geometry: str, window: MainWindow) -> None:
    comfort, before = comfort_of(window), window.geometry()
    comfort.restoring._desk = workspace.Desk(geometry, "AAAA")
    assert not comfort.restoring.restore_desk()
    assert window.geometry() == before


def test_panels_that_a_newer_program_has_are_where_they_usually_are(window: MainWindow, qtbot: QtBot) -> None:
    comfort = comfort_of(window)
    window.docks.panels["tags"].setObjectName("dock-of-an-older-program")
    comfort.close()
    kept = workspace.load_desk()
    window.docks.panels["tags"].setObjectName("dock-tags")
    comfort.restoring._desk = kept
    assert comfort.restoring.restore_desk()
    assert window.dockWidgetArea(window.docks.panels["tags"]) == Qt.DockWidgetArea.RightDockWidgetArea
