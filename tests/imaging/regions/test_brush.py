"""Which voxels a round brush covers, in mm, on any grid and plane."""

import math
from dataclasses import replace

import numpy as np
import pytest

from medviewer.core.grid import Grid
from medviewer.imaging.regions.brush import Tip, sweep

GRID = Grid((20, 120, 100), (-30.0, 10.0, 5.0), (2.5, 0.8, 0.6))
HEAD = (0.0, 0.0, 1.0)


def painted(grid: Grid, tip: Tip, start: tuple[float, ...], end: tuple[float, ...]) -> np.ndarray:
    full = np.zeros(grid.shape_kji, np.bool_)
    swept = sweep(grid, tip, grid.to_lps(start), grid.to_lps(end))
    if swept is not None:
        full[swept[0]] = swept[1]
    return full


def test_a_dab_is_a_disc_in_mm_on_one_slice() -> None:
    full = painted(GRID, Tip(9.0, HEAD), (7, 60, 50), (7, 60, 50))
    assert np.flatnonzero(full.any(axis=(1, 2))).tolist() == [7]
    assert np.count_nonzero(full) * 0.8 * 0.6 == pytest.approx(math.pi * 81.0, rel=0.01)
    assert np.count_nonzero(full[7, 60]) == 2 * 15 + 1  # 9 mm are 15 columns
    assert np.count_nonzero(full[7, :, 50]) == 2 * 11 + 1  # and 11 rows


def test_a_stroke_covers_everything_on_its_way() -> None:
    full = painted(GRID, Tip(3.0, HEAD), (7, 20, 20), (7, 80, 70))
    length_mm = math.hypot(60 * 0.8, 50 * 0.6)
    assert np.count_nonzero(full) * 0.48 == pytest.approx(6.0 * length_mm + math.pi * 9.0, rel=0.02)
    assert full[7, 50, 45]


@pytest.mark.parametrize(("normal", "axis"), [((0.0, 1.0, 0.0), 1), ((1.0, 0.0, 0.0), 2)])
def test_on_other_planes_it_paints_one_layer_across_the_slices(normal: tuple[float, float, float], axis: int) -> None:
    full = painted(GRID, Tip(8.0, normal), (10, 60, 50), (10, 60, 50))
    layers = np.flatnonzero(full.any(axis=tuple(a for a in range(3) if a != axis)))
    assert layers.tolist() == [(10, 60, 50)[axis]]
    assert np.count_nonzero(full.any(axis=(1, 2))) == 7  # 8 mm are 3 slices up and down


def test_a_ball_goes_through_the_slices() -> None:
    full = painted(GRID, Tip(10.0), (10, 60, 50), (10, 60, 50))
    assert np.count_nonzero(full) * GRID.voxel_mm3 == pytest.approx(4.0 / 3.0 * math.pi * 1000.0, rel=0.02)


def test_the_smallest_brush_paints_the_voxel_under_the_mouse() -> None:
    full = painted(GRID, Tip(0.1, HEAD), (7.3, 60.4, 49.6), (7.3, 60.4, 49.6))
    assert np.argwhere(full).tolist() == [[7, 60, 50]]


def test_nothing_is_painted_outside_and_the_edge_is_kept() -> None:
    assert sweep(GRID, Tip(5.0, HEAD), GRID.to_lps((7, 300, 50)), GRID.to_lps((7, 320, 50))) is None
    full = painted(GRID, Tip(5.0, HEAD), (7, 0, 0), (7, 0, 0))
    corner = [(j, i) for j in range(20) for i in range(20) if (0.8 * j) ** 2 + (0.6 * i) ** 2 <= 25.0]
    assert np.argwhere(full[7]).tolist() == [list(at) for at in corner]


def test_an_oblique_disc_is_flat_and_hangs_together() -> None:
    grid = Grid((60, 60, 60))
    normal = np.array([0.0, 1.0, 1.0]) / math.sqrt(2.0)
    full = painted(grid, Tip(12.0, tuple(normal.tolist())), (30, 30, 30), (30, 30, 30))
    away = (np.argwhere(full) - 30) @ np.array([1.0, 1.0, 0.0]) / math.sqrt(2.0)
    assert np.abs(away).max() < 1.0
    assert full.any(axis=(1, 2)).sum() == 17  # 12 mm at 45 degrees reach 8 slices up and down


def test_a_tilted_grid_gets_its_own_slice_only() -> None:
    tilted = replace(GRID, axes_kji_lps=((0.0, 0.3, 0.954), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0)))
    full = painted(tilted, Tip(9.0, HEAD), (7, 60, 50), (7, 60, 50))
    assert np.flatnonzero(full.any(axis=(1, 2))).tolist() == [7]
