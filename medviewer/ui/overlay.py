"""What is drawn over an image: findings with outline, box and label, and the lines of the other planes."""

from dataclasses import dataclass, field
from itertools import product

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from medviewer.core.case import Case
from medviewer.core.finding import Finding, Status
from medviewer.ui import theme, words
from medviewer.ui.camera import Placing
from medviewer.ui.corners import END, START, Line, width_px, write
from medviewer.ui.layer_paint import pixels_of
from medviewer.ui.outline import outline
from medviewer.ui.planes.plane import Plane

GAP_PX, BOX_MARGIN_PX, LABEL_FROM_PX, LABEL_PX, KEPT = 26.0, 4.0, 400, 22.0, 500
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
    _spans: dict[int, tuple[Finding, float, float]] = field(default_factory=dict)

    def paint(self, painter: QPainter, placing: Placing, index: int, case: Case, chosen: str | None) -> None:
        """Draw every finding of this volume that slice ``index`` cuts; the ``chosen`` one stronger."""
        for finding in self._seen(index, case, chosen):
            self._paint_finding(painter, placing, index, finding, finding.id == chosen)
            box = self.box_px(placing, index, finding)
            _paint_box(painter, box, finding.status, finding.id == chosen)
            line = _line(placing, case, finding, chosen)
            write(painter, _label_box(placing, box, line), line, START, END)

    def taken(self, placing: Placing, index: int, case: Case, chosen: str | None) -> list[QRectF]:
        """Return where ``paint`` draws boxes and writes labels, for others to keep clear of."""
        taken: list[QRectF] = []
        for finding in self._seen(index, case, chosen):
            box = self.box_px(placing, index, finding)
            taken += [box, _label_box(placing, box, _line(placing, case, finding, chosen))]
        return taken

    def _seen(self, index: int, case: Case, chosen: str | None) -> list[Finding]:
        return [
            finding
            for finding in case.findings
            if finding.series_uid == self.plane.volume.series.uid
            and self.cuts(finding, index)
            and (finding.status != "rejected" or finding.id == chosen)
        ]

    def cuts(self, finding: Finding, index: int) -> bool:
        """Whether slice ``index`` runs through the finding's box."""
        if self.plane.axis >= 0:
            _finding, first, last = self._span(finding)
            return first - 0.01 <= index <= last + 0.01
        behind_mm = self.plane.geometry(index).distance_mm(_corners(finding))
        return bool(behind_mm.min() <= 0.0 <= behind_mm.max())

    def _span(self, finding: Finding) -> tuple[Finding, float, float]:
        """Return the finding with the indices along the plane's axis that its box reaches from and to."""
        if id(finding) not in self._spans:
            if len(self._spans) >= KEPT:
                self._spans.clear()
            ends = self.plane.volume.grid.to_kji(_corners(finding))[:, self.plane.axis]
            self._spans[id(finding)] = finding, float(ends.min()), float(ends.max())  # held, its id stays its own
        return self._spans[id(finding)]

    def box_px(self, placing: Placing, index: int, finding: Finding) -> QRectF:
        """Return the finding's box on the screen, with a small margin."""
        xy = self.plane.geometry(index).to_xy(_corners(finding))
        (x0, y0), (x1, y1) = xy.min(axis=0).tolist(), xy.max(axis=0).tolist()
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
        found = pixels_of(self.plane, index, finding.mask)
        if found is None:
            return []
        inside, x, y = found
        ends = outline(inside.astype(np.bool_))[..., ::-1] + (x + 0.5, y + 0.5)
        return [QLineF(x0, y0, x1, y1) for (x0, y0), (x1, y1) in ends.tolist()]


def _corners(finding: Finding) -> NDArray[np.float64]:
    """Return the eight corners of a finding's box, LPS mm (8, 3)."""
    return np.array(list(product(*zip(*finding.box_lps_mm, strict=True))))


def label(case: Case, finding: Finding, with_size: bool) -> str:
    """Number and verdict, and the size where it is wanted."""
    short = f"{words.number(case, finding.id)} {words.symbol(finding)}"
    return f"{short}   {words.size(finding)} mm" if with_size else short


def _paint_box(painter: QPainter, box: QRectF, status: Status, chosen: bool) -> None:
    pen = QPen(theme.on_image(words.STATUS_COLOURS[status]), 1.6 if chosen else 1.0, BOX_LINES[status])
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(box)


def _line(placing: Placing, case: Case, finding: Finding, chosen: str | None) -> Line:
    with_size = finding.id == chosen and placing.width_px >= LABEL_FROM_PX
    return Line(label(case, finding, with_size), words.STATUS_COLOURS[finding.status], strong=True)


def _label_box(placing: Placing, box: QRectF, line: Line) -> QRectF:
    """Return where a label is written: above the box, kept inside the viewport."""
    wide, high = width_px(line), float(theme.px(LABEL_PX))
    x = min(max(box.left(), 2.0), placing.width_px - wide - 2.0)
    return QRectF(x, max(box.top(), high) - high, wide, high)
