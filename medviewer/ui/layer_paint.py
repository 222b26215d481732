"""Segments and contours over an image: filled through its pixels, outlined, in any of the three planes."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QByteArray, QDataStream, QLineF, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QPolygonF

from medviewer.core.grid import Grid
from medviewer.core.layers import Contour, Fractions, Layer
from medviewer.core.mask import Index, Mask
from medviewer.imaging.curved import CurvedGeometry
from medviewer.ui.camera import Placing
from medviewer.ui.layers_view import LayerView
from medviewer.ui.outline import outline
from medviewer.ui.planes.plane import Plane

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

    layer: Layer  # holding layer and plane keeps their ids their own
    plane: Plane
    filling: NDArray[np.uint8] | None = None
    at: QPointF = field(default_factory=QPointF)
    border: QPainterPath | None = None
    closed: QPainterPath | None = None
    open: list[QPolygonF] = field(default_factory=list)
    points: list[QPointF] = field(default_factory=list)

    @property
    def is_seen(self) -> bool:
        """Whether there is anything of it on the slice."""
        lines = any(path is not None and not path.isEmpty() for path in (self.border, self.closed))
        return self.filling is not None or lines or bool(self.open or self.points)


@dataclass
class LayerPainter:
    """Draws the layers of a view over the planes of their volume; keeps the cuts that it has worked out.

    ``paint`` is one of a viewport's ``paintings``; one painter may serve all viewports.
    """

    layers: LayerView
    _cuts: OrderedDict[tuple[int, object, int], Cut] = field(default_factory=OrderedDict)
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
            fill(painter, cut, self.layers.opacity, self._pictures)
        for cut in cuts:
            draw_lines(painter, cut, placing)
        painter.restore()

    def cut(self, plane: Plane, index: int, layer: Layer) -> Cut | None:
        """Return a layer as slice ``index`` of ``plane`` cuts it; None where it does not."""
        return kept_cut(self._cuts, plane, index, layer)


def kept_cut(cuts: OrderedDict[tuple[int, object, int], Cut], plane: Plane, index: int, layer: Layer) -> Cut | None:
    """Return a layer as slice ``index`` of ``plane`` cuts it, worked out once; None where it does not."""
    key = (id(layer), plane.orientation if plane.axis >= 0 else id(plane), index)
    made = _kept(cuts, key, lambda: cut_of(plane, index, layer))
    return made if made.is_seen else None


def fill(
    painter: QPainter, cut: Cut, opacity: float, pictures: OrderedDict[tuple[int, int], tuple[Cut, QImage]] | None
) -> None:
    """Fill what a layer covers, with ``opacity`` 0 to 1, in image pixels; ``pictures`` keeps what was drawn."""
    if opacity <= 0.0:
        return
    if cut.closed is not None:
        colour = QColor(*cut.layer.colour_rgb)
        colour.setAlphaF(opacity)
        painter.fillPath(cut.closed, colour)
    elif cut.filling is not None:
        alpha = round(255 * opacity)
        if pictures is None:
            painter.drawImage(cut.at, _picture(cut, alpha))
            return
        _cut, picture = _kept(pictures, (id(cut), alpha), lambda: (cut, _picture(cut, alpha)))
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


def cut_of(plane: Plane, index: int, layer: Layer) -> Cut:
    """Return a layer as slice ``index`` of ``plane`` cuts it; in their own plane contours are drawn as they are."""
    if layer.contours and plane.axis == 0:
        return _drawn(plane, index, layer)
    points = [_xy(plane, index, one)[0] for one in layer.contours if one.form == "point" and _meets(plane, index, one)]
    found = pixels_of(plane, index, layer.fractions or layer.mask)
    if found is None:
        return Cut(layer, plane, points=points)
    turned, x, y = found
    if layer.fractions is None:
        filling, within = turned.astype(np.uint8) * np.uint8(255), turned.astype(np.bool_)
    else:
        share = turned.astype(np.float32) / layer.fractions.maximum
        filling, within = np.rint(255.0 * share).astype(np.uint8), share >= 0.5
    ends = outline(within)[..., ::-1] + (x + 0.5, y + 0.5)
    return Cut(layer, plane, np.ascontiguousarray(filling), QPointF(x, y), _path(ends), points=points)


def _path(ends: NDArray[np.float64]) -> QPainterPath:
    """Return segments (n, 2, 2) of x, y as a path, in the form in which Qt stores one: line by line takes ten times."""
    elements = np.empty(2 * len(ends), _ELEMENT)
    elements["kind"] = np.tile([_MOVE, _LINE], len(ends))
    elements["x"], elements["y"] = ends.reshape(-1, 2).T
    stored = len(elements).to_bytes(4, "big") + elements.tobytes() + _TAIL
    path = QPainterPath()
    QDataStream(QByteArray(stored)) >> path
    return path


def pixels_of(plane: Plane, index: int, voxels: Mask | Fractions | None) -> tuple[NDArray[Any], int, int] | None:
    """Return what a slice shows of voxels (rows, columns), and its first column and row; None for nothing."""
    if voxels is None:
        return None
    if plane.axis < 0:
        return _sampled(plane, index, voxels)
    inside = voxels.plane(plane.axis, index)
    return None if inside is None or not inside.any() else _turned(plane, index, voxels.offset_kji, inside)


def _sampled(plane: Plane, index: int, voxels: Mask | Fractions) -> tuple[NDArray[Any], int, int] | None:
    """Return the nearest voxel of each pixel on a plane that does not lie along the voxels."""
    values = voxels.values if isinstance(voxels, Fractions) else voxels.voxels
    x0, y0, x1, y1 = _reached(plane, index, voxels.offset_kji, values.shape)
    if x0 >= x1 or y0 >= y1:
        return None
    grid, geometry = plane.volume.grid, plane.geometry(index)
    x, y = np.arange(x0, x1)[None, :], np.arange(y0, y1)[:, None]
    if not isinstance(geometry, CurvedGeometry):
        first, right, down = grid.to_kji(geometry.to_lps([(0, 0), (1, 0), (0, 1)]))
        places = [at + x * (a - at) + y * (b - at) for at, a, b in zip(first, right, down, strict=True)]
    else:
        of_rows, of_columns = geometry.parts(grid)
        places = [of_rows[y0:y1, axis, None] + of_columns[x0:x1, axis] for axis in range(3)]
    within, nearest = np.ones((y1 - y0, x1 - x0), np.bool_), []
    for place, offset, size in zip(places, voxels.offset_kji, values.shape, strict=True):
        local = np.rint(place).astype(np.int64) - offset
        within &= (local >= 0) & (local < size)
        nearest.append(np.clip(local, 0, size - 1))
    found = np.where(within, values[tuple(nearest)], 0)
    return (found, x0, y0) if found.any() else None


def _reached(plane: Plane, index: int, offset_kji: Index, shape_kji: tuple[int, ...]) -> tuple[int, int, int, int]:
    """Return first and last column and row, the last ones excluded, that a box of voxels may reach on a plane."""
    geometry = plane.geometry(index)
    rows, columns = geometry.shape
    if isinstance(geometry, CurvedGeometry):
        return _reached_by_curve(geometry, plane.volume.grid, offset_kji, shape_kji)
    ends = np.array([(-1.0, size) for size in shape_kji]) + np.asarray(offset_kji)[:, None]
    corners = plane.volume.grid.to_lps(np.stack(np.meshgrid(*ends, indexing="ij"), axis=-1).reshape(8, 3))
    away_mm = geometry.distance_mm(corners)
    if away_mm.min() > 0.0 or away_mm.max() < 0.0:
        return 0, 0, 0, 0
    xy = geometry.to_xy(corners)
    x0, y0 = np.maximum(np.floor(xy.min(axis=0)), 0).astype(int).tolist()
    x1, y1 = np.minimum(np.ceil(xy.max(axis=0)) + 1, (columns, rows)).astype(int).tolist()
    return x0, y0, x1, y1


def _reached_by_curve(
    where: CurvedGeometry, grid: Grid, offset_kji: Index, shape_kji: tuple[int, ...]
) -> tuple[int, int, int, int]:
    """Return the same of a bent plane: the columns and rows of which some pixel may be in the box."""
    of_rows, of_columns = where.parts(grid)
    low, high = np.asarray(offset_kji) - 1.0, np.asarray(offset_kji) + shape_kji

    def reach(these: NDArray[np.float64], others: NDArray[np.float64]) -> tuple[int, int]:
        if not len(others):
            return 0, 0
        found = np.flatnonzero(((these + others.max(0) >= low) & (these + others.min(0) <= high)).all(axis=1))
        return (int(found[0]), int(found[-1]) + 1) if len(found) else (0, 0)

    x0, x1 = reach(of_columns, of_rows)
    y0, y1 = reach(of_rows, of_columns[x0:x1])
    return x0, y0, x1, y1


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
    made = Cut(layer, plane, closed=closed)
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


def draw_lines(painter: QPainter, cut: Cut, placing: Placing, width_px: float = LINE_PX) -> None:
    """Draw the border; of fractions it is dashed, for it is none."""
    pen = QPen(QColor(*cut.layer.colour_rgb), width_px)
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
