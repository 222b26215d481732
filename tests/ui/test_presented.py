"""Shutters, overlays and graphics over an image, on the screen."""

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QTransform
from pytestqt.qtbot import QtBot

from medviewer.core.arrangement import Cell
from medviewer.core.grid import Grid
from medviewer.core.look import Look, OverlayPlane, Shutter, Window
from medviewer.core.presentation import Area, Graphic, GraphicLayer, Presentation, Presented, Text
from medviewer.core.volume import Volume
from medviewer.ui import presented
from medviewer.ui.camera import Camera, Placing
from medviewer.ui.first_look import middle
from medviewer.ui.planes.plane import Plane, native
from medviewer.ui.view import View
from medviewer.ui.viewport import Viewport
from tests.ui.films import film, ramp
from tests.ui.samples import painted

BLACK = np.full((1, 20, 30), -1000, np.int16)
BITS = np.zeros((4, 5), bool)
BITS[1:3, 1:4] = True
IDENTITY = QTransform()


@pytest.fixture
def viewport(view: View, qtbot: QtBot) -> Iterator[Viewport]:
    """A black film of 30 x 20 pixels, ten screen pixels each."""
    volume = film(BLACK)
    made = shown(view, qtbot, volume)
    yield made
    view.show_volume(None, Window(0.0, 2.0), (0.0, 0.0, 0.0))
    volume.close()


def shown(view: View, qtbot: QtBot, volume: Volume) -> Viewport:
    made = Viewport(view, Cell(native(volume)), lambda: None)
    qtbot.addWidget(made)
    made.resize(300, 200)
    made.show()
    view.show_volume(volume, Window(0.0, 2.0), middle(volume))
    return made


def state(viewport: Viewport, **said: object) -> Presentation:
    assert viewport.header is not None
    return Presentation("1", "X", pictures={(viewport.header.sop_uid, -1): Presented(**said)})  # type: ignore[arg-type]


def drawn(viewport: Viewport) -> NDArray[np.bool_]:
    """Where anything was drawn on the black film, one value an image pixel, the texts left out."""
    seen = painted(viewport).max(axis=-1).reshape(20, 10, 30, 10)
    return np.asarray(seen[:, 4:6, :, 4:6].max(axis=(1, 3)) > 60)


def test_an_overlay_is_drawn_where_it_belongs_and_hidden_with_the_texts(viewport: Viewport, view: View) -> None:
    view.looks._known[("", 0)] = Look(overlays=(OverlayPlane(BITS, (7, 10)),))
    seen = drawn(viewport)
    assert seen[8:10, 11:14].all()
    assert not seen[6:8, 9:16].any()
    view.toggle_texts()
    assert not drawn(viewport)[6:12].any()


def test_a_picture_that_is_turned_for_the_reader_turns_what_is_drawn_on_it(view: View, qtbot: QtBot) -> None:
    turned = Grid((1, 20, 30), axes_kji_lps=((0.0, 0.0, 1.0), (0.0, -1.0, 0.0), (-1.0, 0.0, 0.0)))
    volume = film(BLACK, grid=turned)
    viewport = shown(view, qtbot, volume)
    view.looks._known[("", 0)] = Look(overlays=(OverlayPlane(BITS, (7, 10)),))
    assert drawn(viewport)[20 - 10 : 20 - 8, 30 - 14 : 30 - 11].all()
    way = presented.stored_to_picture(Plane(volume, "axial"), 0)
    assert way.map(QPointF(0.0, 0.0)) == QPointF(30.0, 20.0)
    camera = presented.camera_of(Presented(), viewport.placing, way)
    assert camera.turn == Camera(quarter_turns=2).turn  # a state shows the image as stored
    view.show_volume(None, Window(0.0, 2.0), (0.0, 0.0, 0.0))
    volume.close()


def test_the_shutter_covers_all_but_what_every_shape_lets_through(viewport: Viewport, view: View) -> None:
    circle, rectangle = (15.0, 10.0, 6.0), (0.0, 10.0, 30.0, 20.0)
    view.looks._known[("", 0)] = Look(shutter=Shutter(rectangle=rectangle, circle=circle, grey=1.0))
    view.toggle_texts()
    covered = drawn(viewport)
    assert covered[:10].all()
    assert not covered[11:15, 12:18].any()
    assert covered[18:, :].all()


def test_a_bitmap_shutter_covers_its_bits(viewport: Viewport, view: View) -> None:
    bitmap = OverlayPlane(BITS, (7, 10))
    view.looks._known[("", 0)] = Look(overlays=(bitmap,), shutter=Shutter(bitmap=bitmap, grey=1.0))
    view.toggle_texts()
    assert drawn(viewport).sum() == BITS.sum()


def test_shapes_and_texts_of_a_state_are_drawn(viewport: Viewport, view: View) -> None:
    square = Graphic("POLYLINE", ((8.5, 8.5), (20.5, 8.5), (20.5, 12.5)))
    layer = GraphicLayer("L", 1, (255, 0, 0), (square,), (Text("A note", anchor=(22.0, 15.0)),))
    view.set_presentation(state(viewport, layers=(layer,), voi=Window(5000.0, 2.0)))
    seen = painted(viewport)
    assert seen[85, 120, 0] > 150
    assert seen[85, 120, 1:].tolist() == [0, 0]
    assert (seen[125:155, 222:290, 0] > 200).any()  # the words
    view.set_presentation(None)
    assert painted(viewport)[85, 120].max() == 0


def test_shares_of_the_displayed_area_are_measured_on_the_screen(viewport: Viewport, view: View) -> None:
    line = Graphic("POLYLINE", ((0.0, 0.5), (1.0, 0.5)), "DISPLAY")
    layer = GraphicLayer("L", 1, (0, 255, 0), (line,))
    view.set_presentation(state(viewport, layers=(layer,), quarter_turns=1, area=Area((0.0, 0.0, 30.0, 20.0))))
    seen = painted(viewport)
    assert viewport.camera.quarter_turns == 1
    assert seen[99:102, 150, 1].max() > 150  # across, although the image is turned
    assert seen[99:102, 20, 1].max() < 100  # outside of the turned image


def test_a_state_turns_zooms_and_gives_all_back(viewport: Viewport, view: View) -> None:
    view.set_presentation(state(viewport, quarter_turns=3, flipped=True, area=Area((10.0, 5.0, 20.0, 15.0))))
    assert (viewport.camera.quarter_turns, viewport.camera.flipped_h) == (3, True)
    area = viewport.placing.image_to_screen.mapRect(QRectF(10.0, 5.0, 10.0, 10.0))
    assert (area.width(), area.height(), area.center()) == (200.0, 200.0, QPointF(150.0, 100.0))
    viewport.change_camera(zoom=9.0)
    view.set_window(Window(1.0, 2.0))
    assert viewport.camera.zoom == 9.0  # what the reader does stays
    viewport.reset()
    assert viewport.camera.quarter_turns == 3
    view.set_presentation(None)
    assert viewport.camera == Camera()


def test_a_state_fits_again_when_the_window_grows(viewport: Viewport, view: View, qtbot: QtBot) -> None:
    view.set_presentation(state(viewport, area=Area((10.0, 0.0, 20.0, 20.0))))
    viewport.resize(300, 400)
    qtbot.waitUntil(lambda: viewport.placing.height_px == 400)
    area = viewport.placing.image_to_screen.mapRect(QRectF(10.0, 0.0, 10.0, 20.0))
    assert area.height() == pytest.approx(400.0)


def test_magnify_gives_screen_pixels_an_image_pixel() -> None:
    placing = Placing(Camera(), 30, 20, 0.5, 0.5, 300, 200)
    area = Area((0.0, 0.0, 30.0, 20.0), "MAGNIFY", 4.0)
    camera = presented.camera_of(Presented(area=area), placing, IDENTITY)
    assert Placing(camera, 30, 20, 0.5, 0.5, 300, 200).px_per_mm * 0.5 == pytest.approx(4.0)


@pytest.mark.parametrize(
    ("graphic", "box"),
    [
        (Graphic("CIRCLE", ((5.0, 5.0), (5.0, 8.0))), (2.0, 2.0, 6.0, 6.0)),
        (Graphic("ELLIPSE", ((0.0, 4.0), (8.0, 4.0), (4.0, 2.0), (4.0, 6.0))), (0.0, 2.0, 8.0, 4.0)),
        (Graphic("POLYLINE", ((1.0, 1.0), (4.0, 3.0))), (1.0, 1.0, 3.0, 2.0)),
    ],
)
def test_every_shape_has_its_place(graphic: Graphic, box: tuple[float, float, float, float]) -> None:
    bounds = presented.path_of(graphic).boundingRect()
    assert (bounds.x(), bounds.y(), bounds.width(), bounds.height()) == pytest.approx(box)


def test_a_curve_runs_through_all_its_points() -> None:
    points = ((0.0, 0.0), (4.0, 6.0), (10.0, 2.0), (0.0, 0.0))
    path = presented.path_of(Graphic("INTERPOLATED", points))
    assert path.elementCount() == 1 + 3 * 3
    assert [(path.elementAt(n).x, path.elementAt(n).y) for n in (0, 3, 6, 9)] == list(points)


def test_only_overlays_that_the_state_turns_on_are_shown() -> None:
    one, other, own = (OverlayPlane(BITS, group=group) for group in (0x6000, 0x6002, 0x6004))
    look = Look(overlays=(one, other))
    assert presented.overlays_shown(look, None) == (one, other)
    wanted = Presented(overlays=(own,), image_overlays=frozenset({0x6002}))
    assert presented.overlays_shown(look, wanted) == (other, own)
    assert presented.shutter_shown(Look(shutter=Shutter(circle=(1.0, 1.0, 1.0))), wanted) == Shutter()


def test_pixels_that_are_not_square_are_drawn_so(view: View, qtbot: QtBot) -> None:
    volume = film(ramp())
    view.looks._known[("", 0)] = Look(aspect=2.0)
    placing = shown(view, qtbot, volume).placing
    assert placing.row_mm == 2.0 * placing.column_mm
    view.show_volume(None, Window(0.0, 2.0), (0.0, 0.0, 0.0))
    volume.close()
