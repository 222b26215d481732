"""Hashes tell whether an answer would be the same: of each image and its place, of all a model is told, of the code."""

import numpy as np

from medviewer.app.fingerprints import computer, image_hashes, input_sha256, program
from medviewer.core.grid import Grid
from medviewer.core.volume import FAILED
from tests.app.volumes import ball_voxels, grid_of, volume_with


def test_equal_volumes_have_equal_hashes_and_every_slice_its_own() -> None:
    grid = grid_of()
    with_ball = ball_voxels(grid, (10.0, -20.0, 30.0))
    one, other = volume_with(with_ball, grid), volume_with(with_ball.copy(), grid)
    assert image_hashes(one) == image_hashes(other)
    assert len(set(image_hashes(one))) == 32  # air at another place is another image
    assert input_sha256(one) == input_sha256(other, image_hashes(other))


def test_one_voxel_changes_the_hash_of_its_image_alone() -> None:
    grid = grid_of()
    voxels = ball_voxels(grid, (10.0, -20.0, 30.0))
    before = volume_with(voxels, grid)
    voxels[7, 3, 3] += 1
    after = volume_with(voxels, grid)
    pairs = zip(image_hashes(before), image_hashes(after), strict=True)
    assert [k for k, (one, other) in enumerate(pairs) if one != other] == [7]
    assert input_sha256(before) != input_sha256(after)


def test_what_a_model_is_told_besides_the_voxels_counts_too() -> None:
    grid = grid_of()
    voxels = np.zeros(grid.shape_kji, np.int16)
    wider = Grid(grid.shape_kji, grid.origin_lps_mm, (2.5, 2.0, 2.1), grid.axes_kji_lps)
    plain, spaced, failed = volume_with(voxels, grid), volume_with(voxels, wider), volume_with(voxels, grid)
    failed.state[4] = FAILED
    other = volume_with(voxels, grid, modality="MR")
    assert len({input_sha256(volume) for volume in (plain, spaced, failed, other)}) == 4


def test_program_and_computer_are_told_without_torch() -> None:
    assert len(program()["code_sha256"]) == 64
    assert program()["libraries"]["torch"].startswith("2.")
    assert computer()["threads"] >= 1
