"""What files and presentation states draw over an image: shutters, overlays, graphics and texts."""

from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from math import hypot

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPainterPath, QPen, QTransform, qFuzzyCompare

from medviewer.core.look import Look, OverlayPlane, Shutter
from medviewer.core.presentation import Graphic, GraphicLayer, Points, Presented, Text, Units
from medviewer.ui import theme
from medviewer.ui.camera import ZOOM_LEAST, ZOOM_MOST, Camera, Placing
from medviewer.ui.corners import Line, line_height_px, width_px, write
from medviewer.ui.planes.plane import Plane

POINT_PX, PEN_PX, REGION_ALPHA = 5.0, 1.5, 110


def stored_to_picture(plane: Plane, index: int) -> QTransform:
    """From pixels as stored (x right, y down, 0 to 1 is the first) to the picture, which is turned for the reader."""
    corners = plane.volume.grid.to_lps([(index, -0.5, -0.5), (index, -0.5, 0.5), (index, 0.5, -0.5)])
    (x, y), (right_x, right_y), (down_x, down_y) = (np.rint(plane.geometry(index).to_xy(corners) + 0.5)).tolist()
    return QTransform(right_x - x, right_y - y, down_x - x, down_y - y, x, y)


def camera_of(presented: Presented, placing: Placing, stored: QTransform) -> Camera:
    """Return the camera that turns, flips and zooms as a presentation state asks; TRUE SIZE fits, as others do.

    ``stored`` leads from stored pixels to the picture: a state turns the image as it was stored.
    """
    camera = _turned(Camera(quarter_turns=presented.quarter_turns, flipped_h=presented.flipped), stored)
    if presented.area is None:
        return camera
    left, top, right, bottom = presented.area.box
    box = stored.mapRect(QRectF(left, top, right - left, bottom - top))
    wide_mm, high_mm = box.width() * placing.column_mm, box.height() * placing.row_mm
    across_mm, down_mm = (high_mm, wide_mm) if camera.quarter_turns % 2 else (wide_mm, high_mm)
    px_per_mm = min(placing.width_px / max(across_mm, 1e-6), placing.height_px / max(down_mm, 1e-6))
    if presented.area.mode == "MAGNIFY":
        px_per_mm = presented.area.magnification / placing.column_mm
    x_mm = (box.center().x() - placing.columns / 2) * placing.column_mm
    y_mm = (box.center().y() - placing.rows / 2) * placing.row_mm
    zoom = px_per_mm / replace(placing, camera=camera).fit_px_per_mm
    return replace(camera, zoom=min(max(zoom, ZOOM_LEAST), ZOOM_MOST), center_mm=(x_mm, y_mm))


def _turned(wanted: Camera, stored: QTransform) -> Camera:
    """Return the camera that turns the picture so that the stored image comes out as ``wanted`` turns it."""
    back, _possible = QTransform(stored.m11(), stored.m12(), stored.m21(), stored.m22(), 0, 0).inverted()
    turn = back * wanted.turn
    ways = (Camera(quarter_turns=n, flipped_h=flip) for n in range(4) for flip in (False, True))
    return next((way for way in ways if qFuzzyCompare(way.turn, turn)), wanted)


def shutter_shown(look: Look, presented: Presented | None) -> Shutter:
    """Return the shutter to draw: the state's where one is shown, which replaces the image's own."""
    return look.shutter if presented is None else presented.shutter


def overlays_shown(look: Look, presented: Presented | None) -> tuple[OverlayPlane, ...]:
    """Return the overlays to draw: all of the image's own, or those that the state shows."""
    if presented is None:
        bitmap = look.shutter.bitmap
        return tuple(overlay for overlay in look.overlays if overlay is not bitmap)
    own = tuple(overlay for overlay in look.overlays if overlay.group in presented.image_overlays)
    return own + presented.overlays


# ---- shutters and overlays ----


def paint_shutter(painter: QPainter, way: QTransform, shutter: Shutter, columns: int, rows: int) -> None:
    """Cover what is not to be seen of the image; ``way`` leads from stored pixels to the viewport's."""
    if not shutter.covers:
        return
    grey = round(255 * shutter.grey)
    colour = QColor(grey, grey, grey)
    painter.save()
    painter.setTransform(way)
    painter.fillPath(_covered(shutter, columns, rows), colour)
    painter.restore()
    if shutter.bitmap is not None:
        paint_overlay(painter, way, shutter.bitmap, colour)


@lru_cache(maxsize=16)
def _covered(shutter: Shutter, columns: int, rows: int) -> QPainterPath:
    """Return the image without what every shape lets through."""
    whole = QPainterPath()
    whole.addRect(0, 0, columns, rows)
    seen = QPainterPath(whole)
    if shutter.rectangle is not None:
        left, top, right, bottom = shutter.rectangle
        seen = seen.intersected(_rectangle(QRectF(left, top, right - left, bottom - top)))
    if shutter.circle is not None:
        x, y, radius = shutter.circle
        disc = QPainterPath()
        disc.addEllipse(QPointF(x, y), radius, radius)
        seen = seen.intersected(disc)
    if shutter.polygon:
        seen = seen.intersected(_polyline(shutter.polygon, closed=True))
    return whole.subtracted(seen)


def _rectangle(area: QRectF) -> QPainterPath:
    path = QPainterPath()
    path.addRect(area)
    return path


def paint_overlay(painter: QPainter, way: QTransform, overlay: OverlayPlane, colour: QColor | None = None) -> None:
    """Draw one overlay over the image; regions of interest let it shine through."""
    if colour is None:
        colour = QColor(theme.on_image("accent" if overlay.region else "found"))
        colour.setAlpha(REGION_ALPHA if overlay.region else 255)
    painter.save()
    painter.setTransform(way)
    painter.drawImage(overlay.origin[1], overlay.origin[0], _ink_of(overlay, colour.rgba()))
    painter.restore()


@lru_cache(maxsize=16)
def _ink_of(overlay: OverlayPlane, rgba: int) -> QImage:
    pixels = np.where(overlay.bits, np.uint32(rgba), np.uint32(0))
    rows, columns = pixels.shape
    image = QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_ARGB32)
    return image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)  # a copy: the pixels go


# ---- graphics and texts ----


def paint_layers(painter: QPainter, way: QTransform, presented: Presented, columns: int, rows: int) -> None:
    """Draw the graphic layers, those of lower order first."""
    whole = (0.0, 0.0, float(columns), float(rows))
    area = presented.area.box if presented.area else whole
    ways: dict[Units, QTransform] = {"PIXEL": way, "DISPLAY": _display_to_screen(way, area)}
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for layer in presented.layers:
        ink = _ink(layer)
        for graphic in layer.graphics:
            _paint_graphic(painter, ways[graphic.units], graphic, ink)
        for text in layer.texts:
            _paint_text(painter, ways[text.box_units], ways[text.anchor_units], text, ink)
    painter.restore()


def _ink(layer: GraphicLayer) -> QColor:
    return theme.on_image("found") if layer.colour is None else QColor(*layer.colour)


def _display_to_screen(way: QTransform, box: tuple[float, float, float, float]) -> QTransform:
    """From shares of the displayed area, as it stands on the screen, to the viewport's pixels."""
    left, top, right, bottom = box
    area = way.mapRect(QRectF(left, top, right - left, bottom - top))
    return QTransform(area.width(), 0.0, 0.0, area.height(), area.left(), area.top())


def _paint_graphic(painter: QPainter, way: QTransform, graphic: Graphic, ink: QColor) -> None:
    painter.setPen(QPen(ink, PEN_PX))
    painter.setBrush(QBrush(ink) if graphic.filled else Qt.BrushStyle.NoBrush)
    if graphic.kind == "POINT":
        at = way.map(QPointF(*graphic.points[0]))
        painter.drawLine(at - QPointF(POINT_PX, 0), at + QPointF(POINT_PX, 0))
        painter.drawLine(at - QPointF(0, POINT_PX), at + QPointF(0, POINT_PX))
    else:
        painter.drawPath(way.map(path_of(graphic)))


@lru_cache(maxsize=2000)
def path_of(graphic: Graphic) -> QPainterPath:
    """Return the outline of a shape in its own units."""
    points, path = graphic.points, QPainterPath()
    if graphic.kind == "CIRCLE":
        (x, y), (on_x, on_y) = points[:2]
        radius = hypot(on_x - x, on_y - y)
        path.addEllipse(QPointF(x, y), radius, radius)
    elif graphic.kind == "ELLIPSE":
        path.addEllipse(QPointF(0, 0), 1.0, 1.0)
        return _on_axes(points).map(path)
    elif graphic.kind == "INTERPOLATED":
        return _smooth(points)
    else:
        return _polyline(points)
    return path


def _on_axes(points: Points) -> QTransform:
    """From the unit circle to the ellipse with these ends of its major and its minor axis."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = points[:4]
    return QTransform((bx - ax) / 2, (by - ay) / 2, (dx - cx) / 2, (dy - cy) / 2, (ax + bx) / 2, (ay + by) / 2)


def _polyline(points: Points, closed: bool = False) -> QPainterPath:
    path = QPainterPath(QPointF(*points[0]))
    for point in points[1:]:
        path.lineTo(QPointF(*point))
    if closed:
        path.closeSubpath()
    return path


def _smooth(points: Points) -> QPainterPath:
    """Return a curve through all points (Catmull-Rom), round at a first point that is also the last."""
    ring = points[0] == points[-1] and len(points) > 2
    before = points[-2] if ring else points[0]
    after = points[1] if ring else points[-1]
    padded = (before, *points, after)
    path = QPainterPath(QPointF(*points[0]))
    for n, (start, end) in enumerate(pairwise(points), start=1):
        previous, following = padded[n - 1], padded[n + 2]
        leave = QPointF(start[0] + (end[0] - previous[0]) / 6, start[1] + (end[1] - previous[1]) / 6)
        reach = QPointF(end[0] - (following[0] - start[0]) / 6, end[1] - (following[1] - start[1]) / 6)
        path.cubicTo(leave, reach, QPointF(*end))
    return path


def _paint_text(painter: QPainter, box_way: QTransform, anchor_way: QTransform, text: Text, ink: QColor) -> None:
    lines = [Line(line, ink.name()) for line in text.text.splitlines()]
    anchor = None if text.anchor is None else anchor_way.map(QPointF(*text.anchor))
    at, high = anchor or QPointF(), line_height_px()
    if text.top_left is not None:
        corner = text.bottom_right or text.top_left
        box = QRectF(box_way.map(QPointF(*text.top_left)), box_way.map(QPointF(*corner))).normalized()
        at = box.topLeft()
    elif anchor is not None:
        at = anchor + QPointF(POINT_PX + 2.0, -high)
    if anchor is not None and text.anchor_shown:
        painter.setPen(QPen(ink, PEN_PX))
        painter.drawEllipse(anchor, 2.0, 2.0)
        wide = max((width_px(line) for line in lines), default=0.0)
        own = QRectF(at.x(), at.y(), wide, high * len(lines))
        if text.top_left is not None and not own.contains(anchor):
            painter.drawLine(anchor, _nearest(own, anchor))
    for n, line in enumerate(lines):
        write(painter, QRectF(at.x(), at.y() + n * high, 0.0, high), line)


def _nearest(box: QRectF, to: QPointF) -> QPointF:
    return QPointF(min(max(to.x(), box.left()), box.right()), min(max(to.y(), box.top()), box.bottom()))
