"""Measuring in the whole window: drawn, listed, saved, undone, there again when the study is opened anew."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from medviewer.ui.marks.grab import delete_chosen, grab
from medviewer.ui.marks.paint import painting_of
from medviewer.ui.marks.view import marks_of
from medviewer.ui.window import MainWindow
from tests.ui.marking import drag
from tests.ui.samples import folder_of

WAIT_MS = 30_000


@pytest.fixture
def opened(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> MainWindow:
    """A window on a small chest CT."""
    if grab not in window.viewer.grabs:
        window.viewer.equip(painting_of, grab)
    window.flow.open_path(folder_of(tmp_path))
    qtbot.waitUntil(lambda: window.session.study is not None and not window.flow.busy, timeout=WAIT_MS)
    return window


def test_a_length_is_drawn_listed_undone_and_saved(opened: MainWindow, qtbot: QtBot) -> None:
    viewport, session = opened.viewer.active, opened.session
    opened.viewer.set_tool("length")
    middle = viewport.rect().center()
    drag(viewport, (middle.x() - 40, middle.y()), (middle.x(), middle.y()), (middle.x() + 40, middle.y()))
    (mark,) = session.case.marks
    wanted_mm = 80 / viewport.placing.px_per_mm
    assert mark.measured["length"] == pytest.approx(wanted_mm)
    panel = opened.docks.panels["measurements"].content
    opened.docks.show("measurements")
    assert panel.model.rowCount() == 1  # type: ignore[attr-defined]

    session.undo()
    assert session.case.marks == ()
    session.redo()
    uid = session.case.study_uid
    session.close_study()
    session.open_study(uid)
    assert list(session.case.marks) == [mark]
    delete_chosen(marks_of(opened.view))
    assert session.case.marks == ()


def test_esc_in_the_window_leaves_no_mark(opened: MainWindow) -> None:
    viewport = opened.viewer.active
    opened.viewer.set_tool("ellipse")
    drag(viewport, (200, 200), (220, 220), (260, 260), release=False)
    opened.viewer.set_tool("window")
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=QPoint(260, 260))
    assert opened.session.case.marks == ()
    assert viewport.draft is None


def test_a_curve_drawn_makes_the_curved_plane_possible_at_once(opened: MainWindow) -> None:
    viewport = opened.viewer.active
    assert not opened.actions_by_id["as-curved"].isEnabled()
    opened.viewer.set_tool("curve")
    for x in (200, 260, 320):
        QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=QPoint(x, 240))
    QTest.keyClick(viewport, Qt.Key.Key_Return)
    assert opened.actions_by_id["as-curved"].isEnabled()
