"""A viewport under the mouse and the wheel."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QContextMenuEvent, QPainter
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from medviewer.core.arrangement import Cell
from medviewer.core.discover import discover
from medviewer.core.volume import FAILED, READY, Volume
from medviewer.imaging.render import to_grey
from medviewer.imaging.window import LUNG, Window
from medviewer.phantom import small
from medviewer.ui import tools, viewport_paint
from medviewer.ui.tool import Tool
from medviewer.ui.view import View
from medviewer.ui.viewport import Viewport
from tests.ui.samples import painted, turn_wheel, volume_of

NODULE = small.make().truth[0].center_lps_mm
TOOLS = discover(tools, Tool)
LEFT, MIDDLE, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


def made(view: View, qtbot: QtBot, cell: Cell | None = None) -> Viewport:
    viewport = Viewport(view, cell or Cell(), lambda: None)
    viewport.tools = {LEFT: TOOLS["window"], MIDDLE: TOOLS["pan"], RIGHT: TOOLS["zoom"]}
    qtbot.addWidget(viewport)
    viewport.resize(512, 512)
    viewport.show()
    return viewport


@pytest.fixture
def viewport(view: View, qtbot: QtBot, volume: Volume) -> Viewport:
    shown = made(view, qtbot)
    view.show_volume(volume, LUNG, NODULE)
    return shown


def drag(qtbot: QtBot, viewport: Viewport, button: Qt.MouseButton, *way: tuple[int, int]) -> None:
    """Press at the first point, go through the others, let go at the last."""
    QTest.mousePress(viewport, button, pos=QPoint(*way[0]))
    for point in way[1:]:
        QTest.mouseMove(viewport, QPoint(*point))
    QTest.mouseRelease(viewport, button, pos=QPoint(*way[-1]))


def test_the_picture_is_the_slice_in_the_window(viewport: Viewport, view: View, volume: Volume) -> None:
    view.toggle_texts()
    seen = painted(viewport)
    expected = to_grey(volume.voxels[13], LUNG)
    middle = [round((n + 0.5) * 512 / 64) for n in (30, 45)]  # the sphere, in soft tissue's grey
    assert seen[middle[0], middle[1]].tolist() == [expected[30, 45]] * 3


def test_the_wheel_leafs_and_shift_makes_it_ten(viewport: Viewport) -> None:
    assert viewport.index == 13
    turn_wheel(viewport, -1)
    assert viewport.index == 12  # onward is towards the feet
    turn_wheel(viewport, 1)
    turn_wheel(viewport, 1, SHIFT)
    assert viewport.index == 23


def test_ctrl_and_the_wheel_zoom(viewport: Viewport) -> None:
    turn_wheel(viewport, 2, CTRL)
    assert viewport.camera.zoom > 1.2
    assert viewport.index == 13


def test_leafing_ends_at_the_last_image(viewport: Viewport) -> None:
    viewport.go_to_end(last=True)
    assert viewport.index == 0
    viewport.step(1)
    assert viewport.index == 0
    viewport.go_to_end(last=False)
    assert viewport.index == 23


def test_left_drag_changes_the_window(qtbot: QtBot, viewport: Viewport, view: View) -> None:
    drag(qtbot, viewport, LEFT, (100, 100), (140, 100), (140, 120))
    assert view.window.width > LUNG.width
    assert view.window.center > LUNG.center


def test_the_window_never_becomes_narrower_than_one(qtbot: QtBot, viewport: Viewport, view: View) -> None:
    view.set_window(Window(40.0, 3.0))
    drag(qtbot, viewport, LEFT, (400, 100), (300, 100), (10, 100))
    assert view.window.width == 1.0


def test_a_window_of_small_units_is_dragged_in_small_steps(qtbot: QtBot, viewport: Viewport, view: View) -> None:
    view.set_window(Window(5.0, 10.0, "LINEAR_EXACT"))
    drag(qtbot, viewport, LEFT, (100, 100), (110, 100), (120, 104))
    assert 10.0 < view.window.width < 11.0
    assert view.window.function == "LINEAR_EXACT"


def test_other_things_are_drawn_over_the_slice_by_those_who_know_them(viewport: Viewport, view: View) -> None:
    seen: list[tuple[int, int]] = []
    viewport.paintings.append(lambda _painter, placing, plane, index: seen.append((plane.axis, index)))
    painted(viewport)
    assert (0, 13) in seen


def test_middle_drag_moves_the_image(qtbot: QtBot, viewport: Viewport) -> None:
    before = viewport.placing.to_screen(10, 10)
    drag(qtbot, viewport, MIDDLE, (100, 100), (130, 90))
    assert viewport.placing.to_screen(10, 10) == before + QPointF(30, -10)


def test_right_drag_zooms_and_a_right_click_asks_for_the_menu(qtbot: QtBot, viewport: Viewport) -> None:
    asked: list[QPoint] = []
    viewport.menu_wanted.connect(lambda _viewport, at: asked.append(at))
    drag(qtbot, viewport, RIGHT, (200, 200), (200, 150))
    assert viewport.camera.zoom > 1.0
    assert asked == []
    drag(qtbot, viewport, RIGHT, (200, 200), (201, 200))
    assert len(asked) == 1


def test_the_menu_key_asks_for_the_menu_too(qtbot: QtBot, viewport: Viewport) -> None:
    with qtbot.waitSignal(viewport.menu_wanted):
        viewport.contextMenuEvent(QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(5, 5), QPoint(5, 5)))


def test_a_small_tremble_is_no_drag(qtbot: QtBot, viewport: Viewport, view: View) -> None:
    drag(qtbot, viewport, LEFT, (100, 100), (101, 101))
    assert view.window == LUNG


def test_a_double_click_asks_for_all_the_room(qtbot: QtBot, viewport: Viewport) -> None:
    with qtbot.waitSignal(viewport.enlarge_wanted):
        QTest.mouseDClick(viewport, LEFT)


def test_the_scroll_tool_leafs_by_dragging(qtbot: QtBot, viewport: Viewport) -> None:
    viewport.tools[LEFT] = TOOLS["scroll"]
    drag(qtbot, viewport, LEFT, (100, 100), (100, 112), (100, 118))
    assert viewport.index == 10


def test_the_crosshair_tool_goes_to_the_place_clicked(qtbot: QtBot, viewport: Viewport, view: View) -> None:
    viewport.tools[LEFT] = TOOLS["crosshair"]
    at = QPoint(150, 320)
    expected = viewport.lps_at(QPointF(at))
    QTest.mousePress(viewport, LEFT, pos=at)
    assert view.point_lps_mm == expected
    QTest.mouseRelease(viewport, LEFT, pos=at)


def test_every_tool_has_its_own_key_and_place() -> None:
    assert len({tool.key for tool in TOOLS.values()}) == len(TOOLS)
    assert len({tool.order for tool in TOOLS.values()}) == len(TOOLS)


def test_a_slice_that_could_not_be_read_says_so(viewport: Viewport, volume: Volume, view: View) -> None:
    view.toggle_texts()
    volume.state[13] = FAILED
    viewport.update()
    seen = painted(viewport)
    assert seen[20, 20].max() == 0
    assert seen[200:300].max() > 100  # the sentence


def test_a_slice_appears_as_soon_as_it_is_read(view: View, qtbot: QtBot) -> None:
    pending, shown = volume_of(ready=False), made(view, qtbot)
    view.show_volume(pending, LUNG, NODULE)
    view.toggle_texts()
    before = painted(shown)
    pending.state[13] = READY
    view.slices_changed.emit()
    assert not np.array_equal(before, painted(shown))
    view.show_volume(None, LUNG, NODULE)
    pending.close()


def test_inverting_swaps_black_and_white(viewport: Viewport, view: View) -> None:
    view.toggle_texts()
    plain = painted(viewport).astype(int)
    view.invert()
    assert np.abs(plain + painted(viewport) - 255).max() <= 2


def test_monochrome1_is_shown_the_right_way_round(view: View, qtbot: QtBot) -> None:
    film = volume_of(photometric="MONOCHROME1")
    shown = made(view, qtbot)
    view.show_volume(film, LUNG, NODULE)
    view.toggle_texts()
    middle = painted(shown)[244, 364]  # the sphere: dense, so dark on a film of this kind
    assert middle.max() == 255 - to_grey(film.voxels[13], LUNG)[30, 45]
    view.show_volume(None, LUNG, NODULE)
    film.close()


def test_a_close_up_follows_the_chosen_finding(view: View, qtbot: QtBot, volume: Volume) -> None:
    shown = made(view, qtbot, Cell(close_up=True))
    view.show_volume(volume, LUNG, NODULE)
    x, y = shown.plane.geometry(shown.index).to_xy(NODULE).tolist()  # type: ignore[union-attr]
    middle = shown.placing.to_screen(x, y)
    assert (middle.x(), middle.y()) == pytest.approx((256.0, 256.0), abs=1.0)


def test_the_prior_follows_by_patient_position(view: View, qtbot: QtBot, volume: Volume) -> None:
    prior, beside = volume_of(uid="7.7"), made(view, qtbot, Cell(display="prior"))
    assert beside.plane is None
    view.show_volume(volume, LUNG, NODULE)
    view.show_prior(prior)
    assert beside.index == 13
    beside.step(2)
    assert view.point_lps_mm[2] == pytest.approx(NODULE[2] - 5.0)
    view.show_volume(None, LUNG, NODULE)
    prior.close()


def test_the_camera_is_kept_for_a_volume_of_the_same_size(viewport: Viewport, view: View) -> None:
    viewport.change_camera(zoom=2.0)
    again = volume_of(uid="5.5")
    view.show_volume(again, LUNG, NODULE)
    assert viewport.camera.zoom == 2.0
    viewport.reset()
    assert viewport.camera.zoom == 1.0
    view.show_volume(None, LUNG, NODULE)
    again.close()


def test_without_a_volume_nothing_happens(view: View, qtbot: QtBot) -> None:
    empty = made(view, qtbot)
    turn_wheel(empty, -3)
    drag(qtbot, empty, LEFT, (10, 10), (60, 60))
    empty.go_to_end(last=True)
    assert painted(empty).max() == 0
    assert empty.lps_at(QPointF(1, 1)) == view.point_lps_mm


def test_a_fault_while_painting_leaves_no_painter_that_the_next_paint_would_crash_on(
    viewport: Viewport, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[QPainter] = []

    def fail(_viewport: Viewport, painter: QPainter, _dirty: QRect) -> None:
        kept.append(painter)
        raise ValueError("a fault")

    monkeypatch.setattr(viewport_paint, "paint", fail)
    with pytest.raises(ValueError, match="a fault"):
        viewport.grab()
    assert not any(painter.isActive() for painter in kept)
    assert kept
