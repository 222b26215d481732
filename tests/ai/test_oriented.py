"""Voxels of every order are seen upright, and what is found there is found at the same voxels."""

from pathlib import Path

import numpy as np
import pytest

from medviewer.ai.oriented import upright
from medviewer.ai.protocol import Meta
from medviewer.app.scanning import scan_into
from medviewer.core.grid import Grid
from medviewer.core.job import Job
from medviewer.core.mask import Mask
from medviewer.dicom.catalogue import Catalogue
from medviewer.dicom.load import load_volume
from tests.ai.orders import ALL_48, Order, name_of, stored, tilted

GRID = Grid((3, 4, 5), (-30.0, 12.0, 700.0), (2.5, 0.7, 0.9))
VOXELS = np.arange(60, dtype=np.int16).reshape(3, 4, 5)
META = Meta(sop_uids=("a", "b", "c"), failed_slices=(0,))


@pytest.mark.parametrize("order", ALL_48, ids=name_of)
@pytest.mark.parametrize("deg", [(0.0, 0.0, 0.0), (12.0, -9.0, 17.0)], ids=["straight", "tilted"])
def test_every_order_is_seen_as_the_one_that_is_upright(order: Order, deg: tuple[float, float, float]) -> None:
    grid = tilted(GRID, deg)
    view, stands, _back = upright(*stored(VOXELS, grid, order))
    assert np.array_equal(view, VOXELS)
    assert stands.shape_kji == grid.shape_kji
    assert np.allclose(stands.to_lps((0, 0, 0)), grid.origin_lps_mm)
    assert np.allclose(stands.steps_lps_mm, grid.steps_lps_mm)


@pytest.mark.parametrize("order", ALL_48, ids=name_of)
def test_a_region_found_upright_goes_back_to_the_same_voxels(order: Order) -> None:
    voxels, grid = stored(VOXELS, GRID, order)
    view, _stands, back = upright(voxels, grid)
    wanted = np.isin(VOXELS, (7, 8, 13, 33))
    region = back.mask(Mask.cut(np.isin(view, (7, 8, 13, 33))))
    assert region.voxels.flags["C_CONTIGUOUS"]
    assert sorted(voxels[region.box][region.voxels].tolist()) == sorted(VOXELS[wanted].tolist())


@pytest.mark.parametrize("order", ALL_48, ids=name_of)
def test_what_is_said_of_a_slice_stays_with_that_slice_or_is_left_out(order: Order) -> None:
    (first, *_others), (flipped, *_rest) = order
    _view, _stands, back = upright(*stored(VOXELS, GRID, order))
    meta = back.meta(META)
    if first != 0:
        assert (meta.sop_uids, meta.failed_slices, back.slice(0)) == ((), (), None)
        return
    assert meta.sop_uids == (("c", "b", "a") if flipped else ("a", "b", "c"))
    assert [meta.sop_uids[k] for k in meta.failed_slices] == [META.sop_uids[0]]
    assert back.slice(0) == (2 if flipped else 0)


def test_slices_that_lie_upright_are_not_copied() -> None:
    view, _grid, _back = upright(VOXELS, GRID)
    assert np.shares_memory(view, VOXELS)
    feet_first, grid = stored(VOXELS, GRID, ((0, 1, 2), (True, False, False)))
    assert np.shares_memory(upright(feet_first, grid)[0], feet_first)


def test_a_tilted_gantry_stays_tilted() -> None:
    leaning = Grid(
        GRID.shape_kji, GRID.origin_lps_mm, GRID.spacing_kji_mm, ((0.0, 0.3, 0.954), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0))
    )
    voxels, grid = stored(VOXELS, leaning, ((0, 1, 2), (True, True, False)))
    assert np.allclose(upright(voxels, grid)[1].steps_lps_mm, leaning.steps_lps_mm)


@pytest.mark.data
def test_one_real_volume_in_twelve_orders_is_seen_as_one(shared_data: Path) -> None:
    catalogue = Catalogue()
    scan_into(catalogue, shared_data / "dicom" / "nifti-orientations", Job())
    seen = {}
    for study in catalogue.studies():
        for series in study.series:
            volume = load_volume(series, Job())
            view, grid, _back = upright(volume.voxels, volume.grid)
            seen[series.title] = (view.copy(), grid)
            volume.close()
    assert len(seen) >= 12
    like, stands = seen["RAS"]
    assert len({voxels.tobytes() for voxels, _grid in seen.values()}) == 1
    for voxels, grid in seen.values():
        assert voxels.shape == like.shape
        assert np.allclose(grid.to_lps((0, 0, 0)), stands.to_lps((0, 0, 0)), atol=1e-2)
        assert np.allclose(grid.steps_lps_mm, stands.steps_lps_mm, atol=1e-4)
