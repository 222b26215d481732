"""Skin, muscle and rib cage: closed curves around the body's axis, changing with height."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from medviewer.phantom.build import Build
from medviewer.phantom.canvas import Canvas
from medviewer.phantom.shape import Field

BINS = 4096
ANGLE = (np.arange(BINS) + 0.5) * (2.0 * np.pi / BINS) - np.pi  # 0 left, +pi/2 back
COS, SIN = np.cos(ANGLE), np.sin(ANGLE)
FROM_BACK = np.abs((ANGLE - np.pi / 2 + np.pi) % (2.0 * np.pi) - np.pi)  # 0 at the spine, pi at the sternum
_KNOTS = (0, 40, 90, 140, 180, 210, 235, 255, 285)
Table = NDArray[np.float32]


def profile(values: Sequence[float], knots: Sequence[float] = _KNOTS, smooth_mm: int = 9) -> Callable[[float], float]:
    """Return a smooth function of height (mm) through about ``values`` at ``knots``."""
    heights = np.arange(-60, 360)
    bell = np.exp(-0.5 * (np.arange(-3 * smooth_mm, 3 * smooth_mm + 1) / smooth_mm) ** 2)
    line = np.interp(heights, knots, values)
    table = np.convolve(np.pad(line, 3 * smooth_mm, mode="edge"), bell / bell.sum(), mode="valid")
    return lambda z: float(np.interp(z, heights, table))


CENTER_Y = profile((5, 5, 5, 5, 8, 14, 22, 28, 32))
_CAGE = tuple(
    profile(v)
    for v in (
        (114, 123, 129, 127, 119, 106, 88, 68, 46),
        (-90, -90, -87, -82, -73, -58, -38, -16, 6),
        (90, 97, 100, 100, 98, 93, 84, 72, 60),
    )
)
_SKIN = tuple(
    profile(v)
    for v in (
        (149, 151, 155, 159, 163, 165, 165, 161, 150),
        (-117, -115, -111, -107, -103, -97, -89, -79, -68),
        (113, 116, 119, 120, 119, 117, 112, 105, 94),
    )
)


def _egg(half_width: float, front: float, back: float, power: float) -> NDArray[np.float64]:
    depth = np.where(SIN > 0.0, back, front)
    curve: NDArray[np.float64] = (np.abs(COS / half_width) ** power + np.abs(SIN / depth) ** power) ** (-1.0 / power)
    return curve


def _bump(at: float, wide: float) -> NDArray[np.float64]:
    """A smooth bump around angle ``at`` (radians) on both sides of the body."""
    mirrored = np.pi - at
    both = [np.cos(ANGLE - a) - 1.0 for a in (at, mirrored)]
    bumps: NDArray[np.float64] = sum(np.exp(b / wide**2) for b in both)
    return bumps


@dataclass(frozen=True, eq=False)
class Outline:
    """Curves at one height as radius (mm) by angle (``BINS``) around (0, ``center_y``)."""

    center_y: float
    skin: Table
    muscle: Table
    cage: Table

    @cached_property
    def square_on(self) -> Table:
        """What turns a radial distance from the cage into one square to it."""
        slope = np.gradient(np.log(self.cage.astype(np.float64)), ANGLE)
        return (1.0 / np.sqrt(1.0 + slope**2)).astype(np.float32)


def outline(build: Build, z: float) -> Outline:
    """Return the body's curves at height ``z``."""
    yc = CENTER_Y(z)
    cage = _egg(_CAGE[0](z), yc - _CAGE[1](z), _CAGE[2](z) - yc, 2.25)
    skin = _egg(_SKIN[0](z), yc - _SKIN[1](z), _SKIN[2](z) - yc, 2.35)
    chest = np.exp(-(((z - 165.0) / 45.0) ** 2))
    skin += 7.0 * chest * _bump(-0.95, 0.38) - 5.0 * np.exp(-(((np.pi - FROM_BACK) / 0.16) ** 2))
    skin -= 4.5 * np.exp(-((FROM_BACK / 0.12) ** 2))
    if build.female:
        skin += 24.0 * np.exp(-(((z - 128.0) / 34.0) ** 2)) * _bump(-1.02, 0.27)
    waves = build.waves
    fat = 11.0 + 2.5 * np.sin(2 * ANGLE + waves[0]) + 1.5 * np.sin(5 * ANGLE + waves[1] + z / 60)
    fat += 5.0 * np.clip((90.0 - z) / 90.0, 0.0, 1.0) + 3.0 * _bump(0.0, 0.5)
    breast = 24.0 * np.exp(-(((z - 128.0) / 34.0) ** 2)) * _bump(-1.02, 0.27) if build.female else 0.0
    muscle = skin - build.fat * fat - breast
    muscle += 1.2 * np.sin(9 * ANGLE + waves[2] + z / 45) + 0.8 * np.sin(17 * ANGLE + waves[3] - z / 30)
    muscle = np.maximum(muscle, cage + 11.0)
    skin = np.maximum(skin, muscle + 5.0)
    return Outline(yc, *(curve.astype(np.float32) for curve in (skin, muscle, cage)))


@dataclass(frozen=True, eq=False)
class Polar:
    """Where each pixel of a slice is around the body's axis: ``radius`` in mm and the ``bin`` of its angle."""

    radius: Field
    bin: NDArray[np.int32]

    @staticmethod
    def of(canvas: Canvas, center_y: float) -> "Polar":
        """Return the polar coordinates of the canvas's pixels around (0, ``center_y``)."""
        y = canvas.y - np.float32(center_y)
        angle = np.arctan2(y, canvas.x)
        bins = ((angle + np.float32(np.pi)) * np.float32(BINS / (2.0 * np.pi))).astype(np.int32)
        return Polar(np.sqrt(canvas.x**2 + y**2), np.minimum(bins, BINS - 1))
