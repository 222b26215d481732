"""What marks measure, against numbers worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest

from medviewer.core.grid import Grid
from medviewer.core.mark import Mark
from medviewer.core.shared import SharedArray
from medviewer.core.study import Check
from medviewer.core.volume import FAILED, PENDING, Volume
from medviewer.i18n import N_
from medviewer.imaging.marks import shapes as mark_shapes
from medviewer.imaging.marks.measure import Measured, measure
from tests.marks import across, mark, on_slice, volume

SQUARE = [(2.0, 2.0), (6.0, 6.0)]
TILT = np.deg2rad(20.0)


def value(found: Measured, name: str) -> float:
    quantity = found.get(name)
    assert quantity is not None, name
    return quantity.value


def of(made: Mark, shown: Volume) -> Measured:
    return measure(made, shown.series, shown)


def columns(high: int = 12, wide: int = 12) -> np.ndarray:
    """One slice whose values are ten times the column."""
    return np.tile(10 * np.arange(wide, dtype=np.int16), (1, high, 1))


# ---- lengths ----


def test_a_length_on_pixels_that_are_not_square_follows_the_spacing() -> None:
    shown = volume(columns(), Grid((1, 12, 12), spacing_kji_mm=(5.0, 2.0, 0.5)))
    found = of(on_slice(shown, "length", [(1, 2), (4, 10)]), shown)  # 3 rows of 2 mm, 8 columns of 0.5 mm
    assert value(found, "length") == pytest.approx(np.hypot(6.0, 4.0), abs=1e-9)
    assert str(found.quantities[0].unit) == "mm"


def test_a_length_on_oblique_images_is_the_same() -> None:
    turn = np.linalg.qr(np.array([[1.0, 2.0, 3.0], [0.3, 1.0, -1.0], [2.0, 0.1, 1.0]]))[0]
    axes = tuple(tuple(row) for row in turn.tolist())
    grid = Grid((3, 12, 12), (-30.0, 12.0, 4.0), (5.0, 2.0, 0.5), axes)
    shown = volume(np.repeat(columns(), 3, axis=0), grid)
    found = of(on_slice(shown, "length", [(1, 2), (4, 10)], k=2), shown)
    assert value(found, "length") == pytest.approx(np.hypot(6.0, 4.0), abs=1e-9)


def test_without_a_spacing_lengths_are_in_pixels_and_it_is_said() -> None:
    shown = volume(columns(), regular=False, pixel_spacing_mm=None, spacing_kind="")
    found = of(on_slice(shown, "length", [(1, 2), (4, 6)]), shown)
    assert value(found, "length") == pytest.approx(5.0)
    assert str(found.quantities[0].unit) == "px"
    assert "pixels" in str(found.notes[0])


@pytest.mark.parametrize(("kind", "words"), [("detector", "mm at the detector"), ("nominal", "mm, nominal")])
def test_what_a_spacing_is_measured_at_goes_with_the_unit(kind: str, words: str) -> None:
    grid = Grid((1, 12, 12), spacing_kji_mm=(1.0, 0.2, 0.2))
    shown = volume(columns(), grid, regular=False, spacing_kind=kind, magnification=1.25)
    found = of(on_slice(shown, "length", [(0, 0), (0, 10)]), shown)
    assert value(found, "length") == pytest.approx(2.0)
    assert str(found.quantities[0].unit) == words
    assert len(found.notes) == 1  # the magnification, or that nobody calibrated it


def test_images_that_are_cut_short_are_not_measured_at_all() -> None:
    check = Check("cut-short", "stop", N_("All files are cut short."))
    shown = volume(columns(), checks=(check,))
    found = of(on_slice(shown, "ellipse", SQUARE), shown)
    assert found.quantities == ()
    assert [str(note) for note in found.notes] == ["All files are cut short."]


def test_a_spacing_that_varies_is_told_where_a_length_runs_across_slices() -> None:
    check = Check("spacing-varies", "warning", N_("The distance between slices varies."))
    shown = volume(np.zeros((8, 8, 8), np.int16), checks=(check,))
    standing = across(shown, "length", [(1.0, 2.0, 1.0), (1.0, 2.0, 5.0)], (1.0, 0.0, 0.0), (0.0, 0.0, 1.0))
    assert [str(note) for note in of(standing, shown).notes] == ["The distance between slices varies."]
    assert of(on_slice(shown, "length", [(1, 1), (1, 5)]), shown).notes == ()


def test_slices_of_a_tilted_gantry_are_right_within_their_plane() -> None:
    down_the_columns = (0.0, float(np.sin(TILT)), float(np.cos(TILT)))
    axes = (down_the_columns, (0.0, 1.0, 0.0), (1.0, 0.0, 0.0))
    grid = Grid((4, 12, 12), (0.0, 0.0, 0.0), (3.0, 0.7, 0.7), axes)
    shown = volume(np.repeat(columns(), 4, axis=0), grid, regular=False)
    found = of(on_slice(shown, "length", [(1, 1), (5, 4)], k=3), shown)
    assert value(found, "length") == pytest.approx(0.7 * 5.0)
    region = of(on_slice(shown, "rectangle", [(1.5, 2.5), (5.5, 4.5)], k=3), shown)
    assert value(region, "mean") == pytest.approx(35.0)  # columns 3 and 4
    assert value(region, "area") == pytest.approx(8 * 0.49)


# ---- two axes and angles ----


def test_the_longer_axis_is_the_long_one_whichever_was_drawn_first() -> None:
    shown = volume(columns(), Grid((1, 12, 12), spacing_kji_mm=(1.0, 1.0, 1.0)))
    found = of(on_slice(shown, "bidirectional", [(5, 4), (5, 7), (1, 6), (9, 6)]), shown)
    assert (value(found, "long_axis"), value(found, "short_axis")) == pytest.approx((8.0, 3.0))


def test_a_short_axis_stands_across_the_long_one_within_the_plane() -> None:
    long = mark("m", "bidirectional", (0.0, 0.0, 3.0), (6.0, 8.0, 3.0))
    made = mark_shapes.with_short_axis(long)
    start, end, one, other = (np.asarray(point) for point in made.points_lps_mm)
    assert (end - start) @ (other - one) == pytest.approx(0.0, abs=1e-9)
    assert np.linalg.norm(other - one) == pytest.approx(5.0)
    assert (one[2], other[2]) == (3.0, 3.0)
    assert (one + other) / 2 == pytest.approx((start + end) / 2)


@pytest.mark.parametrize("number", [2, 3])
def test_a_dragged_end_of_the_short_axis_slides_along_and_stays_across(number: int) -> None:
    made = mark_shapes.with_short_axis(mark("m", "bidirectional", (0.0, 0.0, 0.0), (10.0, 0.0, 0.0)))
    side = -1.0 if number == 2 else 1.0
    away = np.cross(made.normal_lps, (1.0, 0.0, 0.0))[1] * side * 4.0
    moved = mark_shapes.with_handle(made, number, (3.0, float(away), 0.0))
    one, other = np.asarray(moved.points_lps_mm[2:])
    assert (one[0], other[0]) == (pytest.approx(3.0), pytest.approx(3.0))
    assert np.linalg.norm(other - one) == pytest.approx(4.0 + 2.5)  # the other half keeps its 2.5 mm


def test_the_short_axis_follows_an_end_of_the_long_one() -> None:
    made = mark_shapes.with_short_axis(mark("m", "bidirectional", (0.0, 0.0, 0.0), (10.0, 0.0, 0.0)))
    moved = mark_shapes.with_handle(made, 1, (0.0, 20.0, 0.0))
    one, other = np.asarray(moved.points_lps_mm[2:])
    assert sorted([one[0], other[0]]) == pytest.approx([-2.5, 2.5])
    assert (one[1], other[1]) == (pytest.approx(10.0), pytest.approx(10.0))


@pytest.mark.parametrize(("end", "degrees"), [((1.0, 1.0), 45.0), ((0.0, 1.0), 90.0), ((-1.0, 0.0), 180.0)])
def test_an_angle_is_the_one_between_its_arms(end: tuple[float, float], degrees: float) -> None:
    arms = mark("m", "angle", (1.0, 0.0, 0.0), (0.0, 0.0, 0.0), (*end, 0.0))
    assert mark_shapes.angle_deg(*arms.points_lps_mm) == pytest.approx(degrees)


def test_an_angle_on_pixels_that_are_not_square_is_that_of_the_patient() -> None:
    shown = volume(columns(), Grid((1, 12, 12), spacing_kji_mm=(1.0, 2.0, 1.0)))
    found = of(on_slice(shown, "angle", [(0, 4), (0, 0), (2, 4)]), shown)  # 4 mm down, 4 mm across
    assert value(found, "angle") == pytest.approx(45.0)
    assert str(found.quantities[0].unit) == "°"


def plate(degrees: float, backwards: bool) -> list[tuple[float, float, float]]:
    turn = np.deg2rad(degrees)
    ends = [(0.0, 0.0, 0.0), (float(np.cos(turn)), float(np.sin(turn)), 0.0)]
    return ends[::-1] if backwards else ends


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("second", [False, True])
@pytest.mark.parametrize(
    ("one", "other", "cobb"), [(10.0, -15.0, 25.0), (-10.0, 15.0, 25.0), (55.0, -55.0, 110.0), (89.0, -89.0, 2.0)]
)
def test_cobb_is_the_same_whichever_way_the_lines_were_drawn(
    first: bool, second: bool, one: float, other: float, cobb: float
) -> None:
    made = mark("m", "cobb", *plate(one, first), *plate(other, second))
    assert mark_shapes.cobb_deg(made) == pytest.approx(cobb)


def test_cobb_is_the_same_on_a_mirrored_screen() -> None:
    made = mark("m", "cobb", *plate(55.0, False), *plate(-55.0, False))
    assert mark_shapes.cobb_deg(replace(made, right_lps=(-1.0, 0.0, 0.0))) == pytest.approx(110.0)


# ---- values ----


def test_a_rectangle_along_pixels_has_their_plain_statistics() -> None:
    shown = volume(columns(), Grid((1, 12, 12), spacing_kji_mm=(1.0, 2.0, 0.5)))
    found = of(on_slice(shown, "rectangle", [(1.5, 1.5), (5.5, 4.5)]), shown)  # columns 2, 3, 4 of four rows
    assert value(found, "mean") == pytest.approx(30.0)
    assert value(found, "sd") == pytest.approx(np.std([20, 30, 40]))
    assert (value(found, "min"), value(found, "max")) == (20.0, 40.0)
    assert value(found, "pixels") == pytest.approx(12.0)
    assert value(found, "area") == pytest.approx(12 * 1.0)
    assert str(found.get("mean").unit) == "HU"  # type: ignore[union-attr]


def test_pixels_at_the_edge_count_by_the_share_inside() -> None:
    shown = volume(columns())
    found = of(on_slice(shown, "rectangle", [(2.0, 1.75), (3.0, 3.25)]), shown)  # 0.75 of column 2, 0.75 of column 3
    assert value(found, "mean") == pytest.approx(25.0)
    shifted = of(on_slice(shown, "rectangle", [(2.0, 1.85), (3.0, 3.35)]), shown)  # 0.65 and 0.85
    assert value(shifted, "mean") == pytest.approx((0.65 * 20 + 0.85 * 30) / 1.5)
    assert value(shifted, "pixels") == pytest.approx(1.5)


def test_a_region_smaller_than_a_pixel_has_its_value() -> None:
    shown = volume(columns())
    found = of(on_slice(shown, "rectangle", [(2.1, 2.1), (2.2, 2.4)]), shown)
    assert [value(found, name) for name in ("mean", "min", "max")] == pytest.approx([20.0, 20.0, 20.0])
    assert value(found, "area") == pytest.approx(0.03)


def test_an_ellipse_has_its_own_area_and_the_mean_of_a_ramp_is_its_middle() -> None:
    shown = volume(columns(40, 40), Grid((1, 40, 40), spacing_kji_mm=(1.0, 0.8, 1.5)))
    found = of(on_slice(shown, "ellipse", [(5.3, 7.2), (30.1, 28.4)]), shown)
    assert value(found, "area") == pytest.approx(np.pi / 4 * 24.8 * 0.8 * 21.2 * 1.5)
    assert value(found, "pixels") == pytest.approx(np.pi / 4 * 24.8 * 21.2, rel=1e-9)
    assert value(found, "mean") == pytest.approx(178.0, abs=0.01)


def test_a_polygon_has_the_area_of_its_corners_and_freehand_the_same() -> None:
    shown = volume(columns(), Grid((1, 12, 12), spacing_kji_mm=(1.0, 2.0, 1.0)))
    corners = [(1.0, 1.0), (1.0, 9.0), (7.0, 1.0)]
    for kind in ("polygon", "freehand"):
        found = of(on_slice(shown, kind, corners), shown)
        assert value(found, "area") == pytest.approx(8 * 12 / 2)
        # the ramp's mean over a triangle is at its centroid, to the width of a pixel
        assert value(found, "mean") == pytest.approx(10 * (1 + 9 + 1) / 3, abs=0.2)


def test_an_outline_that_crosses_itself_counts_what_it_encloses_once() -> None:
    shown = volume(columns())
    bow = [(1.5, 1.5), (5.5, 5.5), (5.5, 1.5), (1.5, 5.5)]
    assert value(of(on_slice(shown, "polygon", bow), shown), "area") == pytest.approx(8.0)


def test_the_histogram_holds_every_pixel_by_its_share() -> None:
    shown = volume(columns())
    found = of(on_slice(shown, "rectangle", [(1.5, 1.5), (4.5, 4.5)]), shown)
    assert found.histogram is not None
    counts, edges = found.histogram.counts, found.histogram.edges
    assert counts.sum() == pytest.approx(9.0)
    assert len(counts) <= 64
    assert edges[0] == pytest.approx(19.5)
    assert (counts[0], counts[10], counts[-1]) == (3.0, 3.0, 3.0)  # 20, 30 and 40


def test_padding_is_left_out_and_it_is_said() -> None:
    voxels = columns()
    voxels[0, :, 3] = -1024  # loaded as air, as the loader does with padding below it
    shown = volume(voxels, padding=-2000, intercept=0.0)
    found = of(on_slice(shown, "rectangle", [(1.5, 1.5), (4.5, 4.5)]), shown)
    assert value(found, "mean") == pytest.approx(30.0)  # of 20 and 40
    assert value(found, "min") == 20.0
    assert value(found, "pixels") == pytest.approx(6.0)
    assert value(found, "area") == pytest.approx(9.0)
    assert any("33 %" in str(note) for note in found.notes)


def test_air_counts_where_the_file_names_no_padding() -> None:
    voxels = columns()
    voxels[0, :, 3] = -1024
    shown = volume(voxels)
    found = of(on_slice(shown, "rectangle", [(1.5, 1.5), (4.5, 4.5)]), shown)
    assert value(found, "min") == -1024.0


def test_a_range_of_padding_with_its_own_rescale_is_left_out() -> None:
    voxels = columns()
    voxels[0, :, 3] = 7
    shown = volume(voxels, unit="", padding=5, padding_limit=9, slope=2.0)
    shown = replace(
        shown, series=replace(shown.series, headers=tuple(replace(h, slope=2.0) for h in shown.series.headers))
    )
    found = of(on_slice(shown, "rectangle", [(1.5, 1.5), (4.5, 4.5)]), shown)
    assert value(found, "mean") == pytest.approx(60.0)


def test_only_padding_gives_no_values_but_an_area() -> None:
    shown = volume(np.full((1, 12, 12), -1024, np.int16), padding=-3000)
    found = of(on_slice(shown, "rectangle", [(1.5, 1.5), (4.5, 4.5)]), shown)
    assert found.get("mean") is None
    assert value(found, "area") == pytest.approx(9.0)


def test_a_region_beyond_the_image_counts_what_is_inside() -> None:
    shown = volume(columns())
    found = of(on_slice(shown, "rectangle", [(-2.5, 1.5), (1.5, 4.5)]), shown)
    assert value(found, "area") == pytest.approx(12.0)
    assert value(found, "pixels") == pytest.approx(6.0)
    assert any("outside" in str(note) for note in found.notes)


@pytest.mark.parametrize("state", [PENDING, FAILED])
def test_a_slice_that_is_not_read_has_no_values(state: int) -> None:
    shown = volume(columns())
    shown.state[0] = state
    for kind, points in (("ellipse", SQUARE), ("probe", [(2.0, 3.0)])):
        found = of(on_slice(shown, kind, points), shown)  # type: ignore[arg-type]
        assert found.get("mean") is None
        assert found.get("value") is None
        assert any("not read" in str(note) for note in found.notes)
        assert found.complete == (state == FAILED)


def test_a_region_across_slices_leaves_unread_ones_out() -> None:
    voxels = np.zeros((10, 6, 8), np.int16)
    voxels[:] = 100 * np.arange(10, dtype=np.int16)[:, None, None]
    shown = volume(voxels, Grid((10, 6, 8), spacing_kji_mm=(3.0, 1.0, 1.0)))
    shown.state[4] = FAILED
    corners = [(1.5, 2.0, 3 * 2.5), (5.5, 2.0, 3 * 5.5)]  # slices 3, 4 and 5 in the coronal plane j = 2
    found = of(across(shown, "rectangle", corners, (1.0, 0.0, 0.0), (0.0, 0.0, -1.0)), shown)
    assert value(found, "mean") == pytest.approx(400.0)
    assert value(found, "pixels") == pytest.approx(8.0)  # 300 and 500, four columns each
    assert value(found, "area") == pytest.approx(4.0 * 9.0)
    assert any("33 %" in str(note) for note in found.notes)


def test_a_plane_between_the_slices_is_interpolated() -> None:
    k, j, i = np.mgrid[:20, :20, :20]
    shown = volume((100 * k + 10 * j + i).astype(np.int16), Grid((20, 20, 20), spacing_kji_mm=(2.0, 1.0, 1.0)))
    down = (0.0, float(np.cos(TILT)), float(np.sin(TILT)))  # an axial plane turned about its left-right axis
    middle = np.array([9.0, 9.3, 18.4])
    half = 4.0 * np.array([1.0, 0.0, 0.0]), 5.0 * np.asarray(down)
    corners = [tuple((middle - half[0] - half[1]).tolist()), tuple((middle + half[0] + half[1]).tolist())]
    found = of(across(shown, "ellipse", corners, (1.0, 0.0, 0.0), down), shown)
    assert value(found, "area") == pytest.approx(np.pi * 20.0)
    assert value(found, "mean") == pytest.approx(50 * 18.4 + 10 * 9.3 + 9.0, abs=0.05)  # a ramp has its middle's value
    spread = np.sqrt((50 * down[2] + 10 * down[1]) ** 2 * 25 / 4 + 16 / 4)  # of an ellipse: a quarter of each axis²
    assert value(found, "sd") == pytest.approx(spread, rel=0.01)


def test_a_sphere_measured_across_its_middle_has_its_own_value() -> None:
    grid = Grid((30, 40, 40), spacing_kji_mm=(2.5, 0.9, 0.9))
    lps = grid.to_lps(np.moveaxis(np.indices(grid.shape_kji), 0, -1))
    middle = grid.to_lps((15.0, 20.0, 20.0))
    inside = np.linalg.norm(lps - middle, axis=-1) <= 15.0
    shown = volume(np.where(inside, 60, -800).astype(np.int16), grid)
    corners = [
        tuple((middle + np.array([-8.0, 0.0, -8.0])).tolist()),
        tuple((middle + np.array([8.0, 0.0, 8.0])).tolist()),
    ]
    found = of(across(shown, "ellipse", corners, (1.0, 0.0, 0.0), (0.0, 0.0, -1.0)), shown)
    assert (value(found, "mean"), value(found, "sd")) == pytest.approx((60.0, 0.0), abs=1e-9)


def test_a_probe_has_the_value_of_the_voxel_it_is_in() -> None:
    shown = volume(columns(), unit="SUVbw", slope=0.01)
    found = of(on_slice(shown, "probe", [(3.4, 6.6)]), shown)
    assert value(found, "value") == pytest.approx(0.7)
    assert (str(found.quantities[0].unit), found.quantities[0].decimals) == ("SUVbw", 2)
    outside = of(on_slice(shown, "probe", [(3.0, 40.0)]), shown)
    assert outside.quantities == ()
    assert "outside" in str(outside.notes[0])


def test_of_colours_the_brightness_is_measured_and_it_is_said() -> None:
    shown = volume(columns(), unit="", samples=3, photometric="RGB")
    block = SharedArray.make((1, 12, 12, 3), "uint8")
    block.array[...] = (200, 100, 0)
    shown = replace(shown, colours_block=block)
    found = of(on_slice(shown, "rectangle", [(1.5, 1.5), (4.5, 4.5)]), shown)
    assert [value(found, name) for name in ("red", "green", "blue")] == [200.0, 100.0, 0.0]
    assert any("brightness" in str(note) for note in found.notes)
    probed = of(on_slice(shown, "probe", [(3.0, 6.0)]), shown)
    assert [quantity.value for quantity in probed.quantities] == [200.0, 100.0, 0.0]


def test_without_the_images_a_mark_says_what_it_kept() -> None:
    shown = volume(columns())
    made = on_slice(shown, "polygon", [(1.5, 1.5), (1.5, 4.5), (4.5, 1.5)])
    there = measure(made, shown.series, shown)
    kept = replace(made, measured=there.numbers, unit="HU")
    assert measure(kept, shown.series).numbers == pytest.approx(there.numbers)
    assert measure(made, shown.series).numbers == {}


def test_on_a_slab_the_values_are_said_to_be_of_its_middle() -> None:
    shown = volume(columns())
    found = of(on_slice(shown, "ellipse", SQUARE, slab_mm=10.0), shown)
    assert any("10.0 mm" in str(note) for note in found.notes)


def test_an_image_that_lies_elsewhere_than_the_stack_is_measured_where_it_is() -> None:
    """A hole in the stack: the third image is where the grid has the fourth; its header knows."""
    voxels = np.stack([np.full((8, 8), 100 * k, np.int16) for k in range(3)])
    shown = volume(voxels, Grid((3, 8, 8), spacing_kji_mm=(5.0, 1.0, 1.0)), regular=False)
    places = (0.0, 5.0, 15.0)
    orientation = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
    said = zip(shown.series.headers, places, strict=True)
    headers = tuple(replace(h, position_lps_mm=(0.0, 0.0, z), orientation=orientation) for h, z in said)
    shown = replace(shown, series=replace(shown.series, headers=headers))
    made = replace(on_slice(shown, "rectangle", SQUARE, k=2), points_lps_mm=((2.0, 2.0, 15.0), (6.0, 6.0, 15.0)))
    assert value(of(made, shown), "mean") == 200.0
