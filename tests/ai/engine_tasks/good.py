"""Tasks that answer."""

import os
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.ai.protocol import Answered, Meta, Report, Task
from medviewer.core.finding import NODULE, Finding
from medviewer.core.grid import Grid
from medviewer.i18n import screen_language

Voxels = NDArray[np.int16]


def finding(meta: Meta, mean_hu: float, *, name: str = "1", **attributes: Any) -> Finding:
    sop_uid = meta.sop_uids[0] if meta.sop_uids else ""
    box = ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
    return Finding(
        name, "nodule", NODULE, meta.series_uid, sop_uid, box[0], box, 4.0, 3.0, 20.0, mean_hu, attributes=attributes
    )


def _mean(_bundle: Any, voxels: Voxels, _grid: Grid, meta: Meta, report: Report) -> Answered:
    with report.timed("network"):
        mean_hu = float(voxels.mean())
    report.step(0.5, "half way")
    nice = os.nice(0) if hasattr(os, "nice") else None
    facts: dict[str, Any] = {"nice": nice, "language": screen_language(), "writeable": bool(voxels.flags.writeable)}
    return Answered([finding(meta, mean_hu, device=report.device, **facts)])


def _nothing(_bundle: Any, _voxels: Voxels, _grid: Grid, _meta: Meta, _report: Report) -> Answered:
    return Answered(())


def _candidates(_bundle: Any, _voxels: Voxels, _grid: Grid, meta: Meta, _report: Report) -> Answered:
    return Answered([finding(meta, 1.0)], [finding(meta, 2.0, name="2"), finding(meta, 3.0, name="3")])


def _stream(_bundle: Any, _voxels: Voxels, _grid: Grid, meta: Meta, report: Report) -> Answered:
    first, second = finding(meta, 1.0), finding(meta, 2.0, name="2")
    report.found([first])
    report.step(0.5, "one found")
    report.found([])
    report.found([second])
    return Answered([finding(meta, 10.0), second])


def _look(_bundle: Any, _voxels: Voxels, _grid: Grid, meta: Meta, report: Report) -> Answered:
    seen = [report.attention_k]
    report.step(0.5, "looking")
    while seen[-1] != 3:
        report.check()
        if report.attention_k != seen[-1]:
            seen.append(report.attention_k)
        time.sleep(0.001)
    return Answered([finding(meta, 0.0, seen=seen)])


def _lost_gpu(bundle: Any, _voxels: Voxels, _grid: Grid, meta: Meta, report: Report) -> Answered:
    """Fail as torch does when a GPU goes, once; the bundle's id is a file that says that it has."""
    marker = Path(bundle.id)
    if not marker.exists():
        marker.write_text(str(os.getpid()))
        report.found([finding(meta, 1.0)])
        raise RuntimeError("CUDA error: unspecified launch failure\nCUDA kernel errors might be asynchronous.")
    return Answered([finding(meta, 2.0, other_process=marker.read_text() != str(os.getpid()))])


TASKS = [
    MEAN := Task("mean", _mean),
    NOTHING := Task("nothing", _nothing),
    CANDIDATES := Task("candidates", _candidates),
    STREAM := Task("stream", _stream),
    LOOK := Task("look", _look),
    LOST_GPU := Task("lost-gpu", _lost_gpu),
]
