"""A region of voxels, kept as small as its bounding box."""

import zlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Index = tuple[int, int, int]


@dataclass(frozen=True, eq=False)
class Mask:
    """True voxels of a volume inside a box: ``voxels[k, j, i]`` bool, first voxel at ``offset_kji``."""

    offset_kji: Index
    voxels: NDArray[np.bool_]

    @staticmethod
    def cut(full: NDArray[np.bool_], at_kji: Index = (0, 0, 0)) -> "Mask":
        """Cut ``full`` (k, j, i), whose first voxel is ``at_kji`` of the volume, to its true voxels.

        Raises ValueError where none is true.
        """
        if not full.any():
            raise ValueError("an empty mask")
        spans = [np.flatnonzero(full.any(axis=other)) for other in ((1, 2), (0, 2), (0, 1))]
        box = tuple(slice(int(span[0]), int(span[-1]) + 1) for span in spans)
        k, j, i = (at + part.start for at, part in zip(at_kji, box, strict=True))
        return Mask((k, j, i), np.ascontiguousarray(full[box]))

    @property
    def box(self) -> tuple[slice, slice, slice]:
        """Slices of the volume that the mask's box covers."""
        k, j, i = (slice(o, o + n) for o, n in zip(self.offset_kji, self.voxels.shape, strict=True))
        return k, j, i

    @property
    def count(self) -> int:
        """Number of true voxels."""
        return int(np.count_nonzero(self.voxels))

    def plane(self, axis: int, index: int) -> NDArray[np.bool_] | None:
        """Return the box's cut at ``index`` of the volume's axis (0 k, 1 j, 2 i); None where it is outside."""
        local = index - self.offset_kji[axis]
        if not 0 <= local < self.voxels.shape[axis]:
            return None
        cut: NDArray[np.bool_] = np.take(self.voxels, [local], axis=axis).squeeze(axis)
        return cut

    def full(self, shape_kji: Index) -> NDArray[np.bool_]:
        """Return the mask as an array of the whole volume's shape."""
        out = np.zeros(shape_kji, dtype=np.bool_)
        out[self.box] = self.voxels
        return out

    def to_bytes(self) -> bytes:
        """Pack offset, shape and voxels into a compressed blob; the second time costs nothing."""
        return self._packed

    @cached_property
    def _packed(self) -> bytes:
        head = np.asarray([*self.offset_kji, *self.voxels.shape], dtype="<i4").tobytes()
        return head + zlib.compress(np.packbits(self.voxels).tobytes(), 6)

    @staticmethod
    def from_bytes(blob: bytes) -> "Mask":
        """Unpack what ``to_bytes`` packed; ValueError where the blob is damaged."""
        k, j, i, dk, dj, di = (int(n) for n in np.frombuffer(blob[:24], dtype="<i4"))
        bits = np.frombuffer(zlib.decompress(blob[24:]), dtype=np.uint8)
        return Mask((k, j, i), np.unpackbits(bits, count=dk * dj * di).reshape(dk, dj, di).astype(np.bool_))
