"""The box around a body in three dimensions: drawn with a handle on each face, which the mouse takes hold of."""

import math

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter, QPen

from medviewer.app.volume.box import FACES, Face, outward
from medviewer.core.finding import Point
from medviewer.ui import theme
from medviewer.ui.volume.scene import VolumeScene

HANDLE_PX, REACH_PX = 5.0, 11.0
FLAT = 0.3  # a face seen from so nearly in front is moved by dragging up and down: up comes nearer


def face_at(scene: VolumeScene, at_px: QPointF, ratio: float) -> Face | None:
    """Return the face whose handle is under the mouse, the nearest to the reader first; None where none is."""
    grid = scene.grid
    if grid is None or not scene.boxed:
        return None
    near = [face for face in FACES if _away(_handle(scene, face, ratio), at_px) <= REACH_PX]
    return max(near, key=lambda face: _nearness(scene, scene.box.handle(face, grid)), default=None)


def drag_face(scene: VolumeScene, face: Face, by_px: QPointF, ratio: float) -> None:
    """Move a face with the mouse: by as much as its handle goes on the screen."""
    if scene.grid is None:
        return
    right, up, toward = scene.directions
    out = outward(face, scene.grid)
    x, y, z = _along(out, right), -_along(out, up), _along(out, toward)
    long = math.hypot(x, y)
    along, nearer = (by_px.x() * x + by_px.y() * y) / max(long, FLAT) ** 2, -by_px.y() * math.copysign(1.0, z)
    mm_px = nearer if long < FLAT else along
    scene.move_face(face, mm_px * ratio * scene.mm_per_px * (1.0 if face[1] else -1.0))


def paint_box(scene: VolumeScene, painter: QPainter, ratio: float, held: Face | None) -> None:
    """Draw the twelve edges and the six handles, the one held full."""
    grid = scene.grid
    if grid is None or not scene.boxed:
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    lines = [(_px(scene, a, ratio), _px(scene, b, ratio)) for a, b in scene.box.edges(grid)]
    for width, colour in ((3.0, theme.on_image("image")), (1.0, theme.on_image("image_dim"))):
        painter.setPen(QPen(colour, width))
        for start, end in lines:
            painter.drawLine(start, end)
    for face in sorted(FACES, key=lambda each: _nearness(scene, scene.box.handle(each, grid))):
        painter.setPen(QPen(theme.on_image("image"), 1.5))
        painter.setBrush(theme.on_image("accent" if face == held else "image_text"))
        painter.drawEllipse(_handle(scene, face, ratio), HANDLE_PX, HANDLE_PX)


def _handle(scene: VolumeScene, face: Face, ratio: float) -> QPointF:
    assert scene.grid is not None
    return _px(scene, scene.box.handle(face, scene.grid), ratio)


def _px(scene: VolumeScene, point_lps_mm: Point, ratio: float) -> QPointF:
    x, y = scene.to_px(point_lps_mm)
    return QPointF(x / ratio, y / ratio)


def _nearness(scene: VolumeScene, point_lps_mm: Point) -> float:
    return _along(point_lps_mm, scene.directions[2])


def _away(one: QPointF, other: QPointF) -> float:
    return math.hypot(one.x() - other.x(), one.y() - other.y())


def _along(one: Point, other: Point) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))
