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
        unit: "HU" for CT, "SUVbw" for PET where that is known, else the rescale type or empty.
        colours_block: uint8 (k, j, i, 3), RGB as the screen shows it, of colour images; ``voxels`` then holds their
            brightness, 0 to 255. None for grey images.
    """

    series: Series
    grid: Grid
    voxels_block: SharedArray
    state_block: SharedArray
    slope: float = 1.0
    intercept: float = 0.0
    unit: str = ""
    regular: bool = True
    colours_block: SharedArray | None = None

    @property
    def colours(self) -> NDArray[np.uint8] | None:
        """RGB of each pixel, uint8 (k, j, i, 3); None for grey images."""
        return None if self.colours_block is None else self.colours_block.array

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

    @property
    def closed(self) -> bool:
        """Whether the shared memory has been freed: there are no voxels any more."""
        return self.state.size == 0

    def close(self) -> None:
        """Free the shared memory."""
        self.voxels_block.close()
        self.state_block.close()
        if self.colours_block is not None:
            self.colours_block.close()
