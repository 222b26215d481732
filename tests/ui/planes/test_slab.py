"""Thick planes of the array, and the steps and words of thickness."""

import numpy as np
import pytest

from medviewer.core.arrangement import Slab
from medviewer.core.grid import Grid
from medviewer.core.volume import FAILED, Volume
from medviewer.imaging.reslice import ORIENTATIONS
from medviewer.ui.planes.plane import UNREAD, Plane
from medviewer.ui.planes.slab import blended, slab_words, thicker
from tests.ui.planes.room import USUAL, centred, volume_on


def dotted() -> tuple[Volume, tuple[float, float, float]]:
    """Zeros with one bright voxel, and its place."""
    grid = centred((20, 30, 40), (2.5, 1.0, 0.8), USUAL)
    voxels = np.zeros(grid.shape_kji)
    voxels[7, 12, 25] = 1000
    x, y, z = grid.to_lps((7, 12, 25)).tolist()
    return volume_on(grid, voxels), (x, y, z)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_a_bright_dot_is_in_every_slab_that_reaches_it(orientation: str) -> None:
    volume, dot = dotted()
    thin = Plane(volume, orientation)  # type: ignore[arg-type]
    at = thin.index_at(dot)
    for off in (0, 2, 3):
        mm = 2 * 2 * thin.between_mm  # two slices to either side
        plane = Plane(volume, orientation, Slab(mm, "max"))  # type: ignore[arg-type]
        picture = plane.pixels(at + off)
        x, y = np.rint(plane.geometry(at + off).to_xy(dot)).astype(int)
        assert picture[y, x] == (1000 if off <= 2 else 0)
        assert np.count_nonzero(picture) == (1 if off <= 2 else 0)
    mean = Plane(volume, orientation, Slab(mm, "mean")).pixels(at)  # type: ignore[arg-type]
    assert mean.max() == 200
    assert Plane(volume, orientation, Slab(mm, "min")).pixels(at).max() == 0  # type: ignore[arg-type]
    volume.close()


def test_the_value_under_the_mouse_is_that_of_the_slab() -> None:
    volume, dot = dotted()
    beside = (dot[0], dot[1], dot[2] + 5.0)  # two slices further to the head
    assert Plane(volume, "axial").value_at(beside) == 0.0
    assert Plane(volume, "axial", Slab(10.0, "max")).value_at(beside) == 1000.0
    assert Plane(volume, "axial", Slab(10.0, "mean")).value_at(beside) == 200.0
    volume.state[7] = FAILED
    assert Plane(volume, "axial", Slab(10.0, "max")).value_at(beside) == 0.0
    volume.close()


def test_slices_that_failed_are_left_out_of_a_slab() -> None:
    volume, _dot = dotted()
    volume.state[7] = FAILED
    assert Plane(volume, "axial", Slab(10.0, "max")).pixels(7).max() == 0
    across = Plane(volume, "coronal", Slab(4.0, "max")).pixels(12)
    assert np.all(across[20 - 1 - 7] == UNREAD)
    assert across.max() == 0
    volume.close()


def test_a_slab_is_blended_once_while_nothing_changes() -> None:
    volume, _dot = dotted()
    plane = Plane(volume, "axial", Slab(10.0, "max"))
    assert plane.pixels(7) is plane.pixels(7)
    assert plane.pixels(7) is not plane.pixels(8)
    volume.close()


def test_thickness_goes_by_five_millimetres_and_ends_at_a_single_layer() -> None:
    volume = volume_on(centred((100, 90, 90), (1.0, 1.0, 1.0), USUAL))
    plane = Plane(volume, "axial")
    slab = thicker(Slab(), plane, 1)
    assert slab == Slab(5.0, "max")
    assert thicker(slab, plane, 3) == Slab(20.0, "max")
    assert thicker(slab, plane, -1).mm == 0.0
    assert thicker(thicker(slab, plane, -1), plane, -5).mm == 0.0
    assert thicker(slab, plane, 999).mm == 100.0
    assert thicker(Slab(0.0, "min"), plane, 1) == Slab(5.0, "min")
    volume.close()


def test_thick_slices_come_in_two_at_a_time_and_small_stacks_by_a_millimetre() -> None:
    thick = volume_on(centred((30, 40, 40), (5.0, 2.0, 2.0), USUAL))
    assert thicker(Slab(), Plane(thick, "axial"), 1).mm == 10.0
    assert Plane(thick, "axial", Slab(10.0)).layers == 3
    small = volume_on(centred((30, 40, 40), (0.2, 0.2, 0.2), USUAL))
    assert thicker(Slab(), Plane(small, "axial"), 2).mm == 2.0
    for volume in (thick, small):
        volume.close()


def test_the_words_say_how_thick_and_how_blended() -> None:
    assert slab_words(Slab()) == ""
    assert slab_words(Slab(10.0, "max")) == "MIP 10 mm"
    assert [slab_words(Slab(2.5, blend)) for blend in ("min", "mean")] == ["MinIP 2.5 mm", "Mean 2.5 mm"]
    slab = Slab(10.0, "mean")
    assert [(slab := blended(slab)).blend for _turn in range(3)] == ["max", "min", "mean"]


def test_images_that_are_no_stack_are_never_thick() -> None:
    from dataclasses import replace

    volume = replace(volume_on(Grid((6, 8, 8))), regular=False)
    assert Plane(volume, "axial", Slab(5.0, "max")).layers == 1
    volume.close()
