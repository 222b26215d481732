"""Layers as plain data."""

import numpy as np
import pytest

from medviewer.core.grid import Grid
from medviewer.core.layers import Fractions, Layer, center_of
from medviewer.core.mask import Mask

GRID = Grid((4, 20, 20), (10.0, 20.0, 30.0), (2.0, 0.5, 0.5))


def test_the_centre_of_a_ring_is_on_the_ring_of_its_largest_slice() -> None:
    ring = np.zeros(GRID.shape_kji, np.bool_)
    ring[2, 4:15, 5:16] = True
    ring[2, 6:13, 7:14] = False
    ring[0, 1, 1] = True
    k, j, i = np.rint(GRID.to_kji(center_of(Mask.cut(ring), GRID))).astype(int)
    assert k == 2
    assert ring[k, j, i]


def test_the_volume_counts_voxels_and_fractions_have_none() -> None:
    mask = Mask.cut(np.ones((4, 10, 10), np.bool_))
    fractions = Fractions((0, 0, 0), np.ones((1, 2, 2), np.uint8), 255, "probability")
    assert Layer("a", "a", (1, 2, 3), mask=mask).volume_ml(GRID) == pytest.approx(400 * 0.5 / 1000)
    assert Layer("a", "a", (1, 2, 3), fractions=fractions).volume_ml(GRID) is None


def test_half_of_the_maximum_is_the_border_of_fractions() -> None:
    values = np.array([[[0, 49, 50, 100]]], np.uint8)
    half = Fractions((3, 2, 1), values, 100, "occupancy").half
    assert half is not None
    assert (half.offset_kji, half.count) == ((3, 2, 3), 2)
    assert Fractions((3, 2, 1), values // 3, 100, "occupancy").half is None


def test_fractions_are_cut_in_every_plane_and_empty_outside() -> None:
    values = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    fractions = Fractions((1, 5, 7), values, 255, "occupancy")
    for axis, (index, wanted) in enumerate(((2, values[1]), (5, values[:, 0]), (10, values[:, :, 3]))):
        cut = fractions.plane(axis, index)
        assert cut is not None
        assert np.array_equal(cut, wanted)
    assert fractions.plane(0, 0) is None
    assert fractions.plane(2, 11) is None
