"""Where marks are among the voxels, in stacks that are regular and in those that are not."""

from dataclasses import replace

import numpy as np
import pytest

from medviewer.core.grid import Grid
from medviewer.core.volume import Volume
from medviewer.imaging import reslice
from medviewer.imaging.marks import place as mark_place
from tests.marks import across, on_slice, volume

ORIENTATION = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


def stack(*, regular: bool = True) -> Volume:
    """Three images, the last where the fourth should be; the grid knows nothing of the hole."""
    shown = volume(np.zeros((3, 8, 10), np.int16), Grid((3, 8, 10), spacing_kji_mm=(5.0, 2.0, 1.0)), regular=regular)
    places = (0.0, 5.0, 15.0)
    pairs = zip(shown.series.headers, places, strict=True)
    headers = tuple(replace(h, position_lps_mm=(0.0, 0.0, z), orientation=ORIENTATION) for h, z in pairs)
    return replace(shown, series=replace(shown.series, headers=headers))


def test_an_image_lies_where_its_header_says() -> None:
    shown = stack(regular=False)
    assert mark_place.in_patient(shown, (3.0, 4.0, 10.0), 2) == pytest.approx((3.0, 4.0, 15.0))
    assert mark_place.in_voxels(shown, (3.0, 4.0, 15.0), 2) == pytest.approx((2.0, 2.0, 3.0))


def test_a_regular_stack_lies_where_it_is_drawn() -> None:
    shown = stack()
    assert mark_place.in_patient(shown, (3.0, 4.0, 10.0), 2) == pytest.approx((3.0, 4.0, 10.0))


def test_the_picture_of_an_image_keeps_its_directions_and_gets_its_place() -> None:
    shown = stack(regular=False)
    drawn = reslice.geometry(shown.grid, "axial", 2)
    true = mark_place.true_geometry(shown, drawn, 2)
    assert true.to_lps((3, 2)) == pytest.approx((3.0, 4.0, 15.0))
    assert true.shape == drawn.shape
    assert true.spacing_mm == pytest.approx(drawn.spacing_mm)
    assert true.right_lps == pytest.approx(drawn.right_lps)


def test_images_without_a_position_stay_where_they_are_assumed() -> None:
    shown = volume(np.zeros((2, 8, 10), np.int16), regular=False)
    assert mark_place.image_plane(shown, 1) is None
    assert mark_place.in_voxels(shown, (3.0, 4.0, 0.0), 1) == pytest.approx((1.0, 4.0, 3.0))


def test_a_straightened_series_no_longer_lies_as_its_files_say() -> None:
    from medviewer.core.study import Check
    from medviewer.i18n import N_

    shown = stack(regular=False)
    check = Check("straightened", "warning", N_("Straightened."))
    remade = replace(shown, series=replace(shown.series, checks=(check,)))
    assert mark_place.image_plane(remade, 2) is None


def test_a_mark_knows_its_image_and_others_do_not_have_it() -> None:
    shown = stack()
    made = on_slice(shown, "length", [(1, 1), (1, 5)], k=1)
    assert mark_place.image_of(made, shown.series) == 1
    assert mark_place.along_array(made, shown) == (0, 1)
    assert mark_place.image_of(replace(made, frame=4), shown.series) is None
    assert mark_place.image_of(replace(made, sop_uid=""), shown.series) is None


def test_planes_along_the_array_are_told_from_those_between() -> None:
    shown = stack()
    right, down = (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)
    assert mark_place.along_array(across(shown, "probe", [(1.0, 6.0, 2.0)], right, down), shown) == (1, 3)
    assert mark_place.along_array(across(shown, "probe", [(1.0, 6.7, 2.0)], right, down), shown) is None
    assert mark_place.along_array(across(shown, "probe", [(1.0, 99.0, 2.0)], right, down), shown) is None
    slanted = (0.0, 0.6, 0.8)
    assert mark_place.along_array(across(shown, "probe", [(1.0, 6.0, 2.0)], right, slanted), shown) is None


def test_a_stack_that_has_grown_since_does_not_move_a_mark_off_its_image() -> None:
    """The image number is found by its UID, and where the stack now lies elsewhere the mark is no longer on it."""
    shown = stack()
    made = on_slice(shown, "length", [(1, 1), (1, 5)], k=1)
    moved = replace(made, points_lps_mm=tuple((x, y, z + 2.5) for x, y, z in made.points_lps_mm))
    assert mark_place.along_array(moved, shown) is None
