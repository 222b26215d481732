"""Planes that are interpolated from the volume, tilted or bent: thick ones coarse at once, in full a moment later."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from medviewer.core.volume import PENDING, READY
from medviewer.imaging import reslice
from medviewer.ui.planes.plane import Plane

Slice = NDArray[np.int16]
Check = Callable[[], None]
# How many places are interpolated while somebody waits. Four viewports may do so at once, when the planes are turned:
# all their pictures are to be there within 50 ms, also where other programs are at work.
AT_ONCE, COARSE = 1_500_000, 300_000
STRIDE = 3  # pixels a side of a coarse one


@dataclass(frozen=True, eq=False)
class SampledPlane(Plane, ABC):
    """A plane whose pixels lie between the voxels; equal to itself alone, for where it lies is more than a name."""

    _coarse: dict[tuple[int, int], Slice] = field(default_factory=dict, repr=False)

    def __eq__(self, other: object) -> bool:
        """Whether it is this very plane."""
        return self is other

    def __hash__(self) -> int:
        """Its identity."""
        return id(self)

    @cached_property
    def axis(self) -> int:
        """-1: the planes do not follow the array."""
        return -1

    @property
    def between_mm(self) -> float:
        """How far the planes, or the layers of one, are from each other: as close as the closest voxels."""
        return min(self.volume.grid.spacing_kji_mm)

    @property
    def layers(self) -> int:
        """How many layers one picture blends."""
        return reslice.layers_of(self.volume.grid, self.slab.mm)

    def state(self, _index: int) -> int:
        """Return PENDING until every slice is in, then READY."""
        return PENDING if bool(np.any(self.volume.state == PENDING)) else READY

    def pixels(self, index: int) -> Slice:
        """Return picture ``index`` as int16 (rows, columns), coarse until a costly one is kept; black outside."""
        return self.kept(index) if self.is_full(index) else self._rough(index)

    def is_full(self, index: int) -> bool:
        """Whether ``pixels`` returns the picture as fine as it can be."""
        rows, columns = self.geometry(index).shape
        return rows * columns * self.layers <= AT_ONCE or self._key(index) in self._last

    def keep(self, index: int, ready: int, made: Slice) -> None:
        """Take up a picture made aside when ``ready`` slices had been read."""
        self._last.clear()
        self._last[index, ready] = made

    def cut(self, index: int) -> Slice:
        """Interpolate picture ``index``."""
        return self.cutting(index)(None)

    @abstractmethod
    def cutting(self, index: int, coarse_layers: int = 0) -> Callable[[Check | None], Slice]:
        """Return what interpolates picture ``index`` from the slices read by now, in any thread.

        It is given what to call between its parts, None where nobody may stop it. With ``coarse_layers`` it blends
        only so many layers, of pixels STRIDE times as large.
        """

    def _rough(self, index: int) -> Slice:
        key = self._key(index)
        if key not in self._coarse:
            rows, columns = self.geometry(index).shape
            layers = min(max(2, COARSE * STRIDE**2 // (rows * columns)), self.layers)
            large = self.cutting(index, layers)(None)
            self._coarse.clear()
            self._coarse[key] = large.repeat(STRIDE, axis=0).repeat(STRIDE, axis=1)[:rows, :columns]
        return self._coarse[key]
