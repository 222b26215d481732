"""Frames on grids of their own, and pixel-on-pixel placing, by geometry alone."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from medviewer.core.grid import Grid
from medviewer.core.job import Job
from medviewer.dicom.objects.filling import inside
from medviewer.dicom.objects.frames import Frame, Plane, plane_of
from medviewer.dicom.objects.resampling import Stacked, alike

CENTER = np.array([3.0, -4.0, 10.0])


def sphere_at(lps_mm: NDArray[np.float64], radius_mm: float = 9.0) -> NDArray[np.bool_]:
    """Which places lie in a sphere with a bump towards left and head, so that no mirror image is the same."""
    from_center = lps_mm - CENTER
    bump = from_center - np.array([7.0, 0.0, 6.0])
    return np.asarray((np.linalg.norm(from_center, axis=-1) < radius_mm) | (np.linalg.norm(bump, axis=-1) < 4.0))


def oblique_frames(step_mm: float) -> list[tuple[Frame, NDArray[Any]]]:
    """Frames through the sphere in planes turned by 30 and 20 degrees."""
    a, b = np.deg2rad(30), np.deg2rad(20)
    right = np.array([np.cos(a), np.sin(a), 0.0])
    down = np.array([-np.sin(a) * np.cos(b), np.cos(a) * np.cos(b), np.sin(b)])
    normal = np.cross(right, down)
    frames = []
    for n in range(-12, 13):
        origin = CENTER + normal * n * step_mm - 40 * 0.7 * right - 40 * 0.7 * down
        rows, columns = np.mgrid[:80, :80]
        places = origin + rows[..., None] * 0.7 * down + columns[..., None] * 0.7 * right
        frames.append((Frame(n, 1, (), Plane(origin, 0.7 * down, 0.7 * right)), sphere_at(places)))
    return frames[::-1]


def resampled(frames: list[tuple[Frame, NDArray[Any]]], grid: Grid, step_mm: float | None) -> NDArray[np.bool_]:
    out = np.zeros(grid.shape_kji, np.bool_)
    for k, (j, i), values in Stacked(frames, step_mm, 1.0).slices(grid, Job()):
        out[k, j : j + values.shape[0], i : i + values.shape[1]] = values
    return out


@pytest.mark.parametrize("step_mm", [1.0, None])
def test_an_oblique_segment_lands_where_it_is_in_the_patient(step_mm: float | None) -> None:
    grid = Grid((20, 60, 50), (-25.0, -30.0, -8.0), (2.0, 1.0, 1.1))
    found = resampled(oblique_frames(1.0), grid, step_mm)
    truth = sphere_at(grid.to_lps(np.moveaxis(np.indices(grid.shape_kji), 0, -1)))
    both = 2 * np.count_nonzero(found & truth) / (np.count_nonzero(found) + np.count_nonzero(truth))
    flipped = 2 * np.count_nonzero(found & truth[:, :, ::-1]) / (np.count_nonzero(found) + np.count_nonzero(truth))
    assert both > 0.95
    assert flipped < 0.9


def test_a_frame_that_is_missing_leaves_a_gap() -> None:
    grid = Grid((5, 8, 8))
    steps = np.array([0.0, 1.0, 0.0]), np.array([1.0, 0.0, 0.0])
    frames = [
        (Frame(n, 1, (), Plane(np.array([0.0, 0.0, z]), *steps)), np.ones((8, 8))) for n, z in enumerate((0, 3, 4))
    ]
    assert resampled(frames, grid, None).any(axis=(1, 2)).tolist() == [True, False, False, True, True]


def test_frames_of_several_directions_make_no_grid() -> None:
    axial = plane_of((0.0, 0.0, 0.0), (1, 0, 0, 0, 1, 0), (1.0, 1.0))
    coronal = plane_of((0.0, 0.0, 0.0), (1, 0, 0, 0, 0, -1), (1.0, 1.0))
    assert alike([Frame(0, 1, (), axial), Frame(1, 1, (), axial)])
    assert not alike([Frame(0, 1, (), axial), Frame(1, 1, (), coronal)])


@pytest.mark.parametrize(
    ("orientation", "spacing"),
    [((1, 0, 0, 1, 0, 0), (1.0, 1.0)), ((1, 0, 0, 0, 1, 0), (0.0, 1.0)), ((1, 0, 0), (1.0, 1.0))],
)
def test_impossible_geometry_is_no_plane(orientation: tuple[float, ...], spacing: tuple[float, ...]) -> None:
    assert plane_of((0.0, 0.0, 0.0), orientation, spacing) is None


def test_filling_agrees_with_a_count_of_crossings_pixel_by_pixel() -> None:
    random = np.random.default_rng(3)
    line = random.uniform(-3, 24, (17, 2))
    found = inside([line], (20, 22))
    ends = np.roll(line, -1, axis=0)
    for row in range(20):
        for column in range(22):
            crossings = 0
            for (r0, c0), (r1, c1) in zip(line, ends, strict=True):
                if (r0 <= row) != (r1 <= row):
                    crossings += c0 + (row - r0) / (r1 - r0) * (c1 - c0) <= column
            assert found[row, column] == bool(crossings % 2)
