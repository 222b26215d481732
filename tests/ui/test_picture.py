"""What the viewport makes of values and colours."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from medviewer.core.arrangement import Cell, Slab
from medviewer.core.grid import Grid
from medviewer.core.look import Lut, Window
from medviewer.core.presentation import Presentation, Presented
from medviewer.core.volume import Volume
from medviewer.imaging.render import to_grey
from medviewer.imaging.window import EIGHT_BITS, LUNG
from medviewer.ui.first_look import first_window, frame_time_ms, middle
from medviewer.ui.picture import Greys, Picture
from medviewer.ui.planes.plane import Plane, native
from medviewer.ui.view import View
from medviewer.ui.viewport import Viewport
from tests.dicom.shown import image_file, lut_item
from tests.ui.films import coloured, film, ramp
from tests.ui.samples import painted

RGB = np.random.default_rng(3).integers(0, 256, (3, 10, 14, 3)).astype(np.uint8)


@pytest.fixture
def used() -> Iterator[list[Volume]]:
    volumes: list[Volume] = []
    yield volumes
    for volume in volumes:
        volume.close()


def pixels(image: QImage) -> NDArray[np.uint8]:
    raw = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)
    return raw[:, : image.width(), 2::-1].copy()


def picture_of(view: View, volume: Volume) -> Picture:
    view.show_volume(volume, first_window(volume), middle(volume))
    return Picture(Plane(volume, native(volume)), view.main)


def shown(picture: Picture, view: View, index: int = 0) -> NDArray[np.uint8]:
    return pixels(picture.image(view, index, picture.greys(view, index)))


def test_colours_are_shown_as_they_are(view: View, used: list[Volume]) -> None:
    used.append(coloured(RGB))
    picture = picture_of(view, used[0])
    assert view.window == EIGHT_BITS
    assert np.array_equal(shown(picture, view, 1), RGB[1])


def test_the_window_changes_the_brightness_of_colours_and_inverting_turns_them(view: View, used: list[Volume]) -> None:
    used.append(coloured(RGB))
    picture = picture_of(view, used[0])
    view.set_window(Window(64.0, 128.0))
    assert np.array_equal(shown(picture, view), to_grey(RGB[0].astype(np.int16), Window(64.0, 128.0)))
    view.set_window(EIGHT_BITS)
    view.invert()
    assert np.array_equal(shown(picture, view), 255 - RGB[0])


def test_colours_are_turned_with_their_slices(view: View, used: list[Volume]) -> None:
    flipped = Grid((3, 10, 14), axes_kji_lps=((0.0, 0.0, 1.0), (0.0, -1.0, 0.0), (-1.0, 0.0, 0.0)))
    used.append(coloured(RGB, grid=flipped))
    assert np.array_equal(shown(picture_of(view, used[0]), view, 2), RGB[2, ::-1, ::-1])


def test_the_colour_under_a_point_is_told(used: list[Volume]) -> None:
    used.append(coloured(RGB))
    plane = Plane(used[0], "axial")
    assert plane.colour_at((4.0, 3.0, 1.0)) == tuple(RGB[1, 3, 4])
    assert plane.colour_at((-4.0, 3.0, 1.0)) is None


def test_films_of_one_series_have_each_their_own_window(view: View, used: list[Volume]) -> None:
    own = {"window_center": 300.0, "window_width": 600.0}, {"window_center": 900.0, "window_width": 100.0}
    used.append(film(ramp(2), *own))
    picture = picture_of(view, used[0])
    assert [picture.greys(view, k).window for k in range(2)] == [Window(300.0, 600.0), Window(900.0, 100.0)]
    view.set_window(Window(5.0, 6.0))
    assert {picture.greys(view, k).window for k in range(2)} == {Window(5.0, 6.0)}
    view.set_window(view.default_window)
    assert picture.greys(view, 1).window == Window(900.0, 100.0)


def test_loose_ct_slices_and_frames_of_one_run_share_a_window(view: View, used: list[Volume]) -> None:
    own = {"window_center": 300.0, "window_width": 600.0}, {"window_center": 900.0, "window_width": 100.0}
    used += [film(ramp(2), *own, modality="CT", unit="HU"), film(ramp(2), *own, modality="XA", frames=2)]
    for volume in used:
        picture = picture_of(view, volume)
        assert picture.greys(view, 0) == picture.greys(view, 1)


def test_a_chosen_table_takes_the_place_of_the_window_until_a_window_is_chosen(view: View, used: list[Volume]) -> None:
    used.append(film(ramp()))
    picture, table = picture_of(view, used[0]), Lut(0.0, np.arange(600, dtype=np.uint16), 10)
    view.set_tone(table)
    assert np.array_equal(shown(picture, view)[..., 0], to_grey(used[0].voxels[0], table))
    view.set_window(view.window.moved(1.0, 0.0))
    assert picture.greys(view, 0).tone == table.window.moved(1.0, 0.0)


def test_pet_is_black_on_white_and_keeps_so(view: View, used: list[Volume]) -> None:
    used.append(film(ramp(), modality="PT", slope=0.01, unit="SUVbw"))
    picture = picture_of(view, used[0])
    assert (view.inverted, view.default_inverted) == (True, True)
    assert shown(picture, view)[0, 0].tolist() == [255] * 3
    view.invert()
    assert shown(picture, view)[0, 0].tolist() == [0] * 3


def test_a_presentation_state_gives_the_greys_until_the_reader_chooses(view: View, used: list[Volume]) -> None:
    used.append(film(ramp(), photometric="MONOCHROME1"))
    picture, sop_uid = picture_of(view, used[0]), used[0].series.first.sop_uid
    assert picture.greys(view, 0).inverted  # MONOCHROME1
    state = Presentation("1", "X", pictures={(sop_uid, -1): Presented(voi=Window(100.0, 51.0))})
    view.set_presentation(state)
    greys = picture.greys(view, 0)
    assert (greys.window, greys.inverted) == (Window(100.0, 51.0), False)  # a state has its own polarity
    view.set_window(LUNG)
    assert picture.greys(view, 0).tone == LUNG
    view.set_presentation(None)
    assert picture.greys(view, 0) == Greys(view.default_window, True)


def test_the_file_s_table_is_used_as_soon_as_it_is_read(
    view: View, used: list[Volume], qtbot: QtBot, tmp_path: Path
) -> None:
    stored = ramp()[0].astype(np.uint16)
    path = image_file(tmp_path / "a.dcm", stored, VOILUTSequence=[lut_item(100, [0, 100, 255], 8, "SOFT")])
    said = {"path": str(path), "voi_lut": True, "transfer_syntax": "1.2.840.10008.1.2.1"}
    used.append(film(ramp(), said))
    viewport = Viewport(view, Cell("axial"), lambda: None)
    qtbot.addWidget(viewport)
    viewport.resize(300, 200)
    viewport.show()
    with qtbot.waitSignal(view.look_changed):
        view.show_volume(used[0], first_window(used[0]), middle(used[0]))
        view.toggle_texts()
        assert painted(viewport)[5, 5].max() == 0  # not yet: a film in the wrong greys would be a wrong image
    qtbot.waitUntil(lambda: bool(view.tones(used[0].series.first)))
    assert [named.title for named in view.tones(used[0].series.first)] == ["SOFT"]
    seen = painted(viewport)
    assert seen[5, 5].max() == 0  # value 0
    assert seen[195, 295].min() == 255  # beyond the table's end
    view.show_volume(None, LUNG, (0.0, 0.0, 0.0))


def test_a_moving_picture_has_the_pace_of_its_file_within_reason(used: list[Volume]) -> None:
    used += [film(ramp(), frame_time_ms=time_ms) for time_ms in (33.3, None, 0.001, 99999.0)]
    assert [frame_time_ms(volume) for volume in used] == [33.3, 66.0, 10.0, 2000.0]


def test_a_thick_picture_grows_with_the_slices_that_come(view: View, used: list[Volume]) -> None:
    voxels = np.full((5, 8, 8), 10, np.int16)
    voxels[3] = 200
    used.append(film(voxels, modality="CT", grid=Grid((5, 8, 8))))
    view.show_volume(used[0], EIGHT_BITS, (0.0, 0.0, 2.0))
    picture = Picture(Plane(used[0], "axial", Slab(2.0, "max")), view.main)
    used[0].state[3] = 0
    assert shown(picture, view, 2).max() == 10
    used[0].state[3] = 1
    assert shown(picture, view, 2).min() == 200
