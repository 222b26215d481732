"""A coarse map of one patient's lungs: what is where, so that trees and nodules can be placed in them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medviewer.phantom.build import CENTER_Y_MM, FIELD_MM, Build
from medviewer.phantom.canvas import Canvas
from medviewer.phantom.lungs import fissures, floor, lobes, lung_distance
from medviewer.phantom.outline import Polar, outline

Array = NDArray[np.float64]
STEP_MM = 3.6


@dataclass(frozen=True, eq=False)
class Plan:
    """Distance to the lungs' surface (k, j, i; mm of the standard body, negative inside) every ``STEP_MM``."""

    build: Build
    distance: NDArray[np.float32]
    origin_xyz: tuple[float, float, float]

    def depth_mm(self, points: Array) -> Array:
        """How deep inside the lungs ``points`` (n, 3; x, y, z) are; negative outside."""
        size = np.asarray(self.distance.shape)
        index = np.clip(((points - self.origin_xyz) / STEP_MM)[:, ::-1], 0.0, size - 1.001)
        low = index.astype(np.int64)
        part = index - low
        depth = np.zeros(len(points))
        for corner in np.ndindex(2, 2, 2):  # trilinear; scipy would do it but takes half a second to import
            weight = np.where(corner, part, 1.0 - part).prod(axis=1)
            depth -= weight * self.distance[tuple((low + corner).T)]
        return depth

    def lobe(self, points: Array) -> NDArray[np.uint8]:
        """Which lobe (1 to 5) ``points`` are in or nearest to."""
        return lobes(self.build, *np.asarray(points, np.float32).T)

    def from_fissure_mm(self, points: Array) -> Array:
        """How far ``points`` are from the nearest fissure of their side."""
        x, y, z = np.asarray(points, np.float32).T
        cut = fissures(self.build, x, y, z)
        minor = np.where((x < 0) & (cut.oblique > 0), np.abs(cut.horizontal), np.inf)
        nearest: Array = np.minimum(np.abs(cut.oblique), minor).astype(np.float64)
        return nearest

    def scatter(self, apart_mm: float, depth_mm: float, rng: np.random.Generator) -> Array:
        """Return points (n, 3) evenly but irregularly spread over the lungs, about ``apart_mm`` from each other."""
        extent = np.asarray(self.distance.shape[::-1]) * STEP_MM
        axes = [np.arange(0.5 * apart_mm, size, apart_mm) for size in extent]
        grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3) + self.origin_xyz
        points: Array = grid + rng.uniform(-0.45, 0.45, grid.shape) * apart_mm
        points = points[self.depth_mm(points) > depth_mm]
        return points[self.from_fissure_mm(points) > depth_mm]

    def surface(self, inner: Array, outward: Array) -> Array:
        """Return where the lung's surface is from the point ``inner`` in direction ``outward``, to 0.02 mm."""
        near, far = 0.0, 16.0
        while far - near > 0.02:
            middle = 0.5 * (near + far)
            near, far = (middle, far) if self._is_lung(inner + middle * outward) else (near, middle)
        return inner + near * outward

    def _is_lung(self, point: Array) -> bool:
        """Whether ``point`` (x, y, z) is in the lung, asked of the body itself rather than of this map."""
        x, y = (np.float32(point[axis]) + np.arange(-1, 2, dtype=np.float32) for axis in (0, 1))
        canvas = Canvas(np.zeros((3, 3), np.float32), x[None, :], y[:, None], float(point[2]), 1.0, 1.0)
        lines, ground = outline(self.build, canvas.z), floor(self.build, canvas.x, canvas.y)
        polar = Polar.of(canvas, lines.center_y)
        return bool(lung_distance(canvas, self.build, lines, polar, ground)[1, 1] < 0.0)


def plan(build: Build) -> Plan:
    """Map the lungs of ``build``."""
    size = [int(length / STEP_MM) + 1 for length in FIELD_MM]
    half_x, half_y = FIELD_MM[0] / 2, FIELD_MM[1] / 2
    x = (np.arange(size[0], dtype=np.float32) * STEP_MM - half_x)[None, :]
    y = (np.arange(size[1], dtype=np.float32) * STEP_MM - half_y + CENTER_Y_MM)[:, None]
    ground = floor(build, x, y)
    distance = np.empty((size[2], size[1], size[0]), np.float32)
    for k in range(size[2]):
        canvas = Canvas(distance[k], x, y, k * STEP_MM, STEP_MM, STEP_MM)
        lines = outline(build, canvas.z)
        distance[k] = lung_distance(canvas, build, lines, Polar.of(canvas, lines.center_y), ground)
    return Plan(build, distance, (float(x[0, 0]), float(y[0, 0]), 0.0))
