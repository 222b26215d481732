"""Growing under the mouse: a click, a drag that widens the gate, a leak that is stopped and said."""

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from medviewer.core.problem import Problem
from medviewer.core.region_edits import AddRegion, PaintRegion
from medviewer.core.region_gate import Gate
from medviewer.core.volume import PENDING, Volume
from medviewer.phantom import small
from medviewer.phantom.virtual import VirtualCT
from medviewer.ui.regions import grow as region_grow
from medviewer.ui.view import View
from medviewer.ui.viewport import Viewport
from tests.ui.outlining import LEFT, NODULE, Room, at
from tests.ui.samples import painted, volume_of

WAIT_MS = 60_000
BALL = small.sphere_share(small.GRID, small.CENTER_KJI, 12.0)


@pytest.fixture
def room(view: View, qtbot: QtBot, volume: Volume) -> Room:
    return Room(view, qtbot, volume)


@pytest.fixture
def leaking() -> Iterator[Volume]:
    """The nodule with a vessel of 5 mm that runs from it to the diaphragm."""
    ct = small.make()
    voxels = ct.voxels.copy()
    voxels[4:13, 29:32, 44:47] = 40
    made = volume_of(VirtualCT(voxels, ct.grid, ct.truth))
    yield made
    made.close()


def grown(room: Room, viewport: Viewport, place: QPoint | None = None) -> None:
    """Click and wait until all is grown."""
    QTest.mouseClick(viewport, LEFT, pos=place or at(viewport, NODULE))
    room.qtbot.waitUntil(lambda: not room.regions.busy, timeout=WAIT_MS)


def test_a_click_outlines_the_nodule_in_one_step(room: Room) -> None:
    grown(room, room.viewport(tool="grow"))
    assert [type(edit) for edit in room.history.done] == [AddRegion]
    full = room.voxels()
    assert np.array_equal(full & (BALL >= 0.55), BALL >= 0.55)  # half the way from lung to tissue
    assert not (full & (BALL < 0.45)).any()
    assert room.regions.note == ""
    room.history.undo()
    assert room.history.case.regions == ()


def test_a_click_adds_to_the_outline_chosen(room: Room) -> None:
    viewport = room.viewport(tool="grow")
    grown(room, viewport)
    grown(room, viewport, QPoint(130, 200))  # the other lung
    assert [type(edit) for edit in room.history.done] == [AddRegion, PaintRegion]
    assert str(room.history.done[-1].label) == "Grow outline"
    assert np.count_nonzero(room.voxels()) > 1000


def test_dragging_up_widens_the_gate_while_it_is_seen(room: Room) -> None:
    viewport = room.viewport(tool="grow")
    start = at(viewport, NODULE)
    QTest.mousePress(viewport, LEFT, pos=start)
    room.qtbot.waitUntil(lambda: isinstance(viewport.draft, region_grow.Growing) and viewport.draft.running is None)
    growing = viewport.draft
    assert isinstance(growing, region_grow.Growing)
    assert growing.gate is not None
    first = growing.gate
    assert room.history.done == []
    assert room.regions.draft is not None
    QTest.mouseMove(viewport, start - QPoint(0, 120))
    assert growing.widened == first.widened(2.0)
    room.qtbot.waitUntil(lambda: growing.running is None and growing.asked == 2.0, timeout=WAIT_MS)
    QTest.mouseRelease(viewport, LEFT, pos=start - QPoint(0, 120))
    room.qtbot.waitUntil(lambda: not room.regions.busy, timeout=WAIT_MS)
    assert np.count_nonzero(room.voxels()) > np.count_nonzero(BALL >= 0.45)
    assert len(room.history.done) == 1


def test_the_gate_of_the_brush_is_taken_where_it_has_one(room: Room) -> None:
    room.brush(gated=True, gate=Gate(30.0, 50.0))
    grown(room, room.viewport(tool="grow"))
    assert np.array_equal(room.voxels(), BALL >= 0.988)  # as good as all tissue


def test_a_leak_is_stopped_and_said_in_the_viewport(view: View, qtbot: QtBot, leaking: Volume) -> None:
    room = Room(view, qtbot, leaking)
    viewport = room.viewport(tool="grow")
    viewport.active = True
    before = painted(viewport)[390:420]
    grown(room, viewport)
    assert "leaked into a neighbour" in room.regions.note
    assert not room.voxels()[:9].any()
    assert np.count_nonzero(room.voxels()) < 1.3 * np.count_nonzero(BALL >= 0.45)
    assert not np.array_equal(painted(viewport)[390:420], before)
    room.history.undo()
    room.brush(guard=False)
    grown(room, viewport)
    assert room.regions.note == ""
    assert room.voxels()[5, 30, 45]


def test_a_place_outside_the_gate_says_so(room: Room) -> None:
    room.brush(gated=True, gate=Gate(500.0, 600.0))
    viewport = room.viewport(tool="grow")
    region_grow.press(viewport, QPointF(at(viewport, NODULE)))
    growing = viewport.draft
    assert isinstance(growing, region_grow.Growing)
    room.qtbot.waitUntil(lambda: growing.running is None, timeout=WAIT_MS)
    with pytest.raises(Problem, match="outside the gate"):
        region_grow.release(viewport, QPointF(at(viewport, NODULE)))
    assert room.history.done == []
    assert not room.regions.busy


def test_escape_gives_it_up(room: Room) -> None:
    viewport = room.viewport(tool="grow")
    QTest.mousePress(viewport, LEFT, pos=at(viewport, NODULE))
    QTest.keyClick(viewport, Qt.Key.Key_Escape)
    QTest.mouseRelease(viewport, LEFT, pos=at(viewport, NODULE))
    room.qtbot.waitUntil(lambda: not room.view.jobs.quiet, timeout=WAIT_MS)
    assert room.history.done == []
    assert room.regions.draft is None
    assert not room.regions.busy


def test_images_that_are_no_stack_or_not_read_are_refused_in_a_sentence(view: View, qtbot: QtBot) -> None:
    films = volume_of(regular=False)
    room = Room(view, qtbot, films)
    viewport = room.viewport(tool="grow")
    with pytest.raises(Problem, match="regular stack"):
        region_grow.press(viewport, QPointF(at(viewport, NODULE)))
    viewport.close()
    films.close()


def test_a_slice_that_is_still_read_is_refused_in_a_sentence(room: Room, volume: Volume) -> None:
    viewport = room.viewport(tool="grow")
    volume.state[13] = PENDING
    with pytest.raises(Problem, match="still being read"):
        region_grow.press(viewport, QPointF(at(viewport, NODULE)))
    assert viewport.draft is None
