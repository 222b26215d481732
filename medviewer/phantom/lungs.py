"""The lungs: what the rib cage leaves free above the diaphragm and beside the mediastinum, and their lobes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medviewer.phantom.build import Build
from medviewer.phantom.canvas import Canvas
from medviewer.phantom.mediastinum import Pipes, mediastinum
from medviewer.phantom.outline import Outline, Polar
from medviewer.phantom.shape import Field, cover, smooth_min

LOBES = ("right upper lobe", "right middle lobe", "right lower lobe", "left upper lobe", "left lower lobe")
RUL, RML, RLL, LUL, LLL = range(1, 6)
_FISSURE_SLOPE = 0.88


@dataclass(frozen=True, eq=False)
class Floor:
    """The diaphragm over (rows, columns): its ``height`` in mm and how ``level`` it is (1 flat, 0 upright)."""

    height: Field
    level: Field

    def cut(self, rows: slice, columns: slice) -> "Floor":
        """Return the part over ``rows`` and ``columns``."""
        return Floor(self.height[rows, columns], self.level[rows, columns])


def floor(build: Build, x: Field, y: Field) -> Floor:
    """Return the diaphragm over columns ``x`` (1, i) and rows ``y`` (j, 1)."""
    ripple = 1.5 * np.sin(x / 19.0 + build.waves[5]) * np.sin(y / 23.0 + build.waves[6])
    right = build.dome_right_mm - _drop(x, y, -64.0, -8.0, (46.0, 14.0))
    left = build.dome_left_mm - _drop(-x, y, -70.0, -4.0, (40.0, 8.0))
    height = np.maximum(right, left) + np.maximum(14.0 - np.abs(right - left), 0.0) ** 2 / 56.0 + ripple
    dy, dx = np.gradient(height, y[:, 0], x[0])
    level = 1.0 / np.sqrt(1.0 + dx * dx + dy * dy)
    return Floor(height.astype(np.float32), level.astype(np.float32))


def _drop(x: Field, y: Field, cx: float, cy: float, falls: tuple[float, float]) -> Field:
    """How far a dome centred on (cx, cy) on the -x side has fallen, ``falls`` at the outer wall and the middle."""
    u, v = (x - np.float32(cx)) / np.float32(62.0), (y - np.float32(cy)) / np.float32(98.0)
    sideways = np.where(u < 0, np.float32(falls[0]), np.float32(falls[1])) * np.abs(u) ** 2.2
    out: Field = sideways + np.where(v > 0, np.float32(76.0), np.float32(40.0)) * np.abs(v) ** 2.3
    return out


def lung_share(canvas: Canvas, build: Build, lines: Outline, polar: Polar, ground: Floor, *, pipes: Pipes) -> Field:
    """Share of each pixel (0 to 1) that is lung."""
    side, below = _sides(canvas, build, lines, polar, pipes), _above(canvas, ground)
    soft = np.sqrt((ground.level * canvas.step_mm) ** 2 + (1.1 * canvas.pixel_mm) ** 2)
    share: Field = cover(side, 1.1 * canvas.pixel_mm) * np.clip(0.5 - below / soft, 0.0, 1.0)
    return share


def lung_distance(canvas: Canvas, build: Build, lines: Outline, polar: Polar, ground: Floor) -> Field:
    """Distance to the surface of the lungs in mm, negative inside."""
    return np.maximum(_sides(canvas, build, lines, polar, Pipes.of(canvas)), _above(canvas, ground))


def _sides(canvas: Canvas, build: Build, lines: Outline, polar: Polar, pipes: Pipes) -> Field:
    cage = (polar.radius - lines.cage[polar.bin]) * lines.square_on[polar.bin]
    beside = smooth_min(-cage, mediastinum(canvas, build, pipes), 3.0)  # both have to be outside: a smooth maximum
    if canvas.z < 150.0:
        return -beside
    top = np.where(canvas.x < 0, build.apex_mm, build.apex_mm - 3.0).astype(np.float32)
    tip = top - 16.0 * (((np.abs(canvas.x) - 48.0) / 44.0) ** 2 + ((canvas.y - 40.0) / 60.0) ** 2)
    return -smooth_min(beside, (0.75 * (tip - canvas.z)).astype(np.float32), 8.0)


def _above(canvas: Canvas, ground: Floor) -> Field:
    out: Field = (ground.height - np.float32(canvas.z)) * ground.level
    return out


@dataclass(frozen=True, eq=False)
class Fissures:
    """Signed distances (mm) to the lung's fissures; positive above the oblique and above the horizontal one."""

    oblique: Field
    horizontal: Field


def fissures(build: Build, x: Field, y: Field, z: float | Field) -> Fissures:
    """Return the distances of points x, y, z (mm, broadcast) to the fissures of their side."""
    outer = (np.abs(x) - 75.0) / 50.0
    right = x < 0
    wave = 3.0 * np.sin(y / 30.0 + build.waves[7]) + 2.5 * np.sin(x / 17.0 + build.waves[8])
    oblique_z = build.fissure_mm + np.where(right, 0.0, 7.0) + _FISSURE_SLOPE * y - 9.0 * outer**2 + wave
    oblique = (z - oblique_z) / np.sqrt(1.0 + _FISSURE_SLOPE**2)
    level = 4.0 * np.sin(x / 24.0 + build.waves[9]) + 3.0 * np.sin(y / 28.0 + build.waves[10])
    horizontal = z - (build.minor_fissure_mm + level - 6.0 * outer - 0.08 * (y + 20.0))
    return Fissures(np.asarray(oblique, np.float32), np.asarray(horizontal, np.float32))


def lobes(build: Build, x: Field, y: Field, z: float | Field) -> NDArray[np.uint8]:
    """Return which lobe (1 to 5, in the order of ``LOBES``) the points x, y, z (mm, broadcast) would belong to."""
    cut = fissures(build, x, y, z)
    right = np.where(cut.oblique < 0, RLL, np.where(cut.horizontal > 0, RUL, RML))
    left = np.where(cut.oblique < 0, LLL, LUL)
    return np.where(np.asarray(x) < 0, right, left).astype(np.uint8)


def paint_lungs(canvas: Canvas, build: Build, share: Field, grain: Field) -> None:
    """Paint aerated lung by ``share``: denser towards the back, with ``grain`` (HU) and faint fissures."""
    rows = np.flatnonzero(share.any(axis=1))
    if not rows.size:
        return
    columns = np.flatnonzero(share.any(axis=0))
    box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    x, y = canvas.x[:, box[1]], canvas.y[box[0]]
    hu = -872.0 + 52.0 * (y + 85.0) / 180.0 + grain[box]
    cut = fissures(build, x, y, canvas.z)
    lines = np.clip(1.0 - np.abs(cut.oblique), 0.0, 1.0)
    minor = np.clip(1.0 - np.abs(cut.horizontal), 0.0, 1.0) * ((x < 0) & (cut.oblique > 0))
    hu = hu + 175.0 * np.maximum(lines, 0.8 * minor)
    canvas.hu[box] += share[box] * (hu - canvas.hu[box])
