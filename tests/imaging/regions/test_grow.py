"""Growing, filling between slices, smoothing: volumes against the formulas of the forms that were drawn."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from medviewer.core.grid import Grid
from medviewer.core.mask import Mask
from medviewer.core.problem import Problem
from medviewer.core.shared import SharedArray
from medviewer.imaging.regions.between import fill_between
from medviewer.imaging.regions.gate import default_gate
from medviewer.imaging.regions.grow import Limits, grow
from medviewer.imaging.regions.resample import onto
from medviewer.imaging.regions.smooth import largest, smooth, smooth_slices, without_holes
from medviewer.imaging.regions.work import GateWork, GrowWork, TidyWork

Form = Callable[[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]], NDArray[np.bool_]]
RADIUS_MM = 10.0
BALL_MM3 = 4.0 / 3.0 * math.pi * RADIUS_MM**3
FINE, THIN, THICK = (1.0, 1.0, 1.0), (2.5, 0.7, 0.7), (5.0, 0.7, 0.7)
SIDE_MM = 100.0


def grid_of(spacing_mm: tuple[float, float, float]) -> Grid:
    k, j, i = (round(SIDE_MM / mm) for mm in spacing_mm)
    return Grid((k, j, i), (0.0, 0.0, 0.0), spacing_mm)


def drawn(grid: Grid, form: Form) -> NDArray[np.bool_]:
    """Voxels whose centre is inside a form of z, y, x in mm from the middle of the grid."""
    lines = [(np.arange(n) - n // 2) * mm for n, mm in zip(grid.shape_kji, grid.spacing_kji_mm, strict=True)]
    return np.asarray(form(*np.meshgrid(*lines, indexing="ij")))


def scanned(grid: Grid, inside: NDArray[np.bool_], value: float = 40.0, around: float = -850.0) -> NDArray[np.int16]:
    noise = np.random.default_rng(1).normal(0.0, 20.0, grid.shape_kji)
    return np.rint(np.where(inside, value, around) + noise).astype(np.int16)


def ball(z: NDArray[np.float64], y: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.asarray(z**2 + y**2 + x**2 <= RADIUS_MM**2)


def middle(grid: Grid, off_mm: float = 0.0) -> tuple[int, int, int]:
    k, j, i = (n // 2 for n in grid.shape_kji)
    return k, j, i - round(off_mm / grid.spacing_kji_mm[2])


@pytest.mark.parametrize(("spacing_mm", "tolerance"), [(FINE, 0.01), (THIN, 0.02), (THICK, 0.06)])
@pytest.mark.parametrize("off_mm", [0.0, 6.0])
def test_a_ball_is_grown_to_its_volume(spacing_mm: tuple[float, float, float], tolerance: float, off_mm: float) -> None:
    grid = grid_of(spacing_mm)
    voxels, seed = scanned(grid, drawn(grid, ball)), middle(grid, off_mm)
    grown = grow(voxels, grid, seed, default_gate(voxels, grid, seed))
    assert grown.mask is not None
    assert grown.stop == ""
    assert grown.mask.count * grid.voxel_mm3 == pytest.approx(BALL_MM3, rel=tolerance)


def with_tube(z: NDArray[np.float64], y: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.bool_]:
    return ball(z, y, x) | ((z**2 + y**2 <= 9.0) & (x > 0.0))


def with_wall(z: NDArray[np.float64], y: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.bool_]:
    return ball(z, y, x) | (x > 9.0)


@pytest.mark.parametrize("spacing_mm", [FINE, THIN, THICK])
@pytest.mark.parametrize("form", [with_tube, with_wall])
@pytest.mark.parametrize("off_mm", [0.0, 6.0])
def test_a_leak_is_stopped_at_its_neck(spacing_mm: tuple[float, float, float], form: Form, off_mm: float) -> None:
    grid = grid_of(spacing_mm)
    voxels, seed = scanned(grid, drawn(grid, form)), middle(grid, off_mm)
    grown = grow(voxels, grid, seed, (-400, 400))
    assert grown.mask is not None
    assert grown.stop == "leak"
    assert grown.radius_mm == pytest.approx(RADIUS_MM + off_mm, abs=3.0)
    assert grown.mask.count == pytest.approx(np.count_nonzero(drawn(grid, ball)), rel=0.11)  # thin caps may go


def test_without_the_guard_the_tube_is_taken_too() -> None:
    grid = grid_of(FINE)
    inside = drawn(grid, with_tube)
    grown = grow(scanned(grid, inside), grid, middle(grid), (-400, 400), guard=False)
    assert grown.mask is not None
    assert grown.stop == ""
    assert grown.mask.count == np.count_nonzero(inside)


def test_a_vessel_is_no_leak_of_itself() -> None:
    grid = grid_of(FINE)
    inside = drawn(grid, lambda z, y, _x: z**2 + y**2 <= 25.0)
    grown = grow(scanned(grid, inside), grid, middle(grid), (-400, 400))
    assert grown.mask is not None
    assert grown.stop == ""
    assert grown.mask.count == np.count_nonzero(inside)


def test_growing_stops_at_its_radius_and_says_so() -> None:
    grid = grid_of(FINE)
    everything = np.zeros(grid.shape_kji, np.int16)
    grown = grow(everything, grid, middle(grid), (-10, 10), limits=Limits(radius_mm=20.0))
    assert grown.mask is not None
    assert (grown.stop, grown.radius_mm) == ("radius", 20.0)
    assert grown.mask.count == pytest.approx(4.0 / 3.0 * math.pi * 20.0**3, rel=0.01)


def test_growing_stops_at_its_size_and_says_so() -> None:
    grid = grid_of(FINE)
    everything = np.zeros(grid.shape_kji, np.int16)
    grown = grow(everything, grid, middle(grid), (-10, 10), limits=Limits(volume_ml=4.0))
    assert grown.mask is not None
    assert grown.stop == "size"
    assert grown.mask.count == pytest.approx(4000, rel=0.02)


def test_a_seed_outside_the_gate_grows_nothing() -> None:
    grid = grid_of(FINE)
    assert grow(np.zeros(grid.shape_kji, np.int16), grid, middle(grid), (10, 20)).mask is None


def test_a_seed_in_the_corner_of_the_volume_grows_there() -> None:
    grid = grid_of(FINE)
    voxels = np.full(grid.shape_kji, -850, np.int16)
    voxels[:4, :5, :6] = 40
    grown = grow(voxels, grid, (0, 0, 0), (0, 100))
    assert grown.mask is not None
    assert (grown.mask.offset_kji, grown.mask.count) == ((0, 0, 0), 4 * 5 * 6)


def test_the_gate_goes_half_the_way_to_the_tissue_around() -> None:
    grid = grid_of(THIN)
    voxels = scanned(grid, drawn(grid, ball))
    low, high = default_gate(voxels, grid, middle(grid))
    assert low == pytest.approx(-405, abs=15)  # half the way from 40 to -850
    assert high == pytest.approx(485, abs=15)


def test_the_gate_in_one_tissue_is_as_wide_as_its_noise() -> None:
    grid = grid_of(THIN)
    voxels = scanned(grid, np.ones(grid.shape_kji, np.bool_), value=60.0)
    low, high = default_gate(voxels, grid, middle(grid))
    assert 60 - 120 < low < 60 - 30
    assert 60 + 30 < high < 60 + 120


def sliced(full: NDArray[np.bool_], axis: int, every: int) -> NDArray[np.bool_]:
    """Only every n-th slice of a form, its first and last one among them."""
    on = np.flatnonzero(full.any(axis=tuple(a for a in range(3) if a != axis)))
    kept = np.zeros(full.shape[axis], np.bool_)
    kept[on[::every]] = True
    shape = [1, 1, 1]
    shape[axis] = -1
    return full & kept.reshape(shape)


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("spacing_mm", [FINE, (1.0, 0.7, 0.7)])
def test_a_ball_drawn_on_every_fourth_slice_is_filled_between(
    axis: int, spacing_mm: tuple[float, float, float]
) -> None:
    grid = grid_of(spacing_mm)
    whole = drawn(grid, ball)
    some = sliced(whole, axis, 4)
    filled = fill_between(Mask.cut(some), grid).full(grid.shape_kji)
    assert not (some & ~filled).any()
    assert np.count_nonzero(filled & ~whole) < 0.01 * np.count_nonzero(whole)
    others = tuple(a for a in range(3) if a != axis)
    step_mm, pixel_mm2 = spacing_mm[axis], grid.voxel_mm3 / spacing_mm[axis]
    on = np.flatnonzero(some.any(axis=others))
    at_mm = (on - grid.shape_kji[axis] // 2) * step_mm
    between = np.arange(on[0], on[-1] + 1)
    # Between concentric discs the radius runs straight from one to the next.
    radii_mm = np.interp(between, on, np.sqrt(np.maximum(RADIUS_MM**2 - at_mm**2, 0.0)))
    areas_mm2 = filled.sum(axis=others)[between] * pixel_mm2
    assert areas_mm2.sum() == pytest.approx((math.pi * radii_mm**2).sum(), rel=0.03)
    assert areas_mm2 == pytest.approx(math.pi * radii_mm**2, rel=0.15, abs=12.0)  # a pixel is wide


def test_a_slanting_rod_is_carried_over_though_its_slices_do_not_overlap() -> None:
    grid = Grid((9, 30, 60))
    full = np.zeros(grid.shape_kji, np.bool_)
    full[0, 10:16, 5:11] = True
    full[8, 10:16, 45:51] = True
    filled = fill_between(Mask.cut(full), grid).full(grid.shape_kji)
    areas = [int(np.count_nonzero(area)) for area in filled]
    assert areas == [36] * 9
    assert filled[4, 10:16, 25:31].all()


def test_filling_says_that_there_is_nothing_to_fill() -> None:
    with pytest.raises(Problem, match="no empty slice"):
        fill_between(Mask((2, 3, 4), np.ones((3, 3, 3), np.bool_)), Grid((9, 9, 9)))


@pytest.mark.parametrize("spacing_mm", [FINE, THIN])
def test_smoothing_takes_bumps_away_and_keeps_the_volume(spacing_mm: tuple[float, float, float]) -> None:
    grid = grid_of(spacing_mm)
    clean = drawn(grid, ball)
    edge = drawn(grid, lambda z, y, x: np.abs(np.sqrt(z**2 + y**2 + x**2) - RADIUS_MM) < 1.5)
    rough = clean ^ (edge & (np.random.default_rng(2).random(grid.shape_kji) < 0.3))
    smoothed = smooth(Mask.cut(rough), grid).full(grid.shape_kji)
    assert np.count_nonzero(smoothed) == pytest.approx(np.count_nonzero(rough), rel=0.005)
    assert np.count_nonzero(smoothed ^ clean) < 0.35 * np.count_nonzero(rough ^ clean)


def test_smoothing_a_single_voxel_or_a_corner_leaves_something() -> None:
    grid = Grid((5, 5, 5))
    for box in ((slice(2, 3),) * 3, (slice(0, 5),) * 3):
        full = np.zeros(grid.shape_kji, np.bool_)
        full[box] = True
        assert smooth(Mask.cut(full), grid).count >= np.count_nonzero(full)


def test_an_outline_on_one_slice_stays_on_it_when_smoothed() -> None:
    full = np.zeros((5, 40, 40), np.bool_)
    full[2, 10:30, 10:30] = True
    smoothed = smooth(Mask.cut(full), Grid((5, 40, 40))).full((5, 40, 40))
    assert np.flatnonzero(smoothed.any(axis=(1, 2))).tolist() == [2]


def test_slices_of_unknown_distance_are_smoothed_each_by_itself() -> None:
    grid, full = Grid((6, 40, 40)), np.zeros((6, 40, 40), np.bool_)
    full[1, 5:15, 5:25] = full[2, 20:30, 10:20] = full[4, 10:30, 12:14] = True
    made = smooth_slices(Mask.cut(full), grid).full(grid.shape_kji)
    for k in range(6):
        alone = np.zeros_like(full)
        alone[k] = full[k]
        wanted = smooth(Mask.cut(alone), grid).full(grid.shape_kji)[k] if full[k].any() else full[k]
        assert np.array_equal(made[k], wanted)
    packed = TidyWork("smooth", Mask.cut(full).to_bytes(), grid, regular=False).run()
    assert np.array_equal(Mask.from_bytes(packed).full(grid.shape_kji), made)


def test_only_the_largest_piece_is_kept() -> None:
    full = np.zeros((9, 20, 20), np.bool_)
    full[2:5, 2:6, 2:6] = True
    full[5, 6, 6] = True  # joined by a corner
    full[7:9, 12:15, 12:15] = True
    kept = largest(Mask.cut(full))
    assert kept.count == 3 * 4 * 4 + 1
    assert kept.offset_kji == (2, 2, 2)


def test_holes_are_filled_in_space_and_on_each_slice() -> None:
    full = np.ones((7, 7, 7), np.bool_)
    full[3, 3, 3] = False  # closed on all sides
    full[:, 1, 1] = False  # a tunnel, closed on each slice
    assert without_holes(Mask.cut(full)).count == 7**3


def test_a_region_is_laid_onto_a_grid_turned_shifted_and_finer() -> None:
    own = grid_of(THIN)
    mask = Mask.cut(drawn(own, ball))
    axes = ((0.0, -1.0, 0.0), (0.0, 0.0, 1.0), (1.0, 0.0, 0.0))
    other = Grid((60, 70, 80), (35.0, 80.0, 20.0), (1.0, 0.8, 0.6), axes)
    moved = onto(mask, own, other)
    assert moved is not None
    assert moved.count * other.voxel_mm3 == pytest.approx(BALL_MM3, rel=0.02)
    there = other.to_lps(np.argwhere(moved.voxels).mean(axis=0) + moved.offset_kji)
    assert there == pytest.approx(own.to_lps([n // 2 for n in own.shape_kji]), abs=0.5)


def test_a_region_moved_by_a_registration_lands_where_it_says_or_nowhere() -> None:
    grid = grid_of(FINE)
    mask = Mask.cut(drawn(grid, ball))
    shift = np.eye(4)
    shift[:3, 3] = (5.0, -3.0, 2.0)
    moved = onto(mask, grid, grid, shift)
    assert moved is not None
    assert np.subtract(moved.offset_kji, mask.offset_kji).tolist() == [2, -3, 5]
    assert moved.count == mask.count
    shift[0, 3] = 500.0
    assert onto(mask, grid, grid, shift) is None


def test_work_for_another_process_sees_the_shared_voxels() -> None:
    grid = grid_of(THIN)
    inside = drawn(grid, ball)
    block = SharedArray.make(grid.shape_kji, "int16")
    try:
        block.array[...] = scanned(grid, inside)
        gate = GateWork(block.handle, grid, middle(grid)).run()
        grown = GrowWork(block.handle, grid, middle(grid), gate).run()
    finally:
        block.close()
    assert grown.mask is not None
    assert np.array_equal(grown.mask.full(grid.shape_kji), inside)
    tidied = Mask.from_bytes(TidyWork("largest", grown.mask.to_bytes(), grid).run())
    assert tidied.count == grown.mask.count


def test_a_bridge_half_as_thick_as_the_body_is_cut_though_no_neck_is_seen_from_the_seed() -> None:
    grid = grid_of(FINE)

    def form(z: NDArray[np.float64], y: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.bool_]:
        bridge = (z**2 + y**2 <= 16.0) & (x > 0.0)
        return np.asarray((z**2 + y**2 + x**2 <= 64.0) | bridge | (x > 14.0))

    inside = drawn(grid, form)
    grown = grow(scanned(grid, inside), grid, middle(grid, -3.0), (-400, 400))
    assert grown.mask is not None
    assert grown.stop == "leak"
    volume_mm3 = 4.0 / 3.0 * math.pi * 8.0**3
    assert volume_mm3 * 0.95 < grown.mask.count < volume_mm3 * 1.4  # the bridge's beginning stays


def test_a_large_ball_is_no_leak_of_its_middle() -> None:
    grid = grid_of(FINE)
    inside = drawn(grid, lambda z, y, x: z**2 + y**2 + x**2 <= 35.0**2)
    grown = grow(scanned(grid, inside), grid, middle(grid, 10.0), (-400, 400))
    assert grown.mask is not None
    assert grown.stop == ""
    assert grown.mask.count == np.count_nonzero(inside)
