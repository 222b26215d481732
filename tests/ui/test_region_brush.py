"""Brush and eraser under the mouse: what they paint, in which plane, and how it is taken back."""

import math

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from medviewer.core.arrangement import Cell
from medviewer.core.case import Case
from medviewer.core.mask import Mask
from medviewer.core.problem import Problem
from medviewer.core.region import Region
from medviewer.core.region_edits import AddRegion, PaintRegion
from medviewer.core.region_gate import Gate
from medviewer.core.volume import Volume
from medviewer.phantom import small
from medviewer.ui.regions.stroke import may_paint, press, release
from medviewer.ui.view import View
from tests.ui.outlining import LEFT, NODULE, Room, at, stroke
from tests.ui.samples import painted, sphere, turn_wheel, volume_of

KEYS = Qt.KeyboardModifier
K, J, COLUMN = (round(float(n)) for n in small.CENTER_KJI)
ROW_MM = 1.6


@pytest.fixture
def room(view: View, qtbot: QtBot, volume: Volume) -> Room:
    return Room(view, qtbot, volume)


def test_a_first_stroke_makes_a_region_of_the_series_with_what_was_painted(room: Room) -> None:
    viewport = room.viewport()
    room.brush(diameter_mm=16.0)
    stroke(viewport, at(viewport, NODULE))
    assert [type(edit) for edit in room.history.done] == [AddRegion]
    assert room.region.series_uid == room.view.volume.series.uid  # type: ignore[union-attr]
    assert room.region.name == "Outline 1"
    full = room.voxels()
    assert np.flatnonzero(full.any(axis=(1, 2))).tolist() == [K]
    assert np.count_nonzero(full) * ROW_MM**2 == pytest.approx(math.pi * 64.0, rel=0.05)
    assert full[K, J, COLUMN]


def test_each_stroke_is_one_step_of_undo_and_comes_back_exactly(room: Room) -> None:
    viewport = room.viewport()
    start, other = at(viewport, NODULE), QPoint(100, 120)
    stroke(viewport, start)
    first = room.voxels()
    stroke(viewport, other, other + QPoint(30, 0), other + QPoint(60, 20), other + QPoint(90, 80))
    second = room.voxels()
    assert [type(edit) for edit in room.history.done] == [AddRegion, PaintRegion]
    assert np.count_nonzero(second) > 3 * np.count_nonzero(first)
    room.history.undo()
    assert np.array_equal(room.voxels(), first)
    room.history.undo()
    assert room.history.case.regions == ()
    room.history.redo()
    room.history.redo()
    assert np.array_equal(room.voxels(), second)


def test_a_stroke_covers_the_whole_way_between_two_looks_at_the_mouse(room: Room) -> None:
    viewport = room.viewport()
    room.brush(diameter_mm=6.0)
    stroke(viewport, QPoint(100, 256), QPoint(400, 256))
    columns = np.flatnonzero(room.voxels()[K, 31] | room.voxels()[K, 32])
    assert columns.tolist() == list(range(columns[0], columns[-1] + 1))
    assert len(columns) * 8 == pytest.approx(300 + 6.0 / ROW_MM * 8, abs=16)


@pytest.mark.parametrize(("kind", "axis", "index"), [("coronal", 1, J), ("sagittal", 2, COLUMN)])
def test_in_the_other_planes_it_paints_the_plane_shown(room: Room, kind: str, axis: int, index: int) -> None:
    viewport = room.viewport(Cell(kind))  # type: ignore[arg-type]
    room.brush(diameter_mm=21.5)
    stroke(viewport, at(viewport, NODULE))
    full = room.voxels()
    others = tuple(n for n in range(3) if n != axis)
    assert np.flatnonzero(full.any(axis=others)).tolist() == [index]
    assert np.flatnonzero(full.any(axis=(1, 2))).tolist() == list(range(K - 4, K + 5))  # 10.75 mm are 4 slices
    area_mm2 = np.count_nonzero(full) * ROW_MM * 2.5
    assert area_mm2 == pytest.approx(math.pi * 10.75**2, rel=0.06)


def test_a_ball_is_painted_as_an_option_or_for_one_stroke_with_alt(room: Room) -> None:
    viewport = room.viewport()
    room.brush(diameter_mm=20.0, ball=True)
    stroke(viewport, at(viewport, NODULE))
    ball = room.voxels()
    assert np.count_nonzero(ball) * 2.5 * ROW_MM**2 == pytest.approx(4.0 / 3.0 * math.pi * 1000.0, rel=0.05)
    room.history.undo()
    room.brush(ball=False)
    stroke(viewport, at(viewport, NODULE), keys=KEYS.AltModifier)
    assert np.array_equal(room.voxels(), ball)


def test_only_values_in_the_gate_are_painted(room: Room, volume: Volume) -> None:
    viewport = room.viewport()
    room.brush(diameter_mm=18.0, gated=True, gate=Gate(-300.0, 300.0))
    stroke(viewport, at(viewport, NODULE))
    values = volume.voxels[room.voxels()]
    assert values.min() >= -300
    assert values.max() <= 300
    expected = small.sphere_share(small.GRID, small.CENTER_KJI, 12.0)[K] >= 0.62  # as much tissue makes -300 HU
    assert np.array_equal(room.voxels()[K], expected)


@pytest.mark.parametrize("keys", [KEYS.ControlModifier, KEYS.ShiftModifier])
def test_ctrl_and_shift_make_the_brush_an_eraser(room: Room, keys: Qt.KeyboardModifier) -> None:
    viewport = room.viewport()
    room.brush(diameter_mm=30.0)
    stroke(viewport, at(viewport, NODULE))
    before = np.count_nonzero(room.voxels())
    room.brush(diameter_mm=10.0, gated=True, gate=Gate(5000.0, 6000.0))  # what is erased needs no gate
    stroke(viewport, at(viewport, NODULE), keys=keys)
    assert np.count_nonzero(room.voxels()) < before
    assert not room.voxels()[K, J, COLUMN]
    assert str(room.history.done[-1].label) == "Erase from outline"


def test_the_eraser_takes_away_and_starts_no_region(room: Room) -> None:
    eraser = room.viewport(tool="eraser")
    stroke(eraser, at(eraser, NODULE))
    assert room.history.done == []
    brush = room.viewport()
    room.brush(diameter_mm=10.0)
    stroke(brush, at(brush, NODULE))
    room.brush(diameter_mm=20.0)
    stroke(eraser, at(eraser, NODULE))
    assert room.region.mask is None  # it stays in the list, empty
    room.history.undo()
    assert room.voxels()[K, J, COLUMN]


def test_escape_drops_the_stroke_and_changes_nothing(room: Room) -> None:
    viewport = room.viewport()

    def escape() -> None:
        assert room.regions.draft is not None
        QTest.keyClick(viewport, Qt.Key.Key_Escape)

    stroke(viewport, at(viewport, NODULE), QPoint(300, 300), before_up=escape)
    assert room.history.done == []
    assert room.regions.draft is None
    assert viewport.draft is None


def test_leafing_with_the_button_down_goes_on_with_the_stroke_on_the_slice_arrived_at(room: Room) -> None:
    viewport = room.viewport()
    room.brush(diameter_mm=10.0)
    start = at(viewport, NODULE)
    QTest.mousePress(viewport, LEFT, pos=start)
    turn_wheel(viewport, -1)
    QTest.mouseMove(viewport, start + QPoint(40, 0))
    QTest.mouseRelease(viewport, LEFT, pos=start + QPoint(40, 0))
    full = room.voxels()
    assert np.flatnonzero(full.any(axis=(1, 2))).tolist() == [K - 1, K]
    assert np.count_nonzero(full[K - 1]) == np.count_nonzero(full[K])
    assert len(room.history.done) == 1


def test_outside_the_image_nothing_is_painted(room: Room) -> None:
    viewport = room.viewport()
    viewport.set_camera(viewport.placing.zoomed(0.3, QPointF(256, 256)))
    stroke(viewport, QPoint(10, 10), QPoint(60, 20))
    assert room.history.done == []
    assert room.regions.draft is None


def test_without_a_study_a_stroke_says_what_to_do(view: View, qtbot: QtBot, volume: Volume) -> None:
    room = Room(view, qtbot, volume)
    view.case = lambda: None
    viewport = room.viewport()
    with pytest.raises(Problem, match="No study is open"):
        press(viewport, QPointF(at(viewport, NODULE)), erases=False)
    assert viewport.draft is None


def test_a_curved_plane_is_not_painted_on(room: Room) -> None:
    room.view.set_curve(
        room.view.main, (NODULE, (NODULE[0] + 20, NODULE[1] + 5, NODULE[2]), (NODULE[0] + 30, *NODULE[1:]))
    )
    viewport = room.viewport(Cell("curved"))
    with pytest.raises(Problem, match="flat planes"):
        may_paint(viewport)


def test_an_oblique_plane_is_painted_one_layer_thick(room: Room) -> None:
    turn = math.radians(30.0)
    axes = np.array([[0.0, -math.sin(turn), math.cos(turn)], [0.0, math.cos(turn), math.sin(turn)], [1.0, 0.0, 0.0]])
    room.view.set_axes(room.view.main, axes)
    viewport = room.viewport()
    room.brush(diameter_mm=24.0)
    stroke(viewport, at(viewport, NODULE))
    full = room.voxels()
    assert viewport.plane is not None
    away_mm = viewport.plane.geometry(viewport.index).distance_mm(small.GRID.to_lps(np.argwhere(full)))
    assert np.abs(away_mm).max() <= (2.5 * math.cos(turn) + ROW_MM * math.sin(turn)) / 2.0 + 1e-6
    assert len(np.flatnonzero(full.any(axis=(1, 2)))) >= 5
    assert full[K, J, COLUMN]


def test_images_that_are_no_stack_are_painted_one_by_one(view: View, qtbot: QtBot) -> None:
    films = volume_of(regular=False)
    room = Room(view, qtbot, films)
    viewport = room.viewport(Cell("native"))
    room.brush(diameter_mm=30.0, ball=True)
    stroke(viewport, at(viewport, NODULE))
    assert np.flatnonzero(room.voxels().any(axis=(1, 2))).tolist() == [viewport.index]
    viewport.close()
    films.close()


def test_painting_on_another_display_makes_a_region_of_its_series(room: Room) -> None:
    main = room.viewport()
    stroke(main, at(main, NODULE))
    other = volume_of(uid="9.9.9")
    room.view.show_in("2", other, room.view.window, NODULE)
    second = room.viewport(Cell(display="2"))
    stroke(second, at(second, NODULE))
    assert [one.series_uid for one in room.history.case.regions] == ["1.2.3.4", "9.9.9"]
    assert room.regions.chosen is not None
    assert room.regions.chosen.series_uid == "9.9.9"
    stroke(second, at(second, NODULE) + QPoint(40, 0))
    assert len(room.history.case.regions) == 2
    second.close()
    other.close()


def test_keys_and_wheel_change_the_size_and_show_it(room: Room) -> None:
    viewport = room.viewport()
    room.brush(diameter_mm=10.0)
    QTest.keyClicks(viewport, "]")
    assert room.regions.brush.diameter_mm == 11.5
    assert room.regions.shows_size
    QTest.keyClicks(viewport, "[")
    assert room.regions.brush.diameter_mm == 10.0
    turn_wheel(viewport, 2, KEYS.ControlModifier | KEYS.ShiftModifier)
    assert room.regions.brush.diameter_mm == 13.2
    assert viewport.index == K
    turn_wheel(viewport, 1, KEYS.ControlModifier)
    assert room.regions.brush.diameter_mm == 13.2
    assert viewport.camera.zoom > 1.0


def test_other_keys_go_where_they_always_go(room: Room) -> None:
    viewport = room.viewport()
    event = QKeyEvent(QKeyEvent.Type.KeyPress, Qt.Key.Key_Q, KEYS.NoModifier, "q")
    viewport.keyPressEvent(event)
    assert not event.isAccepted()


def test_a_circle_as_large_as_the_brush_follows_the_mouse(room: Room) -> None:
    viewport = room.viewport()
    room.view.toggle_texts()
    room.brush(diameter_mm=32.0)  # 20 voxels, 160 pixels
    without = painted(viewport).astype(int)
    QTest.mouseMove(viewport, QPoint(256, 256))
    changed = np.abs(painted(viewport).astype(int) - without).sum(axis=2) > 60
    rows, columns = np.nonzero(changed[:340, :400])  # its size is written below it
    assert (rows.min(), rows.max()) == pytest.approx((256 - 80, 256 + 80), abs=3)
    assert (columns.min(), columns.max()) == pytest.approx((256 - 80, 256 + 80), abs=3)
    assert not changed[230:280, 230:280].any()


def test_a_hidden_outline_is_not_painted_on_unseen(room: Room) -> None:
    room.view.do(AddRegion(Region("r1", "Hidden", "1.2.3.4", hidden=True)))
    room.regions.choose("r1")
    viewport = room.viewport()
    with pytest.raises(Problem, match="hidden"):
        press(viewport, QPointF(at(viewport, NODULE)), erases=False)


def test_a_stroke_on_images_that_are_gone_is_dropped(room: Room, volume: Volume) -> None:
    viewport = room.viewport()
    place = QPointF(at(viewport, NODULE))
    press(viewport, place, erases=False)
    other = volume_of(uid="9.9.9")
    room.view.show_volume(other, room.view.window, NODULE)
    assert room.regions.draft is None
    with pytest.raises(Problem, match="changed meanwhile"):
        release(viewport, place)
    assert room.history.done == []
    viewport.close()
    other.close()


def test_a_finding_is_edited_with_the_brush_and_measured_anew(view: View, qtbot: QtBot, volume: Volume) -> None:
    found = sphere(volume)
    room = Room(view, qtbot, volume, Case("1.2.3", findings=(found,)))
    view.select(found)
    room.regions.edit_finding(True)
    viewport = room.viewport()
    room.brush(diameter_mm=20.0)
    stroke(viewport, at(viewport, NODULE))
    (after,) = room.history.case.findings
    assert room.history.case.regions == ()
    assert after.status == "edited"
    assert after.mask is not None
    assert found.mask is not None
    added = after.mask.count - found.mask.count
    assert added > 0
    assert after.volume_mm3 == pytest.approx(found.volume_mm3 + added * volume.grid.voxel_mm3)
    assert after.long_axis_mm == pytest.approx(20.0, abs=1.6)
    assert after.mean_hu < found.mean_hu
    assert (after.id, after.score, after.model, after.attributes) == (
        found.id,
        found.score,
        found.model,
        found.attributes,
    )
    room.history.undo()
    assert room.history.case.findings == (found,)


def test_a_finding_cannot_be_erased_away(view: View, qtbot: QtBot, volume: Volume) -> None:
    found = sphere(volume)
    room = Room(view, qtbot, volume, Case("1.2.3", findings=(found,)))
    view.select(found)
    room.regions.edit_finding(True)
    viewport = room.viewport(tool="eraser")
    room.brush(diameter_mm=60.0, ball=True)
    place = QPointF(at(viewport, NODULE))
    press(viewport, place, erases=True)
    with pytest.raises(Problem, match="Nothing would be left"):
        release(viewport, place)
    assert room.history.done == []
    assert room.regions.draft is None


def test_a_mask_of_images_of_another_size_is_refused_with_the_reason(room: Room) -> None:
    far = Mask((500, 0, 0), np.ones((2, 3, 4), np.bool_))
    room.view.do(AddRegion(Region("r2", "Far", "1.2.3.4", mask=far)))
    room.regions.choose("r2")
    viewport = room.viewport()
    painted(viewport)  # is not drawn, and harms nothing
    with pytest.raises(Problem, match="another size"):
        press(viewport, QPointF(at(viewport, NODULE)), erases=False)
