"""Gathers what the frames of a segmentation hold, slice by slice, into one array for each segment."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.mask import Index, Mask

MOST_BYTES = 2 << 30  # of all segments of a file together
Values = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Piece:
    """Part of one slice: ``values`` uint8 (rows, columns), its first at ``at_ji`` of slice ``k``."""

    k: int
    at_ji: tuple[int, int]
    values: NDArray[np.uint8]


@dataclass
class Pieces:
    """The pieces of one segment."""

    found: list[Piece] = field(default_factory=list)

    def add(self, k: int, at_ji: tuple[int, int], values: Values) -> int:
        """Keep what is not zero of ``values`` (rows, columns), whose first is at ``at_ji`` of slice ``k``.

        Returns how many bytes that takes.
        """
        rows, columns = np.flatnonzero(values.any(axis=1)), np.flatnonzero(values.any(axis=0))
        if not len(rows):
            return 0
        cut = values[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        at = at_ji[0] + int(rows[0]), at_ji[1] + int(columns[0])
        self.found.append(Piece(k, at, cut.astype(np.uint8)))
        return cut.size

    @property
    def box(self) -> tuple[Index, Index]:
        """Offset and shape of the box around all pieces; there must be one."""
        begins = np.array([(one.k, *one.at_ji) for one in self.found])
        ends = np.array(
            [(one.k + 1, one.at_ji[0] + one.values.shape[0], one.at_ji[1] + one.values.shape[1]) for one in self.found]
        )
        low, high = begins.min(axis=0), ends.max(axis=0)
        k, j, i = (int(v) for v in low)
        depth, rows, columns = (int(v) for v in high - low)
        return (k, j, i), (depth, rows, columns)

    @property
    def bytes(self) -> int:
        """Bytes that the array of this segment takes."""
        return int(np.prod(self.box[1], dtype=np.int64)) if self.found else 0

    def values(self) -> tuple[Index, NDArray[np.uint8]]:
        """Return offset and array of the box, the largest value where pieces lie over each other."""
        offset, shape = self.box
        whole = np.zeros(shape, np.uint8)
        for one in self.found:
            j, i = one.at_ji[0] - offset[1], one.at_ji[1] - offset[2]
            part = whole[one.k - offset[0], j : j + one.values.shape[0], i : i + one.values.shape[1]]
            np.maximum(part, one.values, out=part)
        return offset, whole

    def mask(self) -> Mask:
        """Return the voxels that are not zero."""
        offset, values = self.values()
        return Mask(offset, values.view(np.bool_) if values.max() <= 1 else values != 0)
