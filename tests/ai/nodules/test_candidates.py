"""Regions are grouped, scored and sifted by what nodules look like."""

import numpy as np
import pytest

from medviewer.ai.nodules.candidates import (
    Candidate,
    common,
    elongation,
    largest_diameter_mm,
    regions,
    score,
    share_in_air,
    share_inside,
    thickness,
)
from medviewer.ai.nodules.sift import keeps
from medviewer.core.mask import Mask

SPACING = (2.0, 0.7, 0.7)


def ellipsoid(radii_mm: tuple[float, float, float], spacing: tuple[float, float, float] = SPACING) -> Mask:
    k, j, i = (
        np.arange(-40, 41)[:, None, None] * spacing[0],
        np.arange(-40, 41)[:, None] * spacing[1],
        np.arange(-40, 41) * spacing[2],
    )
    return Mask.cut((k / radii_mm[0]) ** 2 + (j / radii_mm[1]) ** 2 + (i / radii_mm[2]) ** 2 <= 1.0)


def test_the_score_is_that_of_the_surest_half() -> None:
    assert score(np.array([0.1, 0.2, 0.8, 1.0], np.float32)) == pytest.approx(0.9)
    assert score(np.array([0.4], np.float32)) == pytest.approx(0.4)


def test_regions_come_surest_first_with_their_place() -> None:
    chances = np.zeros((4, 20, 20), np.float32)
    chances[1:3, 2:5, 3:6] = 0.6
    chances[2, 10:12, 10:12] = 0.9
    first, second = regions(chances, 0.5)
    assert (first.mask.offset_kji, second.mask.offset_kji) == ((2, 10, 10), (1, 2, 3))
    assert (first.mask.count, second.mask.count) == (4, 18)
    assert first.score == pytest.approx(0.9)


def test_bytes_are_read_as_shares_of_255() -> None:
    chances = np.zeros((1, 5, 5), np.uint8)
    chances[0, 2, 2] = 153
    assert regions(chances, 0.59)[0].score == pytest.approx(0.6)
    assert regions(chances, 0.61) == []


def test_a_gap_of_one_slice_is_bridged_where_asked() -> None:
    chances = np.zeros((5, 9, 9), np.float32)
    chances[[1, 3], 4, 4] = 0.8
    assert len(regions(chances, 0.5)) == 2
    (one,) = regions(chances, 0.5, bridge=True)
    assert one.mask.voxels.shape == (3, 1, 1)


def test_regions_that_touch_at_a_corner_are_one() -> None:
    chances = np.zeros((1, 4, 4), np.float32)
    chances[0, [1, 2], [1, 2]] = 0.8
    assert len(regions(chances, 0.5)) == 1


def test_the_diameter_is_that_of_a_disc_of_the_same_area() -> None:
    assert largest_diameter_mm(ellipsoid((8.0, 6.0, 6.0)), SPACING) == pytest.approx(12.0, abs=0.3)


def test_a_ball_is_as_long_as_wide_and_as_high() -> None:
    ball = ellipsoid((8.0, 8.0, 8.0))
    assert elongation(ball, SPACING) == pytest.approx(1.0, abs=0.1)
    assert thickness(ball, SPACING) == pytest.approx(1.0, abs=0.15)


@pytest.mark.parametrize("radii_mm", [(5.0, 5.0, 5.0), (12.0, 12.0, 12.0), (8.0, 5.0, 8.0), (4.0, 8.0, 7.0)])
def test_round_and_oval_regions_are_kept(radii_mm: tuple[float, float, float]) -> None:
    assert keeps(ellipsoid(radii_mm), SPACING)


@pytest.mark.parametrize(
    "radii_mm",
    [(25.0, 4.0, 4.0), (3.0, 3.0, 20.0), (1.5, 20.0, 18.0), (4.0, 1.2, 1.2)],
    ids=["along", "across", "dome", "tiny"],
)
def test_vessels_domes_and_specks_are_not_kept(radii_mm: tuple[float, float, float]) -> None:
    assert not keeps(ellipsoid(radii_mm), SPACING)


def test_a_single_voxel_has_no_direction() -> None:
    assert elongation(Mask((0, 0, 0), np.ones((1, 1, 1), np.bool_)), SPACING) == 1.0


def test_the_share_inside_the_lungs_counts_voxels() -> None:
    lungs = np.zeros((3, 10, 10), np.bool_)
    lungs[:, :5] = True
    assert share_inside(Mask((1, 4, 2), np.ones((1, 4, 3), np.bool_)), lungs) == 0.25


def test_a_nodule_on_the_pleura_is_half_in_air_and_one_in_the_mediastinum_is_not() -> None:
    hu = np.full((5, 60, 60), -850, np.int16)
    hu[:, :, 40:] = 40
    block = np.ones((3, 10, 10), np.bool_)
    assert share_in_air(Mask((1, 25, 10), block), hu) == 1.0
    assert 0.5 < share_in_air(Mask((1, 25, 30), block), hu) < 0.9
    assert share_in_air(Mask((1, 25, 48), block), hu) == 0.0


def test_at_the_rim_of_the_picture_the_surroundings_are_what_is_there() -> None:
    hu = np.full((2, 12, 12), -850, np.int16)
    assert share_in_air(Mask((0, 0, 8), np.ones((2, 4, 4), np.bool_)), hu) == 1.0
    assert share_in_air(Mask((0, 0, 0), np.ones((2, 12, 12), np.bool_)), hu) == 0.0


def cube(at: int, side: int, surety: float) -> Candidate:
    return Candidate(Mask((0, at, at), np.ones((side, side, side), np.bool_)), surety)


def test_common_voxels_are_counted_and_apart_is_none() -> None:
    assert common(cube(0, 4, 1).mask, cube(2, 4, 1).mask) == 4 * 2 * 2
    assert common(cube(0, 4, 1).mask, cube(4, 4, 1).mask) == 0


def test_one_slice_is_enough_only_where_slices_are_far_apart() -> None:
    disc = Mask((4, 10, 10), np.ones((1, 7, 7), np.bool_))
    assert keeps(disc, (2.5, 0.7, 0.7))
    assert not keeps(disc, (2.0, 0.7, 0.7))
