"""The voxels of one series in shared memory, with their geometry."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medviewer.core.grid import Grid
from medviewer.core.shared import SharedArray
from medviewer.core.study import Series

PENDING, READY, FAILED = 0, 1, 2


@dataclass(frozen=True, eq=False)
class Volume:
    """A series as int16 voxels ``[k, j, i]``; a slice may be used as soon as its state is READY.

    Attributes:
        series: what the voxels were read from; ``series.headers[k]`` is slice k.
        grid: geometry in LPS mm. ``regular`` tells whether it is trustworthy for measuring and MPR.
        voxels_block: int16 (k, j, i); real value = voxel * slope + intercept (HU for CT: slope 1, intercept 0).
        state_block: uint8 (k,): PENDING, READY or FAILED per slice.
        slope, intercept: from voxels to real values.
        unit: "HU" for CT, else empty or the rescale type.
    """

    series: Series
    grid: Grid
    voxels_block: SharedArray
    state_block: SharedArray
    slope: float = 1.0
    intercept: float = 0.0
    unit: str = ""
    regular: bool = True

    @property
    def voxels(self) -> NDArray[np.int16]:
        """The voxels, int16 (k, j, i)."""
        return self.voxels_block.array

    @property
    def state(self) -> NDArray[np.uint8]:
        """State of each slice, uint8 (k,)."""
        return self.state_block.array

    @property
    def complete(self) -> bool:
        """Whether every slice has been read or has failed."""
        return bool(np.all(self.state != PENDING))

    def close(self) -> None:
        """Free the shared memory."""
        self.voxels_block.close()
        self.state_block.close()
