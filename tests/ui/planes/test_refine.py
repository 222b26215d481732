"""Thick tilted and curved planes: coarse at once, in full when the hand rests."""

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from medviewer.core.arrangement import Slab
from medviewer.core.volume import Volume
from medviewer.imaging import frames, reslice
from medviewer.ui.display import Display
from medviewer.ui.planes import sampled
from medviewer.ui.planes.curved import CurvedPlane
from medviewer.ui.planes.plane import UNREAD, plane_of
from medviewer.ui.planes.refine import Refining
from medviewer.ui.planes.sampled import SampledPlane
from medviewer.ui.tools import window_level
from medviewer.ui.view import View
from tests.ui.planes.room import SLOPE, USUAL, Room, centred, handle, volume_on
from tests.ui.samples import painted

GRID = centred((60, 100, 110), (1.5, 0.8, 0.8), USUAL)
TILT = frames.turned_about(frames.upright(GRID), np.array([1.0, 0.0, 0.0]), 0.4)
LINE = ((-30.0, -10.0, 0.0), (0.0, 10.0, 0.0), (30.0, -10.0, 0.0))


@pytest.fixture
def volume() -> Iterator[Volume]:
    made = volume_on(GRID)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture of a thousand places counts as costly."""
    monkeypatch.setattr(sampled, "AT_ONCE", 1000)
    monkeypatch.setattr(sampled, "COARSE", 30_000)


def tilted(display: Display, mm: float = 20.0) -> SampledPlane:
    made = plane_of(display, "axial", Slab(mm, "mean"))
    assert isinstance(made, SampledPlane)
    return made


def display_of(volume: Volume) -> Display:
    return Display(volume=volume, axes=TILT)


def test_a_coarse_picture_has_the_size_and_nearly_the_values_of_the_full_one(volume: Volume) -> None:
    plane = tilted(display_of(volume))
    middle = plane.count // 2
    coarse, full = plane.pixels(middle), plane.cut(middle)
    assert coarse.shape == full.shape
    assert not plane.is_full(middle)
    both = (coarse != UNREAD) & (full != UNREAD)
    assert both.mean() > 0.5
    at_most = np.abs(SLOPE).sum() * 0.8 * 1.5  # half a coarse pixel both ways, on a gradient of SLOPE a mm
    assert np.abs(coarse[both].astype(int) - full[both])[20:-20].max() <= at_most


def test_a_coarse_curved_picture_lies_where_the_full_one_does(volume: Volume) -> None:
    plane = CurvedPlane.through(volume, LINE, Slab(12.0, "mean"))
    coarse, full = plane.pixels(0), plane.cut(0)
    assert coarse.shape == full.shape
    both = (coarse != UNREAD) & (full != UNREAD)
    assert both.mean() > 0.3
    assert np.abs(coarse[both].astype(int) - full[both]).max() <= np.abs(SLOPE).sum() * 0.8 * 2


def test_coarser_pixels_lie_in_the_middle_of_those_they_stand_for() -> None:
    where = reslice.geometry(GRID, "coronal", 10)
    large = where.coarser(2)
    assert large.to_lps([3, 5]) == pytest.approx(where.to_lps([[6, 10], [7, 11]]).mean(axis=0))
    assert large.shape == (30, 55)


def test_the_full_picture_comes_when_the_hand_rests(view: View, volume: Volume, qtbot: QtBot) -> None:
    display = display_of(volume)
    plane, told = tilted(display), []
    refining = Refining(view.jobs, lambda: told.append(True), view)
    assert not refining.want(display, plane, 30)
    assert view.jobs.quiet == []  # not while the hand may still move
    qtbot.waitUntil(lambda: bool(told))
    assert refining.want(display, plane, 30)
    assert np.array_equal(plane.pixels(30), plane.cut(30))


def test_only_the_last_plane_of_a_drag_is_made_in_full(view: View, volume: Volume, qtbot: QtBot) -> None:
    display, told = display_of(volume), []
    planes = [tilted(display, mm) for mm in (20.0, 22.0, 24.0)]
    refining = Refining(view.jobs, lambda: told.append(True), view)
    for plane in planes:
        refining.want(display, plane, 30)
    qtbot.waitUntil(lambda: bool(told))
    assert [plane.is_full(30) for plane in planes] == [False, False, True]


def test_moving_on_stops_what_is_being_made(view: View, volume: Volume, qtbot: QtBot) -> None:
    display, told = display_of(volume), []
    refining = Refining(view.jobs, lambda: told.append(True), view)
    first, second = tilted(display), tilted(display, 30.0)
    refining.want(display, first, 30)
    refining._go_on()  # the hand rested
    (job,) = view.jobs.quiet
    refining.want(display, second, 30)
    assert job.cancelled
    qtbot.waitUntil(lambda: second.is_full(30))


def test_a_volume_closed_meanwhile_harms_nothing(view: View, qtbot: QtBot) -> None:
    volume, told = volume_on(GRID), []
    display = display_of(volume)
    refining = Refining(view.jobs, lambda: told.append(True), view)
    refining.want(display, tilted(display), 30)
    refining._go_on()
    refining.forget()
    volume.close()
    qtbot.waitUntil(lambda: not view.jobs.quiet)


def test_the_viewport_shows_the_full_slab_in_the_end(qtbot: QtBot, view: View, volume: Volume) -> None:
    room = Room(qtbot, view, volume, ("axial", "coronal"), window_level.TOOL)
    axial = room.viewports["axial"]
    axial.set_slab(Slab(20.0, "max"))
    view.set_axes(view.main, TILT)
    painted(axial)
    plane = axial.plane
    assert isinstance(plane, SampledPlane)
    assert not plane.is_full(axial.index)
    coarse = painted(axial)
    qtbot.waitUntil(lambda: plane.is_full(axial.index))
    assert not np.array_equal(painted(axial), coarse)


def test_slabs_are_coarse_while_a_handle_turns_them_and_exact_after_it_is_let_go(
    qtbot: QtBot, view: View, volume: Volume
) -> None:
    room = Room(qtbot, view, volume, ("axial", "coronal", "sagittal"), window_level.TOOL)
    view.set_axes(view.main, TILT)
    for viewport in room.viewports.values():
        viewport.set_slab(Slab(20.0, "max"))
    coronal = room.viewports["coronal"]
    start = handle(coronal, "turn").at_px.toPoint()
    QTest.mousePress(coronal, Qt.MouseButton.LeftButton, pos=start)
    for step in range(1, 5):
        QTest.mouseMove(coronal, start + QPointF(6 * step, 6 * step).toPoint())
        for kind in ("axial", "sagittal"):
            viewport = room.viewports[kind]
            assert isinstance(viewport.plane, SampledPlane)
            painted(viewport)
            assert not viewport.plane.is_full(viewport.index)
    QTest.mouseRelease(coronal, Qt.MouseButton.LeftButton, pos=start + QPointF(24, 24).toPoint())
    planes = [(viewport.plane, viewport.index) for viewport in room.viewports.values()]
    qtbot.waitUntil(lambda: all(isinstance(one, SampledPlane) and one.is_full(at) for one, at in planes))
    for plane, index in planes:
        assert plane is not None
        exact = reslice.oblique(volume.voxels, GRID, plane.geometry(index), slab_mm=20.0, blend="max", outside=UNREAD)
        assert np.array_equal(plane.pixels(index), exact)


def test_a_tilted_plane_turned_about_its_own_normal_is_not_cut_again(qtbot: QtBot, view: View, volume: Volume) -> None:
    room = Room(qtbot, view, volume, ("axial", "coronal"), window_level.TOOL)
    view.set_axes(view.main, TILT)
    axial, coronal = room.viewports["axial"], room.viewports["coronal"]
    for viewport in (axial, coronal):
        viewport.set_slab(Slab(20.0, "max"))
    before = axial.plane, coronal.plane
    assert isinstance(axial.plane, SampledPlane)
    view.set_axes(view.main, frames.turned_about(TILT, TILT[0], 0.3))
    assert axial.plane is before[0]
    assert coronal.plane is not before[1]


def test_a_single_layer_is_never_coarse(volume: Volume, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert tilted(display_of(volume), 0.0).is_full(30)


def test_a_plane_that_stays_as_it_was_is_not_cut_again_while_the_others_turn(
    qtbot: QtBot, view: View, volume: Volume
) -> None:
    room = Room(qtbot, view, volume, ("axial", "coronal"), window_level.TOOL)
    axial, coronal = room.viewports["axial"], room.viewports["coronal"]
    for viewport in (axial, coronal):
        viewport.set_slab(Slab(20.0, "max"))
    before = axial.plane, coronal.plane
    head = frames.upright(GRID)[0]
    view.set_axes(view.main, frames.turned_about(frames.upright(GRID), head, 0.3))
    assert axial.plane is before[0]
    assert coronal.plane is not before[1]


def test_planes_that_lie_otherwise_are_never_taken_for_one_another(volume: Volume) -> None:
    one, other = display_of(volume), display_of(volume)
    other.axes = frames.turned_about(TILT, np.array([0.0, 1.0, 0.0]), 0.2)
    assert tilted(one) != tilted(other)
