"""One stroke of brush or eraser: from the button going down to its coming up."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent

from medviewer.core.finding import Point
from medviewer.core.problem import Problem
from medviewer.core.volume import READY, Volume
from medviewer.i18n import _
from medviewer.imaging.curved import CurvedGeometry
from medviewer.imaging.regions.brush import Tip, sweep
from medviewer.ui.regions.commit import commit
from medviewer.ui.regions.paint import circle_px
from medviewer.ui.regions.view import Brush, Draft, RegionView, regions_of

if TYPE_CHECKING:
    from medviewer.ui.tool import Drag
    from medviewer.ui.viewport import Viewport

_KEYS = Qt.KeyboardModifier
ERASING = _KEYS.ControlModifier | _KEYS.ShiftModifier
RESIZING = _KEYS.ControlModifier | _KEYS.ShiftModifier
MARGIN_PX, APART_MM = 4.0, 1e-3


@dataclass(eq=False)
class Stroke:
    """What a viewport's ``draft`` holds while the button is down."""

    regions: RegionView
    draft: Draft
    brush: Brush
    tip: Tip
    erases: bool
    at_lps_mm: Point

    def go_to(self, place_lps_mm: Point) -> None:
        """Paint, or erase, from the place before to the next one; nothing outside the volume."""
        volume = self.draft.target.volume
        if self._on_another_plane(place_lps_mm):
            self.at_lps_mm = place_lps_mm
        swept = sweep(volume.grid, self.tip, self.at_lps_mm, place_lps_mm)
        self.at_lps_mm = place_lps_mm
        if swept is None:
            return
        box, inside = swept
        if self.brush.gated and not self.erases:
            inside &= _gated(volume, box, self.brush)
        self.draft.canvas.put(box, inside, not self.erases)

    def _on_another_plane(self, place_lps_mm: Point) -> bool:
        """Whether the reader leafed on with the button down: a disc starts anew there."""
        normal = self.tip.normal_lps
        way = np.subtract(place_lps_mm, self.at_lps_mm)
        return normal is not None and abs(float(way @ np.asarray(normal))) > APART_MM


def _gated(volume: Volume, box: tuple[slice, slice, slice], brush: Brush) -> NDArray[np.bool_]:
    """Return which voxels of the box have been read and have values in the gate."""
    low, high = brush.gate.stored(volume.slope, volume.intercept)
    values = volume.voxels[box]
    read: NDArray[np.bool_] = (volume.state[box[0]] == READY)[:, None, None]
    return (values >= low) & (values <= high) & read


def may_paint(viewport: "Viewport") -> Volume:
    """Return the volume that a viewport's painting goes to; Problem where it cannot be painted on."""
    volume = viewport.volume
    if viewport.plane is None or volume is None:
        raise Problem(_("No images are shown here."), _("Open a study or drag a series here first."))
    if isinstance(viewport.plane.geometry(viewport.index), CurvedGeometry) or viewport.cell.kind == "volume":
        raise Problem(_("Outlines are painted on flat planes."), _("Paint in an axial, coronal or sagittal viewport."))
    return volume


def tip_of(viewport: "Viewport", brush: Brush) -> Tip:
    """Return the brush as it lies on a viewport's plane; single images are painted one by one."""
    assert viewport.plane is not None
    flat = not brush.ball or not viewport.plane.volume.regular
    held = QGuiApplication.keyboardModifiers() & _KEYS.AltModifier
    if held and viewport.plane.volume.regular:
        flat = False
    x, y, z = (float(part) for part in viewport.plane.geometry(viewport.index).normal_lps)
    return Tip(brush.diameter_mm / 2.0, (x, y, z) if flat else None)


def press(viewport: "Viewport", at_px: QPointF, erases: bool) -> None:
    """Begin a stroke with a first dab; Ctrl or Shift held makes the brush an eraser."""
    regions = regions_of(viewport.view)
    volume = may_paint(viewport)
    if regions.busy or viewport.draft is not None:
        return
    erases = erases or bool(QGuiApplication.keyboardModifiers() & ERASING)
    place = viewport.lps_at(at_px)
    stroke = Stroke(regions, regions.begin(volume), regions.brush, tip_of(viewport, regions.brush), erases, place)
    viewport.draft = stroke
    stroke.go_to(place)
    _show(viewport, regions, at_px, at_px)


def drag(viewport: "Viewport", drag: "Drag") -> None:
    """Go on with the stroke."""
    stroke = viewport.draft
    if isinstance(stroke, Stroke):
        stroke.go_to(viewport.lps_at(drag.now_px))
        _show(viewport, stroke.regions, drag.before_px, drag.now_px)


def release(viewport: "Viewport", _at_px: QPointF) -> None:
    """End the stroke: it is one edit."""
    stroke, viewport.draft = viewport.draft, None
    if isinstance(stroke, Stroke):
        deed = "erase" if stroke.erases else "paint"
        try:
            commit(stroke.regions, stroke.draft.target, stroke.draft.canvas.changes(), deed)
        except BaseException:
            stroke.regions.show_draft(None)
            raise


def cancel(viewport: "Viewport") -> None:
    """Drop the stroke; nothing was changed."""
    if isinstance(viewport.draft, Stroke):
        viewport.draft.regions.show_draft(None)
        viewport.draft = None
    viewport.update()


def hover(viewport: "Viewport", _at_px: QPointF) -> None:
    """Let the circle follow the mouse."""
    viewport.update()


def wheel(viewport: "Viewport", notches: int, held: Qt.KeyboardModifier) -> bool:
    """Make the brush larger or smaller with Ctrl and Shift held."""
    if (held & RESIZING) != RESIZING:
        return False
    regions_of(viewport.view).resize_brush(notches)
    return True


def key_press(viewport: "Viewport", event: QKeyEvent) -> bool:
    """Make the brush smaller with [ and larger with ]."""
    notches = {"[": -1, "]": 1}.get(event.text(), 0)
    if notches:
        regions_of(viewport.view).resize_brush(notches)
    return bool(notches)


def _show(viewport: "Viewport", regions: RegionView, before_px: QPointF, now_px: QPointF) -> None:
    _update_around(viewport, regions, before_px, now_px)
    regions.tell_others()


def _update_around(viewport: "Viewport", regions: RegionView, before_px: QPointF, now_px: QPointF) -> None:
    """Have only what the brush passed over painted anew."""
    area = QRectF()
    for at_px in (before_px, now_px):
        area = area.united(circle_px(viewport, regions.brush, at_px).boundingRect())
    volume = viewport.volume
    more_px = MARGIN_PX + (max(volume.grid.spacing_kji_mm) if volume is not None else 0.0) * viewport.placing.px_per_mm
    viewport.update(area.adjusted(-more_px, -more_px, more_px, more_px).toAlignedRect())
