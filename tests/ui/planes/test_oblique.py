"""Handles on the lines of the other planes: dragging them turns, moves and thickens, with any tool chosen."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from medviewer.core.arrangement import Slab
from medviewer.core.grid import triple
from medviewer.imaging import frames
from medviewer.imaging.reslice import ORIENTATIONS
from medviewer.ui.planes import oblique
from medviewer.ui.planes.lines import lines_of
from medviewer.ui.planes.oblique import Handle, angle_between
from medviewer.ui.planes.plane import Plane
from medviewer.ui.planes.tilted import ObliquePlane
from medviewer.ui.tools import brush, window_level
from medviewer.ui.view import View
from tests.ui.planes.room import USUAL, Room, centred, drag, handle, volume_on, whole
from tests.ui.samples import painted

GRID = centred((60, 100, 110), (1.5, 0.8, 0.8), USUAL)
FLIPPED = centred((100, 60, 110), (0.8, 1.5, 0.8), np.array([[0.0, -1, 0], [0, 0, -1], [-1, 0, 0]]))


@pytest.fixture(params=[GRID, FLIPPED], ids=["usual", "flipped"])
def room(qtbot: QtBot, view: View, request: pytest.FixtureRequest) -> Iterator[Room]:
    volume = volume_on(request.param)
    yield Room(qtbot, view, volume, ORIENTATIONS, window_level.TOOL)
    volume.close()


def of(orientation: str) -> Callable[[Handle], bool]:
    return lambda found: found.line.orientation == orientation


def turned_px(grabbed: Handle, angle_deg: float) -> QPointF:
    """Where a handle is after a turn about the middle, clockwise on the screen."""
    off, angle = grabbed.at_px - grabbed.line.center_px, np.deg2rad(angle_deg)
    x = off.x() * np.cos(angle) - off.y() * np.sin(angle)
    return grabbed.line.center_px + QPointF(x, off.x() * np.sin(angle) + off.y() * np.cos(angle))


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_dragging_a_round_handle_turns_the_other_planes_by_that_angle(view: View, room: Room, orientation: str) -> None:
    viewport = room.viewports[orientation]  # type: ignore[index]
    assert viewport.plane is not None
    normal = viewport.plane.geometry(viewport.index).normal_lps
    grabbed = handle(viewport, "turn")
    start, end = whole(grabbed.at_px), whole(turned_px(grabbed, 30))
    center = np.array(view.point_lps_mm)
    exact = angle_between(
        np.subtract(viewport.lps_at(start), center), np.subtract(viewport.lps_at(end), center), normal
    )
    assert np.rad2deg(exact) == pytest.approx(30, abs=1)  # clockwise as seen is right-handed into the screen
    drag(viewport, start, end)
    expected = frames.turned_about(frames.upright(view.main.volume.grid), normal, exact)  # type: ignore[union-attr]
    assert view.main.axes is not None
    assert np.allclose(view.main.axes, expected, atol=1e-6)
    assert type(viewport.plane) is Plane  # the one dragged in stays as it is
    others = [other for name, other in room.viewports.items() if name != orientation]
    for other in others:
        assert isinstance(other.plane, ObliquePlane)
        row = ORIENTATIONS.index(other.plane.orientation)
        across = other.plane.geometry(other.index).normal_lps
        assert abs(across @ expected[row]) == pytest.approx(1.0)
    assert view.window.width == 400  # the tool chosen had no part in it


def test_a_turn_by_a_handle_gives_the_picture_of_that_plane(view: View, room: Room) -> None:
    axial, coronal = room.viewports["axial"], room.viewports["coronal"]
    grabbed = handle(axial, "turn", of("coronal"))
    drag(axial, whole(grabbed.at_px), whole(turned_px(grabbed, -20)))
    assert coronal.plane is not None
    where = coronal.plane.geometry(coronal.index)
    picture = coronal.plane.pixels(coronal.index)
    rows, columns = np.indices(where.shape)
    place = where.to_lps(np.stack([columns, rows], axis=-1))
    kji = coronal.plane.volume.grid.to_kji(place)
    inside = np.all((kji >= 0) & (kji <= np.array(coronal.plane.volume.grid.shape_kji) - 1), axis=-1)
    assert np.abs(picture - place @ (3.0, -5.0, 7.0))[inside].max() <= 1.0
    assert coronal.plane.letters["left"] in ("RP", "RA")
    assert coronal.plane.letters["top"] == "H"


def test_two_turns_in_two_planes_make_a_double_oblique(view: View, room: Room) -> None:
    for name in ("axial", "sagittal"):
        viewport = room.viewports[name]
        grabbed = handle(viewport, "turn", of("coronal"))
        drag(viewport, whole(grabbed.at_px), whole(turned_px(grabbed, 20)))
    assert view.main.axes is not None
    assert np.allclose(view.main.axes @ view.main.axes.T, np.eye(3))
    assert np.count_nonzero(np.abs(view.main.axes[1]) > 0.1) == 3  # the coronal plane is tilted both ways
    lines = {line.orientation: line for line in lines_of(room.viewports["coronal"])}
    crossing = QPointF.dotProduct(lines["axial"].along, lines["sagittal"].along)
    assert abs(crossing) < 0.02  # at right angles on the screen


def test_dragging_the_line_near_its_middle_moves_the_place(view: View, room: Room) -> None:
    axial = room.viewports["axial"]
    line = next(line for line in lines_of(axial) if line.orientation == "coronal")
    start = whole(line.center_px + line.along * (oblique.GAP_PX + 8))
    aside = QPointF(30, 12)  # what is along the line has no effect
    before = np.array(view.point_lps_mm)
    drag(axial, start, start + aside)
    moved = np.array(view.point_lps_mm) - before
    assert moved[1] == pytest.approx(12 / axial.placing.px_per_mm, abs=0.01)
    assert np.allclose(moved[[0, 2]], 0.0)


def test_the_line_cannot_be_dragged_out_of_the_volume(view: View, room: Room) -> None:
    axial = room.viewports["axial"]
    line = next(line for line in lines_of(axial) if line.orientation == "coronal")
    start = whole(line.center_px + line.along * (oblique.GAP_PX + 8))
    drag(axial, start, start + QPointF(0, 5000))
    assert axial.plane is not None
    assert axial.plane.volume.grid.contains(axial.plane.volume.grid.to_kji(view.point_lps_mm))


def test_dragging_a_square_handle_makes_the_other_plane_thick(room: Room) -> None:
    axial, coronal = room.viewports["axial"], room.viewports["coronal"]
    grabbed = handle(axial, "slab", of("coronal"))
    start = whole(grabbed.at_px)
    drag(axial, start, start + QPointF(0, 20))
    expected_mm = 2 * abs((start + QPointF(0, 20) - grabbed.line.center_px).y()) / axial.placing.px_per_mm
    assert coronal.slab == Slab(round(expected_mm * 2) / 2, "max")
    assert axial.slab == Slab()
    thick = next(line for line in lines_of(axial) if line.orientation == "coronal")
    assert thick.slab_px == pytest.approx(coronal.slab.mm / 2 * axial.placing.px_per_mm)
    again = handle(axial, "slab", of("coronal"))
    drag(axial, whole(again.at_px), whole(QPointF(again.at_px.x(), thick.center_px.y())))
    assert coronal.slab.mm == 0.0


def test_escape_takes_a_turn_back(view: View, room: Room) -> None:
    axial = room.viewports["axial"]
    grabbed = handle(axial, "turn")
    QTest.mouseMove(axial, whole(grabbed.at_px).toPoint())
    QTest.mousePress(axial, Qt.MouseButton.LeftButton, pos=whole(grabbed.at_px).toPoint())
    for angle in (10, 20):
        QTest.mouseMove(axial, whole(turned_px(grabbed, angle)).toPoint())
    assert view.main.axes is not None
    QTest.keyClick(axial, Qt.Key.Key_Escape)
    assert view.main.axes is None


def test_away_from_the_handles_the_tool_chosen_works(view: View, room: Room) -> None:
    axial = room.viewports["axial"]
    assert oblique.grab(axial, QPointF(axial.width() * 0.3, axial.height() * 0.3)) is None
    assert oblique.grab(axial, lines_of(axial)[0].center_px) is None  # the middle is left to measuring
    drag(axial, QPointF(80, 80), QPointF(110, 80))
    assert view.window.width > 400
    assert view.main.axes is None


def test_the_mouse_changes_its_shape_over_a_handle(room: Room) -> None:
    axial = room.viewports["axial"]
    QTest.mouseMove(axial, whole(handle(axial, "turn").at_px).toPoint())
    assert axial.cursor().shape() == Qt.CursorShape.PointingHandCursor
    level = handle(axial, "slab", of("coronal"))
    QTest.mouseMove(axial, whole(level.at_px).toPoint())
    assert axial.cursor().shape() == Qt.CursorShape.SizeVerCursor
    QTest.mouseMove(axial, axial.rect().topLeft() + whole(QPointF(60, 60)).toPoint())
    assert axial.cursor().shape() == window_level.TOOL.cursor


def test_handles_show_while_the_mouse_is_there(room: Room) -> None:
    axial = room.viewports["axial"]
    at = whole(handle(axial, "turn", of("coronal")).at_px).toPoint()
    spot = (slice(at.y() - 8, at.y() + 9), slice(at.x() - 8, at.x() + 9))
    QApplication.sendEvent(axial, QEvent(QEvent.Type.Leave))  # wherever an earlier test left the mouse
    without = painted(axial)[spot]
    QTest.mouseMove(axial, axial.rect().center() + whole(QPointF(90, 90)).toPoint())
    shown = painted(axial)[spot]
    QTest.mouseMove(axial, at)
    over = painted(axial)[spot]
    assert not np.array_equal(without, shown)
    assert not np.array_equal(shown, over)


def test_upright_and_tilted_lines_are_drawn_where_they_are(view: View, room: Room) -> None:
    viewport = room.viewports["axial"]

    def differing_px() -> list[float]:
        """How far from the line of the coronal plane the pixels are that the lines change, near its one end."""
        line = next(line for line in lines_of(viewport) if line.orientation == "coronal")
        near = line.center_px + line.along * 60.0
        view.toggle_texts()
        bare = painted(viewport)
        view.toggle_texts()
        lined = painted(viewport)
        left, top = round(near.x()) - 8, round(near.y()) - 8
        spot = (slice(top, top + 17), slice(left, left + 17))
        rows, columns = np.nonzero((bare[spot] != lined[spot]).reshape(17, 17, -1).any(axis=2))
        return [line.distance_px(QPointF(left + x + 0.5, top + y + 0.5)) for y, x in zip(rows, columns, strict=True)]

    upright = differing_px()
    assert len(upright) >= 12
    assert max(upright) <= 1.5
    view.set_axes(viewport.display, frames.turned_about(oblique.frame_of(viewport.display), np.array([0.0, 0, 1]), 0.4))
    tilted = differing_px()
    assert len(tilted) >= 12
    assert max(tilted) <= 2.0


def test_hidden_texts_hide_the_lines_and_leave_nothing_to_take_hold_of(room: Room, view: View) -> None:
    axial = room.viewports["axial"]
    at = handle(axial, "turn").at_px
    view.toggle_texts()
    assert oblique.grab(axial, at) is None
    view.toggle_texts()
    axial.references = ()
    assert oblique.grab(axial, at) is None


def test_upright_again(view: View, room: Room) -> None:
    view.set_axes(view.main, frames.turned_about(frames.upright(GRID), (1, 1, 0), 0.5))
    assert isinstance(room.viewports["axial"].plane, ObliquePlane)

    oblique.stand_upright(SimpleNamespace(view=view))  # type: ignore[arg-type]
    assert view.main.axes is None
    assert type(room.viewports["axial"].plane) is Plane


def test_the_place_on_the_line_is_the_place_looked_at(view: View, room: Room) -> None:
    view.move_to(triple((4.0, -7.0, 11.0)))
    view.set_axes(view.main, frames.turned_about(frames.upright(GRID), (0.2, 0.3, 1.0), 0.6))
    for viewport in room.viewports.values():
        for line in lines_of(viewport):
            assert np.allclose(viewport.lps_at(line.center_px), view.point_lps_mm, atol=1.0)
            for end in (line.ends_px.p1(), line.ends_px.p2()):  # every place of the line is on the other plane
                off = np.subtract(viewport.lps_at(end), view.point_lps_mm) @ line.normal_lps
                assert abs(off) < 1.0


def test_keys_thicken_and_blend_the_active_viewport(room: Room, view: View) -> None:
    coronal = room.viewports["coronal"]
    window = SimpleNamespace(view=view, viewer=SimpleNamespace(active=coronal))
    oblique.make_thicker(window)  # type: ignore[arg-type]
    oblique.make_thicker(window)  # type: ignore[arg-type]
    assert (coronal.slab, coronal.plane and coronal.plane.slab) == (Slab(10.0, "max"), Slab(10.0, "max"))
    oblique.blend_otherwise(window)  # type: ignore[arg-type]
    assert coronal.slab == Slab(10.0, "min")
    oblique.make_thinner(window)  # type: ignore[arg-type]
    assert coronal.slab == Slab(5.0, "min")


def test_a_brush_paints_over_the_lines_and_does_not_turn_them(view: View, room: Room) -> None:
    axial = room.viewports["axial"]
    at_px = handle(axial, "turn").at_px
    assert oblique.grab(axial, at_px) is not None
    axial.tools = {Qt.MouseButton.LeftButton: brush.TOOL}
    assert oblique.grab(axial, at_px) is None
