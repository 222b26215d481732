"""A tilted stack comes back straight: round things round, at their place, nothing lost."""

from dataclasses import replace

import numpy as np
import pytest

from medviewer.core.grid import Grid
from medviewer.core.job import Job
from medviewer.core.problem import Cancelled, Problem
from medviewer.core.shared import SharedArray
from medviewer.core.study import Check, Header, Series
from medviewer.core.volume import FAILED, PENDING, READY, Volume
from medviewer.i18n import N_
from medviewer.imaging.straighten import straightened

BALL_LPS_MM, DIAMETER_MM = np.array([6.3, -4.2, 11.7]), 24.0
MARK_LPS_MM = np.array([20.3, -18.2, 11.7])  # left and front of it
TILT = Check("gantry-tilt", "stop", N_("Tilted."))


def tilted_grid(deg: float, sideways: float = 0.0, shape: tuple[int, int, int] = (48, 90, 80)) -> Grid:
    """A stack along the body's axis of slices turned by ``deg`` about the left-right axis."""
    angle = np.radians(deg)
    down = (0.0, float(np.cos(angle)), float(np.sin(angle)))
    along = np.array([sideways, 0.0, 1.0])
    x, y, z = (along / np.linalg.norm(along)).tolist()
    return Grid(shape, (-28.0, -32.0, -20.0), (1.25, 0.7, 0.7), ((x, y, z), down, (1.0, 0.0, 0.0)))


def ball(grid: Grid) -> np.ndarray:
    """A ball in air with a small one at its left and front, as int16 HU; edges one voxel wide."""
    places = grid.to_lps(np.moveaxis(np.indices(grid.shape_kji), 0, -1))
    away_mm = np.linalg.norm(places - BALL_LPS_MM, axis=-1)
    mark_mm = np.linalg.norm(places - MARK_LPS_MM, axis=-1)
    share = np.clip((DIAMETER_MM / 2 - away_mm) / 0.7 + 0.5, 0, 1) + np.clip((3.0 - mark_mm) / 0.7 + 0.5, 0, 1)
    return np.asarray(np.rint(-1000 + 1040 * np.clip(share, 0, 1)), dtype=np.int16)


def volume_of(grid: Grid, voxels: np.ndarray, *checks: Check, unit: str = "HU") -> Volume:
    headers = tuple(Header("", str(k), "", "s", "1.2", "CT") for k in range(grid.shape_kji[0]))
    block, state = SharedArray.make(voxels.shape, "int16"), SharedArray.make(voxels.shape[:1], "uint8")
    block.array[...], state.array[...] = voxels, READY
    return Volume(Series("1.2", headers, checks, grid), grid, block, state, unit=unit, regular=False)


def extent_mm(inside: np.ndarray, spacing_mm: tuple[float, ...]) -> list[float]:
    """Longest run along each axis through the middle, from the sum of a soft edge."""
    middle = [round(float(v)) for v in np.argwhere(inside > 0.5).mean(axis=0)]
    lines = [inside[:, middle[1], middle[2]], inside[middle[0], :, middle[2]], inside[middle[0], middle[1], :]]
    return [float(line.sum()) * mm for line, mm in zip(lines, spacing_mm, strict=True)]


@pytest.mark.parametrize("deg", [-18.5, 18.5])
def test_a_ball_comes_back_round_and_where_it_was(deg: float) -> None:
    grid = tilted_grid(deg)
    straight = straightened(volume_of(grid, ball(grid), TILT), Job())
    share = (straight.voxels.astype(float) + 1000) / 1040
    share[:, :, int(straight.grid.to_kji(MARK_LPS_MM)[2]) - 2 :] = 0  # without the mark at its side
    for size_mm in extent_mm(share, straight.grid.spacing_kji_mm):
        assert size_mm == pytest.approx(DIAMETER_MM, rel=0.02)
    weight = np.clip(share, 0, 1)
    center_kji = [float((weight * index).sum() / weight.sum()) for index in np.indices(weight.shape)]
    assert np.linalg.norm(straight.grid.to_lps(center_kji) - BALL_LPS_MM) < 0.5
    straight.close()


@pytest.mark.parametrize("sideways", [0.0, 0.2])
def test_every_voxel_is_where_it_was_in_the_patient(sideways: float) -> None:
    grid = tilted_grid(-18.5, sideways)
    straight = straightened(volume_of(grid, ball(grid), TILT), Job())
    away = np.abs(straight.voxels.astype(int) - ball(straight.grid))
    inside = straight.voxels > -1024
    assert inside.sum() == pytest.approx(np.prod(grid.shape_kji), rel=1e-3)  # but for a few between ball and border
    assert np.percentile(away[inside], 99.5) < 60
    mark = straight.grid.to_kji(MARK_LPS_MM)
    assert straight.voxels[tuple(np.rint(mark).astype(int))] > 0
    straight.close()


def test_the_straight_grid_is_at_right_angles_and_holds_every_corner() -> None:
    grid = tilted_grid(-18.5, 0.1)
    straight = straightened(volume_of(grid, ball(grid), TILT), Job())
    axes = np.asarray(straight.grid.axes_kji_lps)
    assert np.allclose(axes @ axes.T, np.eye(3), atol=1e-6)
    assert straight.grid.axes_kji_lps[1:] == grid.axes_kji_lps[1:]
    for corner in np.ndindex(2, 2, 2):
        kji = np.array(corner) * (np.array(grid.shape_kji) - 1)
        assert straight.grid.contains(straight.grid.to_kji(grid.to_lps(kji)))
    straight.close()


def test_slices_that_move_by_whole_pixels_keep_their_values() -> None:
    grid = replace(tilted_grid(0), axes_kji_lps=((0.0, 0.28, 0.96), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0)))
    grid = replace(grid, spacing_kji_mm=(2.5, 0.7, 0.7))
    rng = np.random.default_rng(7)
    voxels = rng.integers(-900, 900, grid.shape_kji).astype(np.int16)
    straight = straightened(volume_of(grid, voxels, TILT), Job())
    for k in (0, 1, 47):
        assert np.array_equal(straight.voxels[k, k : k + 90], voxels[k])
    assert straight.grid.spacing_kji_mm[0] == pytest.approx(2.4)
    straight.close()


def test_what_was_not_scanned_is_air_and_without_hounsfield_the_smallest_value() -> None:
    grid = tilted_grid(-18.5)
    straight = straightened(volume_of(grid, ball(grid), TILT), Job())
    assert straight.voxels.min() == -1024
    other = straightened(volume_of(grid, ball(grid), TILT, unit=""), Job())
    assert other.voxels.min() == -1000
    straight.close()
    other.close()


def test_the_series_says_that_it_was_straightened_and_may_be_measured() -> None:
    grid = tilted_grid(-18.5)
    lossy = Check("lossy", "warning", N_("Lossy."))
    tilted = volume_of(grid, ball(grid), TILT, lossy)
    straight = straightened(tilted, Job())
    assert straight.regular
    assert straight.series.uid == "1.2#straightened"
    assert [check.code for check in straight.series.checks] == ["lossy", "straightened"]
    assert straight.series.grid == straight.grid
    assert straight.series.headers == tilted.series.headers
    assert tilted.series.checks[0] is TILT
    missing = straightened(volume_of(grid, ball(grid), TILT, Check("missing-slices", "stop", N_("Gap."))), Job())
    assert not missing.regular
    straight.close()
    missing.close()


def test_a_slice_that_could_not_be_read_stays_empty() -> None:
    grid = tilted_grid(-18.5)
    tilted = volume_of(grid, ball(grid), TILT)
    tilted.state[5] = FAILED
    straight = straightened(tilted, Job())
    assert straight.state[5] == FAILED
    assert (straight.voxels[5] == -1024).all()
    straight.close()


def test_it_refuses_what_cannot_be_straightened() -> None:
    grid = tilted_grid(-18.5)
    tilted = volume_of(grid, ball(grid), TILT)
    tilted.state[3] = PENDING
    with pytest.raises(Problem, match="still being read"):
        straightened(tilted, Job())
    upright = replace(tilted_grid(0.0))
    with pytest.raises(Problem, match="not tilted"):
        straightened(volume_of(upright, ball(upright)), Job())


def test_it_stops_when_the_reader_cancels() -> None:
    grid = tilted_grid(-18.5)
    job = Job()
    job.cancel()
    with pytest.raises(Cancelled):
        straightened(volume_of(grid, ball(grid), TILT), job)
