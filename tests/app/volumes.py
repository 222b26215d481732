"""Small volumes for 3-D pictures, told apart by where their bright parts are."""

import os
from multiprocessing.connection import Connection

import numpy as np

from medviewer.app.volume import worker as volume_worker
from medviewer.core.grid import Grid, triple
from medviewer.core.shared import SharedArray
from medviewer.core.study import Header, Series
from medviewer.core.volume import READY, Volume

AIR_HU, BONE_HU = -1000, 1200
# A box of 80 mm in patient space, its middle at (10, -20, 30).
MIDDLE_LPS_MM = (10.0, -20.0, 30.0)
UPRIGHT = ((0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0))
# Slices from head to feet, rows towards the head of the table: a left-handed grid lying askew.
ASKEW = ((0.0, 0.0, -1.0), (0.6, 0.8, 0.0), (0.8, -0.6, 0.0))


def grid_of(axes: tuple[tuple[float, float, float], ...] = UPRIGHT) -> Grid:
    """A grid of 32 x 40 x 40 voxels of 2.5 x 2 x 2 mm around ``MIDDLE_LPS_MM``."""
    loose = Grid((32, 40, 40), (0.0, 0.0, 0.0), (2.5, 2.0, 2.0), axes)
    middle = loose.to_lps((15.5, 19.5, 19.5))
    return Grid(loose.shape_kji, triple(np.subtract(MIDDLE_LPS_MM, middle)), loose.spacing_kji_mm, axes)


def ball_voxels(grid: Grid, center_lps_mm: tuple[float, float, float], radius_mm: float = 8.0) -> np.ndarray:
    """Air with one ball of bone."""
    places = grid.to_lps(np.stack(np.meshgrid(*map(np.arange, grid.shape_kji), indexing="ij"), axis=-1))
    inside = np.linalg.norm(places - np.asarray(center_lps_mm), axis=-1) <= radius_mm
    return np.where(inside, BONE_HU, AIR_HU).astype(np.int16)


def volume_with(voxels: np.ndarray, grid: Grid, modality: str = "CT") -> Volume:
    """A complete volume of these voxels, in shared memory."""
    block = SharedArray.make(voxels.shape, "int16")
    block.array[...] = voxels
    state = SharedArray.make((len(voxels),), "uint8")
    state.array[...] = READY
    headers = tuple(Header("", f"1.{k}", "", "1.2", "1.2.3", modality=modality) for k in range(len(voxels)))
    return Volume(Series("1.2.3", headers, (), grid), grid, block, state, unit="HU" if modality == "CT" else "")


def ball_volume(dx_mm: float = 20.0, dy_mm: float = 0.0, dz_mm: float = 0.0) -> Volume:
    """A ball of bone so far to the left, back and head of the middle."""
    grid = grid_of()
    x, y, z = MIDDLE_LPS_MM
    return volume_with(ball_voxels(grid, (x + dx_mm, y + dy_mm, z + dz_mm)), grid)


def bright_at(pixels: np.ndarray) -> tuple[float, float]:
    """The middle of what is bright in a picture, x and y as shares of its size from -0.5 to 0.5."""
    rows, columns = np.nonzero(pixels[..., :3].max(axis=-1) > 60)
    assert len(rows), "nothing is to be seen"
    return float(columns.mean() / pixels.shape[1] - 0.5), float(rows.mean() / pixels.shape[0] - 0.5)


_main = volume_worker.main


def dies_of_the_driver(pipe: Connection, nice: int, try_gpu: bool) -> None:
    """A drawing process that ends at once where it tries the graphics card."""
    if try_gpu:
        os._exit(139)
    _main(pipe, nice, try_gpu)
