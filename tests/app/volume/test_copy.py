import numpy as np
import pytest

from medviewer.app.volume import copy as volume_copy
from medviewer.app.volume.copy import Source
from medviewer.core.grid import Grid
from tests.app.volumes import AIR_HU, BONE_HU, MIDDLE_LPS_MM, ball_voxels, grid_of


def source_of(voxels: np.ndarray, grid: Grid, is_ct: bool = True) -> Source:
    return Source(voxels, grid, 1.0, 0.0, is_ct)


def ball_on_a_table() -> tuple[Source, Grid]:
    grid = grid_of()
    voxels = ball_voxels(grid, MIDDLE_LPS_MM, 24.0)
    voxels[:, 37:39, :] = 300  # two rows, 4 mm, at the back; 10 mm of air above it
    return source_of(voxels, grid), grid


def test_a_volume_that_is_small_enough_is_not_copied() -> None:
    voxels = np.zeros((32, 40, 40), np.int16)
    assert source_of(voxels, grid_of()).copy(True, "all", 0.0).voxels is voxels


def test_a_large_volume_becomes_the_means_of_blocks_where_they_belong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(volume_copy, "MOST_COARSE", 3000)
    grid = Grid((5, 40, 40), (1.0, 2.0, 3.0), (5.0, 1.0, 1.0))
    k, j, i = np.meshgrid(*map(np.arange, grid.shape_kji), indexing="ij")
    source = source_of((100 * k + 10 * j + 2 * i).astype(np.int16), grid)
    copy = source.coarse
    assert copy.voxels.shape == (5, 20, 20)  # slices 5 mm apart are not thinned before pixels of 1 mm
    assert copy.voxels[2, 3, 4] == 200 + 10 * 6.5 + 2 * 8.5
    assert copy.grid.to_lps((2, 3, 4)) == pytest.approx(grid.to_lps((2, 6.5, 8.5)))
    assert source.detail(full=False) == 2
    assert source.detail(full=True) == 1


def test_the_table_and_what_is_on_it_are_told_apart() -> None:
    source, _grid = ball_on_a_table()
    kept = source.copy(True, "body", -1024.0).voxels
    assert kept[16, 20, 20] == BONE_HU
    assert (kept[:, 37:39, :] == 300).sum() == 0
    assert (kept == BONE_HU).sum() == (source.voxels == BONE_HU).sum()


def test_without_the_skin_the_middle_stays_and_all_around_has_the_value_asked_for() -> None:
    source, _grid = ball_on_a_table()
    kept = source.copy(True, "inside", 7.0).voxels
    assert kept[16, 20, 20] == BONE_HU
    assert kept[16, 20, 9] == 7  # 22 mm from the middle, 2 mm under the surface
    assert kept[16, 0, 0] == 7


def test_the_volumes_own_voxels_stay_as_they_are() -> None:
    source, _grid = ball_on_a_table()
    before = source.voxels.copy()
    source.copy(True, "body", -1024.0)
    assert np.array_equal(source.voxels, before)


def test_the_span_is_that_of_the_body_and_not_of_the_air() -> None:
    grid = grid_of()
    voxels = ball_voxels(grid, MIDDLE_LPS_MM, 24.0).astype(np.int32)
    bright = (voxels == BONE_HU) * 10  # 0 around, 10 in the ball
    span = Source(bright.astype(np.int16), grid, 2.0, 5.0, is_ct=False).span
    assert span.high == 25.0
    assert AIR_HU < span.low <= 25.0


def test_what_is_kept_is_smoothed_by_as_many_millimetres_in_every_direction() -> None:
    grid = Grid((21, 41, 41), spacing_kji_mm=(4.0, 1.0, 1.0))
    voxels = np.full(grid.shape_kji, 0, np.int16)
    voxels[10, 20, 20] = 10_000
    made = source_of(voxels, grid, is_ct=False).copy(True, "body", 0.0, 1.0).voxels
    assert made[10, 20, 21] == made[10, 21, 20]
    assert made[10, 20, 21] / made[10, 20, 20] == pytest.approx(np.exp(-0.5), abs=0.01)  # a sigma away
    assert made[11, 20, 20] == 0  # four sigmas away


def test_a_coarse_copy_is_not_smoothed_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(volume_copy, "MOST_COARSE", 3000)
    source, _grid = ball_on_a_table()
    plain, smoothed = (source.copy(False, "body", AIR_HU, sigma).voxels for sigma in (0.0, 1.0))
    assert np.array_equal(plain, smoothed)
