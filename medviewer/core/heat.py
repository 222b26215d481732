"""Where a network looked for one finding: a map over the voxels around it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medviewer.core.finding import ModelRef
from medviewer.core.mask import Index

MOST = 255


@dataclass(frozen=True, eq=False)
class Heat:
    """What moved a network's answer about one finding, voxel by voxel.

    It shows where the network looked, neither where the finding ends nor how sure anybody is.

    Attributes:
        finding_id, series_uid: which finding, in which series.
        model: the network that was asked; it may be a part of the one that found it.
        method: how the map was made, as the field calls it ("Grad-CAM", "Integrated gradients").
        offset_kji: the volume's voxel where ``values`` starts.
        values: uint8 (k, j, i), 0 where nothing spoke for the answer, MOST where most did, on a linear scale.
    """

    finding_id: str
    series_uid: str
    model: ModelRef
    method: str
    offset_kji: Index
    values: NDArray[np.uint8]
