"""The pixels of another series over those of a plane; what was sampled is kept while only its colours change."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medviewer.imaging import fuse
from medviewer.imaging.render import to_grey
from medviewer.ui.fusion.fusing import Fused
from medviewer.ui.fusion.over import OverPlane
from medviewer.ui.planes.plane import Plane
from medviewer.ui.planes.refine import Refining

Words = NDArray[np.uint32]
Bytes = NDArray[np.uint8]


@dataclass
class FusedPicture:
    """Lays another series over one plane."""

    plane: Plane
    _over: OverPlane | None = None

    def key(self, refining: Refining, index: int, fused: Fused) -> tuple[object, ...]:
        """Return what the picture of slice ``index`` depends on; one that is coarse now is made in full, soon."""
        return *fused.key, refining.want(fused.other, self._laid(fused), index)

    def over(self, base: Words, greys: Callable[[], Bytes], index: int, fused: Fused) -> Words:
        """Return ``base`` (0xffRRGGBB, slice ``index``) with the other series laid over it.

        ``greys`` returns the slice in greys 0 to 255, dark to bright, for the modes that compare the two.
        """
        voxels, volume, mode = self._laid(fused).pixels(index), fused.volume, fused.fusion.mode
        if mode == "blend":
            return fuse.over(base, voxels, fused.tint, volume.slope, volume.intercept)
        other = to_grey(voxels, fused.tone, volume.slope, volume.intercept)
        return fuse.compared(greys(), other, voxels, mode, self.plane.geometry(index).spacing_mm)

    def _laid(self, fused: Fused) -> OverPlane:
        """Return what is laid over the plane, the same one as long as it lies there."""
        over = self._over
        if over is None or over.volume is not fused.volume or not np.array_equal(over.relation, fused.relation):
            over = self._over = OverPlane.of(self.plane, fused)
        return over
