"""The pixels of another series over those of a plane; what was sampled is kept while only its colours change."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from medviewer.imaging import fuse
from medviewer.imaging.render import to_grey
from medviewer.ui.fusion.fusing import Fused
from medviewer.ui.planes.plane import Plane

Words = NDArray[np.uint32]
Bytes = NDArray[np.uint8]


@dataclass
class FusedPicture:
    """Lays another series over one plane."""

    plane: Plane
    _key: tuple[object, ...] = ()
    _voxels: NDArray[np.int16] = field(default_factory=lambda: np.empty((0, 0), np.int16))

    def over(self, base: Words, greys: Callable[[], Bytes], index: int, fused: Fused) -> Words:
        """Return ``base`` (0xffRRGGBB, slice ``index``) with the other series laid over it.

        ``greys`` returns the slice in greys 0 to 255, dark to bright, for the modes that compare the two.
        """
        voxels, volume, mode = self._sampled(index, fused), fused.volume, fused.fusion.mode
        if mode == "blend":
            return fuse.over(base, voxels, fused.tint, volume.slope, volume.intercept)
        other = to_grey(voxels, fused.tone, volume.slope, volume.intercept)
        return fuse.compared(greys(), other, voxels, mode, self.plane.geometry(index).spacing_mm)

    def _sampled(self, index: int, fused: Fused) -> NDArray[np.int16]:
        """Return the other series' voxels on the pixels of slice ``index``, int16 (rows, columns)."""
        key = (index, *fused.sampling)
        if key != self._key:
            where, slab = self.plane.geometry(index), self.plane.slab
            slab_mm = slab.mm if self.plane.layers > 1 else 0.0
            self._voxels = fuse.sample(fused.volume, where, fused.relation, slab_mm=slab_mm, blend=slab.blend)
            self._key = key
        return self._voxels
