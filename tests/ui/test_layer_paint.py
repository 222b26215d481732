"""Segments and contours over an image, in every plane, the right way round."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from medviewer.core.arrangement import Cell
from medviewer.core.grid import Grid
from medviewer.core.layers import Contour, Fractions, Layer
from medviewer.core.mask import Mask
from medviewer.core.volume import Volume
from medviewer.imaging import reslice
from medviewer.imaging.reslice import ORIENTATIONS, Orientation
from medviewer.imaging.window import Window
from medviewer.phantom import small
from medviewer.phantom.virtual import VirtualCT
from medviewer.ui.camera import Camera, Placing
from medviewer.ui.layer_paint import LayerPainter
from medviewer.ui.layers_view import LayerView
from medviewer.ui.planes.plane import Plane
from medviewer.ui.view import View
from medviewer.ui.viewport import Viewport
from tests.ui.samples import painted, volume_of

RED, GREEN = (255, 0, 0), (0, 255, 0)
GRIDS = {
    "usual": small.GRID,
    "head first": replace(small.GRID, axes_kji_lps=((0.0, 0.0, -1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0))),
    "seen from the head": replace(small.GRID, axes_kji_lps=((0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (-1.0, 0.0, 0.0))),
    "coronal slices": replace(small.GRID, axes_kji_lps=((0.0, 1.0, 0.0), (0.0, 0.0, -1.0), (1.0, 0.0, 0.0))),
    "tilted": replace(small.GRID, axes_kji_lps=((0.0, 0.3, 0.954), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0))),
}


def marker() -> np.ndarray:
    """Voxels of the small grid that no mirror image equals."""
    inside = np.zeros(small.GRID.shape_kji, np.bool_)
    inside[4:9, 10:30, 40:44] = True
    inside[4:6, 10:14, 40:60] = True
    inside[8:14, 28:30, 42] = True
    return inside


def empty_volume(grid: Grid) -> Volume:
    return volume_of(VirtualCT(np.full(grid.shape_kji, -1000, np.int16), grid, ()))


@pytest.fixture
def volume() -> Iterator[Volume]:
    made = empty_volume(small.GRID)
    yield made
    made.close()


def layer(inside: np.ndarray, colour: tuple[int, int, int] = RED, name: str = "a") -> Layer:
    return Layer(name, name, colour, mask=Mask.cut(inside))


def drawn(plane: Plane, index: int, *layers: Layer, opacity: float = 1.0, zoom: int = 4) -> np.ndarray:
    """Return RGB of the layers alone over black, ``zoom`` screen pixels an image pixel."""
    rows, columns = plane.geometry(index).shape
    image = QImage(columns * zoom, rows * zoom, QImage.Format.Format_RGB32)
    image.fill(0)
    view = LayerView()
    view.add(plane.volume, layers)
    view.set_opacity(opacity)
    painter = QPainter(image)
    placing = Placing(Camera(), columns, rows, 1.0, 1.0, columns * zoom, rows * zoom)
    LayerPainter(view).paint(painter, placing, plane, index)
    painter.end()
    raw = np.frombuffer(image.constBits(), np.uint8).reshape(rows * zoom, columns * zoom, 4)
    return raw[:, :, 2::-1].copy()


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("lies", GRIDS)
def test_a_segment_covers_the_pixels_of_its_voxels_in_every_plane(orientation: Orientation, lies: str) -> None:
    volume = empty_volume(GRIDS[lies])
    plane = Plane(volume, orientation)
    index = {0: 5, 1: 12, 2: 42}[plane.axis]
    truth = reslice.plane(marker(), volume.grid, orientation, index)
    middles = drawn(plane, index, layer(marker()))[2::4, 2::4, 0]  # of each pixel
    assert truth.any()
    assert np.array_equal(middles > 127, truth)
    assert not np.array_equal(middles > 127, truth[:, ::-1])
    assert not np.array_equal(middles > 127, truth[::-1])
    volume.close()


def test_nothing_is_drawn_beside_the_segment(volume: Volume) -> None:
    assert not drawn(Plane(volume, "axial"), 20, layer(marker())).any()


def test_overlapping_segments_shine_through_each_other(volume: Volume) -> None:
    square = np.zeros(small.GRID.shape_kji, np.bool_)
    square[5, 20:40, 20:40] = True
    other = np.roll(square, 10, axis=2)
    picture = drawn(Plane(volume, "axial"), 5, layer(square), layer(other, GREEN, "b"), opacity=0.5)
    assert picture[30 * 4, 25 * 4].tolist() == [128, 0, 0]
    assert picture[30 * 4, 45 * 4].tolist() == [0, 128, 0]
    red, green, _blue = picture[30 * 4, 35 * 4].tolist()
    assert 0 < red < 128
    assert green == 128


def test_fractions_are_as_much_fainter_as_they_are_smaller(volume: Volume) -> None:
    values = np.zeros((1, 20, 20), np.uint8)
    values[0, :, :10], values[0, :, 10:] = 100, 25
    fractions = Fractions((5, 20, 20), values, 100, "probability")
    picture = drawn(Plane(volume, "axial"), 5, Layer("p", "p", RED, fractions=fractions))
    assert picture[30 * 4, 25 * 4].tolist() == [255, 0, 0]
    assert picture[30 * 4, 38 * 4, 0] == pytest.approx(64, abs=2)


def test_without_filling_the_outline_stays(volume: Volume) -> None:
    picture = drawn(Plane(volume, "axial"), 5, layer(marker()), opacity=0.0)
    assert picture[22 * 4 + 2, 42 * 4].tolist() == [0, 0, 0]  # inside
    assert picture[..., 0].max() == 255


def contour_at(volume: Volume, k: int, *ji: tuple[float, float], form: str = "closed") -> Contour:
    kji = [(float(k), j, i) for j, i in ji]
    return Contour(form, k, volume.grid.to_lps(kji))  # type: ignore[arg-type]


def test_a_contour_is_drawn_on_its_slice_along_its_points(volume: Volume) -> None:
    wedge = contour_at(volume, 5, (10.0, 10.0), (40.0, 10.0), (40.0, 30.0))
    shown = Layer("c", "c", RED, "contour", contours=(wedge,))
    plane = Plane(volume, "axial")
    picture = drawn(plane, 5, shown, opacity=0.5)
    assert picture[35 * 4, 15 * 4].tolist() == [128, 0, 0]  # inside
    assert picture[15 * 4, 25 * 4].tolist() == [0, 0, 0]  # the mirror image's inside
    assert picture[25 * 4 + 2, 10 * 4 + 2, 0] > 150  # on its left side
    assert not drawn(plane, 6, shown).any()


def test_contours_of_a_hole_leave_it_free(volume: Volume) -> None:
    outer = contour_at(volume, 5, (10.0, 10.0), (40.0, 10.0), (40.0, 40.0), (10.0, 40.0))
    hole = contour_at(volume, 5, (20.0, 20.0), (30.0, 20.0), (30.0, 30.0), (20.0, 30.0))
    picture = drawn(Plane(volume, "axial"), 5, Layer("c", "c", RED, "contour", contours=(outer, hole)), opacity=0.5)
    assert picture[15 * 4, 15 * 4, 0] == 128
    assert picture[25 * 4, 25 * 4, 0] == 0


def test_across_its_slices_a_region_of_contours_is_drawn_by_its_voxels(volume: Volume) -> None:
    wedge = contour_at(volume, 5, (10.0, 10.0), (40.0, 10.0), (40.0, 30.0))
    shown = Layer("c", "c", RED, "contour", contours=(wedge,), mask=Mask.cut(marker()))
    truth = reslice.plane(marker(), volume.grid, "coronal", 12)
    middles = drawn(Plane(volume, "coronal"), 12, shown)[2::4, 2::4, 0]
    assert np.array_equal(middles > 127, truth)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_a_point_is_a_cross_in_every_plane_through_it(volume: Volume, orientation: Orientation) -> None:
    point = contour_at(volume, 5, (20.0, 30.0), form="point")
    plane = Plane(volume, orientation)
    index = (5, 20, 30)[plane.axis]
    shown = Layer("c", "c", RED, "contour", contours=(point,))
    x, y = plane.geometry(index).to_xy(point.points_lps_mm[0])
    assert drawn(plane, index, shown)[round((y + 0.5) * 4), round((x + 0.5) * 4), 0] > 150
    assert not drawn(plane, index + 1, shown).any()


def test_an_open_line_is_not_closed(volume: Volume) -> None:
    line = contour_at(volume, 5, (10.0, 10.0), (40.0, 10.0), (40.0, 30.0), form="open")
    picture = drawn(Plane(volume, "axial"), 5, Layer("c", "c", RED, "contour", contours=(line,)))
    assert picture[25 * 4 + 2, 10 * 4 + 2, 0] > 150
    assert picture[35 * 4, 15 * 4, 0] == 0  # not filled
    assert picture[25 * 4 + 2, 20 * 4 + 2, 0] == 0  # the way back


def test_cuts_are_worked_out_once(volume: Volume) -> None:
    painter, plane, shown = LayerPainter(LayerView()), Plane(volume, "axial"), layer(marker())
    assert painter.cut(plane, 5, shown) is painter.cut(plane, 5, shown)
    assert painter.cut(plane, 20, shown) is None


def test_a_viewport_draws_what_is_shown_and_nothing_over_another_volume(
    view: View, qtbot: QtBot, volume: Volume
) -> None:
    viewport = Viewport(view, Cell(), lambda: None)
    qtbot.addWidget(viewport)
    viewport.paintings.append(LayerPainter(view.layers).paint)
    viewport.resize(400, 400)
    x, y, z = (float(v) for v in volume.grid.to_lps((5, 20, 42)))
    view.show_volume(volume, Window(40.0, 400.0), (x, y, z))

    def red() -> int:
        return int(np.all(painted(viewport) == RED, axis=2).sum())

    view.layers.add(volume, [layer(marker())])
    assert red() > 20
    view.layers.show(["a"], False)
    assert red() == 0
    view.layers.show(["a"], True)
    assert red() > 20
    other = empty_volume(small.GRID)
    view.show_volume(other, Window(40.0, 400.0), (x, y, z))
    assert red() == 0
    assert view.layers.layers == ()
    view.show_volume(None, Window(40.0, 400.0), (x, y, z))
    other.close()


def test_the_view_tells_of_changes_only(qtbot: QtBot, volume: Volume) -> None:
    layers = LayerView()
    layers.add(volume, [layer(marker()), layer(marker(), GREEN, "b")])
    with qtbot.assertNotEmitted(layers.look_changed):
        layers.show(["a"], True)
        layers.set_opacity(layers.opacity)
    with qtbot.waitSignal(layers.look_changed):
        layers.show(["a"], False)
    assert [one.id for one in layers.shown_over(volume)] == ["b"]
    with qtbot.waitSignal(layers.changed):
        layers.add(volume, [layer(marker(), GREEN, "c")])
    assert [one.id for one in layers.layers] == ["a", "b", "c"]
    assert not layers.is_shown(layers.layers[0])
    layers.keep_for(volume)
    assert len(layers.layers) == 3
    layers.keep_for(None)
    assert not layers.shown_over(volume)
