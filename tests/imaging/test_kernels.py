"""The compiled loops give what plain arithmetic gives, whatever is at the rim, unread or thick."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from medviewer.core.arrangement import BLENDS, Blend
from medviewer.core.grid import Grid
from medviewer.imaging import reslice
from medviewer.imaging.reslice import ORIENTATIONS, Orientation, PlaneGeometry
from tests.imaging.test_reslice import tilted, turned_grids

BLENDED: dict[Blend, Any] = {"mean": np.mean, "max": np.max, "min": np.min}
NAN_BLENDED: dict[Blend, Any] = {"mean": np.nanmean, "max": np.nanmax, "min": np.nanmin}
NONE = -32000


def plain(voxels: NDArray[np.int16], grid: Grid, places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Trilinear interpolation written out, NaN more than half a voxel beyond the centres."""
    kji = grid.to_kji(places)
    most = np.asarray(grid.shape_kji) - 1
    inside = np.all((kji >= -0.5) & (kji <= most + 0.5), axis=-1)
    kji = np.clip(kji, 0, most)
    low = np.clip(np.floor(kji).astype(int), 0, np.maximum(most - 1, 0))
    part = kji - low
    total = np.zeros(kji.shape[:-1])
    for corner in np.ndindex(2, 2, 2):
        at = np.minimum(low + corner, most)
        weight = np.prod(np.where(corner, part, 1 - part), axis=-1)
        total += weight * voxels[tuple(np.moveaxis(at, -1, 0))]
    return np.where(inside, total, np.nan)


def places_of(where: PlaneGeometry, shift_mm: float = 0.0) -> NDArray[np.float64]:
    rows, columns = np.indices(where.shape)
    return where.to_lps(np.stack([columns, rows], axis=-1)) + shift_mm * where.normal_lps


def slanted(grid: Grid, shape: tuple[int, int] = (23, 31)) -> PlaneGeometry:
    """A plane at a slant to every axis, wider than the volume, through its middle."""
    flat = reslice.geometry(grid, "axial", grid.shape_kji[reslice.axis_of(grid, "axial")] // 2)
    turned = reslice.turned(reslice.turned(flat, 33, "right"), 21, "down")
    middle = grid.to_lps((np.asarray(grid.shape_kji) - 1) / 2)
    steps = turned.steps_lps_mm * 0.5
    origin = middle - steps[0] * (shape[1] - 1) / 2 - steps[1] * (shape[0] - 1) / 2
    spacing = (turned.spacing_mm[0] * 0.5, turned.spacing_mm[1] * 0.5)
    return PlaneGeometry(shape, tuple(origin.tolist()), turned.right_lps, turned.down_lps, spacing)


def noise(shape: tuple[int, ...]) -> NDArray[np.int16]:
    return np.random.default_rng(7).integers(-1024, 3072, shape).astype(np.int16)


@pytest.mark.parametrize("shape", [(7, 8, 9), (1, 8, 9), (7, 1, 9), (7, 8, 1), (2, 2, 2)])
def test_an_oblique_plane_is_what_plain_arithmetic_gives(shape: tuple[int, int, int]) -> None:
    grid, voxels = Grid(shape, (1.0, 2.0, 3.0), (3.0, 0.8, 0.7)), noise(shape)
    where = slanted(grid)
    picture = reslice.oblique(voxels, grid, where, outside=NONE)
    expected = plain(voxels, grid, places_of(where))
    assert np.array_equal(picture == NONE, np.isnan(expected))
    assert np.nanmax(np.abs(picture - expected)) <= 0.51
    assert np.isfinite(expected).any()


@pytest.mark.parametrize("blend", BLENDS)
def test_a_slab_blends_what_its_layers_hold_inside(blend: Blend) -> None:
    grid, voxels = tilted(), noise((7, 8, 9))
    where = slanted(grid)
    picture = reslice.oblique(voxels, grid, where, slab_mm=4.2, blend=blend, outside=NONE)
    layers = np.stack([plain(voxels, grid, places_of(where, mm)) for mm in np.linspace(-2.1, 2.1, 7)])  # 0.7 mm apart
    inside = np.isfinite(layers).any(axis=0)
    expected = NAN_BLENDED[blend](layers[:, inside], axis=0)
    assert np.array_equal(picture != NONE, inside)
    assert np.abs(picture[inside] - expected).max() <= 0.51


def test_a_wide_picture_is_made_of_pieces_without_a_seam() -> None:
    grid = Grid((6, 6, 700))
    voxels = np.broadcast_to(np.arange(700, dtype=np.int16) * 10, (6, 6, 700)).copy()
    where = reslice.turned(reslice.geometry(grid, "axial", 3), 0.05, "down")
    picture = reslice.oblique(voxels, grid, where, outside=NONE)
    expected = (places_of(where)[..., 0] * 10)[:, 1:-1]
    assert np.abs(picture[:, 1:-1] - expected).max() <= 0.51


def test_places_between_unread_slices_stay_black() -> None:
    grid, voxels = Grid((6, 5, 5)), np.full((6, 5, 5), 100, np.int16)
    ready = np.array([1, 1, 0, 1, 1, 1])
    where = PlaneGeometry((11, 5), (0.0, 2.0, 0.0), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0), (0.5, 1.0))  # z = row / 2
    picture = reslice.oblique(voxels, grid, where, ready=ready, outside=NONE)
    shown = [row / 2 for row in range(11) if np.all(picture[row] == 100)]
    assert shown == [0.0, 0.5, 1.0, 3.0, 3.5, 4.0, 4.5, 5.0]
    assert set(np.unique(picture)) == {100, NONE}


def test_a_slab_leaves_unread_layers_out() -> None:
    grid = Grid((5, 4, 4))
    voxels = np.broadcast_to(np.array([10, 20, 9999, 40, 50], np.int16)[:, None, None], (5, 4, 4)).copy()
    ready = np.array([1, 1, 0, 1, 1])
    where = reslice.geometry(grid, "axial", 2)
    cuts: list[Callable[[Blend], NDArray[np.int16]]] = [
        lambda blend: reslice.oblique(voxels, grid, where, slab_mm=2.0, blend=blend, ready=ready),
        lambda blend: reslice.slab(voxels, grid, "axial", 2, slab_mm=2.0, blend=blend, ready=ready),
    ]
    for cut in cuts:
        assert {blend: int(np.unique(cut(blend)).item()) for blend in BLENDS} == {"mean": 30, "max": 40, "min": 20}


def every_slab() -> Iterator[tuple[Grid, Orientation, Blend]]:
    for grid in turned_grids():
        for orientation in ORIENTATIONS:
            for blend in BLENDS:
                yield grid, orientation, blend


def test_a_thick_plane_is_the_blend_of_the_planes_around_it() -> None:
    voxels = noise((7, 8, 9))
    for grid, orientation, blend in every_slab():
        axis = reslice.axis_of(grid, orientation)
        spacing_mm = grid.spacing_kji_mm[axis]
        picture = reslice.slab(voxels, grid, orientation, 3, slab_mm=4 * spacing_mm, blend=blend)
        planes = [reslice.plane(voxels, grid, orientation, index) for index in (1, 2, 3, 4, 5)]
        expected = np.rint(BLENDED[blend](np.stack(planes).astype(float), axis=0))
        assert picture.shape == expected.shape
        assert np.abs(picture - expected).max() <= (1 if blend == "mean" else 0)


def test_a_thick_plane_at_the_end_of_the_stack_holds_what_there_is() -> None:
    voxels = np.broadcast_to(np.arange(7, dtype=np.int16)[:, None, None], (7, 8, 9)).copy()
    grid = Grid((7, 8, 9))
    assert np.all(reslice.slab(voxels, grid, "axial", 0, slab_mm=4.0, blend="max") == 2)
    assert np.all(reslice.slab(voxels, grid, "axial", 6, slab_mm=4.0, blend="min") == 4)


def test_rows_of_unread_slices_are_black_across_a_thick_plane() -> None:
    grid, voxels = Grid((7, 8, 9)), np.full((7, 8, 9), 5, np.int16)
    ready = np.ones(7)
    ready[2] = 0
    for orientation in ("coronal", "sagittal"):
        picture = reslice.slab(voxels, grid, orientation, 3, slab_mm=4.0, outside=NONE, ready=ready)
        assert np.all(picture[7 - 1 - 2] == NONE)
        assert np.count_nonzero(picture == NONE) == picture.shape[1]
    nothing = reslice.slab(voxels, grid, "axial", 2, slab_mm=0.0, outside=NONE, ready=ready)
    assert np.all(nothing == NONE)


def test_masks_and_colours_are_cut_by_their_nearest_voxels() -> None:
    grid = tilted()
    voxels = np.arange(7 * 8 * 9).reshape(7, 8, 9)
    where = slanted(grid)
    kji = np.rint(grid.to_kji(places_of(where))).astype(int)
    inside = np.all((kji >= 0) & (kji < (7, 8, 9)), axis=-1)
    picture = reslice.nearest(voxels, grid, where, -1)
    assert np.all(picture[~inside] == -1)
    assert np.array_equal(picture[inside], voxels[tuple(kji[inside].T)])
