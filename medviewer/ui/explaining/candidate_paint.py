"""The chosen candidate on the images: dotted, with a word that says that it is none of the findings."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from medviewer.i18n import _
from medviewer.ui import theme
from medviewer.ui.camera import Placing
from medviewer.ui.corners import Line, line_height_px, width_px, write
from medviewer.ui.explaining.answers import answers_of
from medviewer.ui.planes.plane import Plane

if TYPE_CHECKING:
    from medviewer.ui.viewport import Viewport

COLOUR = "image_dim"


def painting_of(viewport: "Viewport") -> Callable[[QPainter, Placing, Plane, int], None]:
    """Return what draws the candidate over a viewport, one of its ``paintings``."""
    answers = answers_of(viewport.view)

    def paint(painter: QPainter, placing: Placing, plane: Plane, index: int) -> None:
        overlay = viewport.overlay
        if answers.chosen_id is None or overlay is None:
            return
        candidate = answers.chosen(viewport.case_of())
        if candidate is None or candidate.series_uid != plane.volume.series.uid or not overlay.cuts(candidate, index):
            return
        pen = QPen(theme.on_image(COLOUR), 1.3)
        pen.setCosmetic(True)
        painter.save()
        painter.setTransform(placing.image_to_screen)
        painter.setPen(pen)
        painter.drawLines(overlay.lines(candidate, index))
        painter.restore()
        pen.setStyle(Qt.PenStyle.DotLine)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        box = overlay.box_px(placing, index, candidate)
        painter.drawRect(box)
        line = Line(_("Under the threshold: {score:.2f}").format(score=candidate.score or 0.0), COLOUR)
        x = min(max(box.left(), 2.0), placing.width_px - width_px(line) - 2.0)
        write(painter, QRectF(x, max(box.top() - line_height_px() - 4.0, 0.0), width_px(line), line_height_px()), line)

    return paint
