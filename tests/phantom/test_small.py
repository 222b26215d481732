"""The tiny volumes that other tests use."""

import numpy as np
import pytest

from medviewer.core.grid import Grid
from medviewer.phantom import small


@pytest.mark.parametrize("diameter_mm", [6.0, 12.0, 20.0])
def test_the_sphere_has_the_volume_it_should_have(diameter_mm: float) -> None:
    share = small.sphere_share(small.GRID, small.CENTER_KJI, diameter_mm)
    volume = share.sum() * small.GRID.voxel_mm3
    assert volume == pytest.approx(np.pi / 6 * diameter_mm**3, rel=0.03)


def test_the_sphere_is_where_truth_says_on_any_grid() -> None:
    turned = Grid((24, 64, 64), (5.0, 6.0, 7.0), (2.0, 1.5, 1.5), ((1.0, 0.0, 0.0), (0.0, 0.0, -1.0), (0.0, 1.0, 0.0)))
    ct = small.make(14.0, grid=turned)
    k, j, i = np.rint(ct.grid.to_kji(ct.truth[0].center_lps_mm)).astype(int)
    assert ct.voxels[k, j, i] == 40
    assert ct.voxels[k, j, i + 8] == small.LUNG_HU


def test_no_mirror_image_equals_the_volume() -> None:
    voxels = small.make().voxels
    for axis in range(3):
        assert not np.array_equal(voxels, np.flip(voxels, axis))


def test_noise_is_drawn_from_the_seed() -> None:
    first, same, other = (small.make(noise_hu=20.0, seed=seed).voxels for seed in (1, 1, 2))
    assert np.array_equal(first, same)
    assert not np.array_equal(first, other)
    assert np.std(first[0, 1:4, 1:4].astype(float) + 1000) < 40


def test_truth_tells_the_measures_of_the_sphere() -> None:
    nodule = small.make(10.0, hu=-600.0).truth[0]
    assert nodule.type == "ground-glass"
    assert nodule.volume_mm3 == pytest.approx(523.6, abs=0.1)
    assert -720 < nodule.mean_hu <= -600
