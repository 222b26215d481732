"""The estimate of what a nodule is made of, on drawn ones whose density is known."""

import numpy as np
import pytest
from numpy.typing import NDArray

from medviewer.ai.nodules.density import density
from medviewer.core.grid import Grid
from medviewer.core.mask import Mask

GRID = Grid((30, 64, 64), spacing_kji_mm=(1.0, 0.7, 0.7))


def ball(diameter_mm: float) -> NDArray[np.bool_]:
    k, j, i = np.indices(GRID.shape_kji) - np.array([15, 32, 32])[:, None, None, None]
    inside: NDArray[np.bool_] = (k**2 + (0.7 * j) ** 2 + (0.7 * i) ** 2) <= (diameter_mm / 2) ** 2
    return inside


def drawn(*layers: tuple[float, float]) -> NDArray[np.int16]:
    """Balls of (diameter in mm, HU) in a lung of -860 HU with noise, blurred a little as scanners do."""
    from scipy import ndimage

    hu = np.full(GRID.shape_kji, -860.0)
    for diameter_mm, value in layers:
        hu[ball(diameter_mm)] = value
    noise = np.random.default_rng(3).normal(0.0, 30.0, hu.shape)
    return np.asarray(np.rint(ndimage.gaussian_filter(hu, 0.7) + noise), dtype=np.int16)


@pytest.mark.parametrize("diameter_mm", [6.0, 8.0, 12.0, 20.0])
def test_soft_tissue_is_solid_at_every_size(diameter_mm: float) -> None:
    found = density(drawn((diameter_mm, 40.0)), GRID, Mask.cut(ball(diameter_mm)))
    assert (found.nodule_type, found.solid_part_mm, found.calcified) == ("solid", None, False)


@pytest.mark.parametrize("diameter_mm", [6.0, 10.0, 20.0])
def test_ground_glass_is_non_solid(diameter_mm: float) -> None:
    found = density(drawn((diameter_mm, -620.0)), GRID, Mask.cut(ball(diameter_mm)))
    assert (found.nodule_type, found.solid_part_mm) == ("non-solid", None)


def test_a_solid_core_in_ground_glass_is_part_solid_and_measured() -> None:
    found = density(drawn((18.0, -620.0), (8.0, 30.0)), GRID, Mask.cut(ball(18.0)))
    assert found.nodule_type == "part-solid"
    assert found.solid_part_mm == pytest.approx(8.0, abs=1.5)
    assert found.attributes()["solid_part_mm"] == pytest.approx(8.0, abs=1.5)


def test_a_solid_speck_of_a_millimetre_does_not_make_it_part_solid() -> None:
    assert density(drawn((18.0, -620.0), (1.2, 30.0)), GRID, Mask.cut(ball(18.0))).nodule_type == "non-solid"


def test_an_outline_drawn_too_wide_leaves_a_solid_nodule_solid() -> None:
    assert density(drawn((10.0, 40.0)), GRID, Mask.cut(ball(11.0))).nodule_type == "solid"


def test_calcification_is_seen() -> None:
    found = density(drawn((8.0, 500.0)), GRID, Mask.cut(ball(8.0)))
    assert found.attributes() == {"nodule_type": "solid", "calcified": True}


def test_a_region_of_one_voxel_at_the_corner_has_a_density() -> None:
    hu = np.full((1, 4, 4), -600, np.int16)
    found = density(hu, Grid((1, 4, 4)), Mask((0, 0, 0), np.ones((1, 1, 1), np.bool_)))
    assert found.nodule_type == "non-solid"
