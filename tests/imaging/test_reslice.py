"""Planes are shown the usual way round, and their pixels are where they say, whatever way the array lies."""

from itertools import permutations, product

import numpy as np
import pytest
from numpy.typing import NDArray

from medviewer.core.grid import Grid
from medviewer.imaging import reslice
from medviewer.imaging.reslice import ORIENTATIONS, PlaneGeometry
from medviewer.imaging.turn import Turn

USUAL = Grid((7, 8, 9), (-20.0, -30.0, 40.0), (3.0, 0.8, 0.7))
EDGES = {
    "axial": {"left": "R", "right": "L", "top": "A", "bottom": "P"},
    "coronal": {"left": "R", "right": "L", "top": "H", "bottom": "F"},
    "sagittal": {"left": "A", "right": "P", "top": "H", "bottom": "F"},
}


def tilted() -> Grid:
    """Slices tilted by 20 degrees about the left-right axis, as by a gantry (k stays the table's direction)."""
    cos, sin = float(np.cos(np.deg2rad(20))), float(np.sin(np.deg2rad(20)))
    return Grid((7, 8, 9), (5.0, 6.0, 7.0), (3.0, 0.8, 0.7), ((0.0, 0.0, 1.0), (0.0, cos, -sin), (1.0, 0.0, 0.0)))


def turned_grids() -> list[Grid]:
    """Every way to lay an array along the patient's axes: 6 orders × 8 directions, and a tilted one."""
    axes = np.eye(3)
    grids = []
    for order, signs in product(permutations(range(3)), product((1, -1), repeat=3)):
        rows = tuple(tuple(float(v) for v in axes[n] * sign) for n, sign in zip(order, signs, strict=True))
        grids.append(Grid((7, 8, 9), (1.0, 2.0, 3.0), (3.0, 0.8, 0.7), rows))  # type: ignore[arg-type]
    return [*grids, tilted()]


def coordinates(grid: Grid) -> NDArray[np.float64]:
    """The LPS mm of every voxel, (k, j, i, 3)."""
    return grid.to_lps(np.moveaxis(np.indices(grid.shape_kji), 0, -1))


@pytest.mark.parametrize("grid", turned_grids())
def test_each_pixel_is_where_the_geometry_says(grid: Grid) -> None:
    place = coordinates(grid)
    for orientation in ORIENTATIONS:
        index = 2
        where = reslice.geometry(grid, orientation, index)
        pictures = [reslice.plane(place[..., n], grid, orientation, index) for n in range(3)]
        assert pictures[0].shape == where.shape
        rows, columns = np.indices(where.shape)
        assert np.allclose(where.to_lps(np.stack([columns, rows], axis=-1)), np.stack(pictures, axis=-1))


@pytest.mark.parametrize("grid", turned_grids()[:-1])
@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_every_array_is_shown_the_usual_way_round(grid: Grid, orientation: reslice.Orientation) -> None:
    assert reslice.geometry(grid, orientation, 0).edges == EDGES[orientation]


def test_a_plane_is_a_view_without_a_copy() -> None:
    voxels = np.zeros(USUAL.shape_kji, np.int16)
    for orientation in ORIENTATIONS:
        assert np.shares_memory(reslice.plane(voxels, USUAL, orientation, 1), voxels)


def test_an_axial_plane_of_a_usual_ct_is_the_slice_itself() -> None:
    voxels = np.arange(7 * 8 * 9, dtype=np.int16).reshape(7, 8, 9)
    assert np.array_equal(reslice.plane(voxels, USUAL, "axial", 3), voxels[3])
    assert np.array_equal(reslice.plane(voxels, USUAL, "coronal", 3), voxels[::-1, 3])
    assert np.array_equal(reslice.plane(voxels, USUAL, "sagittal", 3), voxels[::-1, :, 3])


def test_points_go_to_pixels_and_back() -> None:
    where = reslice.geometry(tilted(), "coronal", 4)
    xy = np.array([[0.0, 0.0], [3.25, 1.5], [8.0, 6.0]])
    assert np.allclose(where.to_xy(where.to_lps(xy)), xy)
    assert np.allclose(where.distance_mm(where.to_lps(xy)), 0.0)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("grid", turned_grids(), ids=str)
def test_a_picture_beside_another_is_where_its_own_geometry_says(grid: Grid, orientation: reslice.Orientation) -> None:
    axis = reslice.axis_of(grid, orientation)
    made = reslice.geometry(grid, orientation, 0).beside(4, grid.steps_lps_mm[axis])
    fresh = reslice.geometry(grid, orientation, 4)
    for xy in ([0.0, 0.0], [3.0, 1.5]):
        assert np.allclose(made.to_lps(xy), fresh.to_lps(xy), atol=1e-9)
    at_lps_mm = fresh.to_lps([2.0, 1.0]) + 3.0 * fresh.normal_lps
    assert np.allclose(made.to_xy(at_lps_mm), [2.0, 1.0], atol=1e-9)
    assert made.distance_mm(at_lps_mm) == pytest.approx(3.0)


def test_the_distance_grows_away_from_the_reader() -> None:
    axial = reslice.geometry(USUAL, "axial", 0)
    assert axial.distance_mm(np.add(axial.origin_lps_mm, (0, 0, 5))) == pytest.approx(5.0)  # seen from the feet
    coronal = reslice.geometry(USUAL, "coronal", 0)
    assert coronal.distance_mm(np.add(coronal.origin_lps_mm, (0, 5, 0))) == pytest.approx(5.0)  # from the front
    sagittal = reslice.geometry(USUAL, "sagittal", 0)
    assert sagittal.distance_mm(np.add(sagittal.origin_lps_mm, (-5, 0, 0))) == pytest.approx(5.0)  # from the left


def test_a_point_finds_its_planes() -> None:
    point = USUAL.to_lps((4.2, 5.6, 1.4))
    assert [reslice.index_at(USUAL, orientation, point) for orientation in ORIENTATIONS] == [4, 6, 1]
    assert reslice.index_at(USUAL, "axial", (0, 0, 9999)) == 6
    assert [reslice.count(USUAL, orientation) for orientation in ORIENTATIONS] == [7, 8, 9]


def test_oblique_directions_have_two_letters() -> None:
    assert reslice.letters((0.0, 1.0, 0.1)) == "P"
    assert reslice.letters((-0.8, -0.6, 0.0)) == "RA"
    assert reslice.letters((0.0, 0.6, -0.8)) == "FP"


def test_a_turn_can_be_undone() -> None:
    voxels = np.arange(7 * 8 * 9).reshape(7, 8, 9)
    for grid in turned_grids():
        turn = Turn.of(grid)
        assert np.array_equal(turn.undo(turn.apply(voxels)), voxels)


def ramp(grid: Grid) -> NDArray[np.int16]:
    """Values that grow linearly in space: interpolation must give them back exactly."""
    return np.rint(coordinates(grid) @ [10.0, -20.0, 30.0]).astype(np.int16)


def test_an_oblique_plane_on_a_slice_is_that_slice() -> None:
    voxels = np.random.default_rng(1).integers(-1000, 1000, USUAL.shape_kji).astype(np.int16)
    for orientation in ORIENTATIONS:
        picture = reslice.oblique(voxels, USUAL, reslice.geometry(USUAL, orientation, 3))
        assert np.array_equal(picture, reslice.plane(voxels, USUAL, orientation, 3))


@pytest.mark.parametrize("grid", [USUAL, tilted()])
def test_an_oblique_plane_interpolates_in_space(grid: Grid) -> None:
    where = reslice.turned(reslice.turned(reslice.geometry(grid, "axial", 3), 25, "right"), 15, "down")
    picture = reslice.oblique(ramp(grid), grid, where, outside=-32000)
    rows, columns = np.indices(where.shape)
    place = where.to_lps(np.stack([columns, rows], axis=-1))
    inside = np.all((grid.to_kji(place) >= 0) & (grid.to_kji(place) <= np.asarray(grid.shape_kji) - 1), axis=-1)
    assert inside.sum() > 10
    assert np.abs(picture - place @ [10.0, -20.0, 30.0])[inside].max() <= 1.0
    assert np.all(picture[~reachable(grid, place)] == -32000)


def reachable(grid: Grid, place: NDArray[np.float64]) -> NDArray[np.bool_]:
    kji = grid.to_kji(place)
    near: NDArray[np.bool_] = np.all((kji >= -0.51) & (kji <= np.asarray(grid.shape_kji) - 0.49), axis=-1)
    return near


def test_a_slab_blends_the_layers_around_the_plane() -> None:
    voxels = np.zeros((9, 4, 4), np.int16)
    voxels[:] = np.array([0, 0, 0, 10, 20, 60, 0, 0, 0])[:, None, None]
    grid = Grid((9, 4, 4))
    where = reslice.geometry(grid, "axial", 4)
    assert np.all(reslice.oblique(voxels, grid, where, slab_mm=2.0) == 30)
    assert np.all(reslice.oblique(voxels, grid, where, slab_mm=2.0, blend="max") == 60)
    assert np.all(reslice.oblique(voxels, grid, where, slab_mm=2.0, blend="min") == 10)


def test_a_slab_at_the_rim_counts_only_what_is_inside() -> None:
    grid = Grid((3, 4, 4))
    voxels = np.full(grid.shape_kji, 100, np.int16)
    assert np.all(reslice.oblique(voxels, grid, reslice.geometry(grid, "axial", 0), slab_mm=4.0) == 100)


def test_a_single_slice_can_be_cut_too() -> None:
    grid = Grid((1, 4, 4))
    voxels = np.full(grid.shape_kji, 7, np.int16)
    assert np.all(reslice.oblique(voxels, grid, reslice.geometry(grid, "axial", 0)) == 7)


def test_a_turned_plane_keeps_its_middle_and_stays_square() -> None:
    where = reslice.geometry(USUAL, "axial", 3)
    middle = np.array([(where.shape[1] - 1) / 2, (where.shape[0] - 1) / 2])
    turned: PlaneGeometry = reslice.turned(where, 40, "down")
    assert np.allclose(turned.to_lps(middle), where.to_lps(middle))
    assert abs(np.dot(turned.right_lps, turned.down_lps)) < 1e-12
    assert turned.edges["left"] in ("RH", "RF")
