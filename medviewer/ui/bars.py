"""A chart of signed horizontal bars: what moved an estimate up or down."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from medviewer.i18n import _
from medviewer.ui import theme

ROW_PX, PAD_PX, NUMBER_PX, SMALL_PT = 20, 6, 60, 9.0
LABEL_SHARE = 0.42


class Bars(QWidget):
    """Bars (label, value) around a zero line, the value written beside; the sign is read, not only coloured."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("contribution-bars")
        self.bars: tuple[tuple[str, float], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip(_("How much each input moves the estimate from the published reference person, in log-odds."))

    def show_bars(self, bars: Sequence[tuple[str, float]]) -> None:
        """Show other bars; none hides the chart."""
        self.bars = tuple(bars)
        self.setAccessibleDescription(", ".join(f"{name} {value:+.2f}" for name, value in self.bars))
        self.setVisible(bool(self.bars))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """One row for each bar and one for the directions."""
        return QSize(theme.px(260), theme.px(ROW_PX) * (len(self.bars) + 1))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the bars in the colours of the theme."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(SMALL_PT))
        metrics = QFontMetricsF(painter.font())
        number_px = metrics.horizontalAdvance("+00.00") + PAD_PX
        left = self.width() * LABEL_SHARE
        middle = (left + self.width()) / 2.0
        half = max(10.0, (self.width() - left) / 2.0 - number_px)
        reach = max([0.1, *(abs(value) for _name, value in self.bars)])
        for row, (name, value) in enumerate(self.bars):
            self._bar(painter, metrics, row, name, value, left, middle, half * abs(value) / reach)
        self._zero(painter, left, middle)
        painter.end()

    def _bar(  # noqa: PLR0917 - places on one row
        self,
        painter: QPainter,
        metrics: QFontMetricsF,
        row: int,
        name: str,
        value: float,
        left: float,
        middle: float,
        length: float,
    ) -> None:
        row_px, number_px = theme.px(ROW_PX), theme.px(NUMBER_PX)
        top = row * row_px
        right, centre = Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignVCenter
        painter.setPen(theme.colour("text"))
        short = metrics.elidedText(name, Qt.TextElideMode.ElideRight, left - PAD_PX)
        painter.drawText(QRectF(0, top, left - PAD_PX, row_px), right | centre, short)
        start = middle if value >= 0.0 else middle - length
        painter.fillRect(QRectF(start, top + 5, length, row_px - 10), theme.colour("danger" if value > 0 else "good"))
        painter.setPen(theme.colour("dim"))
        if value >= 0.0:
            place, side = QRectF(start + length + 4, top, number_px, row_px), Qt.AlignmentFlag.AlignLeft
        else:
            place, side = QRectF(start - number_px - 4, top, number_px, row_px), right
        painter.drawText(place, side | centre, f"{value:+.2f}".replace("-", "\u2212"))

    def _zero(self, painter: QPainter, left: float, middle: float) -> None:
        row_px = theme.px(ROW_PX)
        bottom = float(row_px * len(self.bars))
        painter.setPen(theme.colour("dim"))
        painter.drawLine(int(middle), 0, int(middle), int(bottom))
        lower, higher = (
            QRectF(left, bottom, middle - left - 4, row_px),
            QRectF(middle + 5, bottom, middle - left, row_px),
        )
        painter.drawText(lower, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, _("← lower risk"))
        painter.drawText(higher, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, _("higher risk →"))
