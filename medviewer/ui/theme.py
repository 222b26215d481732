"""Colours, fonts and sizes of the window: two palettes of the same names and one style sheet; images are never themed.

The scale makes texts, paddings and icons larger, not the pixels of pictures: no factor of Qt's own is used.
"""

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from string import Template

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from medviewer import paths

# Latin first where it is good, then the Chinese family of each system.
FAMILIES = [
    "Inter",
    "Segoe UI",
    "SF Pro Text",
    "Noto Sans",
    "Noto Sans CJK SC",
    "Microsoft YaHei UI",
    "PingFang SC",
    "Source Han Sans SC",
    "DejaVu Sans",
]
TEXT_PT, IMAGE_PT = 10.0, 9.5


@dataclass(frozen=True)
class Palette:
    """The named colours, #rrggbb.

    ``window``, ``panel``, ``raised`` and ``hover`` are surfaces from back to front; ``line`` divides them, ``edge``
    is the outline of what can be pressed, ticked or typed in, and the tint of icons that are off; ``field`` lies behind
    what is typed.
    ``text`` and ``dim`` are read on any surface; ``accent`` marks focus, ``chosen`` lies behind chosen text.
    ``good``, ``caution``, ``danger`` and ``found`` go with a word or a symbol, never alone.
    ``image`` lies behind images, ``image_text`` and ``image_dim`` are written on them.
    """

    window: str
    panel: str
    raised: str
    hover: str
    line: str
    edge: str
    field: str
    text: str
    dim: str
    accent: str
    chosen: str
    good: str
    caution: str
    danger: str
    found: str
    image: str = "#000000"
    image_text: str = "#d5dce4"
    image_dim: str = "#b0bac6"


DARK = Palette(
    window="#111418",
    panel="#181c22",
    raised="#222831",
    hover="#2d3540",
    line="#323b46",
    edge="#7a8796",
    field="#0c0f12",
    text="#dde3ea",
    dim="#98a4b3",
    accent="#5aa9e6",
    chosen="#1a3b57",
    good="#62c486",
    caution="#e3b34f",
    danger="#f0867c",
    found="#f4c95d",
)
LIGHT = Palette(
    window="#dfe3e8",
    panel="#f3f5f7",
    raised="#ffffff",
    hover="#e3e9f0",
    line="#c3cbd4",
    edge="#727e8b",
    field="#ffffff",
    text="#1a2027",
    dim="#4d5864",
    accent="#17649f",
    chosen="#c5dff3",
    good="#196b38",
    caution="#7a5200",
    danger="#a52a20",
    found="#7a5200",
)
PALETTES = {"dark": DARK, "light": LIGHT}
_LENGTH = re.compile(r"\b(\d+(?:\.\d+)?)(px|pt)\b")
_shown = DARK
_percent = 100


def palette() -> Palette:
    """Return the palette shown now."""
    return _shown


def colour(name: str) -> QColor:
    """Return a colour of the palette shown now, by name, for painting; AttributeError for an unknown name."""
    return _colour(getattr(_shown, name))


def on_image(name: str) -> QColor:
    """Return a colour to draw over images with: images are dark in every theme."""
    return _colour(getattr(DARK, name))


@cache
def _colour(value: str) -> QColor:
    return QColor(value)


def scale_percent() -> int:
    """Return how large texts and controls are shown, 100 to 200."""
    return _percent


def px(length: float) -> int:
    """Return a length that is ``length`` pixels at a scale of 100 %, at the scale shown now; never 0 for a length."""
    return round(length * _percent / 100) or (1 if length else 0)


def square(side_px: float) -> QSize:
    """Return a square of that side, scaled as ``px`` does."""
    return QSize(px(side_px), px(side_px))


def follow_scale(widget: QWidget, fit: Callable[[], None]) -> None:
    """Call ``fit``, which gives ``widget`` lengths of ``px``, now and whenever its texts take another size."""
    _Follower(widget, fit)
    fit()


class _Follower(QObject):
    def __init__(self, widget: QWidget, fit: Callable[[], None]) -> None:
        super().__init__(widget)
        self._fit = fit
        widget.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Fit anew after a change of the font, which every change of scale is."""
        if event.type() == QEvent.Type.FontChange:
            self._fit()
        return False


def style_sheet(colours: Palette, percent: int = 100) -> str:
    """Return ``app.qss`` with colours filled in and lengths scaled; KeyError where it names an unknown colour."""
    folder = paths.resources() / "theme"
    text = (folder / "app.qss").read_text(encoding="utf-8")
    pictures = folder / ("light" if colours is LIGHT else "dark")
    filled = Template(text).substitute(asdict(colours), pictures=pictures.as_posix())
    return _LENGTH.sub(lambda found: f"{_scaled(float(found[1]), percent, found[2]):g}{found[2]}", filled)


def _scaled(length: float, percent: int, unit: str) -> float:
    return round(length * percent / 100, 1 if unit == "pt" else None)


def apply(app: QApplication, name: str = "dark", percent: int = 100) -> None:
    """Dress the whole program in the palette of that name, "dark" or "light", at a scale of 100 to 200 percent."""
    global _shown, _percent
    _shown, _percent = PALETTES.get(name, DARK), min(max(percent, 100), 200)
    sheet = style_sheet(_shown, _percent)
    if app.styleSheet() == sheet:  # putting it on again costs as much as the first time
        return
    if app.styleSheet():
        app.setStyleSheet("")  # with a sheet on, every change below would dress each widget anew
    else:
        app.setStyle("Fusion")
    app.styleHints().setColorScheme(Qt.ColorScheme.Light if _shown is LIGHT else Qt.ColorScheme.Dark)
    app.setFont(font())
    app.setPalette(_qt_palette(_shown))
    app.setStyleSheet(sheet)


def font(points: float = TEXT_PT, *, strong: bool = False) -> QFont:
    """Return the program's font at a size in points, scaled; the same object each time, not to be changed."""
    return _font(points * _percent / 100, strong)


def weight_font(*, strong: bool) -> QFont:
    """Return a font that says only how strong it is: what it is put on keeps its size, at every scale."""
    made = QFont()
    made.setBold(strong)
    return made


@cache
def _font(points: float, strong: bool) -> QFont:
    made = QFont()
    made.setFamilies(FAMILIES)
    made.setPointSizeF(points)
    made.setBold(strong)
    return made


def as_role(widget: QWidget, role: str) -> QWidget:
    """Give ``widget`` the look of a role that ``app.qss`` knows, and return it.

    Roles: title, headline, number, dim, strong, small, good, caution, danger (labels); primary, flat, filter
    (buttons); card, tour (frames).
    """
    widget.setProperty("role", role)
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    return widget


def _qt_palette(colours: Palette) -> QPalette:
    made = QPalette()
    roles = QPalette.ColorRole
    for role, value in {
        roles.Window: colours.window,
        roles.WindowText: colours.text,
        roles.Base: colours.panel,
        roles.AlternateBase: colours.raised,
        roles.Text: colours.text,
        roles.Button: colours.raised,
        roles.ButtonText: colours.text,
        roles.Highlight: colours.chosen,
        roles.HighlightedText: colours.text,
        roles.ToolTipBase: colours.raised,
        roles.ToolTipText: colours.text,
        roles.PlaceholderText: colours.dim,
        roles.Link: colours.accent,
        roles.LinkVisited: colours.accent,
        roles.Accent: colours.accent,
        roles.Mid: colours.line,
        roles.Dark: colours.line,
        roles.Light: colours.hover,
    }.items():
        made.setColor(role, _colour(value))
        if role in (roles.WindowText, roles.Text, roles.ButtonText):
            made.setColor(QPalette.ColorGroup.Disabled, role, _colour(colours.dim))
    return made
