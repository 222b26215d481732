"""What is drawn over an image: findings with outline, box and label, and the lines of the other planes."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from medviewer.core.case import Case
from medviewer.core.finding import Finding, Point, Status
from medviewer.imaging.reslice import Orientation
from medviewer.ui import theme, words
from medviewer.ui.camera import Placing
from medviewer.ui.corners import END, START, Line, width_px, write
from medviewer.ui.outline import outline
from medviewer.ui.plane import Plane

GAP_PX, BOX_MARGIN_PX, LABEL_FROM_PX, LABEL_PX, KEPT = 26.0, 4.0, 400, 22.0, 500
PLANE_COLOURS: dict[Orientation, str] = {"axial": "accent", "coronal": "good", "sagittal": "danger"}
# The line goes with the colour, so that nobody needs to see colours.
BOX_LINES: dict[Status, Qt.PenStyle] = {
    "unreviewed": Qt.PenStyle.DashLine,
    "accepted": Qt.PenStyle.SolidLine,
    "edited": Qt.PenStyle.SolidLine,
    "rejected": Qt.PenStyle.DotLine,
}


@dataclass
class Overlay:
    """Draws over one plane; keeps the outlines it has worked out."""

    plane: Plane
    _outlines: dict[tuple[int, int], tuple[Finding, list[QLineF]]] = field(default_factory=dict)

    def paint(self, painter: QPainter, placing: Placing, index: int, case: Case, chosen: str | None) -> None:
        """Draw every finding of this volume that slice ``index`` cuts; the ``chosen`` one stronger."""
        for finding in case.findings:
            if finding.series_uid != self.plane.volume.series.uid or not self.cuts(finding, index):
                continue
            if finding.status == "rejected" and finding.id != chosen:
                continue
            self._paint_finding(painter, placing, index, finding, finding.id == chosen)
            box = self.box_px(placing, index, finding)
            _paint_box(painter, box, finding.status, finding.id == chosen)
            with_size = finding.id == chosen and placing.width_px >= LABEL_FROM_PX
            _paint_label(painter, placing, box, label(case, finding, with_size), finding.status)

    def cuts(self, finding: Finding, index: int) -> bool:
        """Whether slice ``index`` runs through the finding's box."""
        ends = self.plane.volume.grid.to_kji(np.asarray(finding.box_lps_mm))[:, self.plane.axis]
        return bool(min(ends) - 0.01 <= index <= max(ends) + 0.01)

    def box_px(self, placing: Placing, index: int, finding: Finding) -> QRectF:
        """Return the finding's box on the screen, with a small margin."""
        (x0, y0), (x1, y1) = self.plane.geometry(index).to_xy(finding.box_lps_mm).tolist()
        box = QRectF(placing.to_screen(x0, y0), placing.to_screen(x1, y1)).normalized()
        return box.adjusted(-BOX_MARGIN_PX, -BOX_MARGIN_PX, BOX_MARGIN_PX, BOX_MARGIN_PX)

    def _paint_finding(self, painter: QPainter, placing: Placing, index: int, finding: Finding, chosen: bool) -> None:
        painter.save()
        painter.setTransform(placing.image_to_screen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(theme.on_image(words.STATUS_COLOURS[finding.status]), 1.8 if chosen else 1.3)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.drawLines(self.lines(finding, index))
        painter.restore()

    def lines(self, finding: Finding, index: int) -> list[QLineF]:
        """Return the outline of the finding's mask on slice ``index`` in image pixels (0 to 1 is the first)."""
        key = (id(finding), index)
        if key not in self._outlines:
            if len(self._outlines) >= KEPT:
                self._outlines.clear()
            self._outlines[key] = finding, self._outline(finding, index)  # holding it keeps its id its own
        return self._outlines[key][1]

    def _outline(self, finding: Finding, index: int) -> list[QLineF]:
        inside = None if finding.mask is None else finding.mask.plane(self.plane.axis, index)
        if finding.mask is None or inside is None:
            return []
        kji = _in_volume(outline(inside), finding.mask.offset_kji, self.plane.axis, index)
        ends = self.plane.geometry(index).to_xy(self.plane.volume.grid.to_lps(kji)) + 0.5
        return [QLineF(x0, y0, x1, y1) for (x0, y0), (x1, y1) in ends.tolist()]

    def paint_references(
        self, painter: QPainter, placing: Placing, index: int, at: Point, others: tuple[Orientation, ...]
    ) -> None:
        """Draw where the planes ``others`` through the point ``at`` cut this one, with a gap around the point."""
        for other in others:
            line = self.reference(placing, index, at, Plane(self.plane.volume, other))
            colour = QColor(theme.on_image(PLANE_COLOURS[other]))
            colour.setAlphaF(0.75)
            painter.setPen(QPen(colour, 1.0))
            middle = self._screen(placing, index, at)
            for end in (line.p1(), line.p2()):
                ray = QLineF(end, middle)
                if ray.length() > GAP_PX:
                    ray.setLength(ray.length() - GAP_PX)
                    painter.drawLine(ray)

    def reference(self, placing: Placing, index: int, at: Point, other: Plane) -> QLineF:
        """Return the line on the screen, edge to edge of the image, where ``other`` cuts this plane at ``at``."""
        geometry = self.plane.geometry(index)
        here = other.volume.grid.to_kji(at)
        ahead = here.copy()
        ahead[other.axis] += 1.0
        (x, y), (x1, y1) = geometry.to_xy(other.volume.grid.to_lps(np.stack([here, ahead]))).tolist()
        if abs(y1 - y) > abs(x1 - x):
            return QLineF(placing.to_screen(-0.5, y), placing.to_screen(placing.columns - 0.5, y))
        return QLineF(placing.to_screen(x, -0.5), placing.to_screen(x, placing.rows - 0.5))

    def _screen(self, placing: Placing, index: int, at: Point) -> QPointF:
        x, y = self.plane.geometry(index).to_xy(at).tolist()
        return placing.to_screen(x, y)


def label(case: Case, finding: Finding, with_size: bool) -> str:
    """Number and verdict, and the size where it is wanted."""
    short = f"{words.number(case, finding.id)} {words.STATUS_SYMBOLS[finding.status]}"
    return f"{short}   {words.size(finding)} mm" if with_size else short


def _in_volume(
    segments: NDArray[np.float64], offset_kji: tuple[int, int, int], axis: int, index: int
) -> NDArray[np.float64]:
    """Lift segments (n, 2, 2) of the plane at ``index`` of ``axis`` to indices (n, 2, 3) of the volume."""
    kji = np.empty((*segments.shape[:2], 3))
    first, second = (other for other in range(3) if other != axis)
    kji[..., axis] = index
    kji[..., first] = segments[..., 0] + offset_kji[first]
    kji[..., second] = segments[..., 1] + offset_kji[second]
    return kji


def _paint_box(painter: QPainter, box: QRectF, status: Status, chosen: bool) -> None:
    pen = QPen(theme.on_image(words.STATUS_COLOURS[status]), 1.6 if chosen else 1.0, BOX_LINES[status])
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(box)


def _paint_label(painter: QPainter, placing: Placing, box: QRectF, text: str, status: Status) -> None:
    """Write the label above the box, kept inside the viewport."""
    line = Line(text, words.STATUS_COLOURS[status], strong=True)
    x = min(max(box.left(), 2.0), placing.width_px - width_px(line) - 2.0)
    write(painter, QRectF(x, max(box.top(), LABEL_PX) - LABEL_PX, 0.0, LABEL_PX), line, START, END)
