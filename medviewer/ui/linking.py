"""Viewports that zoom and pan together."""

from collections.abc import Sequence
from dataclasses import replace

from medviewer.core.finding import Point
from medviewer.ui.camera import ZOOM_LEAST, ZOOM_MOST, Camera
from medviewer.ui.viewport import Viewport


def link_cameras(moved: Viewport, viewports: Sequence[Viewport]) -> None:
    """Let the viewports that show the same plane of other series follow the one that the reader moved."""
    links = moved.view.links
    if moved.plane is None or moved.cell.close_up or not links & {"zoom", "pan"}:
        return
    for other in viewports:
        if other is not moved and _goes_with(moved, other):
            other.follow_camera(_followed(moved, other, zoom="zoom" in links, pan="pan" in links))


def _goes_with(moved: Viewport, other: Viewport) -> bool:
    """Whether two viewports show the same plane, of two series or of one."""
    if other.plane is None or moved.plane is None or other.cell.close_up:
        return False
    both_regular = other.plane.volume.regular and moved.plane.volume.regular
    same_plane = other.plane.orientation == moved.plane.orientation
    return same_plane and both_regular


def _followed(moved: Viewport, other: Viewport, *, zoom: bool, pan: bool) -> Camera:
    camera, placing = other.camera, other.placing
    if zoom:
        scale = moved.placing.px_per_mm / placing.fit_px_per_mm
        camera = replace(camera, zoom=min(max(scale, ZOOM_LEAST), ZOOM_MOST))
    middle = _middle_in(moved, other) if pan else None
    if middle is not None and other.plane is not None:
        x, y = other.plane.geometry(other.index).to_xy(middle).tolist()
        x_mm = (x + 0.5 - placing.columns / 2.0) * placing.column_mm
        y_mm = (y + 0.5 - placing.rows / 2.0) * placing.row_mm
        camera = replace(camera, center_mm=(x_mm, y_mm))
    return camera


def _middle_in(moved: Viewport, other: Viewport) -> Point | None:
    """Return the place in the middle of ``moved`` in the patient space of ``other``; None where that is not known."""
    at_lps_mm = moved.lps_at(moved.rect().toRectF().center())
    if moved.display is other.display:
        return at_lps_mm
    at_main = moved.display.in_main(at_lps_mm)
    return None if at_main is None else other.display.from_main(at_main)
