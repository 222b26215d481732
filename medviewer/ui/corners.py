"""The texts around an image: who, what, where and how it is shown; and the scale."""

from dataclasses import dataclass, field, replace
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPixmap, QStaticText

from medviewer.core.study import Header, Series
from medviewer.i18n import _
from medviewer.ui import theme
from medviewer.ui.severity import severity_shown

MARGIN_PX, COMPACT_BELOW_PX = 8.0, 390
SCALES_MM = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0)
SCALE_SHARE = 0.22
LETTER_PX = 11  # half as wide as the letter of an edge, and a little room
PARTED = " · "
PLATE = 0.72  # how dark the plate behind a text is: texts reach about 4.5:1 on white too
# Where a text lies in its room: 0 at the left or top, 1 at the right or bottom. Qt's flags cost more than the drawing.
START, MIDDLE, END = 0.0, 0.5, 1.0
_AT_EDGE = {
    Qt.Edge.LeftEdge: (START, MIDDLE),
    Qt.Edge.RightEdge: (END, MIDDLE),
    Qt.Edge.TopEdge: (MIDDLE, START),
    Qt.Edge.BottomEdge: (MIDDLE, END),
}


@dataclass(frozen=True)
class Line:
    """One line of text and the theme's colour it is written in, or #rrggbb."""

    text: str
    colour: str = "image_text"
    strong: bool = False


@dataclass(frozen=True)
class Corners:
    """Lines of the four corners, from top to bottom, and the letters at the middle of the four edges."""

    top_left: tuple[Line, ...] = ()
    top_right: tuple[Line, ...] = ()
    bottom_left: tuple[Line, ...] = ()
    bottom_right: tuple[Line, ...] = ()
    edges: dict[Qt.Edge, str] = field(default_factory=dict)


def patient_lines(header: Header) -> tuple[Line, ...]:
    """Who was scanned."""
    patient = header.patient
    age = "" if header.age_years is None else age_words(header.age_years)
    about = "  ".join(part for part in (patient.sex, age, day(patient.birth_date)) if part)
    lines = [Line(person(patient.name) or _("no name"), strong=True)]
    lines += [Line(text, "image_dim") for text in (patient.id, about) if text]
    return tuple(lines)


def age_words(years: float) -> str:
    """Say an age in whole years, that of a small child in months, that of a newborn in days."""
    if years >= 2.0:
        return _("{age:.0f} y").format(age=int(years))
    months = int(years * 12.0 + 1e-6)
    return _("{age} mo").format(age=months) if months >= 2 else _("{age} d").format(age=round(years * 365.25))


def study_lines(series: Series, lossy: bool) -> tuple[Line, ...]:
    """What was done and when; below it what the reader should know of the series."""
    first = series.first
    lines = [Line(day(first.study_date), strong=True)]
    number = f"{first.series_number}: " if first.series_number else ""
    label = "" if series.label is None else str(series.label)
    lines += [Line(text, "image_dim") for text in (first.study_description, number + series.title, label) if text]
    if lossy:
        lines.append(Line("\u26a0 " + _("compressed, lossy"), "caution"))
    if any(check.code == "straightened" for check in series.checks):
        lines.append(Line("\u26a0 " + _("straightened: computed, not scanned"), "caution"))
    noted = [check for check in series.checks if severity_shown(check) != "info" and check.code != "lossy"]
    if noted:
        word = str(noted[0].text) if len(noted) == 1 else _("{n} remarks").format(n=len(noted))
        colour = "danger" if any(check.severity == "stop" for check in noted) else "caution"
        lines.append(Line("\u26a0 " + _short(word), colour))
    return tuple(lines)


def _short(text: str, most: int = 52) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def person(name: str) -> str:
    """Return a DICOM person name as people write it: caret to blank, spellings apart by a slash."""
    spellings = (" ".join(part.replace("^", " ").split()) for part in name.split("="))
    return " / ".join(spelling for spelling in spellings if spelling)


def day(date: str) -> str:
    """Return YYYYMMDD, of old files YYYY.MM.DD, as YYYY-MM-DD, anything else as it is."""
    if len(date) == 10 and date[4] == date[7] == ".":
        date = date.replace(".", "")
    return f"{date[:4]}-{date[4:6]}-{date[6:8]}" if len(date) == 8 and date.isdigit() else date


def paint(painter: QPainter, area: QRectF, corners: Corners) -> None:
    """Write the corners and edges into ``area``."""
    inner = area.adjusted(MARGIN_PX, MARGIN_PX - 2, -MARGIN_PX, -MARGIN_PX + 2)
    high = line_height_px()
    wide_px = inner_px(area)
    beside_scale_px = round(wide_px * (0.5 - SCALE_SHARE / 2.0))
    for said, across, top, whole_px in (
        (corners.top_left, START, True, wide_px),
        (corners.top_right, END, True, wide_px),
        (corners.bottom_left, START, False, wide_px),
        (corners.bottom_right, END, False, beside_scale_px),
    ):
        lines = _fitting(said, wide_px, theme.scale_percent(), whole_px)
        y = inner.top() if top else inner.bottom() - high * len(lines)
        for line in lines:
            write(painter, QRectF(inner.left(), y, inner.width(), high), line, across)
            y += high
    for edge, letters in corners.edges.items():
        free = inner.adjusted(0, high * _rows_above(corners, inner, edge), 0, 0)
        write(painter, free, Line(letters, strong=True), *_AT_EDGE[edge], points=theme.IMAGE_PT + 1.5)


def inner_px(area: QRectF) -> int:
    """Return how wide texts in ``area`` may be."""
    return round(area.width() - 2.0 * MARGIN_PX)


def _rows_above(corners: Corners, inner: QRectF, edge: Qt.Edge) -> int:
    """Return how many lines from the top the letter of an edge is written, so that it is over none of them."""
    if edge != Qt.Edge.TopEdge:
        return 0
    return _rows_taken(corners.top_left, corners.top_right, round(inner.width()), theme.scale_percent())


@lru_cache(maxsize=200)
def _rows_taken(left: tuple[Line, ...], right: tuple[Line, ...], wide_px: int, percent: int) -> int:
    """Return the last row of either corner that reaches the middle of ``wide_px``, from 1; 0 where none does."""
    reach = wide_px / 2.0 - theme.px(LETTER_PX)
    both = (_fitting(lines, wide_px, percent, wide_px) for lines in (left, right))
    return max((row for lines in both for row, line in enumerate(lines, 1) if width_px(line) > reach), default=0)


@lru_cache(maxsize=400)
def _fitting(lines: tuple[Line, ...], wide_px: int, _percent: int, whole_px: int) -> tuple[Line, ...]:
    """Return the lines as they fit into ``wide_px``: over ``whole_px`` broken between parts and words, else cut."""
    found: list[Line] = []
    for line in lines:
        metrics = QFontMetricsF(theme.font(theme.IMAGE_PT, strong=line.strong))
        for text in _broken(line.text, metrics, whole_px):
            found.append(replace(line, text=metrics.elidedText(text, Qt.TextElideMode.ElideRight, wide_px)))
    return tuple(found)


def _broken(text: str, metrics: QFontMetricsF, whole_px: int) -> list[str]:
    if metrics.horizontalAdvance(text) <= whole_px:
        return [text]
    found: list[str] = []
    for part in text.split(PARTED):
        found.append("")
        for word in part.split(" "):
            longer = f"{found[-1]} {word}".strip()
            if found[-1] and metrics.horizontalAdvance(longer) > whole_px:
                found.append(word)
            else:
                found[-1] = longer
    return found


def write(
    painter: QPainter,
    area: QRectF,
    line: Line,
    across: float = START,
    down: float = MIDDLE,
    *,
    points: float = theme.IMAGE_PT,
) -> None:
    """Write one line into ``area``, at its START, MIDDLE or END across and down."""
    if not line.text:
        return
    left, top, wide, high = area.left(), area.top(), area.width(), area.height()
    drawn, ink_wide, ink_high = _ink(line, points, painter.device().devicePixelRatioF(), theme.scale_percent())
    x, y = left + (wide - ink_wide + 2) * across - 1, top + (high - ink_high + 2) * down - 1
    painter.drawPixmap(round(x), round(y), drawn)


def prepare(lines: tuple[Line, ...], wide_px: int, ratio: float) -> None:
    """Draw lines of a corner before they are asked for."""
    for line in _fitting(lines, wide_px, theme.scale_percent(), wide_px):
        _ink(line, theme.IMAGE_PT, ratio, theme.scale_percent())


def line_height_px() -> float:
    """Return how high a line of the usual size is."""
    return QFontMetricsF(theme.font(theme.IMAGE_PT)).height()


def width_px(line: Line) -> float:
    """Return how wide a line of the usual size is."""
    return QFontMetricsF(theme.font(theme.IMAGE_PT, strong=line.strong)).horizontalAdvance(line.text)


@lru_cache(maxsize=400)
def _ink(line: Line, points: float, ratio: float, _percent: int) -> tuple[QPixmap, float, float]:
    """Draw a line once, with a dark edge on a dark plate so that it reads on bright images; shaping text is slow.

    Returns it with its width and height as the viewport counts.
    """
    text, shown = line.text, theme.font(points, strong=line.strong)
    metrics = QFontMetricsF(shown)
    wide, high = metrics.horizontalAdvance(text) + 4, metrics.height() + 2
    drawn = QPixmap(round(wide * ratio) + 1, round(high * ratio) + 1)
    drawn.setDevicePixelRatio(ratio)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    plate = QColor(theme.on_image("image"))  # one of our own: the theme keeps its colours
    plate.setAlphaF(PLATE)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(plate)
    painter.drawRoundedRect(QRectF(0, 0, wide, high), 3, 3)
    painter.setFont(shown)
    shaped = QStaticText(text)  # shaped once for all five times it is drawn
    shaped.setTextFormat(Qt.TextFormat.PlainText)
    painter.setPen(theme.on_image("image"))
    for dx, dy in ((1, 1), (-1, -1), (1, -1), (-1, 1)):
        painter.drawStaticText(QPointF(1 + dx, 1 + dy), shaped)
    painter.setPen(QColor(line.colour) if line.colour.startswith("#") else theme.on_image(line.colour))
    painter.drawStaticText(QPointF(1, 1), shaped)
    painter.end()
    return drawn, drawn.width() / ratio, drawn.height() / ratio


def scale_mm(px_per_mm: float, width_px: float) -> float:
    """Return the length of the scale bar in mm: the longest round one under about a fifth of the width."""
    fitting = [mm for mm in SCALES_MM if mm * px_per_mm <= SCALE_SHARE * width_px]
    return fitting[-1] if fitting else SCALES_MM[0]


def paint_scale(painter: QPainter, area: QRectF, px_per_mm: float, unit: str) -> None:
    """Draw the scale bar at the bottom, its length beside it in ``unit``: millimetres and where they are measured."""
    mm = scale_mm(px_per_mm, area.width())
    long_px, y = mm * px_per_mm, area.bottom() - theme.px(30)
    x = area.center().x() - long_px / 2.0
    for shift, colour in ((1.0, "image"), (0.0, "image_text")):
        painter.setPen(QPen(theme.on_image(colour), 1.0))
        painter.drawLine(QPointF(x + shift, y + shift), QPointF(x + long_px + shift, y + shift))
        for end in (x, x + long_px):
            painter.drawLine(QPointF(end + shift, y - 4 + shift), QPointF(end + shift, y + 4 + shift))
    words = QRectF(x - 30, y - theme.px(20), long_px + 60, theme.px(18))
    write(painter, words, Line(f"{mm:g} {unit}"), MIDDLE, points=theme.IMAGE_PT - 1.0)
