"""What another series has on the pixels of a plane."""

from collections.abc import Callable
from dataclasses import dataclass, field

from medviewer.core.arrangement import Slab
from medviewer.imaging import fuse
from medviewer.imaging.fuse import Matrix
from medviewer.imaging.reslice import PlaneGeometry
from medviewer.ui.fusion.fusing import Fused
from medviewer.ui.planes.plane import THIN, Plane
from medviewer.ui.planes.sampled import STRIDE, Check, SampledPlane, Slice


@dataclass(frozen=True, eq=False)
class OverPlane(SampledPlane):
    """The pixels of ``under``, read from another series; ``relation`` (4x4) leads there, as that of ``Fused``."""

    under: Plane = field(kw_only=True)
    relation: Matrix = field(kw_only=True)

    @staticmethod
    def of(under: Plane, fused: Fused) -> "OverPlane":
        """Return what is laid over a plane, as thick as that."""
        slab: Slab = under.slab if under.layers > 1 else THIN
        return OverPlane(fused.volume, under.orientation, slab, under=under, relation=fused.relation)

    @property
    def count(self) -> int:
        """As many as there are beneath."""
        return self.under.count

    def _geometry(self, index: int) -> PlaneGeometry:
        return fuse.carried(self.under.geometry(index), self.relation)

    def cutting(self, index: int, coarse_layers: int = 0) -> Callable[[Check | None], Slice]:
        """Return what interpolates the other series on picture ``index``."""
        where = self.under.geometry(index)
        return fuse.sampling(
            self.volume, where.coarser(STRIDE) if coarse_layers else where, self.relation,
            slab_mm=self.slab.mm, blend=self.slab.blend, layers=coarse_layers,
        )  # fmt: skip
