"""Marks and images for tests: planes whose numbers can be worked out by hand."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from medviewer.core.finding import Point
from medviewer.core.grid import Grid, triple
from medviewer.core.mark import Mark, MarkKind
from medviewer.core.shared import SharedArray
from medviewer.core.study import Check, Header, Series
from medviewer.core.volume import READY, Volume

UID = "1.2.3.4"
RIGHT, NORMAL = (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)  # of an axial image: down is to the back


def volume(
    voxels: NDArray[Any], grid: Grid | None = None, *, unit: str = "HU", regular: bool = True, **said: Any
) -> Volume:
    """Return voxels (k, j, i) as a CT on ``grid``, by default 1 mm; ``said`` goes into the headers."""
    where = grid or Grid(voxels.shape)
    parts = {name: said.pop(name) for name in ("slope", "intercept", "colours_block") if name in said}
    checks: tuple[Check, ...] = said.pop("checks", ())
    common: dict[str, Any] = {
        "modality": "CT", "rows": voxels.shape[1], "columns": voxels.shape[2], "frame_of_reference_uid": "9.9",
        "pixel_spacing_mm": where.spacing_kji_mm[1:], "spacing_kind": "plane", **said,
    }  # fmt: skip
    headers = tuple(Header("", f"{UID}.{k}", "", "1.2", UID, **common) for k in range(len(voxels)))
    block, state = SharedArray.make(voxels.shape, "int16"), SharedArray.make(voxels.shape[:1], "uint8")
    block.array[...], state.array[...] = voxels, READY
    series = Series(UID, headers, checks, where if regular else None)
    return Volume(series, where, block, state, unit=unit, regular=regular, **parts)


def on_slice(shown: Volume, kind: MarkKind, points_ji: ArrayLike, k: int = 0, **more: Any) -> Mark:
    """Return a mark on image ``k``; ``points_ji`` (n, 2) are rows and columns of its points."""
    kji = [(k, j, i) for j, i in np.asarray(points_ji, dtype=np.float64).tolist()]
    axes = np.asarray(shown.grid.axes_kji_lps)
    right, down = axes[2], axes[1]
    header = shown.series.headers[k]
    made = Mark(
        id="m", kind=kind, series_uid=shown.series.uid, sop_uid=header.sop_uid, frame=header.frame,
        points_lps_mm=tuple(triple(point) for point in shown.grid.to_lps(kji)),
        normal_lps=triple(np.cross(right, down)), right_lps=triple(right), frame_of_reference_uid="9.9",
    )  # fmt: skip
    return replace(made, **more)


def across(
    shown: Volume, kind: MarkKind, points_lps_mm: Sequence[Point], right: Point, down: Point, **more: Any
) -> Mark:
    """Return a mark on a plane of any direction."""
    normal = triple(np.cross(right, down))
    return Mark("m", kind, shown.series.uid, tuple(points_lps_mm), normal, right, **more)


def mark(mark_id: str = "m", kind: MarkKind = "length", *points: Point, **more: Any) -> Mark:
    """Return a mark of no image in particular, 10 mm long by default."""
    return Mark(mark_id, kind, UID, points or ((0.0, 0.0, 0.0), (6.0, 8.0, 0.0)), NORMAL, RIGHT, **more)
