"""The two looks, with a network that calls bright soft tissue in the lung a nodule."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from torch import Tensor

from medviewer.ai.loaded import Loaded
from medviewer.ai.looking import Scan, first_look, look
from medviewer.ai.sliding import Slider
from medviewer.core.grid import Grid
from medviewer.core.job import Job
from medviewer.core.mask import Mask

GRID = Grid((40, 200, 240), spacing_kji_mm=(1.0, 0.8, 0.8))
LUNG = (slice(2, 38), slice(20, 180), slice(20, 220))


class Bright(Loaded):
    """A net that is as sure as a pixel is bright in its window; counts what it is asked."""

    def __init__(self) -> None:
        self.device, self.windows = "cpu", 0

    def chances(self, inputs: Tensor) -> NDArray[np.float32]:
        self.windows += len(inputs)
        chances: NDArray[np.float32] = np.where(inputs[:, 0].numpy() > 0.5, 0.9, 0.05).astype(np.float32)
        return chances


def scan(*boxes: tuple[slice, slice, slice], hu: int = 40) -> Scan:
    """A dark lung with boxes of soft tissue in it; one bright and one dark pixel a slice set the greys of windows."""
    voxels = np.full(GRID.shape_kji, -900, np.int16)
    lungs = np.zeros(GRID.shape_kji, np.bool_)
    lungs[LUNG] = True
    for box in boxes:
        voxels[box] = hu
    return Scan(voxels, GRID, lungs, Slider(Bright(), voxels, 0.8, 128, 16), 0.5, 0.4)


def block(k: int, j: int, i: int, side_px: int = 10) -> tuple[slice, slice, slice]:
    high = max(1, round(side_px * 0.8))
    return slice(k, k + high), slice(j, j + side_px), slice(i, i + side_px)


def boxes_of(masks: list[Mask]) -> list[tuple[slice, slice, slice]]:
    return [mask.box for mask in masks]


def test_a_block_is_outlined_to_the_voxel_though_every_second_slice_is_passed_over_first() -> None:
    nodule = block(13, 60, 70)
    (found,) = look(scan(nodule), Job())
    assert found.mask.box == nodule
    assert found.mask.voxels.all()
    assert found.score == pytest.approx(0.9)


def test_two_blocks_are_two_candidates() -> None:
    assert len(look(scan(block(10, 40, 40), block(20, 120, 150)), Job())) == 2


def test_a_block_outside_the_lungs_is_none() -> None:
    inside = scan(block(10, 60, 70))
    outside = replace(inside, lungs=np.roll(inside.lungs & (np.arange(240) > 140), 0, axis=2))
    assert look(outside, Job()) == []


def test_the_first_look_goes_over_every_second_millimetre_only() -> None:
    whole = scan(block(10, 60, 70))
    first_look(whole, Job())
    net = whole.slider.net
    assert isinstance(net, Bright)
    assert net.windows == 18 * 2 * 3


def test_failed_slices_are_not_looked_at() -> None:
    nodule = block(13, 60, 70)
    (found,) = first_look(replace(scan(nodule), failed=(15,)), Job())
    assert found.voxels[0].any()


def test_thick_slices_are_all_looked_at() -> None:
    thick = replace(scan(), grid=replace(GRID, spacing_kji_mm=(5.0, 0.8, 0.8)))
    assert thick.every == 1


def test_a_nodule_on_the_last_slice_stays_within_the_volume() -> None:
    ending = scan((slice(34, 40), slice(60, 70), slice(70, 80)))
    ending = replace(ending, lungs=np.ones_like(ending.lungs))
    (found,) = look(ending, Job())
    assert found.mask.box[0] == slice(34, 40)


def test_half_a_scan_keeps_places_and_greys() -> None:
    whole = scan(block(10, 60, 70))
    half = whole.halved()
    assert half.hu.shape == (40, 100, 120)
    assert half.grid.to_lps((5, 10, 20)) == pytest.approx(whole.grid.to_lps((5, 20.5, 40.5)))
    assert (half.hu[12, 32, 37], half.hu[12, 10, 10]) == (40, -900)
    assert half.every == 2 * whole.every
    assert half.lungs.shape == half.hu.shape
    assert half.slider.spacing_mm == whole.slider.spacing_mm
