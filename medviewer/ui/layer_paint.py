"""Segments and contours over an image: filled through its pixels, outlined, in any of the three planes."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QByteArray, QDataStream, QLineF, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QPolygonF

from medviewer.core.layers import Contour, Layer
from medviewer.core.mask import Index
from medviewer.imaging.reslice import Orientation
from medviewer.ui.camera import Placing
from medviewer.ui.layers_view import LayerView
from medviewer.ui.outline import outline
from medviewer.ui.plane import Plane

Key = TypeVar("Key")
Made = TypeVar("Made")
KEPT = 600  # cuts of layers, of all planes together
CROSS_PX, LINE_PX = 6.0, 1.4
# How Qt stores a path: a count, elements of kind, x and y, then where the last part starts and how it is filled.
_ELEMENT = np.dtype([("kind", ">i4"), ("x", ">f8"), ("y", ">f8")])
_MOVE, _LINE, _TAIL = 0, 1, bytes(8)


@dataclass(frozen=True, eq=False)
class Cut:
    """A layer on one slice, in image pixels (0 to 1 is the first).

    Attributes:
        filling: how much of each pixel belongs to it, uint8 0 to 255, its first pixel at ``at``; None of lines alone.
        border: its outline, or the outline at half of the largest fraction.
        closed, open: its contours as drawn by the file.
        points: single points.
    """

    layer: Layer  # holding it keeps its id its own
    filling: NDArray[np.uint8] | None = None
    at: QPointF = field(default_factory=QPointF)
    border: QPainterPath | None = None
    closed: QPainterPath | None = None
    open: list[QPolygonF] = field(default_factory=list)
    points: list[QPointF] = field(default_factory=list)


@dataclass
class LayerPainter:
    """Draws the layers of a view over the planes of their volume; keeps the cuts that it has worked out.

    ``paint`` is one of a viewport's ``paintings``; one painter may serve all viewports.
    """

    layers: LayerView
    _cuts: OrderedDict[tuple[int, Orientation, int], Cut] = field(default_factory=OrderedDict)
    _pictures: OrderedDict[tuple[int, int], tuple[Cut, QImage]] = field(default_factory=OrderedDict)

    def paint(self, painter: QPainter, placing: Placing, plane: Plane, index: int) -> None:
        """Draw the layers shown where slice ``index`` of ``plane`` cuts them."""
        shown = self.layers.shown_over(plane.volume)
        cuts = [cut for layer in shown if (cut := self.cut(plane, index, layer)) is not None]
        if not cuts:
            return
        painter.save()
        painter.setTransform(placing.image_to_screen)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)  # a voxel is inside or it is not
        for cut in cuts:
            self._fill(painter, cut, self.layers.opacity)
        for cut in cuts:
            _outline(painter, cut, placing)
        painter.restore()

    def cut(self, plane: Plane, index: int, layer: Layer) -> Cut | None:
        """Return a layer as slice ``index`` of ``plane`` cuts it; None where it does not."""
        key = (id(layer), plane.orientation, index)
        made = _kept(self._cuts, key, lambda: cut_of(plane, index, layer))
        return made if made.filling is not None or _has_lines(made) else None

    def _fill(self, painter: QPainter, cut: Cut, opacity: float) -> None:
        if opacity <= 0.0:
            return
        if cut.closed is not None:
            colour = QColor(*cut.layer.colour_rgb)
            colour.setAlphaF(opacity)
            painter.fillPath(cut.closed, colour)
        elif cut.filling is not None:
            alpha = round(255 * opacity)
            _cut, picture = _kept(self._pictures, (id(cut), alpha), lambda: (cut, _picture(cut, alpha)))
            painter.drawImage(cut.at, picture)


def _kept(kept: OrderedDict[Key, Made], key: Key, make: Callable[[], Made]) -> Made:
    """Return what is kept under ``key``, made where it is not; the oldest is forgotten where there are too many."""
    if key in kept:
        kept.move_to_end(key)
        return kept[key]
    made = kept[key] = make()
    while len(kept) > KEPT:
        kept.popitem(last=False)
    return made


def _has_lines(cut: Cut) -> bool:
    return any(path is not None and not path.isEmpty() for path in (cut.border, cut.closed)) or bool(
        cut.open or cut.points
    )


def cut_of(plane: Plane, index: int, layer: Layer) -> Cut:
    """Return a layer as slice ``index`` of ``plane`` cuts it; in their own plane contours are drawn as they are."""
    if layer.contours and plane.axis == 0:
        return _drawn(plane, index, layer)
    points = [_xy(plane, index, one)[0] for one in layer.contours if one.form == "point" and _meets(plane, index, one)]
    voxels = layer.fractions or layer.mask
    inside = None if voxels is None else voxels.plane(plane.axis, index)
    if voxels is None or inside is None or not inside.any():
        return Cut(layer, points=points)
    turned, x, y = _turned(plane, index, voxels.offset_kji, inside)
    if layer.fractions is None:
        filling, within = turned.astype(np.uint8) * np.uint8(255), turned.astype(np.bool_)
    else:
        share = turned.astype(np.float32) / layer.fractions.maximum
        filling, within = np.rint(255.0 * share).astype(np.uint8), share >= 0.5
    ends = outline(within)[..., ::-1] + (x + 0.5, y + 0.5)
    return Cut(layer, np.ascontiguousarray(filling), QPointF(x, y), _path(ends), points=points)


def _path(ends: NDArray[np.float64]) -> QPainterPath:
    """Return segments (n, 2, 2) of x, y as a path, in the form in which Qt stores one: line by line takes ten times."""
    elements = np.empty(2 * len(ends), _ELEMENT)
    elements["kind"] = np.tile([_MOVE, _LINE], len(ends))
    elements["x"], elements["y"] = ends.reshape(-1, 2).T
    stored = len(elements).to_bytes(4, "big") + elements.tobytes() + _TAIL
    path = QPainterPath()
    QDataStream(QByteArray(stored)) >> path
    return path


def _turned(plane: Plane, index: int, offset_kji: Index, cut: NDArray[Any]) -> tuple[NDArray[Any], int, int]:
    """Turn a cut (the volume's two other axes) as the screen shows it; return it with its first column and row."""
    across, down = (axis for axis in range(3) if axis != plane.axis)
    corners = np.tile(np.asarray(offset_kji, dtype=np.float64), (3, 1))
    corners[:, plane.axis] = index
    corners[1, across] += 1.0
    corners[2, down] += 1.0
    start, first, second = plane.geometry(index).to_xy(plane.volume.grid.to_lps(corners))
    step_first, step_second = np.rint(first - start), np.rint(second - start)
    last = start + step_first * (cut.shape[0] - 1) + step_second * (cut.shape[1] - 1)
    x, y = np.rint(np.minimum(start, last)).astype(int).tolist()
    turned = cut if step_first[1] else cut.T  # its first axis runs down the screen, or across it
    backwards = (step_first + step_second) < 0
    return turned[:: -1 if backwards[1] else 1, :: -1 if backwards[0] else 1], x, y


def _drawn(plane: Plane, index: int, layer: Layer) -> Cut:
    """Return the contours that lie on a slice."""
    closed = QPainterPath()
    made = Cut(layer, closed=closed)
    for contour in layer.contours:
        if contour.k != index:
            continue
        points = _xy(plane, index, contour)
        if contour.form == "point":
            made.points.extend(points)
        elif contour.form == "open":
            made.open.append(QPolygonF(points))
        else:
            closed.addPolygon(QPolygonF([*points, points[0]]))
    return made


def _xy(plane: Plane, index: int, contour: Contour) -> list[QPointF]:
    return [QPointF(x, y) for x, y in (plane.geometry(index).to_xy(contour.points_lps_mm) + 0.5).tolist()]


def _meets(plane: Plane, index: int, contour: Contour) -> bool:
    """Whether slice ``index`` is the nearest one to a single point."""
    x, y, z = (float(v) for v in contour.points_lps_mm[0])
    return plane.index_at((x, y, z)) == index


def _picture(cut: Cut, alpha: int) -> QImage:
    """Return the filling as an image in the layer's colour; a fraction is as much fainter as it is smaller."""
    assert cut.filling is not None
    red, green, blue = cut.layer.colour_rgb
    strength = np.arange(256, dtype=np.uint32) * alpha // 255
    table = strength << 24
    for value, shift in ((red, 16), (green, 8), (blue, 0)):
        table |= (strength * value // 255) << shift
    pixels = table[cut.filling]
    rows, columns = pixels.shape
    shared = QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_ARGB32_Premultiplied)
    return shared.copy()


def _outline(painter: QPainter, cut: Cut, placing: Placing) -> None:
    """Draw the border; of fractions it is dashed, for it is none."""
    pen = QPen(QColor(*cut.layer.colour_rgb), LINE_PX)
    pen.setCosmetic(True)
    if cut.layer.fractions is not None:
        pen.setStyle(Qt.PenStyle.DotLine)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for path in (cut.border, cut.closed):
        if path is not None:
            painter.drawPath(path)
    for line in cut.open:
        painter.drawPolyline(line)
    for point in cut.points:
        _cross(painter, point, placing)


def _cross(painter: QPainter, point: QPointF, placing: Placing) -> None:
    """Mark a single point, equally large on the screen at any zoom."""
    wide = CROSS_PX / max(placing.px_per_mm * placing.column_mm, 1e-6)
    high = CROSS_PX / max(placing.px_per_mm * placing.row_mm, 1e-6)
    painter.drawLine(QLineF(point - QPointF(wide, 0), point + QPointF(wide, 0)))
    painter.drawLine(QLineF(point - QPointF(0, high), point + QPointF(0, high)))
