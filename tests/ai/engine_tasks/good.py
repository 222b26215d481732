"""Tasks that answer."""

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.ai.protocol import Meta, Report, Task
from medviewer.core.finding import NODULE, Finding
from medviewer.core.grid import Grid
from medviewer.i18n import screen_language

Voxels = NDArray[np.int16]


def finding(meta: Meta, mean_hu: float, **attributes: Any) -> Finding:
    sop_uid = meta.sop_uids[0] if meta.sop_uids else ""
    box = ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
    return Finding(
        "1", "nodule", NODULE, meta.series_uid, sop_uid, box[0], box, 4.0, 3.0, 20.0, mean_hu, attributes=attributes
    )


def _mean(_bundle: Any, voxels: Voxels, _grid: Grid, meta: Meta, report: Report) -> list[Finding]:
    with report.timed("network"):
        mean_hu = float(voxels.mean())
    report.step(0.5, "half way")
    nice = os.nice(0) if hasattr(os, "nice") else None
    facts = {"nice": nice, "language": screen_language(), "writeable": bool(voxels.flags.writeable)}
    return [finding(meta, mean_hu, device=report.device, **facts)]


def _nothing(_bundle: Any, _voxels: Voxels, _grid: Grid, _meta: Meta, _report: Report) -> list[Finding]:
    return []


MEAN = Task("mean", _mean)
NOTHING = Task("nothing", _nothing)
