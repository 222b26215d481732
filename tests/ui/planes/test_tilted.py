"""Tilted planes: where their pixels are, what they show, how they are leafed through."""

from dataclasses import replace
from itertools import permutations, product

import numpy as np
import pytest

from medviewer.core.arrangement import Slab
from medviewer.core.grid import Grid
from medviewer.core.shared import SharedArray
from medviewer.core.volume import PENDING, READY
from medviewer.imaging import frames
from medviewer.imaging.reslice import ORIENTATIONS, Orientation
from medviewer.ui.display import Display
from medviewer.ui.planes.plane import UNREAD, Plane, plane_of
from medviewer.ui.planes.tilted import ObliquePlane
from tests.ui.planes.room import SLOPE, USUAL, centred, volume_on

WAYS = [
    np.eye(3)[list(order)] * np.array(signs)[:, None]
    for order, signs in product(permutations(range(3)), product((1, -1), repeat=3))
]
SHAPE, SPACING = (24, 30, 36), (2.0, 0.9, 0.8)


def tilt(grid: Grid) -> np.ndarray:
    """A double oblique frame: 25 degrees about the left, then 40 about the head."""
    once = frames.turned_about(frames.upright(grid), (1, 0, 0), np.deg2rad(25))
    return frames.turned_about(once, (0, 0, 1), np.deg2rad(40))


def oblique_of(grid: Grid, orientation: Orientation, slab: Slab = Slab()) -> ObliquePlane:  # noqa: B008
    plane = plane_of(Display(volume=volume_on(grid), axes=tilt(grid)), orientation, slab)
    assert isinstance(plane, ObliquePlane)
    return plane


@pytest.mark.parametrize("axes", WAYS)
@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_every_pixel_of_a_gradient_has_the_value_of_its_place(axes: np.ndarray, orientation: Orientation) -> None:
    plane = oblique_of(centred(SHAPE, SPACING, axes), orientation)
    for index in (plane.count // 3, plane.count // 2):
        picture, where = plane.pixels(index), plane.geometry(index)
        rows, columns = np.indices(where.shape)
        place = where.to_lps(np.stack([columns, rows], axis=-1))
        kji = plane.volume.grid.to_kji(place)
        inside = np.all((kji >= 0) & (kji <= np.array(SHAPE) - 1), axis=-1)
        assert inside.sum() > 300
        assert np.abs(picture - place @ SLOPE)[inside].max() <= 1.0  # the voxels are rounded, and so is the pixel
        beyond = np.any((kji < -0.51) | (kji > np.array(SHAPE) - 0.49), axis=-1)
        assert np.all(picture[beyond] == UNREAD)
    plane.volume.close()


@pytest.mark.parametrize("axes", WAYS[::5])
def test_the_stack_holds_every_place_and_goes_there(axes: np.ndarray) -> None:
    grid = centred(SHAPE, SPACING, axes)
    for orientation in ORIENTATIONS:
        plane = oblique_of(grid, orientation)
        for corner in grid.to_lps(np.array([(0, 0, 0), (23, 29, 35), (5, 20, 9)])):
            at = tuple(corner.tolist())
            index = plane.index_at(at)
            assert abs(float(plane.geometry(index).distance_mm(at))) <= plane.between_mm / 2 + 1e-6
            there = plane.moved(at, 7)
            assert plane.index_at(there) == 7
            assert np.allclose(np.cross(np.subtract(there, at), plane.geometry(0).normal_lps), 0.0)
        assert (plane.index_at((999, 999, 999)), plane.index_at((-999, -999, -999))) in (
            (0, plane.count - 1),
            (plane.count - 1, 0),
        )
        plane.volume.close()


def test_readers_leaf_tilted_planes_as_they_do_upright_ones() -> None:
    grid = centred(SHAPE, SPACING, WAYS[9])
    axial = oblique_of(grid, "axial")
    head, feet = ((0.0, 0.0, 15.0), (0.0, 0.0, -15.0))
    assert axial.number(axial.index_at(head)) < axial.number(axial.index_at(feet))
    coronal = oblique_of(grid, "coronal")
    front, back = ((0.0, -8.0, 0.0), (0.0, 8.0, 0.0))
    assert coronal.number(coronal.index_at(front)) < coronal.number(coronal.index_at(back))


def test_only_the_planes_that_were_tilted_are_computed() -> None:
    grid = centred(SHAPE, SPACING, USUAL)
    turned = frames.turned_about(frames.upright(grid), (0, 0, 1), 0.3)
    display = Display(volume=volume_on(grid), axes=turned)
    assert type(plane_of(display, "axial", Slab())) is Plane
    assert isinstance(plane_of(display, "coronal", Slab()), ObliquePlane)
    assert plane_of(display, "coronal", Slab()).axis == -1
    assert type(plane_of(display, "native", Slab())) is Plane
    display.axes = None
    assert type(plane_of(display, "coronal", Slab())) is Plane


def test_the_value_under_the_mouse_is_interpolated_and_blended() -> None:
    grid = centred(SHAPE, SPACING, WAYS[3])
    plane = oblique_of(grid, "coronal")
    at = (1.3, -2.1, 3.7)
    assert plane.value_at(at) == pytest.approx(np.dot(at, SLOPE), abs=0.51)
    assert plane.value_at((0.0, 0.0, 300.0)) is None
    thick = oblique_of(grid, "coronal", Slab(8.0, "max"))
    steepest = abs(float(thick.geometry(0).normal_lps @ SLOPE))
    assert thick.value_at((0.0, 0.0, 0.0)) == pytest.approx(4.0 * steepest, abs=0.6)


def test_a_bright_dot_off_the_plane_is_in_its_slab_at_its_place() -> None:
    grid = centred((40, 40, 40), (1.0, 1.0, 1.0), USUAL)
    voxels = np.zeros(grid.shape_kji)
    voxels[24:27, 12:15, 19:22] = 900
    dot = grid.to_lps((25.0, 13.0, 20.0))
    display = Display(volume=volume_on(grid, voxels), axes=tilt(grid))
    middle = plane_of(display, "sagittal", Slab()).index_at((0.0, 0.0, 0.0))
    off_mm = abs(float(plane_of(display, "sagittal", Slab()).geometry(middle).distance_mm(dot)))
    thin, thick = (plane_of(display, "sagittal", Slab(mm, "max")) for mm in (0.0, 2 * off_mm + 2.0))
    assert off_mm > 3.0
    assert thin.pixels(middle).max() <= 0
    row, column = np.unravel_index(np.argmax(thick.pixels(middle)), thick.geometry(middle).shape)
    assert thick.pixels(middle).max() >= 890
    assert np.abs(thick.geometry(middle).to_xy(dot) - (column, row)).max() <= 1.5
    least = plane_of(display, "sagittal", Slab(2 * off_mm + 2.0, "min")).pixels(middle)
    assert least[least != UNREAD].max() == 0


def test_unread_slices_are_black_in_a_tilted_plane_until_they_come() -> None:
    grid = centred(SHAPE, SPACING, USUAL)
    plane = oblique_of(grid, "coronal")
    plane.volume.state[10:] = PENDING
    index = plane.count // 2
    missing = np.count_nonzero(plane.pixels(index) == UNREAD)
    assert plane.state(index) == PENDING
    plane.volume.state[:] = READY
    assert np.count_nonzero(plane.pixels(index) == UNREAD) < missing
    assert plane.pixels(index) is plane.pixels(index)  # kept, so that a change of window costs nothing


def test_colours_are_those_of_the_nearest_pixels() -> None:
    grid = centred(SHAPE, SPACING, USUAL)
    colours = SharedArray.make((*SHAPE, 3), "uint8")
    colours.array[...] = np.random.default_rng(5).integers(0, 255, (*SHAPE, 3))
    volume = replace(volume_on(grid), colours_block=colours)
    plane = plane_of(Display(volume=volume, axes=tilt(grid)), "axial", Slab(10.0, "max"))
    shown, where = plane.colours(20), plane.geometry(20)
    assert shown is not None
    assert shown.shape == (*where.shape, 3)
    row, column = where.shape[0] // 2, where.shape[1] // 2
    at = tuple(where.to_lps((column, row)).tolist())
    assert tuple(shown[row, column].tolist()) == plane.colour_at(at)
    assert not shown[0, 0].any()
    volume.close()
