"""How a viewport is painted: the slice, what the file and the reader drew, findings, lines, texts."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QRegion, QTransform

from medviewer.core.arrangement import PRIOR
from medviewer.core.volume import FAILED, READY
from medviewer.i18n import _
from medviewer.ui import caption, corners, presented, theme
from medviewer.ui.enhance import enhancing as enhance
from medviewer.ui.planes.plane import Plane
from medviewer.ui.volume import figure as volume_figure

if TYPE_CHECKING:
    from medviewer.ui.viewport import Viewport

EDGE_PX = 2


def paint(viewport: "Viewport", painter: QPainter, dirty: QRect) -> None:
    """Draw everything that ``dirty`` of the viewport shows."""
    plane = viewport.plane
    for part in QRegion(dirty) - _covered(viewport):  # type: ignore[attr-defined]  # Qt's stubs forget that
        painter.fillRect(part, theme.colour("image"))
    if plane is None:
        _say(viewport, painter, _empty_words(viewport))
    elif viewport.scene is not None:
        volume_figure.paint(viewport.scene, painter, QRectF(viewport.rect()), texts=viewport.view.texts_shown)
    else:
        _paint_slice(viewport, painter, plane)
        if viewport.view.texts_shown:
            _paint_over(viewport, painter, plane)
        else:
            enhance.paint_label(painter, viewport)
        tool = viewport.hand.tool
        if tool is not None and tool.paint is not None:
            tool.paint(viewport, painter)
    focused = viewport.hasFocus()
    if viewport.active and (focused or not viewport.alone):
        painter.setPen(QPen(theme.on_image("accent"), 3.0 if focused and not viewport.alone else 1.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(viewport.rect().adjusted(0, 0, -1, -1))


def _empty_words(viewport: "Viewport") -> str:
    """Say what an empty viewport waits for."""
    if viewport.view.volume is None:
        return ""
    if viewport.cell.display == PRIOR:
        return _("No prior examination")
    return _("Drag a series here from the list.")


def _covered(viewport: "Viewport") -> QRegion:
    """Return where the slice will be, so that nothing need be blacked first; its soft edges do not count."""
    if viewport.plane is None or viewport.scene is not None or viewport.shown_state != READY:
        return QRegion()
    return QRegion(viewport.placing.covers_px.toAlignedRect().adjusted(EDGE_PX, EDGE_PX, -EDGE_PX, -EDGE_PX))


def _paint_slice(viewport: "Viewport", painter: QPainter, plane: Plane) -> None:
    if viewport.shown_state != READY:
        failed = viewport.shown_state == FAILED
        _say(viewport, painter, _("This image could not be read.") if failed else _("Reading this image…"))
        return
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.setTransform(viewport.placing.image_to_screen)
    assert viewport.picture is not None
    painter.drawImage(0, 0, viewport.picture.image(viewport.view, viewport.index, viewport.greys))
    painter.resetTransform()
    shutter = presented.shutter_shown(viewport.look, viewport.presented)
    if shutter.covers and viewport.as_stored:
        rows, columns = plane.volume.grid.shape_kji[1:]
        presented.paint_shutter(painter, _from_stored(viewport, plane), shutter, columns, rows)


def _from_stored(viewport: "Viewport", plane: Plane) -> QTransform:
    return presented.stored_to_picture(plane, viewport.index) * viewport.placing.image_to_screen


def _paint_over(viewport: "Viewport", painter: QPainter, plane: Plane) -> None:
    placing, case, view = viewport.placing, viewport.case_of(), viewport.view
    assert viewport.overlay is not None
    if viewport.as_stored:
        _paint_drawn(viewport, painter, plane)
    for paint_more in viewport.paintings:
        paint_more(painter, placing, plane, viewport.index)
    if view.overlay_shown and case is not None:
        viewport.overlay.paint(painter, placing, viewport.index, case, view.finding_id)
    area = QRectF(viewport.rect())
    corners.paint(painter, area, caption.corners_of(viewport, plane))
    unit = caption.scale_unit(viewport, plane)
    if unit:
        corners.paint_scale(painter, area, placing.px_per_mm, unit)


def _paint_drawn(viewport: "Viewport", painter: QPainter, plane: Plane) -> None:
    """Draw what the file and the presentation state hold in the way of overlays and graphics."""
    shown = viewport.presented
    overlays = presented.overlays_shown(viewport.look, shown)
    if not overlays and shown is None:
        return
    way, (rows, columns) = _from_stored(viewport, plane), plane.volume.grid.shape_kji[1:]
    for overlay in overlays:
        presented.paint_overlay(painter, way, overlay)
    if shown is not None:
        presented.paint_layers(painter, way, shown, columns, rows)


def _say(viewport: "Viewport", painter: QPainter, text: str) -> None:
    painter.setFont(theme.font(theme.TEXT_PT + 1))
    painter.setPen(theme.colour("image_dim"))
    painter.drawText(viewport.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, text)
