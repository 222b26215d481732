"""Heat maps over the images, and the legend that says what their colours mean and what they do not."""

from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPen

from medviewer.core.case import Case
from medviewer.core.heat import MOST, Heat
from medviewer.core.layers import Fractions
from medviewer.i18n import _
from medviewer.imaging.colours import colour_map
from medviewer.ui import theme, words
from medviewer.ui.camera import Placing
from medviewer.ui.corners import COMPACT_BELOW_PX, MARGIN_PX, MIDDLE, START, Line, line_height_px, write
from medviewer.ui.explaining.heating import Heating, heating_of
from medviewer.ui.layer_paint import pixels_of
from medviewer.ui.planes.plane import Plane

if TYPE_CHECKING:
    from medviewer.ui.viewport import Viewport

COLOURS, FROM, TO = "hot", 50, 185  # from dark red to yellow: neither black, as lungs are, nor white, as nodules
STRONGEST, CLEAR_BELOW = 0.55, 26  # opacity; values of 255 under which the image is clear
WIDE_PX, LETTER_PX, GAP_PX = 12.0, 22.0, 5.0
LEAST_PX, SHARE, LONGEST_PX = 240, 0.2, 140.0
LINES_BELOW, LINES_BELOW_COMPACT = 6.5, 4.4  # under the bar: its own line, and the texts of the corner
KEPT = 60
Kept = OrderedDict[tuple[int, object, int], tuple[Heat, Plane, QImage | None, QPointF]]


def painting_of(viewport: "Viewport") -> Callable[[QPainter, Placing, Plane, int], None]:
    """Return what draws the heat map over a viewport, one of its ``paintings``; each slice is coloured once."""
    heating, kept = heating_of(viewport.view), Kept()

    def paint(painter: QPainter, placing: Placing, plane: Plane, index: int) -> None:
        volume = viewport.view.volume
        if not heating.on or volume is None or plane.volume is not volume:
            return
        heat = heating.heat
        if heat is not None:
            _paint(painter, placing, plane, index, heat=heat, kept=kept)
        if viewport.speaks:  # of several viewports with one series, one says what is shown
            _paint_legend(painter, placing, title_of(viewport.case_of(), heating), heat is not None)

    return paint


def _paint(painter: QPainter, placing: Placing, plane: Plane, index: int, *, heat: Heat, kept: Kept) -> None:
    key = (id(heat), plane.orientation if plane.axis >= 0 else id(plane), index)
    if key not in kept:
        kept[key] = heat, plane, *picture_of(heat, plane, index)  # held, their ids stay their own
        while len(kept) > KEPT:
            kept.popitem(last=False)
    _heat, _plane, picture, at = kept[key]
    if picture is not None:
        painter.save()
        painter.setTransform(placing.image_to_screen)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(at, picture)
        painter.restore()


def picture_of(heat: Heat, plane: Plane, index: int) -> tuple[QImage | None, QPointF]:
    """Return what a slice shows of a heat map, and its first pixel; None where it is clear."""
    found = pixels_of(plane, index, Fractions(heat.offset_kji, heat.values, MOST, "occupancy"))
    if found is None:
        return None, QPointF()
    values, x, y = found
    pixels = _table()[values]
    rows, columns = pixels.shape
    shared = QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_ARGB32_Premultiplied)
    return shared.copy(), QPointF(x, y)


@lru_cache(maxsize=1)
def _table() -> NDArray[np.uint32]:
    """Return the colour of each value, premultiplied 0xAARRGGBB: clear where little spoke for the answer."""
    share = np.clip((np.arange(MOST + 1) - CLEAR_BELOW) / (MOST - CLEAR_BELOW), 0.0, 1.0)
    alpha = STRONGEST * share**0.7
    colours = colour_map(COLOURS).table[np.rint(FROM + (TO - FROM) * share).astype(int)]
    made = np.rint(255.0 * alpha).astype(np.uint32) << np.uint32(24)
    for part, shift in zip(colours.T, (16, 8, 0), strict=True):
        made |= np.rint(part * alpha).astype(np.uint32) << np.uint32(shift)
    return made


# ---- what it means ----


def legend_rect(width_px: int, height_px: int) -> QRectF:
    """Return where the colour bar is, above the texts at the lower left; empty where there is no room."""
    if min(width_px, height_px) < LEAST_PX:
        return QRectF()
    long_px = min(SHARE * height_px, LONGEST_PX)
    lines = LINES_BELOW if min(width_px, height_px) >= COMPACT_BELOW_PX else LINES_BELOW_COMPACT
    return QRectF(MARGIN_PX + LETTER_PX, height_px - lines * line_height_px() - long_px, WIDE_PX, long_px)


def title_of(case: Case | None, heating: Heating) -> str:
    """Name the map that is shown, or is being worked out; empty where there is none."""
    finding = heating.finding
    if case is None or finding is None or (heating.heat is None and heating.job is None):
        return ""
    named = _("Heat map of finding {number}").format(number=words.number(case, finding.id))
    return named if heating.heat is not None else f"{named}…"


def _paint_legend(painter: QPainter, placing: Placing, title: str, has_map: bool) -> None:
    """Say what the colours mean and what they do not; while the map is being worked out say that."""
    bar = legend_rect(placing.width_px, placing.height_px)
    if bar.isEmpty() or not title:
        return
    high, room = line_height_px(), placing.width_px - bar.left()

    def say(said: str, x: float, y: float, colour: str = "image_dim") -> None:
        write(painter, QRectF(x, y - high / 2.0, room, high), Line(said, colour), START, MIDDLE)

    say(title, bar.left(), bar.top() - 1.3 * high, "caution")
    if not has_map:
        return
    painter.drawImage(bar, _strip())
    painter.setPen(QPen(theme.on_image("image_dim"), 1.0))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(bar)
    say(_("spoke most for it"), bar.right() + GAP_PX, bar.top())
    say(_("little or nothing"), bar.right() + GAP_PX, bar.bottom())
    say(_("No outline, no certainty"), bar.left(), bar.bottom() + 1.3 * high)


@lru_cache(maxsize=1)
def _strip() -> QImage:
    """Return the colours as a picture of one column over black, the highest value at the top."""
    column = (_table() | np.uint32(0xFF000000))[::-1].copy()
    return QImage(column.data, 1, len(column), 4, QImage.Format.Format_RGB32).copy()
