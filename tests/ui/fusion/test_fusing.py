"""PET over CT in the viewports: where the colours are, what they stand for, and how the reader changes them."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from medviewer.core.arrangement import CellKind, Slab
from medviewer.core.look import Window
from medviewer.core.volume import PENDING, READY, Volume
from medviewer.imaging import reslice
from medviewer.imaging.colours import COLOUR_MAPS
from medviewer.imaging.fuse import MODES, NOTHING
from medviewer.ui.display import Fusion
from medviewer.ui.fusion import fusing as fusion
from medviewer.ui.planes import sampled
from medviewer.ui.view import View
from medviewer.ui.viewport import Viewport
from tests.ui.samples import painted
from tests.ui.uptake import HOT, HOT_SUV, colourful, pet_of, show_both, viewport_on

LEFT = Qt.MouseButton.LeftButton
ALL_COLOURS = Fusion("2", "hot-iron", 1.0)


@pytest.fixture
def viewport_of(fused: View, qtbot: QtBot) -> Callable[[CellKind], Viewport]:
    def make(kind: CellKind) -> Viewport:
        return viewport_on(fused, kind, qtbot)

    return make


# ---- where the colours are ----


@pytest.mark.parametrize("kind", ["axial", "coronal", "sagittal"])
def test_the_hot_place_is_coloured_where_the_patient_has_it(
    viewport_of: Callable[[CellKind], Viewport], fused: View, kind: CellKind
) -> None:
    viewport = viewport_of(kind)
    fused.toggle_texts()
    assert viewport.plane is not None
    x, y = viewport.plane.geometry(viewport.index).to_xy(HOT).tolist()
    at = viewport.placing.to_screen(x, y)
    colours = colourful(painted(viewport)).astype(float)
    colours[colours < 0.5 * colours.max()] = 0.0
    rows, columns = np.indices(colours.shape)
    middle = (colours * columns).sum() / colours.sum(), (colours * rows).sum() / colours.sum()
    assert middle == pytest.approx((at.x(), at.y()), abs=1.6 * viewport.placing.px_per_mm)  # a pixel of the CT


def test_a_pixel_is_half_grey_and_half_colour(viewport_of: Callable[[CellKind], Viewport], fused: View) -> None:
    viewport = viewport_of("axial")
    picture = viewport.picture
    assert picture is not None
    plain = picture.image(fused, viewport.index, viewport.greys).pixelColor(45, 30).red()
    fused.set_fusion(fused.main, None)
    grey = picture.image(fused, viewport.index, viewport.greys).pixelColor(45, 30).red()
    level = round(255 * HOT_SUV / 10.0)
    assert plain == pytest.approx(0.5 * grey + 0.5 * COLOUR_MAPS["hot-iron"].table[level, 0], abs=1.5)


def test_without_fusion_nothing_is_coloured(viewport_of: Callable[[CellKind], Viewport], fused: View) -> None:
    viewport = viewport_of("axial")
    fused.toggle_texts()
    assert colourful(painted(viewport)).max() > 50
    fused.set_fusion(fused.main, None)
    assert colourful(painted(viewport)).max() == 0


def test_colours_follow_the_other_series_own_window(viewport_of: Callable[[CellKind], Viewport], fused: View) -> None:
    viewport = viewport_of("axial")
    fused.set_fusion(fused.main, ALL_COLOURS)
    picture, greys = viewport.picture, viewport.greys
    assert picture is not None
    fused.set_window(Window(8.0, 16.0, "LINEAR_EXACT"), fused.display("2"))
    # SUV 8 of 0 to 16 is the middle: hot iron has its pure red there.
    half = picture.image(fused, viewport.index, greys).pixelColor(45, 30)
    assert [half.red(), half.green(), half.blue()] == pytest.approx([255, 0, 0], abs=3)
    assert viewport.greys == greys


def test_slices_that_come_later_are_coloured_when_they_are_there(
    viewport_of: Callable[[CellKind], Viewport], fused: View, both: tuple[Volume, Volume]
) -> None:
    viewport, pet = viewport_of("axial"), both[1]
    pet.state[...] = PENDING
    picture = viewport.picture
    assert picture is not None
    assert picture.image(fused, viewport.index, viewport.greys).pixelColor(45, 30).saturation() == 0
    assert "Still reading" in fusion.caption_lines(viewport)[1].text
    pet.state[...] = READY
    assert picture.image(fused, viewport.index, viewport.greys).pixelColor(45, 30).saturation() > 0
    assert len(fusion.caption_lines(viewport)) == 1


def test_the_picture_is_made_anew_only_when_something_changed(
    viewport_of: Callable[[CellKind], Viewport], fused: View
) -> None:
    viewport = viewport_of("axial")
    picture = viewport.picture
    assert picture is not None
    once = picture.image(fused, viewport.index, viewport.greys)
    assert picture.image(fused, viewport.index, viewport.greys) is once
    fused.set_fusion(fused.main, ALL_COLOURS)
    assert picture.image(fused, viewport.index, viewport.greys) is not once


@pytest.mark.parametrize("mode", MODES[1:])
def test_two_series_set_against_each_other_make_another_picture_each(
    viewport_of: Callable[[CellKind], Viewport], fused: View, mode: str
) -> None:
    viewport = viewport_of("axial")
    fused.toggle_texts()
    blended = painted(viewport)
    fused.set_fusion(fused.main, replace(ALL_COLOURS, mode=mode))  # type: ignore[arg-type]
    assert not np.array_equal(painted(viewport), blended)


# ---- who with whom ----


def test_series_of_one_frame_of_reference_are_partners(fused: View) -> None:
    assert fusion.partners(fused, fused.main) == [fused.display("2")]
    assert fusion.partners(fused, fused.display("2")) == [fused.main]
    relation = fusion.relation_of(fused.main, fused.display("2"))
    assert relation is not None
    assert np.array_equal(relation, np.eye(4))


def test_another_frame_is_a_partner_only_once_it_is_registered(view: View, both: tuple[Volume, Volume]) -> None:
    other = pet_of(frame="1.2.10")
    try:
        show_both(view, both[0], other)
        assert fusion.partners(view, view.main) == []
        shift = np.eye(4)
        shift[:3, 3] = (1.0, 2.0, 3.0)
        view.relate(view.display("2"), shift)
        assert fusion.partners(view, view.main) == [view.display("2")]
        relation = fusion.relation_of(view.main, view.display("2"))
        assert relation is not None
        assert (relation @ [1.0, 2.0, 3.0, 1.0])[:3].tolist() == [0.0, 0.0, 0.0]
    finally:
        other.close()


def test_a_registered_partner_is_marked_for_checking(
    viewport_of: Callable[[CellKind], Viewport], fused: View, both: tuple[Volume, Volume]
) -> None:
    viewport = viewport_of("axial")
    assert [line.colour for line in fusion.caption_lines(viewport)] == ["image_text"]
    other = pet_of(frame="1.2.10")
    try:
        fused.show_in("2", other, Window(5.0, 10.0), HOT)
        fused.relate(fused.display("2"), np.eye(4))
        fused.set_fusion(fused.main, Fusion("2", "hot-iron"))
        assert fusion.caption_lines(viewport)[-1].colour == "caution"
        assert "check how they lie" in fusion.caption_lines(viewport)[-1].text
    finally:
        fused.show_in("2", both[1], Window(5.0, 10.0), HOT)
        other.close()


def test_two_series_of_one_kind_begin_with_a_check_and_a_pet_with_colours(fused: View) -> None:
    assert fusion.first_fusion(fused.main, fused.display("2")).mode == "blend"
    assert fusion.first_fusion(fused.main, fused.main).mode == "two-colours"


def test_the_value_under_the_mouse_is_told_of_both(
    viewport_of: Callable[[CellKind], Viewport], fused: View, both: tuple[Volume, Volume]
) -> None:
    viewport = viewport_of("axial")
    assert fusion.fused_words(viewport, HOT) == "PT 8.0 SUVbw"
    x, y, z = HOT
    assert fusion.fused_words(viewport, (x + 12.0, y, z)) == "PT 1.0 SUVbw"
    assert fusion.fused_words(viewport, (x + 500.0, y, z)) == ""
    fused.set_fusion(fused.main, None)
    assert fusion.fused_words(viewport, HOT) == ""


def test_an_empty_display_that_waits_for_its_series_is_not_fused(fused: View) -> None:
    fused.set_fusion(fused.main, None)
    fused.set_fusion(fused.display("3"), Fusion("main", "hot-iron"))
    assert fusion.shown_on(fused) is None
    assert not fusion.blend_by(fused, 1)


# ---- thick slabs ----


@pytest.mark.parametrize("kind", ["axial", "coronal"])
def test_a_costly_slab_of_the_other_series_is_coarse_at_once_and_exact_when_the_hand_rests(
    viewport_of: Callable[[CellKind], Viewport],
    fused: View,
    both: tuple[Volume, Volume],
    kind: CellKind,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sampled, "AT_ONCE", 1000)
    monkeypatch.setattr(sampled, "COARSE", 20_000)
    viewport = viewport_of(kind)
    fused.set_fusion(fused.main, ALL_COLOURS)
    fused.toggle_texts()
    viewport.set_slab(Slab(20.0, "max"))
    coarse = painted(viewport)
    over = viewport.picture._fusing._over  # type: ignore[union-attr]
    assert over is not None
    assert not over.is_full(viewport.index)
    qtbot.waitUntil(lambda: over.is_full(viewport.index))
    assert not np.array_equal(painted(viewport), coarse)
    assert viewport.plane is not None
    where = viewport.plane.geometry(viewport.index)
    exact = reslice.oblique(both[1].voxels, both[1].grid, where, slab_mm=20.0, blend="max", outside=NOTHING)
    assert np.array_equal(over.pixels(viewport.index), exact)


def test_a_change_of_colours_does_not_sample_the_other_series_again(
    viewport_of: Callable[[CellKind], Viewport], fused: View
) -> None:
    viewport = viewport_of("coronal")
    viewport.set_slab(Slab(20.0, "max"))
    painted(viewport)
    assert viewport.picture is not None
    before = viewport.picture._fusing._over
    assert before is not None
    values = before.pixels(viewport.index)
    fused.set_fusion(fused.main, Fusion("2", "spectrum", 0.9))
    painted(viewport)
    assert viewport.picture._fusing._over is before
    assert before.pixels(viewport.index) is values
