"""Tiny asymmetric volumes for tests of other rooms: a box of a chest with one sphere of known size."""

import numpy as np

from medviewer.core.grid import Grid
from medviewer.phantom.virtual import Point, TrueNodule, VirtualCT

GRID = Grid((24, 64, 64), (-52.0, -40.0, -120.0), (2.5, 1.6, 1.6))
CENTER_KJI = (13.0, 30.0, 45.0)
TISSUE_HU, LUNG_HU, BONE_HU, AIR_HU = 45.0, -850.0, 700.0, -1000.0
_SUB = (np.arange(5) - 2.0) / 5.0


def make(
    diameter_mm: float = 12.0,
    *,
    hu: float = 40.0,
    grid: Grid = GRID,
    center_kji: tuple[float, float, float] = CENTER_KJI,
    noise_hu: float = 0.0,
    seed: int = 0,
) -> VirtualCT:
    """Return a box of soft tissue with two lungs of different size, bone at the back and a sphere in the left lung.

    The boxes scale with ``grid.shape_kji``; no two mirror images are equal. ``center_kji`` is the sphere's centre.
    ``noise_hu`` is the SD of white noise drawn from ``seed``.
    """
    voxels = _chest(grid.shape_kji)
    share = sphere_share(grid, center_kji, diameter_mm)
    voxels += share * (hu - voxels)
    if noise_hu:
        voxels += np.random.default_rng(seed).normal(0.0, noise_hu, voxels.shape)
    picture = np.rint(np.clip(voxels, -1024, 3071)).astype(np.int16)
    filled = share >= 0.5
    x, y, z = (float(v) for v in grid.to_lps(center_kji))
    center: Point = (x, y, z)
    nodule = TrueNodule(
        id="sphere",
        type="solid" if hu > -300 else "ground-glass",
        center_lps_mm=center,
        axes_mm=(diameter_mm, diameter_mm, diameter_mm),
        long_axis_mm=diameter_mm,
        short_axis_mm=diameter_mm,
        volume_mm3=np.pi / 6.0 * diameter_mm**3,
        mean_hu=float(picture[filled].mean()) if filled.any() else hu,
        side="left",
        lobe="left upper lobe",
    )
    return VirtualCT(picture, grid, (nodule,))


def sphere_share(grid: Grid, center_kji: tuple[float, float, float], diameter_mm: float) -> np.ndarray:
    """Return how much of each voxel (k, j, i; 0 to 1) a sphere fills, from 125 samples per voxel."""
    inside = np.zeros(grid.shape_kji)
    lines = [(np.arange(n) - c) * s for n, c, s in zip(grid.shape_kji, center_kji, grid.spacing_kji_mm, strict=True)]
    dk, dj, di = (np.abs(line) < diameter_mm for line in lines)
    box = np.ix_(dk, dj, di)
    k, j, i = (line[near] for line, near in zip(lines, (dk, dj, di), strict=True))
    sk, sj, si = grid.spacing_kji_mm
    total = np.zeros((len(k), len(j), len(i)))
    for a in _SUB * sk:
        for b in _SUB * sj:
            for c in _SUB * si:
                total += np.add.outer(np.add.outer((k + a) ** 2, (j + b) ** 2), (i + c) ** 2) <= diameter_mm**2 / 4
    inside[box] = total / 125.0
    return inside


def _chest(shape_kji: tuple[int, int, int]) -> np.ndarray:
    """Body, lungs, and a bony block at the back, in HU."""
    voxels = np.full(shape_kji, AIR_HU)
    for hu, low, high in (
        (TISSUE_HU, (0.0, 0.08, 0.05), (1.0, 0.92, 0.95)),
        (LUNG_HU, (0.25, 0.2, 0.12), (0.95, 0.8, 0.44)),
        (LUNG_HU, (0.15, 0.18, 0.54), (0.9, 0.82, 0.9)),
        (BONE_HU, (0.0, 0.76, 0.46), (1.0, 0.9, 0.54)),
    ):
        voxels[tuple(slice(round(a * n), round(b * n)) for a, b, n in zip(low, high, shape_kji, strict=True))] = hu
    return voxels
