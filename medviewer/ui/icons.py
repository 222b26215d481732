"""The program's own icons, drawn in the colours of the theme, and drawn anew when it changes."""

from dataclasses import dataclass
from functools import cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QAction, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget

from medviewer import paths
from medviewer.ui import theme
from medviewer.ui.theme import Palette

SIZES_PX = (16, 20, 32, 40)


@dataclass(frozen=True)
class _Wanted:
    """What an icon, or a picture of ``size_px``, was asked for as: so that it can be drawn in other colours."""

    name: str
    colour: str
    size_px: int = 0


_made: dict[int, _Wanted] = {}  # by Qt's key of the icon or picture, which its copies share


def icon(name: str, colour: str = "text") -> QIcon:
    """Return ``resources/icons/<name>.svg`` in a colour of the theme; FileNotFoundError where it is missing.

    ``redraw`` changes it on actions and buttons.
    """
    made = _icon(name, colour, theme.palette(), theme.scale_percent())
    _made[made.cacheKey()] = _Wanted(name, colour)
    return made


def pixmap(name: str, size_px: int, colour: str = "text") -> QPixmap:
    """Return one icon as a picture of ``size_px`` logical pixels at 100 %; ``redraw`` changes it on labels."""
    made = _pixmap(name, colour, theme.px(size_px), theme.palette())
    _made[made.cacheKey()] = _Wanted(name, colour, size_px)
    return made


def redraw(window: QWidget) -> None:
    """Give every action, button and label of a window its icon in the colours and size of the theme shown now."""
    targets: list[QAction | QAbstractButton] = [*window.findChildren(QAction), *window.findChildren(QAbstractButton)]
    for target in targets:
        wanted = _made.get(target.icon().cacheKey())
        if wanted is not None:
            target.setIcon(icon(wanted.name, wanted.colour))
    for label in window.findChildren(QLabel):
        drawn = _made.get(label.pixmap().cacheKey())
        if drawn is not None:
            label.setPixmap(pixmap(drawn.name, drawn.size_px, drawn.colour))


@cache
def _icon(name: str, colour: str, _palette: Palette, percent: int) -> QIcon:
    """Draw an icon, and its look where it is off, in the sizes that are used at this scale."""
    made = QIcon()
    for mode, tint in ((QIcon.Mode.Normal, colour), (QIcon.Mode.Disabled, "edge")):
        renderer = _renderer(name, tint)
        for size_px in SIZES_PX:
            made.addPixmap(_draw(renderer, round(size_px * percent / 100)), mode)
    return made


@cache
def _pixmap(name: str, colour: str, size_px: int, _palette: Palette) -> QPixmap:
    return _draw(_renderer(name, colour), size_px)


def _renderer(name: str, colour: str) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(_svg(name).replace("currentColor", theme.colour(colour).name()).encode()))


@cache
def _svg(name: str) -> str:
    return (paths.resources() / "icons" / f"{name}.svg").read_text(encoding="utf-8")


def _draw(renderer: QSvgRenderer, size_px: int) -> QPixmap:
    drawn = QPixmap(size_px, size_px)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    renderer.render(painter, QRectF(0, 0, size_px, size_px))
    painter.end()
    return drawn
