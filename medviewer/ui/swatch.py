"""A small square of a colour, as lists show it."""

from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap

from medviewer.ui import theme

SWATCH_PX = 14  # at a scale of 100 %


def swatch(colour_rgb: tuple[int, int, int]) -> QIcon:
    """Return a square of the colour with a rim that is seen on any surface."""
    side = theme.px(SWATCH_PX)
    drawn = QPixmap(side, side)
    drawn.fill(QColor(*colour_rgb))
    painter = QPainter(drawn)
    painter.setPen(theme.colour("line"))
    painter.drawRect(0, 0, side - 1, side - 1)
    painter.end()
    made = QIcon(drawn)
    made.addPixmap(drawn, QIcon.Mode.Selected)  # Qt would tint it in a chosen row
    return made
