"""A region while it is painted: its voxels at hand as one array, and what was changed of them."""

import numpy as np
from numpy.typing import NDArray

from medviewer.core.mask import Index, Mask
from medviewer.core.region import trimmed

Box = tuple[slice, slice, slice]


class Canvas:
    """The voxels (k, j, i) of a region in a volume of ``shape_kji``, to be painted on; memory comes as it is touched.

    Like a ``Mask`` it has ``offset_kji`` and ``plane``, so that it is drawn like one.
    """

    def __init__(self, shape_kji: Index, mask: Mask | None = None) -> None:
        self.before = mask
        self._voxels = np.zeros(shape_kji, np.bool_)
        self._low, self._high = np.array(shape_kji), np.zeros(3, np.int64)  # the box that holds the region
        self._from, self._to = self._low.copy(), self._high.copy()  # the box that was touched
        if mask is not None:
            self._voxels[mask.box] = mask.voxels
            _widen(self._low, self._high, mask.box)

    def put(self, box: Box, inside: NDArray[np.bool_], on: bool) -> None:
        """Paint, or erase, the voxels of ``box`` (inside the volume) that are true in ``inside``."""
        if on:
            self._voxels[box] |= inside
            _widen(self._low, self._high, box)
        else:
            self._voxels[box] &= ~inside
        _widen(self._from, self._to, box)

    @property
    def offset_kji(self) -> Index:
        """The first voxel of the box that holds the region."""
        k, j, i = (int(at) for at in self._low)
        return k, j, i

    def plane(self, axis: int, index: int) -> NDArray[np.bool_] | None:
        """Return the box's cut at ``index`` of the volume's axis (0 k, 1 j, 2 i); None where it is outside."""
        if not self._low[axis] <= index < self._high[axis]:
            return None
        box: list[slice | int] = [slice(a, b) for a, b in zip(self._low, self._high, strict=True)]
        box[axis] = index
        cut: NDArray[np.bool_] = self._voxels[tuple(box)]
        return cut

    @property
    def shape_kji(self) -> Index:
        """The shape of the volume."""
        k, j, i = self._voxels.shape
        return k, j, i

    @property
    def voxels(self) -> NDArray[np.bool_]:
        """The voxels (k, j, i) of the box that holds the region: a view."""
        cut: NDArray[np.bool_] = self._voxels[tuple(slice(a, b) for a, b in zip(self._low, self._high, strict=True))]
        return cut

    def changes(self) -> Mask | None:
        """Return the voxels that are other than before; None where none is."""
        if np.any(self._from >= self._to):
            return None
        box = tuple(slice(int(a), int(b)) for a, b in zip(self._from, self._to, strict=True))
        bits = self._voxels[box].copy()
        if self.before is not None:
            _turn_over(bits, self._from, self.before)
        k, j, i = (part.start for part in box)
        return trimmed(Mask((k, j, i), bits))


def _widen(low: NDArray[np.int64], high: NDArray[np.int64], box: Box) -> None:
    """Let the box from ``low`` to ``high`` take in another one."""
    np.minimum(low, [part.start for part in box], out=low)
    np.maximum(high, [part.stop for part in box], out=high)


def _turn_over(bits: NDArray[np.bool_], start: NDArray[np.int64], mask: Mask) -> None:
    """Turn over the voxels of ``mask`` in an array whose first voxel is ``start``."""
    here, there = [], []
    for part, first, size in zip(mask.box, start.tolist(), bits.shape, strict=True):
        low, high = max(part.start, first), min(part.stop, first + size)
        if low >= high:
            return
        here.append(slice(low - first, high - first))
        there.append(slice(low - part.start, high - part.start))
    bits[tuple(here)] ^= mask.voxels[tuple(there)]
