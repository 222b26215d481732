"""Axes and volumes finer than a voxel, on drawn discs and balls."""

import numpy as np
import pytest
from numpy.typing import NDArray

from medviewer.core.grid import Grid
from medviewer.core.mask import Mask
from medviewer.imaging.measure import axes_of, measure
from medviewer.imaging.subvoxel import Rim, area_pixels, rim


def disc(diameter: float, row: float, column: float, size: int = 40) -> NDArray[np.float32]:
    """The chance of each pixel: 1 inside, 0 outside, half at the rim, over two pixels."""
    y, x = np.mgrid[:size, :size]
    away = np.hypot(y - row, x - column)
    chances: NDArray[np.float32] = np.clip((diameter / 2.0 - away) / 2.0 + 0.5, 0.0, 1.0).astype(np.float32)
    return chances


@pytest.mark.parametrize("diameter", [5.0, 7.3, 12.6, 20.0])
def test_a_disc_anywhere_has_its_diameter_within_a_fifth_of_a_pixel(diameter: float) -> None:
    random = np.random.default_rng(3)
    for row, column in random.uniform(18.0, 22.0, (20, 2)):
        chances = disc(diameter, row, column)
        long, short = axes_of(rim(chances, 0.5, chances >= 0.5))
        assert np.linalg.norm(long[1] - long[0]) == pytest.approx(diameter, abs=0.2)
        assert np.linalg.norm(short[1] - short[0]) == pytest.approx(diameter, abs=0.5)


@pytest.mark.parametrize("diameter", [5.0, 7.3, 12.6, 20.0])
def test_a_disc_has_its_area_within_three_percent(diameter: float) -> None:
    chances = disc(diameter, 20.3, 19.6)
    assert area_pixels(chances, 0.5, chances >= 0.5) == pytest.approx(np.pi * diameter**2 / 4.0, rel=0.03)


def test_another_region_beside_it_does_not_count() -> None:
    one, other = disc(8.0, 12.0, 12.0), disc(8.0, 28.0, 28.0)
    both = np.maximum(one, other)
    assert area_pixels(both, 0.5, one >= 0.5) == pytest.approx(area_pixels(one, 0.5, one >= 0.5))
    assert len(rim(both, 0.5, one >= 0.5)) == len(rim(one, 0.5, one >= 0.5))


def test_nothing_has_neither_rim_nor_area() -> None:
    empty = np.zeros((8, 8), np.bool_)
    assert len(rim(np.zeros((8, 8), np.float32), 0.5, empty)) == 0
    assert area_pixels(np.zeros((8, 8), np.float32), 0.5, empty) == 0.0


def test_a_region_at_the_arrays_edge_ends_half_a_pixel_out() -> None:
    full = np.ones((6, 6), np.float32)
    points = rim(full, 0.5, full >= 0.5)
    assert points.min() == pytest.approx(-0.5)
    assert points.max() == pytest.approx(5.5)


def test_a_ball_is_measured_closer_with_its_rim_than_by_its_voxels() -> None:
    diameter_mm, grid = 9.3, Grid((20, 40, 40), spacing_kji_mm=(1.0, 0.8, 0.8))
    k, j, i = np.mgrid[:20, :40, :40]
    away_mm = np.sqrt((k - 9.6) ** 2 + (0.8 * (j - 20.2)) ** 2 + (0.8 * (i - 19.7)) ** 2)
    chances = np.clip((diameter_mm / 2.0 - away_mm) / 1.6 + 0.5, 0.0, 1.0).astype(np.float32)
    mask = Mask.cut(chances >= 0.5)
    box = mask.box
    around = chances[box[0], box[1].start - 1 : box[1].stop + 1, box[2].start - 1 : box[2].stop + 1]
    voxels = np.zeros((20, 40, 40), np.int16)
    fine = measure(voxels, grid, mask, rim=Rim(around, 0.5))
    volume_mm3 = np.pi * diameter_mm**3 / 6.0
    assert fine.long_axis_mm == pytest.approx(diameter_mm, abs=0.25)
    assert fine.volume_mm3 == pytest.approx(volume_mm3, rel=0.05)
    assert fine.center_lps_mm == measure(voxels, grid, mask).center_lps_mm
