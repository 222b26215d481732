"""The second look outlines what it is pointed to, to its end and no further."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from torch import Tensor

from medviewer.ai.loaded import Loaded
from medviewer.ai.nodules.outlining import Outliner
from medviewer.ai.nodules.second_look import Outline, Pen, outline
from medviewer.core.job import Job
from medviewer.core.mask import Mask
from tests.ai.nodules.test_first_look import GRID, Box, Bright, block, scan


def pointed(*boxes: Box, at: Box | None = None, failed: tuple[int, ...] = ()) -> Outline | None:
    where = at or boxes[0]
    suspect = Mask.cut(_full(where))
    return outline(replace(scan(*boxes), failed=failed), suspect, Pen(Outliner(Bright(), 96), 0.5, 1), Job())


def _full(box: Box) -> NDArray[np.bool_]:
    full = np.zeros(GRID.shape_kji, np.bool_)
    full[box] = True
    return full


def test_a_block_is_outlined_to_the_voxel() -> None:
    nodule = block(13, 60, 70)
    found = pointed(nodule)
    assert found is not None
    assert found.mask.box == nodule
    assert found.mask.voxels.all()
    assert found.rim.chances.shape == (8, 12, 12)


def test_one_pointed_to_on_a_single_slice_is_followed_to_its_ends() -> None:
    nodule = block(13, 60, 70)
    found = pointed(nodule, at=(slice(16, 17), *nodule[1:]))
    assert found is not None
    assert found.mask.box == nodule


def test_of_two_the_one_pointed_to_is_outlined() -> None:
    near, far = block(13, 60, 70), block(13, 60, 100)
    found = pointed(near, far, at=far)
    assert found is not None
    assert found.mask.box == far


def test_where_nothing_is_nothing_is_outlined() -> None:
    assert pointed(block(13, 60, 70), at=block(25, 100, 150)) is None


def test_at_the_rim_of_the_slice_the_outline_stays_within() -> None:
    corner = (slice(13, 21), slice(0, 9), slice(231, 240))
    found = pointed(corner)
    assert found is not None
    assert found.mask.box == corner
    assert found.rim.chances.shape == (8, 11, 11)


def test_on_the_first_and_the_last_slices_the_outline_stays_within() -> None:
    for ks in (slice(0, 4), slice(36, 40)):
        found = pointed((ks, slice(60, 70), slice(70, 80)))
        assert found is not None
        assert found.mask.box[0] == ks


def test_a_failed_slice_parts_an_outline_and_is_none_of_it() -> None:
    nodule = block(13, 60, 70)
    found = pointed(nodule, at=(slice(13, 15), *nodule[1:]), failed=(16,))
    assert found is not None
    assert found.mask.box[0] == slice(13, 16)


def test_the_outliner_sees_a_window_four_ways_and_averages() -> None:
    class Left(Loaded):
        def __init__(self) -> None:
            self.device = "cpu"

        def answers(self, inputs: Tensor) -> Tensor:
            answers = inputs[:, :1] * 0.0 - 9.0
            answers[..., : inputs.shape[-1] // 2] = 9.0
            return answers

    import torch

    chances = Outliner(Left(), 32).chances(torch.zeros(2, 3, 64, 64), torch.full((2,), 0.7), torch.full((2,), 1.0))
    assert chances.shape == (2, 32, 32)
    assert chances == pytest.approx(0.5, abs=1e-3)


def test_no_slice_is_read_twice_however_often_the_look_goes_on() -> None:
    net = Bright()
    nodule = (slice(10, 24), slice(60, 70), slice(70, 80))
    suspect = Mask.cut(_full((slice(16, 17), *nodule[1:])))
    found = outline(scan(nodule), suspect, Pen(Outliner(net, 96), 0.5, 1), Job())
    assert found is not None
    assert found.mask.box == nodule
    assert net.windows <= 14 + 4
