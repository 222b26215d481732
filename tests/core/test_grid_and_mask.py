"""Geometry and masks go there and back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from medviewer.core.grid import Grid
from medviewer.core.mask import Mask

OBLIQUE = Grid(
    shape_kji=(5, 6, 7),
    origin_lps_mm=(10.0, -20.0, 30.0),
    spacing_kji_mm=(2.5, 0.7, 0.9),
    axes_kji_lps=((0.0, -0.6, 0.8), (0.0, 0.8, 0.6), (1.0, 0.0, 0.0)),
)
indices = st.tuples(st.floats(-10, 10), st.floats(-10, 10), st.floats(-10, 10))


@given(indices)
def test_an_index_goes_to_the_patient_and_back(kji: tuple[float, float, float]) -> None:
    assert OBLIQUE.to_kji(OBLIQUE.to_lps(kji)) == pytest.approx(np.array(kji), abs=1e-9)


def test_one_column_is_one_column_spacing_along_the_row() -> None:
    step_mm = OBLIQUE.to_lps((0, 0, 1)) - OBLIQUE.to_lps((0, 0, 0))
    assert step_mm == pytest.approx([0.9, 0, 0])


def test_the_voxel_volume_is_the_product_of_the_spacings() -> None:
    assert OBLIQUE.voxel_mm3 == pytest.approx(2.5 * 0.7 * 0.9)


def test_a_voxel_outside_is_not_contained() -> None:
    assert OBLIQUE.contains((4.4, 5.4, 6.4))
    assert not OBLIQUE.contains((4.6, 0, 0))
    assert not OBLIQUE.contains((0, -0.6, 0))


def _ball() -> NDArray[np.bool_]:
    k, j, i = np.mgrid[:9, :10, :11]
    ball: NDArray[np.bool_] = ((k - 4) ** 2 + (j - 5) ** 2 + (i - 6) ** 2) <= 9
    return ball


def test_a_mask_is_kept_as_small_as_its_box() -> None:
    mask = Mask.cut(_ball())
    assert mask.offset_kji == (1, 2, 3)
    assert mask.voxels.shape == (7, 7, 7)
    assert np.array_equal(mask.full((9, 10, 11)), _ball())


def test_a_mask_survives_packing() -> None:
    mask = Mask.cut(_ball(), (100, 200, 300))
    again = Mask.from_bytes(mask.to_bytes())
    assert again.offset_kji == (101, 202, 303)
    assert np.array_equal(again.voxels, mask.voxels)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_plane_of_a_mask_is_the_cut_of_the_whole(axis: int) -> None:
    full, mask = _ball(), Mask.cut(_ball())
    for index in range(full.shape[axis]):
        cut = mask.plane(axis, index)
        whole = np.take(full, index, axis=axis)
        assert (cut is None and not whole.any()) or (cut is not None and cut.sum() == whole.sum())


def test_an_empty_mask_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        Mask.cut(np.zeros((2, 2, 2), dtype=np.bool_))
