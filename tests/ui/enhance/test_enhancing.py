"""Enhancement is for the eye alone: labelled, put away by a held key, and no value ever changes."""

import threading

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QImage, QKeyEvent, QPainter
from pytestqt.qtbot import QtBot

from medviewer.core.arrangement import Cell
from medviewer.core.mark import Mark
from medviewer.core.mask import Mask
from medviewer.core.volume import Volume
from medviewer.imaging.enhance import ENHANCEMENTS, Enhancement
from medviewer.imaging.marks import measure as marks
from medviewer.imaging.measure import measure
from medviewer.imaging.render import to_grey
from medviewer.imaging.window import EIGHT_BITS, MEDIASTINUM
from medviewer.phantom import small
from medviewer.ui.enhance import enhancing as enhance
from medviewer.ui.enhance.menu import EnhanceMenu
from medviewer.ui.planes.plane import Plane
from medviewer.ui.planes.tilted import ObliquePlane
from medviewer.ui.value_words import value_words
from medviewer.ui.view import View
from medviewer.ui.viewport import Viewport
from tests.ui.films import coloured, film, ramp
from tests.ui.samples import painted

PLACE = small.make().truth[0].center_lps_mm
loaded_by_now = ENHANCEMENTS["smooth"].make(np.zeros((4, 4), np.int16))  # so that small slices are done at once
O_KEY, NONE = enhance.ORIGINAL_KEY, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def viewport(view: View, qtbot: QtBot, noisy: Volume) -> Viewport:
    made = Viewport(view, Cell(), lambda: None)
    qtbot.addWidget(made)
    made.resize(512, 512)
    made.show()
    view.show_volume(noisy, MEDIASTINUM, PLACE)
    return made


def pixels(viewport: Viewport) -> NDArray[np.uint8]:
    """Return the greys of the picture made for the viewport now."""
    assert viewport.picture is not None
    image = viewport.picture.image(viewport.view, viewport.index, viewport.greys)
    raw = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)
    return raw[:, : image.width(), 0].copy()


def applied(viewport: Viewport) -> str:
    """Return the enhancement that the picture made now has."""
    pixels(viewport)
    return "" if viewport.picture is None else viewport.picture.enhanced


def said(viewport: Viewport) -> list[str]:
    pixels(viewport)
    return [line.text for line in enhance.caption_lines(viewport)]


def key(kind: QEvent.Type, which: int = O_KEY, keys: Qt.KeyboardModifier = NONE, *, again: bool = False) -> QKeyEvent:
    return QKeyEvent(kind, which, keys, "", again)


def slow(way: Enhancement) -> dict[str, Enhancement]:
    """Return a table with one way that always takes the way of the thread."""
    return {way.id: Enhancement(way.id, way.title, way.done, way.about, way.make, 0)}


# ---- what is seen ----


def test_the_picture_is_that_of_the_enhanced_values_in_the_same_window(viewport: Viewport, noisy: Volume) -> None:
    plain = pixels(viewport)
    assert np.array_equal(plain, to_grey(noisy.voxels[viewport.index], MEDIASTINUM))
    viewport.view.set_enhancement(viewport.display, "smooth")
    expected = ENHANCEMENTS["smooth"].make(noisy.voxels[viewport.index])
    assert np.array_equal(pixels(viewport), to_grey(expected, MEDIASTINUM))
    viewport.view.set_enhancement(viewport.display, "")
    assert np.array_equal(pixels(viewport), plain)


def test_every_plane_and_slice_is_enhanced(viewport: Viewport, noisy: Volume) -> None:
    viewport.view.set_enhancement(viewport.display, "sharp")
    viewport.step(3)
    expected = ENHANCEMENTS["sharp"].make(noisy.voxels[viewport.index])
    assert np.array_equal(pixels(viewport), to_grey(expected, MEDIASTINUM))
    viewport.set_cell(Cell("coronal"))
    assert viewport.plane is not None
    expected = ENHANCEMENTS["sharp"].make(viewport.plane.pixels(viewport.index))
    assert np.array_equal(pixels(viewport), to_grey(expected, MEDIASTINUM))


def test_what_takes_long_shows_the_original_until_it_is_ready(
    viewport: Viewport, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enhance, "ENHANCEMENTS", slow(ENHANCEMENTS["smooth"]))
    plain, view = pixels(viewport), viewport.view
    view.set_enhancement(viewport.display, "smooth")
    assert np.array_equal(pixels(viewport), plain)
    assert said(viewport) == ["Being enhanced: the original is shown until then"]
    with qtbot.waitSignal(view.look_changed):
        pass
    assert not np.array_equal(pixels(viewport), plain)
    assert said(viewport) == ["Enhanced: smoothed — view only, not measured on"]


def test_the_first_of_all_waits_for_its_library_beside_the_window(
    viewport: Viewport, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enhance, "loaded", lambda: False)
    viewport.view.set_enhancement(viewport.display, "smooth")
    assert applied(viewport) == ""
    qtbot.waitUntil(lambda: applied(viewport) == "smooth")


def test_slices_leafed_over_are_left_out_and_the_last_one_is_made(
    viewport: Viewport, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    way = ENHANCEMENTS["smooth"]

    def counted(values: NDArray[np.int16]) -> NDArray[np.int16]:
        made.append(1)
        return way.make(values)

    monkeypatch.setattr(
        enhance, "ENHANCEMENTS", {"smooth": Enhancement("smooth", way.title, way.done, way.about, counted, 0)}
    )
    viewport.view.set_enhancement(viewport.display, "smooth")
    for _slice in range(6):
        pixels(viewport)
        viewport.step(1)
    pixels(viewport)
    qtbot.waitUntil(lambda: applied(viewport) == "smooth")
    assert 1 <= len(made) <= 3


def test_a_way_that_fails_says_so_once_and_leaves_the_original(
    viewport: Viewport, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[int] = []

    def broken(_values: NDArray[np.int16]) -> NDArray[np.int16]:
        tried.append(1)
        raise MemoryError

    way = ENHANCEMENTS["smooth"]
    monkeypatch.setattr(
        enhance, "ENHANCEMENTS", {"smooth": Enhancement("smooth", way.title, way.done, way.about, broken, 0)}
    )
    plain = pixels(viewport)
    viewport.view.set_enhancement(viewport.display, "smooth")
    with qtbot.captureExceptions() as caught:
        pixels(viewport)
        qtbot.waitUntil(lambda: not viewport.view.jobs.quiet and bool(tried))
        pixels(viewport)
        qtbot.waitUntil(lambda: not viewport.view.jobs.quiet)
    assert len(tried) == 1
    assert [kind for kind, _error, _where in caught] == [MemoryError]
    assert np.array_equal(pixels(viewport), plain)


@pytest.mark.parametrize("end", ["cancelled", "failed"])
def test_after_one_that_was_cancelled_or_failed_the_others_that_wait_are_made(
    view: View, noisy: Volume, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    go, way = threading.Event(), ENHANCEMENTS["smooth"]

    def first_waits(values: NDArray[np.int16]) -> NDArray[np.int16]:
        if not go.is_set():
            go.wait(20.0)
            if end == "failed":
                raise MemoryError
        return way.make(values)

    table = {"smooth": Enhancement("smooth", way.title, way.done, way.about, first_waits, 0)}
    monkeypatch.setattr(enhance, "ENHANCEMENTS", table)
    axial, coronal = Plane(noisy, "axial"), Plane(noisy, "coronal")
    with qtbot.captureExceptions() as caught:
        assert view.enhancing.of(axial, 3, 0, "smooth") is None
        assert view.enhancing.of(coronal, 3, 0, "smooth") is None  # waits for the first
        if end == "cancelled":
            view.jobs.quiet[0].cancel()
        go.set()
        qtbot.waitUntil(lambda: _named_key(coronal) in view.enhancing._kept)
    assert _named_key(axial) not in view.enhancing._kept
    assert [kind for kind, *_rest in caught] == ([MemoryError] if end == "failed" else [])


def _named_key(plane: Plane) -> tuple[object, int, int, str]:
    return enhance._named(plane), 3, 0, "smooth"


def test_slices_made_before_are_kept(viewport: Viewport) -> None:
    view = viewport.view
    assert viewport.plane is not None
    once = view.enhancing.of(viewport.plane, 3, 0, "smooth")
    assert view.enhancing.of(viewport.plane, 3, 0, "smooth") is once
    view.enhancing.forget()
    assert view.enhancing.of(viewport.plane, 3, 0, "smooth") is not once
    assert view.enhancing.of(viewport.plane, 3, 0, "of a later version") is None


def test_viewports_on_the_same_plane_share_the_work_and_tilted_planes_do_not(viewport: Viewport, noisy: Volume) -> None:
    enhancing = viewport.view.enhancing
    once = enhancing.of(Plane(noisy, "axial"), 3, 0, "smooth")
    assert enhancing.of(Plane(noisy, "axial"), 3, 0, "smooth") is once
    assert enhancing.of(Plane(noisy, "coronal"), 3, 0, "smooth") is not once
    tilted = [ObliquePlane(noisy, "axial", axes=np.eye(3)[::-1]) for _plane in range(2)]
    assert enhancing.of(tilted[0], 3, 0, "smooth") is not enhancing.of(tilted[1], 3, 0, "smooth")


def test_colour_images_are_enhanced_too(view: View, qtbot: QtBot) -> None:
    rgb = np.random.default_rng(2).integers(0, 256, (2, 40, 50, 3)).astype(np.uint8)
    volume = coloured(rgb)
    viewport = Viewport(view, Cell("native"), lambda: None)
    qtbot.addWidget(viewport)
    view.show_volume(volume, EIGHT_BITS, (0.0, 0.0, 0.0))
    view.set_enhancement(view.main, "despeckle")
    expected = ENHANCEMENTS["despeckle"].make(rgb[viewport.index])
    assert np.array_equal(pixels(viewport), expected[..., 2])  # the first byte of a pixel is blue
    view.show_volume(None, MEDIASTINUM, PLACE)
    volume.close()


# ---- what is measured ----


@pytest.mark.parametrize("way", ENHANCEMENTS)
def test_nothing_measured_ever_changes(viewport: Viewport, noisy: Volume, qtbot: QtBot, way: str) -> None:
    inside = small.sphere_share(noisy.grid, small.CENTER_KJI, 12.0) >= 0.5
    before = measure(noisy.voxels, noisy.grid, Mask.cut(inside))
    x, y, z = PLACE
    corners = ((x - 8.0, y - 6.0, z), (x + 8.0, y + 6.0, z))
    region = Mark("1", "ellipse", noisy.series.uid, corners, (0.0, 0.0, 1.0), (1.0, 0.0, 0.0))
    statistics = marks.measure(region, noisy.series, noisy)
    voxels, plane = noisy.voxels.copy(), viewport.plane
    assert plane is not None
    words, value = value_words(plane, PLACE), plane.value_at(PLACE)
    viewport.view.set_enhancement(viewport.display, way)
    pixels(viewport)
    qtbot.waitUntil(lambda: applied(viewport) == way)
    assert np.array_equal(noisy.voxels, voxels)
    after = measure(noisy.voxels, noisy.grid, Mask.cut(inside))
    assert after == before
    again = marks.measure(region, noisy.series, noisy)
    assert len(again.quantities) >= 5
    assert again.quantities == statistics.quantities  # mean, SD, least, most, area
    assert value_words(plane, PLACE) == words
    assert plane.value_at(PLACE) == value


# ---- what is said ----


def test_an_enhanced_picture_is_always_labelled_in_the_colour_of_caution(viewport: Viewport) -> None:
    assert enhance.caption_lines(viewport) == ()
    for way in ENHANCEMENTS.values():
        viewport.view.set_enhancement(viewport.display, way.id)
        pixels(viewport)
        (line,) = enhance.caption_lines(viewport)
        assert line.colour == "caution"
        if way.at_once_px:
            assert line.text == f"Enhanced: {way.done} — view only, not measured on"


def test_the_label_of_a_small_viewport_takes_two_lines(viewport: Viewport) -> None:
    viewport.view.set_enhancement(viewport.display, "sharp")
    viewport.resize(300, 300)
    assert said(viewport) == ["Enhanced: sharpened", "view only, not measured on"]


def test_the_label_can_be_painted_where_all_other_texts_are_hidden(viewport: Viewport) -> None:
    viewport.view.set_enhancement(viewport.display, "smooth")
    pixels(viewport)
    canvas = QImage(512, 512, QImage.Format.Format_RGB32)
    canvas.fill(Qt.GlobalColor.black)
    painter = QPainter(canvas)
    enhance.paint_label(painter, viewport)
    painter.end()
    assert any(canvas.pixelColor(x, y).lightness() > 100 for x in range(100, 400) for y in range(6, 28))


# ---- the held key ----


def test_the_original_is_seen_while_the_key_is_held(viewport: Viewport, noisy: Volume) -> None:
    view = viewport.view
    view.set_enhancement(viewport.display, "smooth")
    enhanced, plain = pixels(viewport), to_grey(noisy.voxels[viewport.index], MEDIASTINUM)
    assert enhance.key_pressed(view, key(QEvent.Type.KeyPress))
    assert np.array_equal(pixels(viewport), plain)
    assert said(viewport) == ["Original, while the key is held"]
    assert enhance.key_pressed(view, key(QEvent.Type.KeyPress, again=True))
    assert enhance.key_released(view, key(QEvent.Type.KeyRelease, again=True))
    assert np.array_equal(pixels(viewport), plain)  # the keyboard repeats a held key by letting it go in between
    assert enhance.key_released(view, key(QEvent.Type.KeyRelease))
    assert np.array_equal(pixels(viewport), enhanced)


def test_pressing_it_repaints_at_once(viewport: Viewport, qtbot: QtBot) -> None:
    view = viewport.view
    view.toggle_texts()
    view.set_enhancement(viewport.display, "smooth")
    enhanced = painted(viewport)
    with qtbot.waitSignal(view.look_changed):
        enhance.key_pressed(view, key(QEvent.Type.KeyPress))
    assert not np.array_equal(painted(viewport), enhanced)


def test_the_key_is_left_to_others_where_nothing_is_enhanced(viewport: Viewport) -> None:
    view = viewport.view
    assert not enhance.key_pressed(view, key(QEvent.Type.KeyPress))
    assert not enhance.key_released(view, key(QEvent.Type.KeyRelease))
    view.set_enhancement(viewport.display, "smooth")
    assert not enhance.key_pressed(view, key(QEvent.Type.KeyPress, Qt.Key.Key_P))
    assert not enhance.key_pressed(view, key(QEvent.Type.KeyPress, O_KEY, Qt.KeyboardModifier.ControlModifier))
    assert not view.enhancing.held


def test_losing_the_keyboard_ends_the_holding(viewport: Viewport) -> None:
    view = viewport.view
    view.set_enhancement(viewport.display, "smooth")
    enhance.key_pressed(view, key(QEvent.Type.KeyPress))
    enhance.hold_original(view, False)
    assert said(viewport) == ["Enhanced: smoothed — view only, not measured on"]


# ---- the menu ----


def test_the_menu_chooses_for_the_active_display_and_shows_the_choice(viewport: Viewport, qtbot: QtBot) -> None:
    menu = EnhanceMenu(viewport.view)
    qtbot.addWidget(menu)
    entries = {entry.objectName(): entry for entry in menu.actions() if entry.objectName()}
    assert list(entries) == ["enhance-none", *(f"enhance-{way}" for way in ENHANCEMENTS)]
    assert entries["enhance-none"].isChecked()
    entries["enhance-contrast"].trigger()
    assert viewport.display.enhancement == "contrast"
    assert entries["enhance-contrast"].isChecked()
    assert not entries["enhance-none"].isChecked()
    assert all(entry.toolTip().endswith(".") for entry in entries.values())
    viewport.view.reset_looks()
    assert entries["enhance-none"].isChecked()
    assert menu.actions()[-1].text() == "Hold O to see the original"


def test_the_menu_can_be_used_only_where_there_are_images(view: View, qtbot: QtBot) -> None:
    menu = EnhanceMenu(view)
    qtbot.addWidget(menu)
    assert not menu.isEnabled()
    volume = film(ramp())
    view.show_volume(volume, MEDIASTINUM, (0.0, 0.0, 0.0))
    assert menu.isEnabled()
    view.show_volume(None, MEDIASTINUM, (0.0, 0.0, 0.0))
    volume.close()
