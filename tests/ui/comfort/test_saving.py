"""A full disk costs one sentence and no mark: what was done stays, and is saved as soon as there is room."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QMessageBox
from pytestqt.qtbot import QtBot
from sqlalchemy import Connection, event

from medviewer.app.store import Store
from medviewer.core.case import Case
from medviewer.core.problem import Problem
from medviewer.ui.comfort import saving
from medviewer.ui.window import MainWindow
from tests.ui.samples import folder_of

LEFT = Qt.MouseButton.LeftButton
FULL = "The disk with the case database is full."


@pytest.fixture
def opened(window: MainWindow, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    """A window with a study open that tries again at once."""
    window.comfort.saving.findChildren(QTimer)[0].setInterval(20)
    window.flow.open_path(folder_of(tmp_path / "ct"))
    qtbot.waitUntil(lambda: not window.flow.busy and not window.jobs.quiet, timeout=20_000)
    qtbot.waitUntil(lambda: window.view.volume is not None, timeout=20_000)
    return window


@pytest.fixture
def disk(opened: MainWindow) -> Callable[[bool], None]:
    """Make the disk full, or give it room again: SQLite itself says so, as it does of a real one."""
    full = [False]

    def begun(connection: Connection) -> None:
        if full[0] and connection.get_execution_options().get("write"):
            connection.exec_driver_sql("pragma max_page_count=1")
            connection.exec_driver_sql("insert into blobs values ('', zeroblob(1000000))")
        connection.exec_driver_sql("pragma max_page_count=1000000")

    event.listen(opened.session.store._database.engine, "begin", begun)

    def fill(now: bool) -> None:
        full[0] = now

    return fill


def stroke(window: MainWindow, right_px: int = 0, tool: str = "brush") -> None:
    """Paint across the middle of the viewport, large enough to need more room on the disk."""
    window.viewer.set_tool(tool)
    viewport = window.viewer.active
    middle = viewport.rect().center() + QPoint(right_px, 0)
    QTest.mousePress(viewport, LEFT, pos=middle - QPoint(60, 40))
    QTest.mouseMove(viewport, middle)
    QTest.mouseRelease(viewport, LEFT, pos=middle + QPoint(60, 40))


def painted(case: Case) -> list[tuple[str, int, bytes]]:
    return [(one.name, one.mask.count, one.mask.to_bytes()) for one in case.regions if one.mask is not None]


def on_disk(window: MainWindow) -> list[tuple[str, int, bytes]]:
    """What a program started anew would find."""
    store = Store(window.session.store.url)
    history, _seq = store.replay(Case(window.session.case.study_uid))
    store.close()
    return painted(history.case)


def said(window: MainWindow) -> list[str]:
    return [one.text for one in window.messages.said]


def test_strokes_on_a_full_disk_stay_and_are_saved_by_themselves_when_there_is_room(
    opened: MainWindow, disk: Callable[[bool], None], qtbot: QtBot
) -> None:
    stroke(opened)
    before = on_disk(opened)
    disk(True)
    for right_px in (10, 20, 0):  # over the same place
        stroke(opened, right_px)
    stroke(opened, 5, "eraser")
    now = painted(opened.session.case)
    assert len(now) == 1  # all of it in the outline that was begun
    assert on_disk(opened) == before != now
    assert said(opened) == [FULL]
    disk(False)
    qtbot.waitUntil(lambda: not opened.session.unsaved)
    assert on_disk(opened) == now
    assert said(opened) == []


def test_undo_and_redo_on_a_full_disk_are_exact_voxel_by_voxel(
    opened: MainWindow, disk: Callable[[bool], None], qtbot: QtBot
) -> None:
    seen = []
    for number, right_px in enumerate((0, 40, -40, 20, 10)):
        disk(number > 1)
        stroke(opened, right_px, "brush" if number != 3 else "eraser")
        seen.append(painted(opened.session.case))
    for step in (3, 2, 1, 0):
        opened.actions_by_id["undo"].trigger()
        assert painted(opened.session.case) == seen[step]
    for step in (1, 2, 3, 4):
        opened.actions_by_id["redo"].trigger()
        assert painted(opened.session.case) == seen[step]
    assert not opened.actions_by_id["redo"].isEnabled()
    disk(False)
    qtbot.waitUntil(lambda: not opened.session.unsaved)
    assert on_disk(opened) == seen[4]


def test_the_first_stroke_on_a_full_disk_is_chosen_so_that_the_next_one_goes_on_with_it(
    opened: MainWindow, disk: Callable[[bool], None]
) -> None:
    disk(True)
    stroke(opened)
    stroke(opened, 30)
    assert len(opened.session.case.regions) == 1


def test_what_waits_is_found_again_when_the_study_is_closed_and_opened(
    opened: MainWindow, disk: Callable[[bool], None], qtbot: QtBot
) -> None:
    disk(True)
    stroke(opened)
    uid, now = opened.session.case.study_uid, painted(opened.session.case)
    opened.session.close_study()
    opened.session.open_study(uid)
    assert painted(opened.session.case) == now
    disk(False)
    qtbot.waitUntil(lambda: not opened.session.unsaved)
    assert on_disk(opened) == now


@pytest.mark.parametrize("choice", [0, 1])
def test_a_window_with_steps_that_are_not_saved_asks_before_it_goes(
    opened: MainWindow, disk: Callable[[bool], None], qtbot: QtBot, choice: int
) -> None:
    disk(True)
    stroke(opened)
    asked: list[str] = []

    def answer() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        asked.append(box.text())
        buttons: list[QAbstractButton] = box.buttons()
        next(one for one in buttons if one.text().startswith("Keep") == (choice == 0)).click()

    QTimer.singleShot(0, lambda: (QTimer.singleShot(50, answer), opened.close()))
    qtbot.waitUntil(lambda: bool(asked) and QApplication.activeModalWidget() is None)
    qtbot.waitUntil(lambda: opened.isVisible() == (choice == 0))
    assert asked == [f"Your last steps could not be saved: {FULL}"]
    disk(False)


def test_the_room_is_saved_later_without_another_change(
    opened: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    comfort = opened.comfort
    comfort.restoring._again.setInterval(20)
    remember, full = Store.remember, [True]

    def maybe(store: Store, uid: str, data: dict[str, object]) -> None:
        if full[0]:
            raise Problem(FULL)
        remember(store, uid, data)

    monkeypatch.setattr(Store, "remember", maybe)
    opened.viewer.set_tool("zoom")
    comfort.restoring.save()
    qtbot.waitUntil(lambda: said(opened) == [FULL])
    full[0] = False
    uid = opened.session.case.study_uid
    qtbot.waitUntil(lambda: (opened.session.store.recall(uid) or {}).get("tool") == "zoom")


def test_it_tries_again_within_seconds() -> None:
    assert saving.AGAIN_MS <= 10_000
