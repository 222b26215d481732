"""Leafing through a volume in three orientations."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from medviewer.core.grid import Grid
from medviewer.core.volume import FAILED, PENDING, READY, Volume
from medviewer.phantom import small
from medviewer.ui.planes.plane import Plane, native
from tests.ui.samples import volume_of

FEET_FIRST = replace(small.GRID, axes_kji_lps=((0.0, 0.0, -1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0)))
CORONAL = Grid((24, 64, 64), (-50.0, -40.0, 60.0), (2.0, 1.6, 1.6), ((0, 1, 0), (0, 0, -1), (1, 0, 0)))


@pytest.fixture
def pending() -> Iterator[Volume]:
    made = volume_of(ready=False)
    yield made
    made.close()


def test_the_first_image_of_an_axial_stack_is_the_one_at_the_head(volume: Volume) -> None:
    plane = Plane(volume, "axial")
    assert plane.count == 24
    assert (plane.number(23), plane.number(0)) == (1, 24)
    assert plane.onward == -1


def test_reading_order_does_not_depend_on_how_the_array_lies() -> None:
    flipped = volume_of(replace(small.make(), grid=FEET_FIRST))
    assert Plane(flipped, "axial").onward == 1
    assert Plane(flipped, "coronal").onward == 1
    flipped.close()


def test_images_that_are_no_stack_keep_the_order_of_the_files() -> None:
    loose = volume_of(regular=False)
    assert Plane(loose, "axial").number(0) == 1
    loose.close()


def test_a_point_falls_on_the_nearest_slice_and_is_kept_inside(volume: Volume) -> None:
    plane = Plane(volume, "sagittal")
    x, y, z = (float(v) for v in volume.grid.to_lps((3.4, 20.0, 10.6)))
    assert plane.index_at((x, y, z)) == 11
    assert plane.index_at((x + 999.0, y, z)) == 63
    assert plane.index_at((x - 999.0, y, z)) == 0


def test_going_to_a_slice_keeps_the_place_in_the_other_planes(volume: Volume) -> None:
    axial, coronal = Plane(volume, "axial"), Plane(volume, "coronal")
    here = small.make().truth[0].center_lps_mm
    there = axial.moved(here, 3)
    assert axial.index_at(there) == 3
    assert coronal.index_at(there) == coronal.index_at(here)
    assert axial.index_at(axial.moved(here, 999)) == 23


def test_a_coronal_plane_shows_the_head_at_the_top(volume: Volume) -> None:
    volume.voxels[-1] = 3000
    assert int(Plane(volume, "coronal").pixels(30)[0, 30]) == 3000


def test_an_unread_slice_is_black_and_says_so(pending: Volume) -> None:
    plane = Plane(pending, "axial")
    assert plane.state(5) == PENDING
    assert int(plane.pixels(5).max()) == -32768
    pending.state[5] = READY
    assert plane.state(5) == READY
    assert int(plane.pixels(5).max()) > -1100


def test_a_plane_across_the_slices_is_black_where_they_are_missing(pending: Volume) -> None:
    pending.state[:] = READY
    pending.state[20] = FAILED
    cut = Plane(pending, "coronal").pixels(30)
    assert np.all(cut[24 - 1 - 20] == -32768)
    assert not np.any(cut[0] == -32768)


def test_the_value_at_a_place_is_the_voxels_real_value(volume: Volume) -> None:
    plane = Plane(volume, "axial")
    nodule = small.make().truth[0].center_lps_mm
    assert plane.value_at(nodule) == 40.0
    assert plane.value_at((9999.0, 0.0, 0.0)) is None


def test_the_value_of_an_unread_slice_is_not_told(pending: Volume) -> None:
    assert Plane(pending, "axial").value_at(small.make().truth[0].center_lps_mm) is None


def test_images_made_coronally_are_leafed_through_as_such() -> None:
    made = volume_of(replace(small.make(), grid=CORONAL))
    assert native(made) == "coronal"
    assert Plane(made, "coronal").axis == 0
    made.close()
