"""Regions over an image in any plane, also while they are painted, and the brush under the mouse."""

from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen

from medviewer.core.layers import Layer
from medviewer.core.lengths import length_label
from medviewer.core.mask import Mask
from medviewer.core.region import Region
from medviewer.ui import theme
from medviewer.ui.camera import Placing
from medviewer.ui.corners import MIDDLE, START, Line, write
from medviewer.ui.layer_paint import Cut, cut_of, draw_lines, fill, kept_cut
from medviewer.ui.planes.plane import Plane
from medviewer.ui.regions.view import Brush, Draft, RegionView, regions_of

if TYPE_CHECKING:
    from medviewer.ui.viewport import Viewport

LINE_PX, CHOSEN_PX, TEXT_PX = 1.3, 2.0, 18.0


class RegionPainter:
    """Draws the regions of the case over the planes of their series; ``Viewer.equip`` takes ``painting_of``.

    What is finished is worked out once for each slice; what is being painted is worked out anew at each paint, within
    the box that holds it.
    """

    def __init__(self, regions: RegionView) -> None:
        self._regions = regions
        self._layers: dict[str, tuple[Region, Layer]] = {}
        self._cuts: OrderedDict[tuple[int, object, int], Cut] = OrderedDict()
        self._pictures: OrderedDict[tuple[int, int], tuple[Cut, QImage]] = OrderedDict()

    def painting_of(self, viewport: "Viewport") -> Callable[[QPainter, Placing, Plane, int], None]:
        """Return what draws the regions in a viewport, which follows from now on what is painted in others."""
        self._regions.draft_changed.connect(viewport.update)
        return self.paint

    def paint(self, painter: QPainter, placing: Placing, plane: Plane, index: int) -> None:
        """Draw what slice ``index`` of ``plane`` cuts."""
        cuts = [cut for cut in self._finished(plane, index) if cut is not None]
        draft = self._regions.draft
        drawn = None if draft is None else _drafted(draft, plane, index)
        if not cuts and drawn is None:
            return
        painter.save()
        painter.setTransform(placing.image_to_screen)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)  # a voxel is inside or it is not
        opacity = self._regions.opacity if self._regions.filled else 0.0
        for cut in cuts:
            fill(painter, cut, opacity, self._pictures)
        if drawn is not None:
            fill(painter, drawn, opacity, None)
            draw_lines(painter, drawn, placing, CHOSEN_PX)
        for cut in cuts:
            draw_lines(painter, cut, placing, CHOSEN_PX if cut.layer.id == self._regions.chosen_id else LINE_PX)
        painter.restore()

    def _finished(self, plane: Plane, index: int) -> list[Cut | None]:
        """Cut the regions that are shown and not being painted now."""
        draft = self._regions.draft
        painted = None if draft is None or draft.target.region is None else draft.target.region.id
        shown = [one for one in self._regions.regions_of(plane.volume) if not one.hidden and one.id != painted]
        return [kept_cut(self._cuts, plane, index, self._layer(one)) for one in shown if one.mask is not None]

    def _layer(self, region: Region) -> Layer:
        """Return the region as something to draw, the same one for as long as it does not change."""
        kept = self._layers.get(region.id)
        if kept is None or kept[0] is not region:
            kept = self._layers[region.id] = region, Layer(region.id, region.name, region.colour_rgb, mask=region.mask)
        return kept[1]


def _drafted(draft: Draft, plane: Plane, index: int) -> Cut | None:
    """Cut what is being painted."""
    if draft.target.volume is not plane.volume:
        return None
    painted = cast(Mask, draft.canvas)  # it has what drawing asks of a mask
    cut = cut_of(plane, index, Layer("", "", draft.target.colour_rgb, mask=painted))
    return cut if cut.is_seen else None


# ---- the brush ----


def circle_px(viewport: "Viewport", brush: Brush, at_px: QPointF) -> QPainterPath:
    """Return the brush's circle around a place of the viewport, in its pixels."""
    path = QPainterPath()
    if viewport.plane is not None:
        row_mm, column_mm = viewport.plane.geometry(viewport.index).spacing_mm
        radius_mm = brush.diameter_mm / 2.0
        path.addEllipse(QPointF(0.0, 0.0), radius_mm / column_mm, radius_mm / row_mm)
        way = viewport.placing.image_to_screen
        path = way.map(path)
        path.translate(at_px - way.map(QPointF(0.0, 0.0)))
    return path


def paint_brush(viewport: "Viewport", painter: QPainter, erases: bool) -> None:
    """Draw the circle under the mouse, dashed where it erases, and its size while that is being changed."""
    at_px = viewport.hand.at_px
    if at_px is None or viewport.plane is None:
        return
    regions = regions_of(viewport.view)
    path = circle_px(viewport, regions.brush, at_px)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    style = Qt.PenStyle.DashLine if erases else Qt.PenStyle.SolidLine
    for colour, width in ((theme.colour("image"), 3.0), (theme.on_image("image_text"), 1.2)):
        painter.setPen(QPen(colour, width, style))
        painter.drawPath(path)
    if regions.brush.ball and viewport.plane.volume.regular:
        _paint_equator(painter, path.boundingRect())
    painter.restore()
    if regions.shows_size:
        unit = length_label(viewport.plane.volume.series.first)
        below = QRectF(at_px.x() - 60.0, path.boundingRect().bottom() + 4.0, 120.0, TEXT_PX)
        write(painter, below, Line(f"{regions.brush.diameter_mm:.1f} {unit}", strong=True), MIDDLE, START)


def _paint_equator(painter: QPainter, circle: QRectF) -> None:
    """Make a circle look like a ball."""
    colour = QColor(theme.on_image("image_text"))
    colour.setAlphaF(0.6)
    painter.setPen(QPen(colour, 1.0))
    painter.drawEllipse(circle.center(), circle.width() / 2.0, circle.height() / 6.0)
