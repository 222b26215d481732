"""The first look, with a network that calls bright soft tissue in the lung a nodule."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from torch import Tensor

from medviewer.ai.loaded import Loaded
from medviewer.ai.nodules.first_look import SLAB, FirstLook, Scan
from medviewer.ai.sliding import Slider
from medviewer.core.grid import Grid
from medviewer.core.job import Job
from medviewer.core.mask import Mask

GRID = Grid((40, 200, 240), spacing_kji_mm=(1.0, 0.8, 0.8))
LUNG = (slice(2, 38), slice(20, 180), slice(20, 220))
Box = tuple[slice, slice, slice]


class Bright(Loaded):
    """A net that is as sure as a pixel of the slice in the middle is bright; counts what it is asked."""

    def __init__(self) -> None:
        self.device, self.windows = "cpu", 0

    def answers(self, inputs: Tensor) -> Tensor:
        self.windows += len(inputs)
        return (inputs[:, 1:2] > 0.5) * 5.0 - 2.5


def scan(*boxes: Box, hu: int = 40) -> Scan:
    """A dark lung with boxes of soft tissue in it."""
    voxels = np.full(GRID.shape_kji, -900, np.int16)
    lungs = np.zeros(GRID.shape_kji, np.bool_)
    lungs[LUNG] = True
    for box in boxes:
        voxels[box] = hu
    return Scan(voxels, GRID, lungs)


def look(what: Scan, attention: Callable[[], int | None] = lambda: None, net: Loaded | None = None) -> FirstLook:
    slider = Slider(net or Bright(), what.hu, what.pixel_mm, what.step_mm, 128, 16, 1, what.failed)
    return FirstLook(what, slider, attention)


def block(k: int, j: int, i: int, side_px: int = 10) -> Box:
    high = max(1, round(side_px * 0.8))
    return slice(k, k + high), slice(j, j + side_px), slice(i, i + side_px)


def masks(of: FirstLook) -> list[Mask]:
    return [one.mask for suspects, _job in of.slabs(Job()) for one in suspects]


def test_a_block_is_suspected_where_it_is_though_every_second_slice_is_passed_over() -> None:
    nodule = block(13, 60, 70)
    (found,) = masks(look(scan(nodule)))
    assert found.box[1:] == nodule[1:]
    assert abs(found.box[0].start - nodule[0].start) <= 1
    assert abs(found.box[0].stop - nodule[0].stop) <= 1
    assert found.voxels.all()


def test_two_blocks_are_two_suspects() -> None:
    assert len(masks(look(scan(block(10, 40, 40), block(20, 120, 150))))) == 2


def test_a_region_over_several_slabs_is_told_once_and_whole() -> None:
    long = (slice(5, 35), slice(60, 70), slice(70, 80))
    (found,) = masks(look(scan(long)))
    assert len(found.voxels) >= 29


def test_every_second_millimetre_is_looked_at_only() -> None:
    net = Bright()
    masks(look(scan(block(10, 60, 70)), net=net))
    assert net.windows == 18 * 2 * 3


def test_what_the_reader_looks_at_comes_first_and_changes_nothing_else() -> None:
    three = scan(block(4, 40, 40), block(15, 60, 70), block(28, 120, 150))
    from_top = masks(look(three))
    from_below = masks(look(three, lambda: 39))
    assert [m.box[0].start for m in from_top] == sorted(m.box[0].start for m in from_top)
    assert from_below[0].box[1:] == block(28, 120, 150)[1:]
    assert {m.to_bytes() for m in from_top} == {m.to_bytes() for m in from_below}


def test_attention_that_wanders_is_followed() -> None:
    places = iter([39, 0, 39])
    first = look(scan(), lambda: next(places))
    seen: list[int] = []
    before = first.done.copy()
    for _suspects, _job in first.slabs(Job()):
        seen.append(first.ks[int(np.flatnonzero(first.done & ~before)[0])])
        before = first.done.copy()
    assert seen == [1 + 2 * SLAB * n for n in (2, 0, 1)]


def test_a_region_at_the_first_and_one_at_the_last_slice_have_an_end() -> None:
    whole = scan((slice(0, 4), slice(40, 50), slice(40, 50)), (slice(34, 40), slice(60, 70), slice(70, 80)))
    whole = replace(whole, lungs=np.ones_like(whole.lungs))
    first, last = masks(look(whole))
    assert first.box[0].start == 0
    assert last.box[0].stop == 40


def test_failed_slices_are_not_looked_at_and_do_not_end_a_region() -> None:
    (found,) = masks(look(replace(scan(block(13, 60, 70)), failed=(15,))))
    assert found.box[0].start <= 14
    assert found.box[0].stop >= 20


def test_thick_slices_are_all_looked_at() -> None:
    assert look(replace(scan(), grid=replace(GRID, spacing_kji_mm=(5.0, 0.8, 0.8)))).every == 1


def test_a_volume_without_lungs_is_looked_at_in_no_time() -> None:
    empty = replace(scan(), lungs=np.zeros(GRID.shape_kji, np.bool_))
    assert masks(look(empty)) == []


def test_half_a_scan_keeps_places_and_greys_and_the_net_is_not_told() -> None:
    whole = scan(block(10, 60, 70))
    half = whole.halved()
    assert half.hu.shape == half.lungs.shape == (40, 100, 120)
    assert half.grid.to_lps((5, 10, 20)) == pytest.approx(whole.grid.to_lps((5, 20.5, 40.5)))
    assert (half.hu[12, 32, 37], half.hu[12, 10, 10]) == (40, -900)
    assert look(half).every == 2 * look(whole).every
    assert (half.pixel_mm, half.step_mm) == (whole.pixel_mm, whole.step_mm / 2)
