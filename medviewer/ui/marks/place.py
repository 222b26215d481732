"""From the mouse to the patient and back: where a mark that is drawn in a viewport lies."""

from typing import TYPE_CHECKING
from uuid import uuid4

import numpy as np
from PySide6.QtCore import QPointF

from medviewer.core.finding import Point
from medviewer.core.grid import triple
from medviewer.core.mark import DEFAULT_COLOUR, Mark, MarkKind
from medviewer.core.problem import Problem
from medviewer.i18n import _
from medviewer.imaging.marks.place import image_plane, true_geometry
from medviewer.imaging.reslice import PlaneGeometry
from medviewer.ui.planes.curved import CurvedPlane
from medviewer.ui.planes.plane import Plane

if TYPE_CHECKING:
    from medviewer.ui.viewport import Viewport


def is_flat(viewport: "Viewport") -> bool:
    """Whether lengths on a viewport's picture are those in the patient: not on a curve, not on a body seen in 3-D."""
    plane = viewport.plane
    return plane is not None and viewport.cell.kind != "volume" and not isinstance(plane, CurvedPlane)


def geometry_of(plane: Plane, index: int) -> PlaneGeometry:
    """Return where the pixels of slice ``index`` are in the patient, by the image's own header where that is better."""
    shown = plane.geometry(index)
    return true_geometry(plane.volume, shown, index) if plane.axis == 0 else shown


def place_at(viewport: "Viewport", at_px: QPointF) -> Point:
    """Return the place in the patient under the mouse, kept inside the picture; Problem where nothing is measured."""
    plane = viewport.plane
    if plane is None or not is_flat(viewport):
        raise Problem(_("Nothing can be measured in this view."), _("Measure on a flat plane of the images."))
    column, row = viewport.placing.to_image(at_px)
    shown = geometry_of(plane, viewport.index)
    rows, columns = shown.shape
    inside = min(max(column, -0.5), columns - 0.5), min(max(row, -0.5), rows - 0.5)
    return triple(shown.to_lps(inside))


def to_screen(viewport: "Viewport", lps_mm: Point) -> QPointF:
    """Return where a place in the patient is in the viewport."""
    assert viewport.plane is not None
    column, row = geometry_of(viewport.plane, viewport.index).to_xy(lps_mm).tolist()
    return viewport.placing.to_screen(column, row)


def drawn(viewport: "Viewport", kind: MarkKind, points_lps_mm: tuple[Point, ...], mark_id: str = "") -> Mark:
    """Return a mark on the plane that the viewport shows, with an id of its own by default."""
    plane = viewport.plane
    assert plane is not None
    index, series = viewport.index, plane.volume.series
    right, down = screen_directions(viewport)
    header = series.headers[index if plane.axis == 0 else 0]
    placed = plane.volume.regular or (plane.axis == 0 and image_plane(plane.volume, index) is not None)
    return Mark(
        id=mark_id or uuid4().hex,
        kind=kind,
        series_uid=series.uid,
        points_lps_mm=points_lps_mm,
        normal_lps=triple(np.cross(right, down)),
        right_lps=triple(right),
        sop_uid=header.sop_uid if plane.axis == 0 else "",
        frame=header.frame if plane.axis == 0 else 0,
        frame_of_reference_uid=header.frame_of_reference_uid if placed else "",
        slab_mm=viewport.slab.mm,
        colour=DEFAULT_COLOUR,
    )


def screen_directions(viewport: "Viewport") -> tuple[np.ndarray, np.ndarray]:
    """Return the unit vectors in the patient of right and down on the screen, after the camera's turns and flips."""
    assert viewport.plane is not None
    shown = geometry_of(viewport.plane, viewport.index)
    back, _possible = viewport.camera.turn.inverted()
    ways = [back.map(QPointF(*way)) for way in ((1.0, 0.0), (0.0, 1.0))]
    right, down = (way.x() * np.asarray(shown.right_lps) + way.y() * np.asarray(shown.down_lps) for way in ways)
    return right / np.linalg.norm(right), down / np.linalg.norm(down)
