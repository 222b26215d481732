"""From where a volume is looked at, without perspective, so that lengths on the screen are true across the view."""

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from medviewer.core.finding import Point
from medviewer.core.grid import Grid, triple

Side = Literal["front", "back", "left", "right", "head", "feet"]
Axes = tuple[Point, Point, Point]
DEGREES_PER_PX = 0.5
LEAST_FIELD_MM, MOST_FIELD_MM = 5.0, 3000.0
ROOM = 1.05  # around what is looked at when a view begins
# Unit vectors in LPS towards the right of the screen, its top, and the reader.
SIDES: dict[Side, Axes] = {
    "front": ((1.0, 0.0, 0.0), (0.0, 0.0, 1.0), (0.0, -1.0, 0.0)),
    "back": ((-1.0, 0.0, 0.0), (0.0, 0.0, 1.0), (0.0, 1.0, 0.0)),
    "left": ((0.0, 1.0, 0.0), (0.0, 0.0, 1.0), (1.0, 0.0, 0.0)),
    "right": ((0.0, -1.0, 0.0), (0.0, 0.0, 1.0), (-1.0, 0.0, 0.0)),
    "head": ((-1.0, 0.0, 0.0), (0.0, -1.0, 0.0), (0.0, 0.0, 1.0)),
    "feet": ((1.0, 0.0, 0.0), (0.0, -1.0, 0.0), (0.0, 0.0, -1.0)),
}


@dataclass(frozen=True)
class VolumeCamera:
    """What lies in the middle (LPS mm), the screen's axes (right, up, towards the reader), and the field shown.

    ``field_mm`` is what the shorter side of the picture shows.
    """

    center_lps_mm: Point
    axes: Axes = SIDES["front"]
    field_mm: float = 400.0

    @staticmethod
    def around(grid: Grid) -> "VolumeCamera":
        """Look at the whole of ``grid`` from the front."""
        last = np.asarray(grid.shape_kji) - 1
        corners = grid.to_lps(np.stack(np.meshgrid(*[(0, n) for n in last], indexing="ij"), axis=-1).reshape(-1, 3))
        size = corners.max(axis=0) - corners.min(axis=0)
        return VolumeCamera(triple(grid.to_lps(last / 2.0)), field_mm=ROOM * max(float(size.max()), LEAST_FIELD_MM))

    def seen_from(self, side: Side) -> "VolumeCamera":
        """Look at the same place from one of the six sides."""
        return replace(self, axes=SIDES[side])

    def orbited(self, dx_px: float, dy_px: float) -> "VolumeCamera":
        """Turn what is seen as if dragged by its near side: right about the screen's upright, down about its level."""
        right, up, toward = np.asarray(self.axes)
        turn = _about(up, -math.radians(dx_px * DEGREES_PER_PX)) @ _about(right, -math.radians(dy_px * DEGREES_PER_PX))
        return replace(self, axes=_upright(turn @ right, turn @ up, turn @ toward))

    def rolled(self, degrees: float) -> "VolumeCamera":
        """Turn the picture clockwise on the screen."""
        right, up, toward = np.asarray(self.axes)
        turn = _about(toward, math.radians(degrees))
        return replace(self, axes=_upright(turn @ right, turn @ up, toward))

    def zoomed(self, factor: float) -> "VolumeCamera":
        """Come ``factor`` times nearer."""
        return replace(self, field_mm=min(max(self.field_mm / factor, LEAST_FIELD_MM), MOST_FIELD_MM))

    def mm_per_px(self, width_px: int, height_px: int) -> float:
        """Millimetres a pixel in a picture of this size."""
        return self.field_mm / max(1, min(width_px, height_px))

    def panned(self, dx_px: float, dy_px: float, width_px: int, height_px: int) -> "VolumeCamera":
        """Move what is seen by so many pixels on a picture of this size."""
        right, up, _toward = np.asarray(self.axes)
        mm = self.mm_per_px(width_px, height_px)
        return replace(
            self, center_lps_mm=triple(np.asarray(self.center_lps_mm) - right * dx_px * mm + up * dy_px * mm)
        )

    def place(self, x_px: float, y_px: float, width_px: int, height_px: int) -> Point:
        """Return the place under a pixel, LPS mm, on the plane through the middle that faces the reader."""
        right, up, _toward = np.asarray(self.axes)
        mm = self.mm_per_px(width_px, height_px)
        across, down = (x_px - width_px / 2.0) * mm, (y_px - height_px / 2.0) * mm
        return triple(np.asarray(self.center_lps_mm) + right * across - up * down)

    def to_px(self, point_lps_mm: Point, width_px: int, height_px: int) -> tuple[float, float]:
        """Return where a place is on a picture of this size, x and y in pixels."""
        right, up, _toward = np.asarray(self.axes)
        away = np.asarray(point_lps_mm) - np.asarray(self.center_lps_mm)
        mm = self.mm_per_px(width_px, height_px)
        return width_px / 2.0 + float(away @ right) / mm, height_px / 2.0 - float(away @ up) / mm


def _about(axis: NDArray[np.float64], angle: float) -> NDArray[np.float64]:
    """Return the matrix that turns by ``angle`` about a unit vector (Rodrigues)."""
    x, y, z = axis
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    turn: NDArray[np.float64] = np.eye(3) + math.sin(angle) * cross + (1.0 - math.cos(angle)) * cross @ cross
    return turn


def _upright(right: NDArray[np.float64], up: NDArray[np.float64], toward: NDArray[np.float64]) -> Axes:
    """Keep the axes at right angles after thousands of small turns."""
    toward = toward / np.linalg.norm(toward)
    right = np.cross(up, toward)
    right = right / np.linalg.norm(right)
    return triple(right), triple(np.cross(toward, right)), triple(toward)
