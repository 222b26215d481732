"""Measures agree with what geometry says of spheres, ellipsoids and boxes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from medviewer.core.grid import Grid
from medviewer.core.mask import Mask
from medviewer.imaging.measure import EDGE_PIXELS, Measures, axes, convex_hull, measure

SHAPE = (40, 70, 70)


def ellipsoid(
    grid: Grid, center_lps_mm: NDArray[np.float64], radii_mm: tuple[float, float, float], turn_deg: float = 0
) -> Mask:
    """Voxels whose centre is in an ellipsoid with axes x, y, z, turned about z."""
    offset = grid.to_lps(np.moveaxis(np.indices(grid.shape_kji), 0, -1)) - center_lps_mm
    cos, sin = np.cos(np.deg2rad(turn_deg)), np.sin(np.deg2rad(turn_deg))
    offset = offset @ np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
    return Mask.cut(((offset / radii_mm) ** 2).sum(axis=-1) <= 1.0)


def measured(grid: Grid, mask: Mask) -> Measures:
    return measure(np.zeros(grid.shape_kji, np.int16), grid, mask)


SPACINGS = [(1.0, 1.0, 1.0), (1.0, 0.7, 0.7), (2.5, 0.5, 0.9), (1.25, 0.98, 0.49)]
PLACES = np.random.default_rng(0).uniform((19.9, 34.5, 34.5), (20.1, 35.5, 35.5), (12, 3))


def errors_voxels(grid: Grid, radii_mm: tuple[float, float, float], turn_deg: float = 0) -> NDArray[np.float64]:
    """Errors of long and short axis (n, 2) in voxels, for ellipsoids at places that fall between the voxels."""
    true_mm = 2 * radii_mm[0], 2 * radii_mm[1]
    got = [measured(grid, ellipsoid(grid, grid.to_lps(place), radii_mm, turn_deg)) for place in PLACES]
    axes_mm = np.array([(one.long_axis_mm, one.short_axis_mm) for one in got])
    return (axes_mm - true_mm) / max(grid.spacing_kji_mm[1:])


@pytest.mark.parametrize("spacing", SPACINGS)
@pytest.mark.parametrize("radius_mm", [4.0, 7.3, 12.1])
def test_a_sphere_has_its_diameter_within_half_a_voxel_on_average(
    spacing: tuple[float, float, float], radius_mm: float
) -> None:
    wrong = errors_voxels(Grid(SHAPE, (-10.0, 5.0, 300.0), spacing), (radius_mm,) * 3)
    assert np.abs(wrong.mean(axis=0)).max() <= 0.5
    assert np.abs(wrong).max() <= 1.0


@pytest.mark.parametrize("turn_deg", [0, 17, 30, 45, 60, 90, 123])
@pytest.mark.parametrize("spacing", SPACINGS)
def test_an_ellipsoid_has_its_axes_within_half_a_voxel_on_average_whichever_way_it_lies(
    spacing: tuple[float, float, float], turn_deg: float
) -> None:
    wrong = errors_voxels(Grid(SHAPE, (0.0, 0.0, 0.0), spacing), (11.0, 6.0, 8.0), turn_deg)
    assert np.abs(wrong.mean(axis=0)).max() <= 0.5
    assert np.abs(wrong).max() <= 1.0


@pytest.mark.parametrize("spacing", SPACINGS)
def test_a_sphere_has_its_volume_and_centre(spacing: tuple[float, float, float]) -> None:
    grid = Grid(SHAPE, (-10.0, 5.0, 300.0), spacing)
    center = grid.to_lps((20.3, 34.6, 35.2))
    got = measured(grid, ellipsoid(grid, center, (12.1,) * 3))
    assert got.volume_mm3 == pytest.approx(4 / 3 * np.pi * 12.1**3, rel=0.02)
    assert np.allclose(got.center_lps_mm, center, atol=0.1 * max(spacing))


def test_the_axes_ends_are_in_space_where_they_were_measured() -> None:
    grid = Grid(SHAPE, (-100.0, 50.0, -700.0), (2.0, 0.6, 0.8))
    got = measured(grid, ellipsoid(grid, grid.to_lps((20.0, 30.0, 40.0)), (12.0, 5.0, 9.0), 25))
    (a, b), (c, d) = np.asarray(got.long_axis_lps_mm), np.asarray(got.short_axis_lps_mm)
    assert np.linalg.norm(b - a) == pytest.approx(got.long_axis_mm)
    assert np.linalg.norm(d - c) == pytest.approx(got.short_axis_mm)
    assert abs((b - a) @ (d - c)) < 1e-6
    assert got.best_k == 20
    assert grid.to_kji(a)[0] == pytest.approx(20.0)


def test_one_voxel_has_the_box_and_the_volume_of_a_voxel() -> None:
    full = np.zeros((3, 4, 5), bool)
    full[1, 2, 3] = True
    grid = Grid((3, 4, 5), (0.0, 0.0, 0.0), (3.0, 0.5, 0.8))
    got = measured(grid, Mask.cut(full))
    assert got.volume_mm3 == pytest.approx(1.2)
    assert 0.3 < got.long_axis_mm < 0.8
    assert got.short_axis_mm < got.long_axis_mm
    assert np.allclose(got.box_lps_mm, ((2.0, 0.75, 1.5), (2.8, 1.25, 4.5)))


def test_the_values_are_those_inside_rescaled() -> None:
    voxels = np.arange(27, dtype=np.int16).reshape(3, 3, 3)
    full = np.zeros((3, 3, 3), bool)
    full[1, 1] = True
    got = measure(voxels, Grid((3, 3, 3)), Mask.cut(full), slope=2.0, intercept=-1000.0)
    assert (got.mean_hu, got.min_hu, got.max_hu) == (-974.0, -976.0, -972.0)
    assert got.sd_hu == pytest.approx(np.std([-976, -974, -972]))


def test_the_axes_are_taken_on_the_slice_of_largest_area_the_middle_of_equals() -> None:
    full = np.zeros((7, 9, 30), bool)
    full[0, 4, :] = True  # the longest line, but little area
    full[2:5, 2:8, 2:8] = True
    got = measured(Grid((7, 9, 30)), Mask.cut(full))
    assert got.best_k == 3
    assert got.long_axis_mm < 9


def test_an_array_that_runs_backwards_measures_the_same_in_patient_space() -> None:
    grid = Grid(SHAPE, (0.0, 0.0, 0.0), (1.5, 0.7, 0.7))
    mask = ellipsoid(grid, grid.to_lps((20.0, 35.0, 35.0)), (9.0, 5.0, 7.0), 20)
    axes_kji = ((0.0, 0.0, -1.0), (0.0, 1.0, 0.0), (-1.0, 0.0, 0.0))
    last = grid.to_lps((SHAPE[0] - 1, 0, SHAPE[2] - 1))
    backwards = Grid(SHAPE, (last[0], last[1], last[2]), grid.spacing_kji_mm, axes_kji)
    there, back = measured(grid, mask), measured(backwards, Mask.cut(mask.full(SHAPE)[::-1, :, ::-1]))
    assert np.allclose(there.center_lps_mm, back.center_lps_mm)
    assert np.allclose(there.box_lps_mm, back.box_lps_mm)
    assert (there.long_axis_mm, there.short_axis_mm) == pytest.approx((back.long_axis_mm, back.short_axis_mm))


def test_an_empty_mask_cannot_be_measured() -> None:
    with pytest.raises(ValueError, match="empty"):
        measure(np.zeros((2, 2, 2), np.int16), Grid((2, 2, 2)), Mask((0, 0, 0), np.zeros((1, 1, 1), bool)))


blobs = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=1, max_size=30)


@settings(max_examples=60)
@given(blobs, st.floats(0.3, 2.0), st.floats(0.3, 2.0))
def test_no_two_edge_points_are_further_apart_than_the_long_axis(
    pixels: list[tuple[int, int]], row_mm: float, column_mm: float
) -> None:
    area = np.zeros((13, 13), bool)
    area[tuple(np.transpose(pixels))] = True
    long_mm, short_mm = axes(area, row_mm, column_mm)
    steps = EDGE_PIXELS * np.array([[1, 0], [-1, 0], [0, 1], [0, -1]])
    edge = ((np.argwhere(area)[:, None] + steps).reshape(-1, 2)) * (row_mm, column_mm)
    apart = np.linalg.norm(edge[:, None] - edge[None], axis=-1).max()
    length, width = (float(np.linalg.norm(line[1] - line[0])) for line in (long_mm, short_mm))
    assert length == pytest.approx(apart)
    assert 0 < width <= length + 1e-9
    assert abs((long_mm[1] - long_mm[0]) @ (short_mm[1] - short_mm[0])) < 1e-6


def test_the_hull_of_a_square_with_points_inside_is_its_corners() -> None:
    points = np.array([[0, 0], [0, 2], [2, 0], [2, 2], [1, 1], [0, 1], [1.5, 0.5]], float)
    assert {tuple(corner) for corner in convex_hull(points)} == {(0, 0), (0, 2), (2, 0), (2, 2)}
