"""Marks that are there, under the mouse: reshaped, moved, their labels put elsewhere, deleted."""

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from medviewer.core.volume import Volume
from medviewer.ui.marks.grab import delete_chosen, grab
from medviewer.ui.marks.paint import drawn_in
from medviewer.ui.tools import brush
from medviewer.ui.view import View
from medviewer.ui.viewport import Viewport
from tests.ui.marking import LEFT, PLACED, TOOLS, Room, click, drag, editor, use
from tests.ui.samples import volume_of

MM = 1.6 / 8


@pytest.fixture
def shown() -> Iterator[Volume]:
    made = volume_of(**PLACED)
    yield made
    made.close()


@pytest.fixture
def room(view: View, qtbot: QtBot) -> Room:
    return Room(view, qtbot)


@pytest.fixture
def viewport(room: Room, shown: Volume) -> Viewport:
    """A length of 100 px is there, and the window tool is chosen again."""
    viewport = room.show(shown)
    use(viewport, "length")
    drag(viewport, (100, 100), (150, 100), (200, 100))
    viewport.tools = {LEFT: TOOLS["window"]}
    return viewport


def test_a_handle_changes_the_length_in_one_step(room: Room, viewport: Viewport) -> None:
    drag(viewport, (200, 100), (220, 100), (250, 100), (260, 100))
    (mark,) = room.marks
    assert mark.measured["length"] == pytest.approx(160 * MM)
    assert len(room.history.done) == 2
    room.undo()
    assert room.marks[0].measured["length"] == pytest.approx(100 * MM)


def test_the_value_follows_while_a_handle_is_dragged(room: Room, viewport: Viewport) -> None:
    drag(viewport, (200, 100), (220, 100), (260, 100), release=False)
    assert room.shared.preview is not None
    (one,) = drawn_in(viewport)
    assert one.texts == ("32.0 mm",)
    assert room.marks[0].measured["length"] == pytest.approx(100 * MM)  # not a step yet


def test_the_line_moves_the_whole_mark(room: Room, viewport: Viewport) -> None:
    before = np.asarray(room.marks[0].points_lps_mm)
    drag(viewport, (150, 100), (150, 120), (170, 130))
    after = np.asarray(room.marks[0].points_lps_mm)
    assert after - before == pytest.approx(np.array([[20 * MM, 30 * MM, 0.0]] * 2))


def test_the_label_is_put_elsewhere_and_keeps_a_leader(room: Room, viewport: Viewport) -> None:
    (one,) = drawn_in(viewport)
    assert one.label is not None
    x, y = round(one.label.center().x()), round(one.label.center().y())
    drag(viewport, (x, y), (x, y + 40), (x, y + 90))
    (moved,) = drawn_in(viewport)
    assert moved.label is not None
    assert moved.label.center().y() - one.label.center().y() == pytest.approx(90.0, abs=1.0)
    assert room.marks[0].points_lps_mm == one.mark.points_lps_mm
    assert str(room.history.done[-1].label) == "Move label"


def test_esc_leaves_the_mark_as_it_was(room: Room, viewport: Viewport) -> None:
    drag(viewport, (200, 100), (220, 100), (260, 100), release=False)
    QTest.keyClick(viewport, Qt.Key.Key_Escape)
    QTest.mouseRelease(viewport, LEFT, pos=QPoint(260, 100))
    assert room.shared.preview is None
    assert len(room.history.done) == 1


def test_a_click_on_a_mark_chooses_it_and_changes_nothing(room: Room, viewport: Viewport) -> None:
    room.shared.choose(None)
    click(viewport, 150, 100)
    assert room.shared.chosen_id == room.marks[0].id
    assert len(room.history.done) == 1


def test_elsewhere_the_tool_chosen_works_as_always(room: Room, viewport: Viewport) -> None:
    window = room.view.window
    drag(viewport, (300, 300), (340, 300), (360, 320))
    assert room.view.window != window
    assert len(room.history.done) == 1


def test_a_new_length_may_begin_near_nothing_while_one_is_drawn(room: Room, viewport: Viewport) -> None:
    use(viewport, "length")
    click(viewport, 150, 200)
    click(viewport, 150, 100)  # the second click is on the first length, and still ends this one
    assert [mark.measured["length"] for mark in room.marks] == pytest.approx([100 * MM, 100 * MM])


def test_a_corner_of_a_rectangle_leaves_the_opposite_one(room: Room, viewport: Viewport) -> None:
    use(viewport, "rectangle")
    drag(viewport, (300, 300), (320, 320), (360, 340))
    viewport.tools = {LEFT: TOOLS["window"]}
    drag(viewport, (360, 300), (370, 290), (380, 280))
    mark = room.marks[1]
    assert mark.measured["area"] == pytest.approx(80 * 60 * MM**2)


def test_a_click_on_a_chosen_text_changes_its_words(room: Room, viewport: Viewport) -> None:
    use(viewport, "text")
    click(viewport, 300, 300)
    QTest.keyClicks(editor(viewport), "old")
    QTest.keyClick(editor(viewport), Qt.Key.Key_Return)
    viewport.tools = {LEFT: TOOLS["window"]}
    label = drawn_in(viewport)[-1].label
    assert label is not None
    click(viewport, round(label.center().x()), round(label.center().y()))
    editor(viewport).selectAll()
    QTest.keyClicks(editor(viewport), "new")
    QTest.keyClick(editor(viewport), Qt.Key.Key_Return)
    assert room.marks[1].text == "new"


def test_the_chosen_mark_is_deleted_and_comes_back(room: Room, viewport: Viewport) -> None:
    room.shared.choose(room.marks[0].id)
    delete_chosen(room.shared)
    assert room.marks == ()
    delete_chosen(room.shared)  # nothing is chosen any more
    room.undo()
    assert len(room.marks) == 1


def test_the_hand_shows_what_can_be_taken(room: Room, viewport: Viewport) -> None:
    QTest.mouseMove(viewport, QPoint(200, 100))
    assert viewport.cursor().shape() == Qt.CursorShape.PointingHandCursor
    QTest.mouseMove(viewport, QPoint(150, 101))
    assert viewport.cursor().shape() == Qt.CursorShape.SizeAllCursor
    QTest.mouseMove(viewport, QPoint(300, 300))
    assert viewport.cursor().shape() == Qt.CursorShape.ArrowCursor


def test_a_brush_paints_over_a_measurement_and_does_not_move_it(room: Room, viewport: Viewport) -> None:
    end = drawn_in(viewport)[0].handles[0]
    assert grab(viewport, end) is not None
    viewport.tools = {LEFT: brush.TOOL}
    assert grab(viewport, end) is None


def test_a_mark_undone_while_it_is_dragged_stays_away_and_leaves_no_step(room: Room, viewport: Viewport) -> None:
    drag(viewport, (200, 100), (240, 100), release=False)
    room.undo()
    QTest.mouseRelease(viewport, LEFT, pos=QPoint(240, 100))
    assert room.marks == ()
    assert drawn_in(viewport) == []
    assert room.history.undo() is None
