"""Which place is seen under a pixel of a 3-D picture."""

import numpy as np
from numpy.typing import NDArray

from medviewer.app.volume.copy import Source
from medviewer.app.volume.messages import Cut, Wanted
from medviewer.app.volume.presets import Transfer
from medviewer.core.finding import Point
from medviewer.core.grid import Vector, triple

COVERED = 0.5  # of the light: what is behind that is hardly seen
STEP_VOXELS = 0.5


def first_seen(source: Source, wanted: Wanted, transfer: Transfer, x_px: float, y_px: float) -> Point | None:
    """Return the place in LPS mm that covers what is behind it, or is brightest on the line; None where nothing is.

    The line of sight is followed from the reader through the volume's own voxels, half a voxel at a time.
    """
    camera = wanted.camera
    middle = np.asarray(camera.place(x_px, y_px, wanted.width_px, wanted.height_px))
    toward = np.asarray(camera.axes[2])
    step_mm = STEP_VOXELS * min(source.grid.spacing_kji_mm)
    reach_mm = float(np.linalg.norm(np.multiply(source.grid.shape_kji, source.grid.spacing_kji_mm)))
    reach_mm += float(np.linalg.norm(middle - source.grid.to_lps(np.asarray(source.grid.shape_kji) / 2.0)))
    along_mm = np.arange(reach_mm, -reach_mm, -step_mm)
    points = middle + along_mm[:, None] * toward
    points = points[_within(points, wanted.cuts)]
    nearest = np.rint(source.grid.to_kji(points)).astype(np.intp)
    inside = ((nearest >= 0) & (nearest < source.grid.shape_kji)).all(axis=1)
    points, nearest = points[inside], nearest[inside]
    if not len(points):
        return None
    values = source.voxels[tuple(nearest.T)] * source.slope + source.intercept
    values = np.where(source.kept_at(points, transfer.keep), values, transfer.outside)
    at = _seen(values, transfer, step_mm)
    return None if at is None else triple(points[at])


def _within(points: Vector, cuts: tuple[Cut, ...]) -> NDArray[np.bool_]:
    kept = np.ones(len(points), np.bool_)
    for cut in cuts:
        kept &= (points - np.asarray(cut.point_lps_mm)) @ np.asarray(cut.away) <= 0.0
    return kept


def _seen(values: NDArray[np.float64], transfer: Transfer, step_mm: float) -> int | None:
    """Return which of the values along a line is seen, nearest to the reader first."""
    if transfer.blend == "brightest":
        return int(values.argmax()) if values.max() > transfer.nodes[0].value else None
    nodes = transfer.nodes
    opacity = np.interp(values, [node.value for node in nodes], [node.opacity for node in nodes])
    passed = np.cumsum(np.log(np.maximum(1.0 - opacity, 1e-6)) * step_mm)
    covering = np.flatnonzero(passed <= np.log(1.0 - COVERED))
    return int(covering[0]) if len(covering) else None
