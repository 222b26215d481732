"""Texts in the corners of an image keep clear of each other, however small it is."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from medviewer.ui.corners import Corners, Line, line_height_px, paint, width_px

RED, BLUE = "#ff0000", "#0000ff"


def painted(corners: Corners, wide: int = 200) -> QImage:
    image = QImage(wide, 200, QImage.Format.Format_RGB32)
    image.fill(QColor("#00ff00"))
    painter = QPainter(image)
    paint(painter, QRectF(image.rect()), corners)
    painter.end()
    return image


def rows_of(image: QImage, colour: str) -> list[int]:
    """The rows in which a colour is seen nearly pure."""
    wanted = QColor(colour)
    return [y for y in range(image.height()) for x in range(image.width()) if _near(image.pixelColor(x, y), wanted)]


def _near(seen: QColor, wanted: QColor) -> bool:
    parts = zip(seen.getRgb()[:3], wanted.getRgb()[:3], strict=True)  # type: ignore[index]
    return all(abs(one - other) < 60 for one, other in parts)


def test_the_letter_at_the_top_stands_below_a_line_that_reaches_it() -> None:
    long = Line("M" * 12, RED)
    assert width_px(long) > 100
    letter = {Qt.Edge.TopEdge: "H"}
    beside = rows_of(painted(Corners(top_left=(Line("M", RED),), edges=letter)), "#d5dce4")
    below = rows_of(painted(Corners(top_left=(long,), edges=letter)), "#d5dce4")
    assert min(beside) < line_height_px()
    assert min(below) - min(beside) == round(line_height_px())


def test_a_line_too_long_is_broken_between_its_parts() -> None:
    line = Line("Prior examination · 13 months before", RED)
    whole = rows_of(painted(Corners(top_left=(line,)), wide=400), RED)
    broken = rows_of(painted(Corners(top_left=(line,)), wide=150), RED)
    assert max(whole) < line_height_px() + 8 < max(broken)


def test_what_is_said_at_the_bottom_right_keeps_clear_of_the_scale() -> None:
    said = Line("Another frame of reference: check how they lie", BLUE)
    image = painted(Corners(bottom_right=(said,)), wide=400)
    columns = [
        x for x in range(image.width()) for y in range(image.height()) if _near(image.pixelColor(x, y), QColor(BLUE))
    ]
    assert min(columns) > 200 + 0.11 * 384
