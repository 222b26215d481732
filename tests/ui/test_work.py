"""How much is done for one notch of the wheel: each picture once, the one under the hand first, nothing else."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from medviewer.core.arrangement import Cell
from medviewer.core.look import Window
from medviewer.ui.planes import lines
from medviewer.ui.planes.lines import lines_of
from medviewer.ui.planes.oblique_lines import PlaneLines
from medviewer.ui.planes.plane import Plane
from medviewer.ui.view import View
from medviewer.ui.viewport import Viewport
from medviewer.ui.window import MainWindow
from tests.ui.planes.room import USUAL, centred, volume_on

NOTCH = QPoint(0, -120)


class Paints(QObject):
    """Notes which viewport is painted when."""

    def __init__(self, viewports: tuple[Viewport, ...]) -> None:
        super().__init__()
        self.order: list[Viewport] = []
        for viewport in viewports:
            viewport.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # type: ignore[override, unused-ignore]
        if event.type() == QEvent.Type.Paint and isinstance(watched, Viewport):
            self.order.append(watched)
        return False


def turn(viewport: Viewport) -> None:
    """Turn the wheel by one notch over the middle of ``viewport``."""
    at, none = QPointF(viewport.rect().center()), Qt.KeyboardModifier.NoModifier
    button, phase = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
    QApplication.sendEvent(
        viewport, QWheelEvent(at, viewport.mapToGlobal(at), QPoint(), NOTCH, button, none, phase, False)
    )


def settle() -> None:
    for _n in range(5):
        QApplication.processEvents()


@pytest.fixture
def three(qtbot: QtBot, view: View) -> Iterator[tuple[Viewport, ...]]:
    volume, room = volume_on(centred((20, 30, 40), (2.0, 1.0, 1.0), USUAL)), QWidget()
    qtbot.addWidget(room)
    row = QHBoxLayout(room)
    viewports = tuple(Viewport(view, Cell(kind), lambda: None) for kind in ("axial", "coronal", "sagittal"))
    for viewport in viewports:
        viewport.references = tuple(other for other in viewports if other is not viewport)
        viewport.paintings.append(PlaneLines(viewport).paint)
        row.addWidget(viewport)
    view.show_volume(volume, Window(40, 400), (0.0, 0.0, 0.0))
    room.resize(900, 300)
    room.show()
    qtbot.waitExposed(room)
    settle()
    yield viewports
    volume.close()


def test_a_notch_paints_each_picture_once_and_the_one_under_the_mouse_first(three: tuple[Viewport, ...]) -> None:
    for leading in three:
        paints = Paints(three)
        turn(leading)
        settle()
        assert len(paints.order) == 3
        assert set(paints.order) == set(three)
        assert paints.order[0] is leading


def test_at_the_end_of_the_stack_a_notch_paints_nothing(three: tuple[Viewport, ...]) -> None:
    three[0].go_to_end(last=True)
    settle()
    paints = Paints(three)
    turn(three[0])
    settle()
    assert paints.order == []


def test_a_picture_out_of_sight_is_not_painted(three: tuple[Viewport, ...]) -> None:
    three[2].hide()
    settle()
    paints = Paints(three)
    turn(three[0])
    settle()
    assert paints.order == [three[0], three[1]]


def test_lines_are_worked_out_only_where_they_move(
    three: tuple[Viewport, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    turn(three[0])  # from between two slices onto one
    settle()
    asked: list[Viewport] = []
    known = lines._lines_of

    def counted(one: Viewport, plane: Plane) -> list[lines.CutLine]:
        asked.append(one)
        return known(one, plane)

    monkeypatch.setattr(lines, "_lines_of", counted)
    turn(three[0])
    settle()
    assert set(asked) == {three[1], three[2]}  # the axial line is seen to move in the others
    asked.clear()
    for viewport in three:
        viewport.update()
        lines_of(viewport)  # as a mouse that moves asks for them
    settle()
    assert asked == []


def test_lines_follow_the_zoom_and_the_place(three: tuple[Viewport, ...], view: View) -> None:
    (first, _second), before = lines_of(three[0]), three[0].camera
    view.move_to((5.0, 5.0, 0.0))
    assert lines_of(three[0])[0].ends_px != first.ends_px
    view.move_to((0.0, 0.0, 0.0))
    assert lines_of(three[0])[0].ends_px == first.ends_px
    three[0].change_camera(zoom=2.0 * before.zoom)
    assert lines_of(three[0])[0].ends_px.length() > 1.5 * first.ends_px.length()


def test_leafing_asks_no_action_whether_it_is_possible(
    window: MainWindow, volume: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.view.show_volume(volume, Window(40, 400), (0.0, 0.0, 0.0))  # type: ignore[arg-type]
    settle()
    asked: list[str] = []
    monkeypatch.setattr(type(window.toolbar), "refresh", lambda _bar: asked.append("actions"))
    for _n in range(3):
        turn(window.viewer.active)
        settle()
    assert asked == []
