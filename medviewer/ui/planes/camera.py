"""Where the reader goes on looking when a viewport's plane is replaced by another one."""

from dataclasses import replace

from medviewer.core.finding import Point
from medviewer.imaging.reslice import PlaneGeometry
from medviewer.ui.camera import ZOOM_LEAST, ZOOM_MOST, Camera, Placing
from medviewer.ui.planes.curved import CurvedPlane
from medviewer.ui.planes.plane import Plane


def camera_after(old: Plane, new: Plane, was: Placing, at_lps_mm: Point) -> Camera:
    """Return the camera for ``new`` where ``old`` was shown as ``was`` says; ``at_lps_mm`` is the place looked at.

    The same stack turned or thickened keeps its scale and the place; another one is shown whole, unless its pictures
    are as large.
    """
    before, after = old.geometry(old.index_at(at_lps_mm)), new.geometry(new.index_at(at_lps_mm))
    alike = (before.shape, before.spacing_mm) == (after.shape, after.spacing_mm)
    bent = isinstance(old, CurvedPlane), isinstance(new, CurvedPlane)
    same_stack = old.volume is new.volume and old.orientation == new.orientation and bent == (False, False)
    if not same_stack:
        return was.camera if before.shape == after.shape or bent == (True, True) else Camera()
    flat = (before.right_lps, before.down_lps) == (after.right_lps, after.down_lps)
    if alike and flat:
        return was.camera
    (rows, columns), (row_mm, column_mm) = after.shape, after.spacing_mm
    now = Placing(was.camera, columns, rows, column_mm, row_mm, was.width_px, was.height_px)
    return camera_kept(was, before, now, after, at_lps_mm)


def camera_kept(was: Placing, before: PlaneGeometry, now: Placing, after: PlaneGeometry, at_lps_mm: Point) -> Camera:
    """Return the camera with which ``at_lps_mm`` stays on the screen where it was, as large as it was.

    For planes that are turned: their pictures change in size, and what the reader looks at must not jump.
    """
    zoom = min(max(was.px_per_mm / now.fit_px_per_mm, ZOOM_LEAST), ZOOM_MOST)
    kept = replace(now, camera=replace(was.camera, zoom=zoom))
    (x, y), (x1, y1) = before.to_xy(at_lps_mm).tolist(), after.to_xy(at_lps_mm).tolist()
    return kept.panned(was.to_screen(x, y) - kept.to_screen(x1, y1))
