"""A small histogram of the values in a region."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from medviewer.i18n import _
from medviewer.imaging.marks.measure import Histogram
from medviewer.ui import theme
from medviewer.ui.value_words import MINUS, number

HIGH_PX, TEXT_PX = 74, 16  # at a scale of 100 %


class HistogramView(QWidget):
    """Bars over values, with the lowest and highest below; hidden while there is nothing to show."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: Histogram | None = None
        self._unit = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(_("Histogram"))
        self.hide()

    def sizeHint(self) -> QSize:
        """Wide as the panel, a few lines high."""
        return QSize(160, theme.px(HIGH_PX))

    def show_histogram(self, histogram: Histogram | None, unit: str) -> None:
        """Show how often values of ``unit`` occur; None hides it."""
        self._shown, self._unit = histogram, unit
        self.setVisible(histogram is not None)
        if histogram is not None:
            low, high = self._ends(histogram)
            self.setToolTip(_("How often each value from {low} to {high} occurs").format(low=low, high=high))
        self.update()

    def _ends(self, histogram: Histogram) -> tuple[str, str]:
        """Return the lowest and the highest value in words."""
        step = float(histogram.edges[1] - histogram.edges[0])
        first, last = histogram.edges[0] + step / 2.0, histogram.edges[-1] - step / 2.0
        words = [f"{number(float(end), step)} {self._unit}".strip().replace("-", MINUS) for end in (first, last)]
        return words[0], words[1]

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the bars."""
        if self._shown is None:
            return
        painter = QPainter(self)
        counts = self._shown.counts
        room = QRectF(self.rect()).adjusted(0, 2, 0, -theme.px(TEXT_PX))
        wide, most = room.width() / len(counts), max(float(counts.max()), 1e-9)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("accent"))
        for number_, count in enumerate(counts.tolist()):
            high = room.height() * count / most
            painter.drawRect(QRectF(room.left() + number_ * wide, room.bottom() - high, max(wide - 1.0, 1.0), high))
        painter.setPen(theme.colour("line"))
        painter.drawLine(room.bottomLeft(), room.bottomRight())
        painter.setPen(theme.colour("dim"))
        painter.setFont(theme.font(theme.TEXT_PT - 1.5))
        below = QRectF(self.rect()).adjusted(0, self.height() - theme.px(TEXT_PX), 0, 0)
        low, high_words = self._ends(self._shown)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, low)
        painter.drawText(below, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom, high_words)
        painter.end()
