"""Outlines over the images: in every plane, filled or as contours, and while they are painted."""

import math
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from medviewer.core.arrangement import Cell
from medviewer.core.case import Case
from medviewer.core.mask import Mask
from medviewer.core.region import Region
from medviewer.core.region_edits import AddRegion
from medviewer.core.volume import Volume
from medviewer.phantom import small
from medviewer.phantom.virtual import VirtualCT
from medviewer.ui.regions.bench import stroke_ms
from medviewer.ui.view import View
from medviewer.ui.viewport import Viewport
from tests.ui.outlining import LEFT, NODULE, Room, at, stroke
from tests.ui.samples import painted, volume_of

BLUE = (40, 80, 255)


@pytest.fixture
def volume() -> Iterator[Volume]:
    """Nothing but air, so that all colour is of outlines."""
    made = volume_of(VirtualCT(np.full(small.GRID.shape_kji, -1000, np.int16), small.GRID, ()))
    yield made
    made.close()


def block() -> np.ndarray:
    """Voxels that no mirror image equals, around the nodule's place."""
    inside = np.zeros(small.GRID.shape_kji, np.bool_)
    inside[11:17, 28:40, 43:47] = True
    inside[11:13, 28:31, 43:60] = True
    return inside


def blue(viewport: Viewport) -> np.ndarray:
    """Where a viewport shows the colour of the outline, apart from the texts at its edges."""
    seen = painted(viewport).astype(int)
    found = seen[..., 2] - seen[..., 0] > 40
    found[:90], found[410:] = False, False
    return np.asarray(found)


def with_region(view: View, qtbot: QtBot, volume: Volume, **changes: object) -> Room:
    region = Region("r1", "Block", "1.2.3.4", BLUE, Mask.cut(block()), **changes)  # type: ignore[arg-type]
    room = Room(view, qtbot, volume, Case("1.2.3", regions=(region,)))
    view.toggle_overlay()
    return room


@pytest.mark.parametrize("kind", ["axial", "coronal", "sagittal"])
def test_an_outline_is_filled_where_its_voxels_are(view: View, qtbot: QtBot, volume: Volume, kind: str) -> None:
    room = with_region(view, qtbot, volume)
    viewport = room.viewport(Cell(kind), tool="pan")  # type: ignore[arg-type]
    seen = blue(viewport)
    for kji in np.argwhere(np.ones(small.GRID.shape_kji))[::97]:
        on_plane = kji.copy()
        assert viewport.plane is not None
        on_plane[viewport.plane.axis] = viewport.index
        point = at(viewport, tuple(small.GRID.to_lps(on_plane).tolist()))
        if 40 < point.x() < 472 and 100 < point.y() < 400:  # the rest has texts
            assert seen[point.y(), point.x()] == block()[tuple(on_plane)], on_plane


def test_an_oblique_plane_shows_where_it_cuts_the_outline(view: View, qtbot: QtBot, volume: Volume) -> None:
    room = with_region(view, qtbot, volume)
    turn = math.radians(35.0)
    view.set_axes(
        view.main,
        np.array([[0.0, -math.sin(turn), math.cos(turn)], [0.0, math.cos(turn), math.sin(turn)], [1.0, 0.0, 0.0]]),
    )
    viewport = room.viewport(tool="pan")
    assert viewport.plane is not None
    assert viewport.plane.axis == -1
    seen, checked = blue(viewport), 0
    for y in range(120, 400, 9):
        for x in range(60, 460, 9):
            kji = np.rint(small.GRID.to_kji(viewport.lps_at(QPoint(x, y).toPointF()))).astype(int)
            around = seen[y - 3 : y + 4, x - 3 : x + 4]
            if small.GRID.contains(kji) and (around.all() or not around.any()):
                checked += 1
                assert seen[y, x] == block()[tuple(kji)], (x, y)
    assert checked > 500
    assert seen.any()


def test_contours_alone_leave_the_inside_free(view: View, qtbot: QtBot, volume: Volume) -> None:
    room = with_region(view, qtbot, volume)
    viewport = room.viewport(tool="pan")
    filled = blue(viewport)
    room.regions.set_drawing(False, 0.35)
    lines = blue(viewport)
    assert 0 < np.count_nonzero(lines) < 0.35 * np.count_nonzero(filled)
    middle = at(viewport, tuple(small.GRID.to_lps((13, 34, 44)).tolist()))
    assert filled[middle.y(), middle.x()]
    assert not lines[middle.y(), middle.x()]


def test_hidden_outlines_and_those_of_other_series_are_not_drawn(view: View, qtbot: QtBot, volume: Volume) -> None:
    room = with_region(view, qtbot, volume, hidden=True)
    room.view.do(AddRegion(Region("r2", "Elsewhere", "9.9", BLUE, Mask.cut(block()))))
    assert not blue(room.viewport(tool="pan")).any()


def test_space_hides_outlines_with_everything_else(view: View, qtbot: QtBot, volume: Volume) -> None:
    viewport = with_region(view, qtbot, volume).viewport(tool="pan")
    view.toggle_texts()
    assert not blue(viewport).any()


def test_a_stroke_is_seen_before_the_button_comes_up_also_in_other_planes(
    view: View, qtbot: QtBot, volume: Volume
) -> None:
    room = Room(view, qtbot, volume)
    axial, sagittal = room.viewport(), room.viewport(Cell("sagittal"))
    room.brush(diameter_mm=20.0)
    QTest.mousePress(axial, LEFT, pos=at(axial, NODULE))
    assert room.history.done == []
    assert blue(axial)[256 - 40 : 256 + 40].any()
    with qtbot.waitSignal(room.regions.draft_changed):
        QTest.mouseMove(axial, at(axial, NODULE) + QPoint(30, 0))
    across = blue(sagittal)
    assert across.any()
    assert np.ptp(np.nonzero(across)[0]) < 20  # one slice seen from the side
    QTest.mouseRelease(axial, LEFT, pos=at(axial, NODULE) + QPoint(30, 0))
    assert len(room.history.done) == 1
    assert room.regions.draft is None


def test_what_is_painted_is_the_same_before_and_after_the_button_comes_up(
    view: View, qtbot: QtBot, volume: Volume
) -> None:
    room = with_region(view, qtbot, volume)
    room.regions.choose("r1")
    viewport = room.viewport()
    room.brush(diameter_mm=15.0)
    during: list[np.ndarray] = []
    start = at(viewport, NODULE)
    stroke(viewport, start, start + QPoint(60, 40), before_up=lambda: during.append(painted(viewport)))
    assert np.array_equal(painted(viewport), during[0])


def test_a_stroke_of_the_bench_is_painted_and_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch, qtbot: QtBot, volume: Volume
) -> None:
    monkeypatch.setattr("medviewer.ui.regions.bench.MOVES", 8)
    assert stroke_ms(volume) > 0.0
