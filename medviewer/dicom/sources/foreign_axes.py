"""How the axes of a foreign file lie in the patient, and how its slices are turned upright for the reader."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Triple = tuple[float, float, float]


@dataclass(frozen=True)
class Axis:
    """One axis of the file: voxels, mm from voxel to voxel, its direction in LPS."""

    size: int
    spacing_mm: float
    direction: Triple


@dataclass(frozen=True)
class Looked:
    """What a file is: its axes i, j, k, the centre of its first voxel, and how stored values become real ones.

    ``bits`` and ``signed`` describe the stored values that the headers promise, which are those of the file where 16
    bits hold them; otherwise real value = stored * slope + intercept with 16-bit stored values.
    """

    axes: tuple[Axis, Axis, Axis]
    origin_lps_mm: Triple
    phases: int = 1
    placed: bool = True
    colour: bool = False
    bits: int = 16
    signed: bool = True
    slope: float = 1.0
    intercept: float = 0.0

    @cached_property
    def upright(self) -> "Upright":
        """How the slices are turned for the reader."""
        return upright(self) if self.placed else Upright()

    @cached_property
    def corner_lps_mm(self) -> NDArray[np.float64]:
        """The centre of the first voxel of the first slice when upright."""
        corner = np.asarray(self.origin_lps_mm, np.float64)
        turned = self.upright
        for n, is_turned in ((turned.right, turned.turn_right), (turned.down, turned.turn_down)):
            one = self.axes[n]
            corner = corner + is_turned * (one.size - 1) * one.spacing_mm * np.asarray(one.direction)
        return corner


@dataclass(frozen=True)
class Upright:
    """Which file axis runs along the columns' index (right), and which directions are turned round."""

    right: int = 0
    turn_right: bool = False
    turn_down: bool = False

    @property
    def down(self) -> int:
        """The file axis that runs down the rows."""
        return 1 - self.right

    def plane(self, stored: NDArray[Any]) -> NDArray[Any]:
        """Return a slice as the file has it (j, i, ...) as rows and columns of the upright image."""
        turned = stored if self.right == 0 else stored.swapaxes(0, 1)
        return turned[:: -1 if self.turn_down else 1, :: -1 if self.turn_right else 1]


def upright(looked: Looked) -> Upright:
    """Turn slices as readers hang them: feet or back down, the patient's left or back at the right."""
    i, j, k = (np.asarray(axis.direction) for axis in looked.axes)
    across = int(np.argmax(np.abs(k)))
    to_right, to_bottom = (1 if across == 0 else 0), (1 if across == 2 else 2)
    right = 0 if abs(i[to_right]) >= abs(j[to_right]) else 1
    along, down = (i, j) if right == 0 else (j, i)
    return Upright(right, bool(along[to_right] < 0), bool(down[to_bottom] > 0) if to_bottom == 2 else bool(down[1] < 0))


def triple(values: Iterable[float]) -> Triple:
    """Return three plain numbers, without minus zero."""
    x, y, z = (float(value) + 0.0 for value in values)
    return x, y, z
