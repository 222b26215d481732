"""The program's own icons, drawn in the colours of the theme."""

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from medviewer import paths
from medviewer.ui import theme

SIZES_PX = (16, 20, 32, 40)


def icon(name: str, colour: str = "text") -> QIcon:
    """Return ``resources/icons/<name>.svg`` in a colour of the theme; FileNotFoundError where it is missing."""
    svg = (paths.resources() / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    made = QIcon()
    for mode, tint in ((QIcon.Mode.Normal, colour), (QIcon.Mode.Disabled, "line")):
        renderer = QSvgRenderer(QByteArray(svg.replace("currentColor", theme.colour(tint).name()).encode()))
        for size_px in SIZES_PX:
            made.addPixmap(_draw(renderer, size_px), mode)
    return made


def pixmap(name: str, size_px: int, colour: str = "text") -> QPixmap:
    """Return one icon as a picture of ``size_px`` logical pixels."""
    return icon(name, colour).pixmap(size_px, size_px)


def _draw(renderer: QSvgRenderer, size_px: int) -> QPixmap:
    drawn = QPixmap(size_px, size_px)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    renderer.render(painter, QRectF(0, 0, size_px, size_px))
    painter.end()
    return drawn
