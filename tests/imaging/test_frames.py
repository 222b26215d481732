"""Frames of three directions turn as asked, and their planes cover the volume."""

import numpy as np
import pytest

from medviewer.core.grid import Grid
from medviewer.imaging import frames, reslice
from medviewer.imaging.reslice import ORIENTATIONS, Orientation
from tests.imaging.test_reslice import EDGES, tilted, turned_grids

SLANTED = Grid((7, 8, 9), axes_kji_lps=((0.0, -0.6, 0.8), (0.0, 0.8, 0.6), (1.0, 0.0, 0.0)))
GRID = Grid((30, 40, 50), (-20.0, -10.0, 5.0), (2.0, 0.8, 0.7))


@pytest.mark.parametrize("grid", turned_grids()[:-1])
def test_the_upright_frame_looks_to_head_back_and_left_however_the_array_lies(grid: Grid) -> None:
    assert np.allclose(frames.upright(grid), [[0, 0, 1], [0, 1, 0], [1, 0, 0]])


@pytest.mark.parametrize("grid", [*turned_grids()[:-1], SLANTED])
def test_a_frame_at_rest_shows_the_planes_of_the_array(grid: Grid) -> None:
    for orientation in ORIENTATIONS:
        where = frames.stack_plane(grid, frames.upright(grid), orientation, 0, 1)
        flat = reslice.geometry(grid, orientation, 0)
        assert np.allclose(where.right_lps, flat.right_lps)
        assert np.allclose(where.down_lps, flat.down_lps)
        assert where.edges == flat.edges


def test_a_right_hand_turn_about_the_head_brings_left_to_back() -> None:
    turned = frames.turned_about(frames.upright(GRID), (0, 0, 1), np.pi / 2)  # L is +x, P is +y
    assert np.allclose(turned, [[0, 0, 1], [-1, 0, 0], [0, 1, 0]])


def test_the_shortest_turn_brings_one_direction_to_the_other() -> None:
    rng = np.random.default_rng(3)
    for _each in range(20):
        start, end = (v / np.linalg.norm(v) for v in rng.normal(size=(2, 3)))
        turn = frames.shortest(start, end)
        assert np.allclose(turn @ start, end)
        assert np.allclose(turn @ np.cross(start, end), np.cross(start, end))
    assert np.allclose(frames.shortest(np.array([0, 0, 1.0]), np.array([0, 0, -1.0])) @ [0, 0, 1], [0, 0, -1])


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_a_picture_does_not_turn_in_itself(orientation: Orientation) -> None:
    rest = frames.upright(GRID)
    turned = frames.turned_about(rest, rest[ORIENTATIONS.index(orientation)], 0.7)
    assert frames.stack_plane(GRID, turned, orientation, 3, 9).edges == EDGES[orientation]
    flat, spun = (frames.stack_plane(GRID, axes, orientation, 3, 9) for axes in (rest, turned))
    assert np.allclose(flat.to_lps([4, 5]), spun.to_lps([4, 5]))


def test_a_tilted_coronal_plane_has_two_letters() -> None:
    turned = frames.turned_about(frames.upright(GRID), (0, 0, 1), np.deg2rad(30))
    edges = frames.stack_plane(GRID, turned, "coronal", 0, 1).edges
    assert edges == {"left": "RA", "right": "LP", "top": "H", "bottom": "F"}


@pytest.mark.parametrize("grid", [GRID, tilted()])
@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_every_plane_is_as_wide_as_the_volume_in_square_pixels(grid: Grid, orientation: Orientation) -> None:
    frame = frames.turned_about(frames.turned_about(frames.upright(grid), (1, 0, 0), 0.4), (0, 0, 1), 0.9)
    where = frames.stack_plane(grid, frame, orientation, 4, 9)
    assert where.spacing_mm == (0.7, 0.7)
    xy = where.to_xy(frames.corners_of(grid))
    rows, columns = where.shape
    assert xy.min() >= -0.5 - 1e-6
    assert np.all(xy.max(axis=0) <= (columns - 0.5 + 1e-6, rows - 0.5 + 1e-6))
    assert np.all(xy.max(axis=0) >= (columns - 1.5 - 1e-6, rows - 1.5 - 1e-6))  # and no wider than it must be
    assert where.distance_mm(frames.middle_of(grid)) == pytest.approx(0.0, abs=1e-9)


def test_pictures_of_long_bodies_stay_of_a_size_that_can_be_drawn() -> None:
    where = frames.stack_plane(Grid((50, 50, 9000)), frames.upright(GRID), "axial", 0, 1)
    assert max(where.shape) <= 2048
    assert where.shape[1] * where.spacing_mm[1] == pytest.approx(9000, rel=0.01)
