"""A bent plane straightens what it follows: lengths along it and calibres across it are true."""

from itertools import permutations, product

import numpy as np
import pytest
from numpy.typing import NDArray

from medviewer.core.finding import Point
from medviewer.core.grid import Grid
from medviewer.imaging.curved import curved_geometry, normal_of, smooth_line, straightened, warm
from medviewer.imaging.kernels import blend_rows, blend_runs, sample_columns, sample_planes
from medviewer.imaging.reslice import nearest

BEND_MM, TUBE_MM, HEIGHT_MM = 30.0, 4.0, 6.0  # radius of the bend, radius of the tube, its height in the patient
NONE = -32000


def laid(order: tuple[int, ...], signs: tuple[int, ...]) -> Grid:
    """Half a millimetre by one by 0.8, along the patient's axes in any order and direction, around (0, 0, 0)."""
    axes = np.eye(3)
    rows = tuple(tuple(float(v) for v in axes[n] * sign) for n, sign in zip(order, signs, strict=True))
    spacing = np.array([0.5, 1.0, 0.8])
    shape = tuple(int(90 / mm) for mm in spacing)
    origin = -((np.array(shape) - 1) / 2 * spacing) @ np.asarray(rows)
    return Grid(shape, tuple(origin.tolist()), tuple(spacing.tolist()), rows)  # type: ignore[arg-type]


def places(grid: Grid) -> NDArray[np.float64]:
    return grid.to_lps(np.moveaxis(np.indices(grid.shape_kji), 0, -1))


def tube(grid: Grid) -> NDArray[np.int16]:
    """A half circle of radius BEND_MM around the patient's axis at HEIGHT_MM: 1000 * (1 - (r / TUBE_MM)²) inside."""
    x, y, z = np.moveaxis(places(grid), -1, 0)
    away_mm = np.hypot(np.hypot(x, y) - BEND_MM, z - HEIGHT_MM)
    values: NDArray[np.int16] = np.rint(np.clip(1000 * (1 - (away_mm / TUBE_MM) ** 2), 0, None)).astype(np.int16)
    return values


def drawn(count: int = 9) -> tuple[Point, ...]:
    """Points along the middle of the tube, from the patient's right over the back to the left."""
    return tuple((-BEND_MM * np.cos(a), BEND_MM * np.sin(a), HEIGHT_MM) for a in np.linspace(0, np.pi, count))


GRIDS = [laid(order, signs) for order, signs in product(permutations(range(3)), product((1, -1), repeat=3))]


@pytest.mark.parametrize("grid", GRIDS[::7])
def test_a_bent_tube_becomes_a_straight_one_of_its_length_and_calibre(grid: Grid) -> None:
    where = curved_geometry(grid, drawn())
    picture = straightened(tube(grid), grid, where, outside=NONE)
    middle = picture[round(where.first_row)]
    assert where.spacing_mm == (0.5, 0.5)
    assert where.length_mm == pytest.approx(np.pi * BEND_MM, abs=0.6)  # a column less than half a circle at most
    assert middle[2:-2].min() > 950  # the middle of the tube all along
    half_high_mm = np.count_nonzero(picture[:, 10:-10] > 500, axis=0) * 0.5
    assert np.abs(half_high_mm - np.sqrt(2) * TUBE_MM).max() <= 0.8  # half as bright at r = TUBE_MM / sqrt(2)
    rows = np.argmax(picture[:, 10:-10], axis=0)
    assert np.ptp(rows) <= 1


@pytest.mark.parametrize("grid", GRIDS[::11])
def test_a_row_beside_the_line_shows_the_tubes_wall(grid: Grid) -> None:
    where = curved_geometry(grid, drawn())
    picture = straightened(tube(grid), grid, where)
    for off_mm in (-2.0, 2.0):
        row = picture[round(where.first_row + off_mm / 0.5), 10:-10]
        assert np.median(row) == pytest.approx(750, abs=40)


@pytest.mark.parametrize("grid", GRIDS[::5])
def test_pixels_go_to_places_on_the_bent_plane_and_back(grid: Grid) -> None:
    where = curved_geometry(grid, drawn())
    xy = np.array([[0.0, 0.0], [40.25, 12.5], [100.0, 55.75], [where.shape[1] - 1.0, 3.0]])
    lps_mm = where.to_lps(xy)
    assert np.allclose(np.hypot(lps_mm[:, 0], lps_mm[:, 1]), BEND_MM, atol=0.15)
    assert np.allclose(where.to_xy(lps_mm), xy, atol=0.01)
    assert np.allclose(where.distance_mm(lps_mm), 0.0, atol=0.01)


def test_the_picture_is_laid_as_readers_expect_whichever_way_it_was_drawn() -> None:
    there, back = (curved_geometry(GRIDS[0], points) for points in (drawn(), drawn()[::-1]))
    assert there.edges == back.edges == {"left": "A", "right": "A", "top": "H", "bottom": "F"}
    assert np.allclose(there.line[0], (-BEND_MM, 0.0, HEIGHT_MM), atol=0.01)
    assert np.allclose(back.line[0], (-BEND_MM, 0.0, HEIGHT_MM), atol=0.51)  # begins where the last column fell


def test_places_behind_the_bent_plane_are_further_from_the_reader() -> None:
    where = curved_geometry(GRIDS[0], drawn())
    assert where.distance_mm((0.0, BEND_MM + 5.0, HEIGHT_MM)) == pytest.approx(5.0, abs=0.1)  # seen from inside
    assert where.distance_mm((0.0, BEND_MM - 5.0, HEIGHT_MM)) == pytest.approx(-5.0, abs=0.1)


def test_a_slab_across_the_line_holds_what_is_beside_it() -> None:
    grid = GRIDS[0]
    voxels = tube(grid)
    dot = np.rint(grid.to_kji((0.0, BEND_MM + 7.0, HEIGHT_MM + 8.0))).astype(int)
    voxels[tuple(slice(n - 1, n + 2) for n in dot)] = 3000
    where = curved_geometry(grid, drawn())
    assert straightened(voxels, grid, where).max() <= 1000
    assert straightened(voxels, grid, where, slab_mm=10.0, blend="max").max() <= 1000
    assert straightened(voxels, grid, where, slab_mm=16.0, blend="max").max() > 2000


def test_a_smooth_line_runs_through_its_points_at_even_steps() -> None:
    points = ((0.0, 0.0, 0.0), (10.0, 0.0, 0.0), (10.0, 10.0, 5.0), (0.0, 12.0, 5.0))
    line = smooth_line(points, 0.25)
    assert np.allclose(np.linalg.norm(np.diff(line, axis=0), axis=1), 0.25, atol=0.01)
    for point in points:
        assert np.linalg.norm(line - point, axis=1).min() < 0.26
    straight = smooth_line(((0.0, 0.0, 0.0), (3.0, 4.0, 0.0)), 1.0)
    assert np.allclose(straight, np.arange(6)[:, None] * (0.6, 0.8, 0.0))


def test_a_line_of_one_place_is_none() -> None:
    with pytest.raises(ValueError, match="two places"):
        smooth_line(((1.0, 2.0, 3.0), (1.0, 2.0, 3.0)), 1.0)


def test_the_rows_run_across_the_plane_that_was_drawn_on() -> None:
    grid = GRIDS[0]
    on_sagittal = ((5.0, 0.0, 40.0), (5.0, 8.0, 0.0), (5.0, 0.0, -40.0))
    assert abs(normal_of(on_sagittal, grid) @ (1, 0, 0)) == pytest.approx(1.0)
    assert abs(normal_of(((0.0, 0.0, 0.0), (10.0, 0.0, 0.0)), grid) @ (0, 0, 1)) == pytest.approx(1.0)
    spine = curved_geometry(grid, on_sagittal)
    assert spine.edges["left"][0] == "H"  # a line down the spine begins at the head
    assert spine.edges["right"][0] == "F"


def test_unread_slices_and_what_is_outside_stay_black() -> None:
    grid = Grid((20, 40, 40), (-20.0, -20.0, 0.0))
    voxels = np.full(grid.shape_kji, 7, np.int16)
    ready = np.ones(20)
    ready[5] = 0
    where = curved_geometry(grid, ((-10.0, 0.0, 12.0), (0.0, 4.0, 12.0), (10.0, 0.0, 12.0)))
    picture = straightened(voxels, grid, where, ready=ready.astype(bool), outside=NONE)
    z = where.to_lps(np.stack([np.zeros(where.shape[0]), np.arange(where.shape[0])], axis=-1))[:, 2]
    black = (z < -0.5) | (z > 19.5) | ((z > 4.0 + 1e-6) & (z < 6.0 - 1e-6))
    assert black.any()
    assert np.array_equal(np.all(picture == NONE, axis=1), black)
    assert np.array_equal(np.any(picture == 7, axis=1), ~black)


def test_masks_are_straightened_by_their_nearest_voxels() -> None:
    grid = GRIDS[3]
    mask = tube(grid) > 500
    where = curved_geometry(grid, drawn())
    rows, columns = np.indices(where.shape)
    kji = np.rint(grid.to_kji(where.to_lps(np.stack([columns, rows], axis=-1)))).astype(int)
    inside = np.all((kji >= 0) & (kji < grid.shape_kji), axis=-1)
    shown = nearest(mask, grid, where)
    assert np.array_equal(shown[inside], mask[tuple(kji[inside].T)])
    assert not shown[~inside].any()
    assert np.ptp(np.count_nonzero(shown[:, 10:-10], axis=0)) <= 3


def test_everything_compiled_can_be_made_ready_beforehand() -> None:
    warm()
    assert all(loop.signatures for loop in (sample_planes, sample_columns, blend_rows, blend_runs))
