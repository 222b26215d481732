"""Drawing a line and reading along it: the tool, the straightened picture, the points moved afterwards."""

from collections.abc import Iterator
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from medviewer.core.arrangement import Slab
from medviewer.core.finding import Point
from medviewer.core.mask import Mask
from medviewer.ui.layer_paint import pixels_of
from medviewer.ui.planes import curves as plane_curves
from medviewer.ui.planes.curved import CurvedPlane
from medviewer.ui.planes.curves import CurveDraft
from medviewer.ui.planes.plane import Plane, plane_of
from medviewer.ui.tools import curve
from medviewer.ui.view import View
from medviewer.ui.viewport import Viewport
from tests.ui.planes.room import SLOPE, USUAL, Room, centred, drag, volume_on, whole
from tests.ui.samples import painted

GRID = centred((40, 90, 100), (2.0, 1.0, 1.0), USUAL)
ARCH: tuple[Point, ...] = (
    (-30.0, 0.0, 1.0),
    (-20.0, -18.0, 1.0),
    (0.0, -26.0, 1.0),
    (20.0, -18.0, 1.0),
    (30.0, 0.0, 1.0),
)
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def room(qtbot: QtBot, view: View) -> Iterator[Room]:
    volume = volume_on(GRID)
    yield Room(qtbot, view, volume, ("axial", "coronal", "curved"), curve.TOOL)
    volume.close()


def spot(viewport: Viewport, at_lps_mm: Point) -> QPointF:
    """Where a place is on the screen, at a pixel a mouse can name."""
    assert viewport.plane is not None
    x, y = viewport.plane.geometry(viewport.index).to_xy(at_lps_mm).tolist()
    return whole(viewport.placing.to_screen(x, y))


def draw(viewport: Viewport, points: tuple[Point, ...]) -> None:
    for point in points:
        QTest.mouseMove(viewport, spot(viewport, point).toPoint())
        QTest.mouseClick(viewport, LEFT, pos=spot(viewport, point).toPoint())


def test_clicks_and_enter_lay_the_curved_plane_through_the_points(view: View, room: Room) -> None:
    axial, curved = room.viewports["axial"], room.viewports["curved"]
    assert type(curved.plane) is Plane  # the images, until there is a line
    draw(axial, ARCH)
    assert isinstance(axial.draft, CurveDraft)
    assert view.main.curve_lps_mm == ()
    QTest.keyClick(axial, Qt.Key.Key_Return)
    assert axial.draft is None
    assert np.allclose(np.array(view.main.curve_lps_mm)[:, :2], np.array(ARCH)[:, :2], atol=0.3)
    assert isinstance(curved.plane, CurvedPlane)
    assert (curved.plane.count, curved.plane.axis, str(curved.plane.title)) == (1, -1, "Curved")


def test_a_double_click_ends_the_line_where_it_was_made(view: View, room: Room) -> None:
    axial = room.viewports["axial"]
    draw(axial, ARCH)
    enlarged: list[object] = []
    axial.enlarge_wanted.connect(enlarged.append)
    QTest.mouseDClick(axial, LEFT, pos=spot(axial, ARCH[-1]).toPoint())
    assert len(view.main.curve_lps_mm) == len(ARCH)
    assert enlarged == []


def test_backspace_takes_a_point_back_and_escape_all(view: View, room: Room) -> None:
    axial = room.viewports["axial"]
    draw(axial, ARCH[:3])
    QTest.keyClick(axial, Qt.Key.Key_Backspace)
    assert isinstance(axial.draft, CurveDraft)
    assert len(axial.draft.points_lps_mm) == 2
    QTest.keyClick(axial, Qt.Key.Key_Escape)
    assert axial.draft is None
    assert view.main.curve_lps_mm == ()


def test_a_single_point_makes_no_plane(view: View, room: Room) -> None:
    axial = room.viewports["axial"]
    draw(axial, ARCH[:1])
    QTest.keyClick(axial, Qt.Key.Key_Enter)
    assert axial.draft is None
    assert view.main.curve_lps_mm == ()


def test_a_point_of_the_line_can_be_dragged_afterwards(view: View, room: Room) -> None:
    axial = room.viewports["axial"]
    view.set_curve(view.main, ARCH)
    before = room.viewports["curved"].plane
    drag(axial, spot(axial, ARCH[2]), spot(axial, (0.0, -36.0, 1.0)))
    assert np.allclose(view.main.curve_lps_mm[2], (0.0, -36.0, 1.0), atol=0.6)
    assert view.main.curve_lps_mm[:2] + view.main.curve_lps_mm[3:] == ARCH[:2] + ARCH[3:]
    assert room.viewports["curved"].plane is not before
    assert isinstance(axial.draft, type(None))


def test_points_on_other_slices_cannot_be_taken_hold_of(view: View, room: Room) -> None:
    axial = room.viewports["axial"]
    view.set_curve(view.main, ARCH)
    at = spot(axial, ARCH[2])
    assert plane_curves.grab(axial, at) is not None
    view.move_to((0.0, 0.0, 25.0))
    assert plane_curves.grab(axial, at) is None


def test_every_pixel_of_the_straightened_picture_has_the_value_of_its_place(view: View, room: Room) -> None:
    view.set_curve(view.main, ARCH)
    plane = room.viewports["curved"].plane
    assert isinstance(plane, CurvedPlane)
    picture, where = plane.pixels(0), plane.geometry(0)
    rows, columns = np.indices(where.shape)
    place = where.to_lps(np.stack([columns, rows], axis=-1))
    kji = GRID.to_kji(place)
    inside = np.all((kji >= 0) & (kji <= np.array(GRID.shape_kji) - 1), axis=-1)
    assert inside.sum() > 0.9 * inside.size
    assert np.abs(picture - place @ SLOPE)[inside].max() <= 1.0
    assert plane.value_at(tuple(place[5, 7].tolist())) == pytest.approx(place[5, 7] @ SLOPE, abs=0.51)


def test_the_mouse_in_the_straightened_picture_points_in_the_others(view: View, room: Room) -> None:
    view.set_curve(view.main, ARCH)
    axial, curved = room.viewports["axial"], room.viewports["curved"]
    top = spot(curved, (0.0, -26.0, 1.0))
    assert np.allclose(curved.lps_at(top), (0.0, -26.0, 1.0), atol=0.5)
    QApplication.sendEvent(curved, QEvent(QEvent.Type.Leave))
    before = painted(axial)
    QTest.mouseMove(curved, top.toPoint())
    marked = np.argwhere(np.any(painted(axial) != before, axis=-1)).mean(axis=0)
    at = spot(axial, (0.0, -26.0, 1.0))
    assert np.abs(marked - (at.y(), at.x())).max() < 3
    QTest.mouseClick(curved, LEFT, pos=top.toPoint())
    assert np.allclose(view.point_lps_mm, (0.0, -26.0, 1.0), atol=0.5)


def test_the_curve_is_drawn_over_the_planes(view: View, room: Room) -> None:
    axial = room.viewports["axial"]
    before = painted(axial)
    view.set_curve(view.main, ARCH)
    changed = np.any(painted(axial) != before, axis=-1)
    for point in ARCH:
        at = spot(axial, point).toPoint()
        assert changed[at.y() - 4 : at.y() + 5, at.x() - 4 : at.x() + 5].any()


def test_without_the_line_the_curved_viewport_shows_the_images_again(view: View, room: Room) -> None:
    view.set_curve(view.main, ARCH)
    plane_curves.drop_curve(SimpleNamespace(view=view))  # type: ignore[arg-type]
    assert view.main.curve_lps_mm == ()
    assert type(room.viewports["curved"].plane) is Plane


def test_images_that_are_no_stack_keep_to_the_images(view: View) -> None:
    from dataclasses import replace

    from medviewer.ui.display import Display

    loose = replace(volume_on(GRID), regular=False)
    assert type(plane_of(Display(volume=loose, curve_lps_mm=ARCH), "curved", Slab())) is Plane
    loose.close()


@pytest.mark.parametrize("turned", [False, True], ids=["axial line", "line down the body"])
def test_a_mask_is_cut_where_the_curved_plane_meets_it_and_nowhere_else(room: Room, turned: bool) -> None:
    points = ((0.0, -20.0, -30.0), (0.0, 5.0, 0.0), (0.0, -20.0, 30.0)) if turned else ARCH
    volume = room.view.main.volume
    assert volume is not None
    plane = CurvedPlane.through(volume, points, Slab())
    mask = np.zeros(GRID.shape_kji, np.bool_)
    mask[12:30, 20:60, 40:90] = True
    small = Mask.cut(mask[12:30, 20:60, 40:90], (12, 20, 40))
    found = pixels_of(plane, 0, small)
    assert found is not None
    pixels, x, y = found
    whole_picture = np.zeros(plane.where.shape, np.bool_)
    whole_picture[y : y + pixels.shape[0], x : x + pixels.shape[1]] = pixels
    assert np.array_equal(whole_picture, plane.nearest(mask, 0, False))
    assert pixels.size < 0.7 * whole_picture.size  # no more is looked at than the box may reach
    assert pixels_of(plane, 0, Mask.cut(np.ones((1, 1, 1), np.bool_), (0, 89, 0))) is None
