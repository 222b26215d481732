"""Pictures show what the viewport shows, without mouse, focus or unfinished work; with names only where wanted."""

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from medviewer.core.arrangement import Cell
from medviewer.core.volume import Volume
from medviewer.imaging.window import LUNG
from medviewer.ui import caption, theme
from medviewer.ui.corners import Corners
from medviewer.ui.exports.picture import BAND_PX, Twin, Wish, banded, picture_of, picture_of_all, pixels_of
from medviewer.ui.first_look import middle
from medviewer.ui.view import View
from medviewer.ui.viewport import Viewport
from tests.ui.samples import PATIENT, case_of, sphere


@pytest.fixture
def viewport(qtbot: QtBot, view: View, volume: Volume) -> Viewport:
    made = Viewport(view, Cell(), lambda: case_of(sphere(volume)))
    qtbot.addWidget(made)
    made.resize(520, 500)
    view.show_volume(volume, LUNG, middle(volume))
    made.show()
    return made


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every text that was put into the corners of a picture."""
    seen: list[str] = []
    real: Callable[..., Corners] = caption.corners_of

    def listen(shown: Viewport, plane: object) -> Corners:
        made = real(shown, plane)
        corners = (made.top_left, made.top_right, made.bottom_left, made.bottom_right)
        seen.extend(line.text for corner in corners for line in corner)
        return made

    monkeypatch.setattr(caption, "corners_of", listen)
    return seen


def inner(picture: QImage, margin: int = 120) -> np.ndarray:
    shown = pixels_of(picture)
    return shown[margin:-margin, margin:-margin]


def test_a_picture_is_as_large_as_the_viewport_with_the_notice_below(viewport: Viewport) -> None:
    picture = picture_of(viewport, Wish())
    assert picture.size() == QSize(520, 500 + BAND_PX)
    band = pixels_of(picture)[500:]
    assert (band.max(axis=2) > 150).any()
    assert picture_of(viewport, Wish(band=False)).size() == QSize(520, 500)


def test_it_shows_what_the_screen_shows_but_not_the_frame_of_the_active_one(viewport: Viewport) -> None:
    viewport.active = True
    viewport.update()
    picture = pixels_of(picture_of(viewport, Wish(band=False)))
    screen = pixels_of(viewport.grab().toImage())
    assert (picture[2:-2, 2:-2] == screen[2:-2, 2:-2]).all()
    assert (picture[0] != screen[0]).any()


def test_names_and_dates_are_in_it_only_where_they_are_wanted(viewport: Viewport, written: list[str]) -> None:
    picture_of(viewport, Wish(names=True))
    assert {"Doe Jane", PATIENT.id, "2026-01-15"} <= set(written)
    written.clear()
    picture_of(viewport, Wish(names=False))
    texts = " ".join(written)
    assert written
    for secret in ("Doe", "Jane", PATIENT.id, "2026", "1965", "61"):
        assert secret not in texts


def test_without_overlays_the_image_alone_is_left(viewport: Viewport, view: View, volume: Volume) -> None:
    view.select(sphere(volume))
    with_marks, alone = (inner(picture_of(viewport, Wish(overlays=o, band=False))) for o in (True, False))
    assert (with_marks[..., 0] != with_marks[..., 2]).any()  # the box has a colour
    assert (alone[..., 0] == alone[..., 2]).all()
    assert view.texts_shown


def test_in_its_own_resolution_a_pixel_is_a_pixel(viewport: Viewport, view: View, volume: Volume) -> None:
    viewport.set_camera(viewport.placing.zoomed(4.0, viewport.rect().center().toPointF()))
    picture = pixels_of(picture_of(viewport, Wish(overlays=False, native=True, band=False)))
    rows, columns = volume.grid.shape_kji[1:]
    assert picture.shape == (rows, columns, 3)
    from medviewer.imaging.render import to_grey

    expected = to_grey(volume.voxels[viewport.index], LUNG, volume.slope, volume.intercept)
    assert (picture[..., 0] == expected).all()


def test_turned_and_with_uneven_pixels_it_stays_in_proportion(qtbot: QtBot, view: View, volume: Volume) -> None:
    coronal = Viewport(view, Cell("coronal"), lambda: None)
    qtbot.addWidget(coronal)
    view.show_volume(volume, LUNG, middle(volume))
    slices, _rows, columns = volume.grid.shape_kji
    slice_mm, _row_mm, column_mm = volume.grid.spacing_kji_mm
    size = QSize(columns, round(slices * slice_mm / column_mm))
    assert picture_of(coronal, Wish(native=True, band=False)).size() == size
    coronal.set_camera(coronal.camera.turned())
    assert picture_of(coronal, Wish(native=True, band=False)).size() == size.transposed()


def test_the_whole_layout_lies_as_on_the_screen(qtbot: QtBot, view: View, volume: Volume, written: list[str]) -> None:
    room = QWidget()
    qtbot.addWidget(room)
    row = QHBoxLayout(room)
    views = [Viewport(view, Cell(kind), lambda: None) for kind in ("axial", "coronal")]
    for one in views:
        row.addWidget(one)
    views[1].speaks = False
    room.resize(900, 460)
    view.show_volume(volume, LUNG, middle(volume))
    room.show()
    picture = picture_of_all(views, Wish(band=False))
    right = views[1].geometry().translated(-views[0].geometry().topLeft())
    assert picture.width() == right.right() + 1
    seen = pixels_of(picture)[:, right.left() : right.left() + views[1].width()]
    screen = pixels_of(views[1].grab().toImage())
    assert (seen[60:-60, 60:-60] == screen[60:-60, 60:-60]).all()
    assert written.count("Doe Jane") <= 2  # the grab and the picture of the one that speaks


def test_a_twin_with_a_place_of_its_own_leafs_alone(viewport: Viewport, view: View, volume: Volume) -> None:
    before = view.point_lps_mm
    twin = Twin(viewport, Wish(overlays=False, band=False), own_place=True)
    pictures = []
    for number in (0, 5, volume.grid.shape_kji[0] - 1):
        twin.go_to_number(number)
        assert twin.viewport.plane is not None
        assert twin.viewport.plane.number(twin.viewport.index) == number + 1
        pictures.append(pixels_of(twin.drawn()))
    twin.close()
    assert (pictures[0] != pictures[1]).any()
    assert view.point_lps_mm == before


def test_a_narrow_picture_does_not_make_the_texts_of_the_screen_small(qapp: QApplication) -> None:
    before = theme.font(theme.IMAGE_PT).pointSizeF()
    banded(QImage(100, 100, QImage.Format.Format_RGB32))
    assert theme.font(theme.IMAGE_PT).pointSizeF() == before
