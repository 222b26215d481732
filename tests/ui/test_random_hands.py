"""Hands that do anything at any time: nothing breaks, and what is refused changes nothing."""

import contextlib
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from medviewer.core.problem import Problem
from medviewer.phantom import small
from medviewer.ui.browser import STUDY_ROLE, UID_ROLE
from medviewer.ui.layouts import BY_ID
from medviewer.ui.viewport import Viewport
from medviewer.ui.window import MainWindow
from tests.ui.samples import folder_of, tall_grid, turn_wheel
from tests.ui.test_faults import open_and_wait, settled

STEPS = 250
BUTTON, KEY, HELD = Qt.MouseButton, Qt.Key, Qt.KeyboardModifier
BUTTONS = (BUTTON.LeftButton, BUTTON.LeftButton, BUTTON.LeftButton, BUTTON.MiddleButton, BUTTON.RightButton)
KEYS = (KEY.Key_Escape, KEY.Key_Return, KEY.Key_Backspace, KEY.Key_Delete, KEY.Key_Down, KEY.Key_Home)
MODIFIERS = (HELD.NoModifier, HELD.NoModifier, HELD.ControlModifier, HELD.ShiftModifier, HELD.AltModifier)
LAYOUTS = tuple(name for name in BY_ID if name != "body")  # its processes have tests of their own


class Hands:
    """Does one thing after another with the window, buttons held or not."""

    def __init__(self, window: MainWindow, seed: int) -> None:
        self._window, self._any = window, random.Random(seed)
        mouse: list[Callable[[], None]] = [
            self._press,
            self._press,
            self._release,
            self._move,
            self._double,
            self._menu,
        ]
        self._table = [*mouse, *mouse, *mouse, self._wheel, self._key, self._undo, self._tool, self._tool]
        self._table += [self._layout, self._series, QCoreApplication.processEvents]

    def act(self) -> None:
        """Do something; being told that it cannot be done is no fault."""
        with contextlib.suppress(Problem):
            self._any.choice(self._table)()
        if (popup := QApplication.activePopupWidget()) is not None:
            popup.close()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    def _place(self) -> tuple[Viewport, QPoint]:
        viewport = self._any.choice(self._window.viewer.viewports)
        return viewport, QPoint(self._any.randrange(viewport.width()), self._any.randrange(viewport.height()))

    def _with_button(self, does: Callable[..., None]) -> None:
        viewport, at = self._place()
        does(viewport, self._any.choice(BUTTONS), self._any.choice(MODIFIERS), at)

    def _press(self) -> None:
        self._with_button(QTest.mousePress)

    def _release(self) -> None:
        self._with_button(QTest.mouseRelease)

    def _double(self) -> None:
        self._with_button(QTest.mouseDClick)

    def _move(self) -> None:
        for _step in range(3):
            QTest.mouseMove(*self._place())

    def _menu(self) -> None:
        viewport, at = self._place()
        viewport.menu_wanted.emit(viewport, viewport.mapToGlobal(at))

    def _wheel(self) -> None:
        turn_wheel(self._place()[0], self._any.choice((-1, 1, 2)), self._any.choice(MODIFIERS))

    def _key(self) -> None:
        QTest.keyClick(QApplication.focusWidget() or self._window, self._any.choice(KEYS))

    def _undo(self) -> None:
        self._window.actions_by_id[self._any.choice(("undo", "redo"))].trigger()

    def _tool(self) -> None:
        self._window.viewer.set_tool(self._any.choice(list(self._window.viewer.tools)))

    def _layout(self) -> None:
        self._window.viewer.set_layout(self._any.choice(LAYOUTS))

    def _series(self) -> None:
        for item in self._window.browser.series_items():
            self._window.browser.series_wanted.emit(item.data(STUDY_ROLE), item.data(UID_ROLE))


@pytest.mark.parametrize("seed", [1, 2])
def test_random_hands_break_nothing_and_what_is_refused_changes_nothing(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, caplog: pytest.LogCaptureFixture, seed: int
) -> None:
    open_and_wait(window, folder_of(tmp_path, ct=small.make(grid=tall_grid(12))), qtbot)
    hands = Hands(window, seed)
    for _step in range(STEPS):
        hands.act()
    qtbot.waitUntil(lambda: settled(window), timeout=20_000)
    study, case = window.session.study, window.session.case
    assert study is not None
    window.session.close_study()  # in the middle of whatever the hands are doing
    for tool in window.viewer.tools:
        window.viewer.set_tool(tool)
        hands.act()
        hands.act()
    window.session.open_study(study.uid)
    assert (window.session.case.marks, len(window.session.case.regions)) == (case.marks, len(case.regions))
    assert [record.getMessage() for record in caplog.records if "fault" in record.getMessage()] == []
    assert [said.text for said in window.messages.said if said.details] == []
    window.viewer.set_layout("single")
    viewport = window.viewer.active
    viewport.hand.drop()
    viewport.go_to(3)
    turn_wheel(viewport, -1)
    assert viewport.index != 3
