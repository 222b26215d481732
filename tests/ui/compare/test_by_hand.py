"""Aligning by hand: drags over the fused check shift and turn the prior, each an edit; keys do so in small steps."""

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from medviewer.core.arrangement import MAIN, PRIOR, Cell
from medviewer.ui.compare import by_hand
from medviewer.ui.compare.by_hand import aligning_in, circle_of, directions
from medviewer.ui.fusion.fusing import caption_lines
from medviewer.ui.viewport import Viewport
from medviewer.ui.window import MainWindow
from tests.ui.compare.test_comparing import Desk, FakeRegistering, fake, make_desk, settled

__all__ = ["fake", "make_desk"]
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def desk(fake: FakeRegistering, make_desk: Callable[..., Desk], qtbot: QtBot) -> Desk:
    """The phantom and its prior, registered with a shift of 7 mm."""
    desk = make_desk()
    desk.show()
    settled(desk, qtbot)
    return desk


@pytest.fixture
def viewport(desk: Desk, qtbot: QtBot) -> Viewport:
    """An axial viewport of the main images, in which the reader aligns the prior."""
    made = shown(desk, Cell("axial", MAIN), qtbot)
    desk.view.move_to(tuple(desk.now.grid.to_lps(np.asarray(desk.now.grid.shape_kji) / 2.0)))
    desk.comparing.begin_aligning()
    return made


def shown(desk: Desk, cell: Cell, qtbot: QtBot) -> Viewport:
    made = Viewport(desk.view, cell, lambda: desk.session.case)
    made.grabs.append(by_hand.grab)
    made.paintings.append(by_hand.painting_of(made))
    qtbot.addWidget(made)
    made.resize(400, 400)
    made.show()
    return made


def drag(viewport: Viewport, start: QPoint, end: QPoint, *, let_go: bool = True) -> None:
    QTest.mousePress(viewport, LEFT, pos=start)
    QTest.mouseMove(viewport, (start + end) / 2)
    QTest.mouseMove(viewport, end)
    if let_go:
        QTest.mouseRelease(viewport, LEFT, pos=end)


def matrix(desk: Desk) -> np.ndarray:
    found = desk.view.display(PRIOR).to_main
    assert found is not None
    return found


def test_a_drag_inside_the_circle_shifts_the_prior_by_as_much(viewport: Viewport, desk: Desk) -> None:
    start, end = QPoint(200, 200), QPoint(220, 190)
    way = np.subtract(viewport.lps_at(end.toPointF()), viewport.lps_at(start.toPointF()))
    drag(viewport, start, end)
    registration = desk.comparing.registration()
    assert registration is not None
    assert str(registration.words) == "aligned by hand"
    assert registration.array[:3, :3] == pytest.approx(np.eye(3))
    assert registration.array[:3, 3] == pytest.approx(np.add(way, (-7.0, 0.0, 0.0)))
    assert way[0] > 0 > way[1]
    assert way[2] == pytest.approx(0.0)
    assert "aligned by hand" in [line.text for line in caption_lines(viewport)]
    assert desk.session.case.alignments == (registration,)
    desk.session.undo()
    assert matrix(desk)[:3, 3] == pytest.approx((-7.0, 0.0, 0.0))


def test_a_drag_outside_the_circle_turns_the_prior_about_the_middle(viewport: Viewport, desk: Desk) -> None:
    middle = np.asarray(viewport.lps_at(viewport.rect().toRectF().center()))
    before = np.linalg.inv(matrix(desk)) @ (*middle, 1.0)
    drag(viewport, QPoint(390, 200), QPoint(200, 390))  # from the right edge to the bottom: a quarter, clockwise
    assert matrix(desk) @ before == pytest.approx((*middle, 1.0), abs=1.0)
    assert matrix(desk)[:3, :3] == pytest.approx(np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]]), abs=0.02)
    desk.session.undo()
    assert matrix(desk)[:3, :3] == pytest.approx(np.eye(3))


def test_in_a_coronal_plane_it_is_shifted_in_that_plane(viewport: Viewport, desk: Desk, qtbot: QtBot) -> None:
    coronal = shown(desk, Cell("coronal", MAIN), qtbot)
    drag(coronal, QPoint(200, 200), QPoint(200, 220))
    assert matrix(desk)[1, 3] == pytest.approx(0.0)
    assert matrix(desk)[2, 3] < -1.0  # down on the screen is towards the feet


def test_escape_puts_the_prior_back_and_a_click_changes_nothing(viewport: Viewport, desk: Desk) -> None:
    before = matrix(desk).copy()
    drag(viewport, QPoint(200, 200), QPoint(240, 200), let_go=False)
    assert not np.allclose(matrix(desk), before)
    QTest.keyClick(viewport, Qt.Key.Key_Escape)
    QTest.mouseRelease(viewport, LEFT, pos=QPoint(240, 200))
    assert np.array_equal(matrix(desk), before)
    QTest.mouseClick(viewport, LEFT, pos=QPoint(200, 200))
    assert str(desk.session.undo_label) == "Register the prior"


def test_the_circle_is_drawn_only_while_the_reader_aligns(viewport: Viewport, desk: Desk, qtbot: QtBot) -> None:
    other = shown(desk, Cell("axial", PRIOR), qtbot)
    assert aligning_in(other) is None
    at = circle_of(400, 400)
    edge = QPoint(int(at.right()), 200)
    area = range(edge.y() - 12, edge.y() + 12)
    during = [viewport.grab().toImage().pixelColor(edge.x(), y).name() for y in area]
    desk.comparing.end_aligning()
    assert aligning_in(viewport) is None
    assert [viewport.grab().toImage().pixelColor(edge.x(), y).name() for y in area] != during
    assert by_hand.grab(viewport, edge.toPointF()) is None


def test_right_and_down_follow_a_picture_that_the_reader_flipped(viewport: Viewport) -> None:
    assert directions(viewport)[0] == pytest.approx((1.0, 0.0, 0.0))
    viewport.change_camera(flipped_h=True)
    right, down = directions(viewport)
    assert right == pytest.approx((-1.0, 0.0, 0.0))
    assert down == pytest.approx((0.0, 1.0, 0.0))


def test_keys_shift_and_turn_by_small_steps(desk: Desk, viewport: Viewport) -> None:
    class Room:
        """What the actions ask of the window."""

        class viewer:  # noqa: N801
            active, viewports = viewport, (viewport,)

        class priors:  # noqa: N801
            comparing = desk.comparing

    window: MainWindow = Room  # type: ignore[assignment]
    handlers = {action.id: action.handler for action in by_hand.ACTIONS}
    handlers["align-right"](window)
    assert matrix(desk)[:3, 3] == pytest.approx((-6.0, 0.0, 0.0))
    handlers["align-up"](window)
    assert matrix(desk)[:3, 3] == pytest.approx((-6.0, -1.0, 0.0))
    handlers["align-clockwise"](window)
    angle = np.degrees(np.arctan2(matrix(desk)[1, 0], matrix(desk)[0, 0]))
    assert angle == pytest.approx(1.0)
    assert {key for action in by_hand.ACTIONS for key in action.keys} >= {"Alt+Left", "Alt+PgUp"}
    desk.comparing.end_aligning()
    assert not any(action.possible(window) for action in by_hand.ACTIONS if action.possible)
