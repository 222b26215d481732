"""What buttons, wheel and keys do in a viewport, told by a tool that writes everything down."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from medviewer.core.arrangement import Cell
from medviewer.core.volume import Volume
from medviewer.i18n import N_
from medviewer.imaging.window import LUNG
from medviewer.phantom import small
from medviewer.ui.tool import Drag, Tool
from medviewer.ui.view import View
from medviewer.ui.viewport import Viewport
from tests.ui.samples import turn_wheel

NODULE = small.make().truth[0].center_lps_mm
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
AT, THERE = QPoint(100, 100), QPoint(140, 130)


@dataclass
class Notes:
    """What a tool was told, in order, and what it answers."""

    said: list[str] = field(default_factory=list)
    takes: bool = False

    def tool(self, tool_id: str = "noting") -> Tool:
        return Tool(
            tool_id, N_("Noting"), N_("Writes everything down"), "", 1,
            self._drag,
            press=lambda v, at: self.said.append("press"),
            release=lambda v, at: self.said.append("release"),
            hover=lambda v, at: self.said.append("hover"),
            double=lambda v, at: self._taken("double"),
            wheel=lambda v, notches, keys: self._taken(f"wheel {notches}"),
            key_press=self._key,
            paint=self._paint,
            cancel=lambda v: self.said.append("cancel"),
            cursor=Qt.CursorShape.PointingHandCursor,
        )  # fmt: skip

    def _drag(self, _viewport: Viewport, drag: Drag) -> None:
        self.said.append(f"drag {drag.by_px.x():.0f} {drag.by_px.y():.0f}")

    def _key(self, _viewport: Viewport, event: QKeyEvent) -> bool:
        return self._taken(f"key {event.key()}")

    def _paint(self, _viewport: Viewport, _painter: QPainter) -> None:
        if "paint" not in self.said:
            self.said.append("paint")

    def _taken(self, what: str) -> bool:
        self.said.append(what)
        return self.takes


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def viewport(view: View, volume: Volume, notes: Notes, qtbot: QtBot) -> Iterator[Viewport]:
    made = Viewport(view, Cell(), lambda: None)
    made.tools = {LEFT: notes.tool(), RIGHT: Notes().tool("other")}
    qtbot.addWidget(made)
    made.resize(400, 400)
    made.show()
    view.show_volume(volume, LUNG, NODULE)
    notes.said.clear()
    yield made
    view.show_volume(None, LUNG, NODULE)


def test_a_drag_is_told_step_by_step(viewport: Viewport, notes: Notes) -> None:
    QTest.mousePress(viewport, LEFT, pos=AT)
    QTest.mouseMove(viewport, AT + QPoint(10, 0))
    QTest.mouseMove(viewport, AT + QPoint(10, 5))
    QTest.mouseRelease(viewport, LEFT, pos=AT + QPoint(10, 5))
    assert [what for what in notes.said if what != "paint"] == ["press", "drag 10 0", "drag 0 5", "release"]


def test_a_shaky_click_is_no_drag(viewport: Viewport, notes: Notes) -> None:
    QTest.mousePress(viewport, LEFT, pos=AT)
    QTest.mouseMove(viewport, AT + QPoint(1, 2))
    QTest.mouseRelease(viewport, LEFT, pos=AT + QPoint(1, 2))
    assert [what for what in notes.said if what != "paint"] == ["press", "release"]


def test_a_tool_sees_the_mouse_go_by(viewport: Viewport, notes: Notes) -> None:
    QTest.mouseMove(viewport, THERE)
    assert "hover" in notes.said
    assert viewport.cursor().shape() == Qt.CursorShape.PointingHandCursor


def test_what_lies_under_the_mouse_takes_the_drag(viewport: Viewport, notes: Notes) -> None:
    handle = Notes()
    viewport.grabs = [lambda _v, at: handle.tool("handle") if at.x() < 120 else None]
    QTest.mousePress(viewport, LEFT, pos=AT)
    QTest.mouseMove(viewport, THERE)
    QTest.mouseRelease(viewport, LEFT, pos=THERE)
    assert handle.said == ["press", "drag 40 30", "release"]
    assert "press" not in notes.said


def test_nothing_is_taken_hold_of_while_a_tool_is_at_work(viewport: Viewport, notes: Notes) -> None:
    handle = Notes()
    viewport.grabs = [lambda _v, _at: handle.tool("handle")]
    viewport.draft = "half a line"
    QTest.mouseClick(viewport, LEFT, pos=AT)
    assert handle.said == []
    assert "press" in notes.said


def test_a_double_click_enlarges_unless_the_tool_takes_it(viewport: Viewport, notes: Notes, qtbot: QtBot) -> None:
    with qtbot.waitSignal(viewport.enlarge_wanted):
        QTest.mouseDClick(viewport, LEFT, pos=AT)
    notes.takes = True
    with qtbot.assertNotEmitted(viewport.enlarge_wanted):
        QTest.mouseDClick(viewport, LEFT, pos=AT)


def test_the_wheel_leafs_unless_the_tool_takes_it(viewport: Viewport, notes: Notes) -> None:
    before = viewport.index
    turn_wheel(viewport, -1)
    assert viewport.index != before
    notes.takes, now = True, viewport.index
    turn_wheel(viewport, -1)
    assert viewport.index == now


def test_alt_and_wheel_make_the_plane_thicker_and_thin_again(viewport: Viewport) -> None:
    alt = Qt.KeyboardModifier.AltModifier
    turn_wheel(viewport, 2, alt)
    assert viewport.slab.mm > 0.0
    turn_wheel(viewport, -20, alt)
    assert viewport.slab.mm == 0.0


def test_escape_drops_unfinished_work_and_nothing_else(viewport: Viewport, notes: Notes) -> None:
    escape = QKeyEvent(QKeyEvent.Type.KeyPress, Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier)
    assert not viewport.wants_key(escape)
    viewport.draft = "half a line"
    assert viewport.wants_key(escape)
    QTest.keyClick(viewport, Qt.Key.Key_Escape)
    assert viewport.draft is None
    assert "cancel" in notes.said


def test_enter_belongs_to_unfinished_work(viewport: Viewport, notes: Notes) -> None:
    enter = QKeyEvent(QKeyEvent.Type.KeyPress, Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier)
    assert not viewport.wants_key(enter)  # else it is the key that accepts a finding
    viewport.draft = "half a line"
    assert viewport.wants_key(enter)
    QTest.keyClick(viewport, Qt.Key.Key_Return)
    assert f"key {int(Qt.Key.Key_Return)}" in notes.said


def test_another_cell_drops_the_work(viewport: Viewport, notes: Notes) -> None:
    viewport.draft = "half a line"
    viewport.set_cell(Cell("coronal"))
    assert viewport.draft is None
    assert viewport.plane is not None
    assert viewport.plane.orientation == "coronal"


def test_a_tool_draws_last(viewport: Viewport, notes: Notes) -> None:
    viewport.grab()
    assert "paint" in notes.said


def test_a_right_click_asks_for_the_menu(viewport: Viewport, qtbot: QtBot) -> None:
    with qtbot.waitSignal(viewport.menu_wanted):
        QTest.mouseClick(viewport, RIGHT, pos=AT)
    with qtbot.assertNotEmitted(viewport.menu_wanted):
        QTest.mousePress(viewport, RIGHT, pos=AT)
        QTest.mouseMove(viewport, THERE)
        QTest.mouseRelease(viewport, RIGHT, pos=THERE)


def test_the_place_under_the_mouse_is_forgotten_when_it_leaves(viewport: Viewport) -> None:
    QTest.mouseMove(viewport, THERE)
    assert viewport.under_cursor == pytest.approx(viewport.lps_at(QPointF(THERE)))
    viewport.leaveEvent(None)
    assert viewport.under_cursor is None
