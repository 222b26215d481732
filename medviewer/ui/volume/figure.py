"""Painting the 3-D cell: the picture, which way the patient lies, what is shown, why nothing is."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from medviewer.app.volume.box import WHOLE
from medviewer.i18n import _
from medviewer.imaging.reslice import letters
from medviewer.ui import corners, theme
from medviewer.ui.corners import MIDDLE, Corners, Line
from medviewer.ui.volume.box import paint_box
from medviewer.ui.volume.scene import VolumeScene

FIGURE_PX, LETTER_PX = 26.0, 11.0  # from the figure's middle to the ends of its lines, and on to the letters
MARK_PX, GAP_PX = 9.0, 3.0
BEHIND = 0.45  # how clear what points away from the reader is
DIRECTIONS = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0), (-1.0, 0.0, 0.0), (0.0, -1.0, 0.0), (0.0, 0.0, -1.0))


def paint(scene: VolumeScene, painter: QPainter, area: QRectF, *, texts: bool = True) -> None:
    """Draw the scene into ``area`` of a viewport, with ``texts`` also the figure, the preset and the place looked at.

    The picture is asked for in pixels of the screen; what was drawn roughly is scaled smoothly.
    """
    ratio = painter.device().devicePixelRatioF()
    image = scene.image(round(area.width() * ratio), round(area.height() * ratio))
    if image is None:
        painter.fillRect(area, theme.colour("image"))
    else:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(area, image)
    status = scene.status
    if image is None:
        painter.setFont(theme.font(theme.TEXT_PT + 1))
        painter.setPen(theme.colour("image_dim"))
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, status)
    elif texts:
        _paint_mark(scene, painter, ratio)
        _paint_figure(scene, painter, area)
        said, ways = lines(scene), edges(scene)
        if _reaches_middle(said, area):
            del ways[Qt.Edge.BottomEdge]  # the figure says it, too
        corners.paint(painter, area, Corners(bottom_left=said, edges=ways))
        paint_box(scene, painter, ratio, scene.held)


def lines(scene: VolumeScene) -> tuple[Line, ...]:
    """What is shown, in words, for the lower left corner."""
    said = [Line(scene.status, "caution")] if scene.status else []
    if scene.cuts:
        said.append(Line(_("cut at the place looked at"), "image_dim"))
    if scene.box != WHOLE:
        said.append(Line(_("cropped"), "image_dim"))
    title = "" if scene.preset is None else str(scene.preset.title)
    return (*said, Line(_("3-D: {preset}").format(preset=title)))


def _reaches_middle(said: tuple[Line, ...], area: QRectF) -> bool:
    """Whether the lowest line in the corner would lie over the letter in the middle of the lower edge."""
    wide = QFontMetricsF(theme.font(theme.IMAGE_PT)).horizontalAdvance(said[-1].text)
    return wide + 2 * corners.MARGIN_PX > area.width() / 2.0


def edges(scene: VolumeScene) -> dict[Qt.Edge, str]:
    """The patient's directions at the four edges of the picture."""
    right, up, _toward = scene.directions
    return {
        Qt.Edge.LeftEdge: letters([-part for part in right]),
        Qt.Edge.RightEdge: letters(right),
        Qt.Edge.TopEdge: letters(up),
        Qt.Edge.BottomEdge: letters([-part for part in up]),
    }


def _paint_mark(scene: VolumeScene, painter: QPainter, ratio: float) -> None:
    """A small cross at the place looked at, seen through the body."""
    x, y = (part / ratio for part in scene.to_px(scene.display.point_lps_mm))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for width, colour in ((3.0, theme.on_image("image")), (1.2, theme.on_image("found"))):
        painter.setPen(QPen(colour, width))
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            start, end = QPointF(x + dx * GAP_PX, y + dy * GAP_PX), QPointF(x + dx * MARK_PX, y + dy * MARK_PX)
            painter.drawLine(start, end)


def _paint_figure(scene: VolumeScene, painter: QPainter, area: QRectF) -> None:
    """Six lines with the letters of the patient's directions, what is nearer to the reader over what is behind."""
    reach = FIGURE_PX + 2 * LETTER_PX
    middle = QPointF(area.right() - reach - corners.MARGIN_PX, area.bottom() - reach - corners.MARGIN_PX)
    right, up, toward = scene.directions
    seen = sorted((_along(toward, each), each) for each in DIRECTIONS)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for near, each in seen:
        across, down = _along(right, each), -_along(up, each)
        colour = QColor(theme.on_image("image_text"))
        colour.setAlphaF(1.0 if near > -0.05 else BEHIND)
        painter.setPen(QPen(theme.on_image("image"), 3.0))
        end = middle + QPointF(across, down) * FIGURE_PX
        painter.drawLine(middle, end)
        painter.setPen(QPen(colour, 1.4))
        painter.drawLine(middle, end)
        at = middle + QPointF(across, down) * (FIGURE_PX + LETTER_PX)
        _write(painter, at, letters(each), "image_text" if near > -0.05 else "image_dim", near > 0.05)


def _write(painter: QPainter, at: QPointF, letter: str, colour: str, strong: bool) -> None:
    room = QRectF(at.x() - 10.0, at.y() - 8.0, 20.0, 16.0)
    corners.write(painter, room, Line(letter, colour, strong), MIDDLE, MIDDLE, points=theme.IMAGE_PT - 0.5)


def _along(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))
