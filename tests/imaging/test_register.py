"""Registration: a patient that lies elsewhere is found again, and what has nothing in common is refused."""

from dataclasses import replace

import numpy as np
import pytest

from medviewer.core.grid import Grid, triple
from medviewer.core.registration import Matrix
from medviewer.imaging.body import Coarse, body_of, coarse, thinned
from medviewer.imaging.register import GOOD, Fit, register, turn_deg, verdict_of
from medviewer.imaging.similarity import joint_share, similarity
from medviewer.phantom.thorax import make

SHAPE = (56, 64, 64)  # voxels of 5 x 5.4 x 5.4 mm: coarser than in earnest, so that the tests end soon


def turned(k_deg: float, j_deg: float, i_deg: float, shift_mm: tuple[float, float, float]) -> Matrix:
    """A matrix that turns about z, y and x, then shifts."""
    matrix = np.eye(4)
    for degrees, (a, b) in ((k_deg, (0, 1)), (j_deg, (2, 0)), (i_deg, (1, 2))):
        c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
        turn = np.eye(4)
        turn[a, a] = turn[b, b] = c
        turn[a, b], turn[b, a] = -s, s
        matrix = turn @ matrix
    matrix[:3, 3] = shift_mm
    return matrix


def carried(grid: Grid, matrix: Matrix) -> Grid:
    """The same voxels in a patient who lies elsewhere."""
    axes = tuple(triple(matrix[:3, :3] @ np.asarray(axis)) for axis in grid.axes_kji_lps)
    origin = triple(matrix[:3, :3] @ np.asarray(grid.origin_lps_mm) + matrix[:3, 3])
    return replace(grid, origin_lps_mm=origin, axes_kji_lps=axes)


@pytest.fixture(scope="module")
def now() -> Coarse:
    ct = make(1, shape_kji=SHAPE)
    return coarse(*thinned(ct.voxels, ct.grid, 3.0, 1.0, 0.0), is_ct=True)


@pytest.fixture(scope="module")
def before() -> Coarse:
    ct = make(1, prior=True, shape_kji=SHAPE)
    return coarse(*thinned(ct.voxels, ct.grid, 3.0, 1.0, 0.0), is_ct=True)


@pytest.fixture(scope="module")
def shift() -> np.ndarray:
    return np.asarray(make(1, prior=True, shape_kji=(8, 16, 16)).shift_lps_mm)


def error_mm(fit: Fit, truth: Matrix, moving: Coarse) -> float:
    """How far the body is from its true place at worst."""
    body = moving.grid.to_lps(np.argwhere(moving.body)[::20])
    found = np.asarray(fit.matrix)
    off = body @ (found[:3, :3] - truth[:3, :3]).T + found[:3, 3] - truth[:3, 3]
    return float(np.linalg.norm(off, axis=1).max())


def test_a_prior_that_lies_a_little_elsewhere_is_found(now: Coarse, before: Coarse, shift: np.ndarray) -> None:
    truth = np.eye(4)
    truth[:3, 3] = -shift  # the prior's patient lies ``shift`` from today's place
    fit = register(now, before)
    assert fit is not None
    assert error_mm(fit, truth, before) < 1.0
    assert fit.verdict == "good"
    assert fit.similarity > fit.similarity_before
    assert fit.displacement_mm == pytest.approx(np.linalg.norm(shift), abs=1.0)
    assert register(now, before) == fit  # the same answer each time


def test_a_turned_patient_in_another_scanner_is_found(now: Coarse, before: Coarse, shift: np.ndarray) -> None:
    lies = turned(8.0, -3.0, 5.0, (25.0, -118.0, 760.0))
    moved = replace(before, grid=carried(before.grid, lies))
    truth = np.eye(4)
    truth[:3, 3] = -shift
    truth = truth @ np.linalg.inv(lies)
    told: list[float] = []
    fit = register(now, moved, tell=told.append)
    assert fit is not None
    assert turn_deg(np.linalg.inv(truth) @ np.asarray(fit.matrix)) < 1.0
    assert error_mm(fit, truth, moved) < 1.0
    assert fit.verdict == "good"
    assert len(told) > 10
    assert told[-1] > 0.7
    assert max(told) <= 1.0


def test_a_part_of_the_scan_is_found_in_the_whole(now: Coarse, before: Coarse, shift: np.ndarray) -> None:
    """A scan of the lower half only, whose middle is far from that of the whole, as of chest and belly."""
    half = Coarse(before.values[:32], replace(before.grid, shape_kji=(32, *SHAPE[1:])), before.body[:32])
    moved = replace(half, grid=carried(half.grid, turned(0, 0, 0, (0.0, 0.0, 500.0))))
    truth = np.eye(4)
    truth[:3, 3] = -shift - (0.0, 0.0, 500.0)
    fit = register(now, moved)
    assert fit is not None
    assert error_mm(fit, truth, moved) < 1.5


def ball() -> Coarse:
    """Something that is no chest: a full ball of tissue with a bony core."""
    grid = Grid((60, 60, 60), (-90.0, -90.0, 0.0), (3.0, 3.0, 3.0))
    r = np.linalg.norm(grid.to_lps(np.argwhere(np.ones(grid.shape_kji))) - (0.0, 0.0, 90.0), axis=1)
    values = np.where(r < 75, 30.0, -1000.0) + np.where((r < 70) & (r > 62), 900.0, 0.0)
    return coarse(values.reshape(grid.shape_kji).astype(np.float32), grid, is_ct=True)


def test_another_part_of_the_body_is_never_called_good(now: Coarse) -> None:
    fit = register(now, ball())
    assert fit is None or fit.verdict == "doubtful"


def test_air_alone_is_refused(now: Coarse) -> None:
    grid = Grid((30, 30, 30), spacing_kji_mm=(6.0, 6.0, 6.0))
    assert register(now, coarse(np.full(grid.shape_kji, -1000.0, np.float32), grid, is_ct=True)) is None


@pytest.mark.parametrize(("off_mm", "good"), [(0.0, True), (3.0, True), (20.0, False)])
def test_the_limit_of_good_tells_a_fit_from_a_misfit(
    now: Coarse, before: Coarse, shift: np.ndarray, off_mm: float, *, good: bool
) -> None:
    matrix = np.eye(4)
    matrix[:3, 3] = -shift + (off_mm, 0.0, 0.0)
    assert (similarity(now, before, matrix) >= GOOD) == good


def test_the_verdict_wants_likeness_overlap_and_a_patient_on_the_back() -> None:
    assert verdict_of(0.95, 0.9, 5.0, alike=True) == "good"
    assert verdict_of(0.75, 0.9, 5.0, alike=True) == "doubtful"
    assert verdict_of(0.95, 0.3, 5.0, alike=True) == "doubtful"
    assert verdict_of(0.95, 0.9, 40.0, alike=True) == "doubtful"
    assert verdict_of(0.95, 0.9, 5.0, alike=False) == "doubtful"  # CT on MR: the reader looks


def test_likeness_needs_no_equal_values() -> None:
    rng = np.random.default_rng(0)
    grid = Grid((24, 24, 24))
    values = rng.normal(size=grid.shape_kji).astype(np.float32)
    one = Coarse(values, grid, np.ones(grid.shape_kji, np.bool_))
    assert similarity(one, replace(one, values=-3.0 * values), np.eye(4)) > 0.98
    assert similarity(one, replace(one, values=rng.permuted(values)), np.eye(4)) < 0.35  # 32 x 32 classes of 13,824
    assert similarity(one, replace(one, values=np.zeros_like(values)), np.eye(4)) == 0.0


def test_the_joint_share_is_that_of_the_smaller_body() -> None:
    grid = Grid((20, 20, 20), spacing_kji_mm=(2.0, 2.0, 2.0))
    whole = Coarse(np.zeros(grid.shape_kji, np.float32), grid, np.ones(grid.shape_kji, np.bool_))
    half = np.eye(4)
    half[0, 3] = 20.0  # half its width
    assert joint_share(whole, whole, np.eye(4)) == pytest.approx(1.0)
    assert joint_share(whole, whole, half) == pytest.approx(0.5)
    assert joint_share(whole, whole, turned(0, 0, 0, (500.0, 0, 0))) == 0.0


def test_a_coarse_copy_is_the_mean_of_blocks_at_their_middle() -> None:
    voxels = np.arange(5 * 4 * 6, dtype=np.int16).reshape(5, 4, 6)
    values, grid = thinned(voxels, Grid((5, 4, 6), (10.0, 20.0, 30.0), (1.0, 2.0, 1.0)), 2.0, 2.0, 100.0)
    assert values.shape == grid.shape_kji == (2, 4, 3)  # the fifth slice fills no block
    assert values[0, 0, 0] == pytest.approx(2.0 * np.mean([0, 1, 24, 25]) + 100.0)
    assert grid.origin_lps_mm == pytest.approx((10.5, 20.0, 30.5))
    assert grid.spacing_kji_mm == (2.0, 2.0, 2.0)


def test_the_body_is_without_its_table_and_with_its_lungs(now: Coarse) -> None:
    grid = Grid((10, 60, 60), spacing_kji_mm=(3.0, 3.0, 3.0))
    values = np.full(grid.shape_kji, -1000.0, np.float32)
    values[:, 10:40, 10:50] = 40.0  # trunk
    values[:, 15:30, 15:25] = -850.0  # lung
    values[:, 50, :] = 200.0  # table top, one voxel thick
    body = body_of(values, grid, is_ct=True)
    assert body[5, 20, 20]
    assert not body[:, 50].any()
    assert body[5, 25, 30]
    assert 0.3 < now.body.mean() < 0.6


def test_hot_spots_are_not_all_there_is_of_a_body() -> None:
    grid = Grid((12, 40, 40), spacing_kji_mm=(4.0, 4.0, 4.0))
    values = np.random.default_rng(0).uniform(0.0, 0.05, grid.shape_kji).astype(np.float32)
    values[:, 8:32, 8:32] += 1.0  # SUV of muscle
    values[4:7, 18:21, 18:21] = 25.0
    body = body_of(values, grid, is_ct=False)
    assert body[:, 9:31, 9:31].all()
    assert body.mean() < 0.6


def test_a_picture_of_one_value_is_body_all_over() -> None:
    assert body_of(np.zeros((4, 8, 8), np.float32), Grid((4, 8, 8)), is_ct=False).all()
