"""The bottom of the window: what is being done, which model read the images, and the notice."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from medviewer.core.job import Job
from medviewer.i18n import _
from medviewer.ui import theme
from medviewer.ui.icons import icon
from medviewer.ui.jobs import Jobs
from medviewer.ui.severity import tip
from medviewer.ui.theme import as_role

SHOWN = 2
HEIGHT_PX, BAR_PX, LEAST_PX, WIDE_PX = 30, (110, 6), 40, 1000  # at a scale of 100 %


def remaining_words(remaining_s: float | None) -> str:
    """Say how long something still takes; empty where nobody knows."""
    if remaining_s is None:
        return ""
    if remaining_s < 90:
        return _("{seconds} s left").format(seconds=max(1, round(remaining_s)))
    return _("{minutes} min left").format(minutes=round(remaining_s / 60))


class Elided(QLabel):
    """A label of one line that gives way where room is short: its text ends in "…" then, and its tip says all."""

    def minimumSizeHint(self) -> QSize:
        """A few letters wide."""
        return QSize(min(theme.px(LEAST_PX), self.sizeHint().width()), super().minimumSizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Write what there is room for."""
        painter, room = QPainter(self), self.contentsRect()
        short = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, short)
        painter.end()


class Bar(QWidget):
    """How much is done. Qt's own bar paints at once when it moves, and all that waits to be painted with it."""

    def __init__(self) -> None:
        super().__init__()
        self.share = 0.0
        theme.follow_scale(self, lambda: self.setFixedSize(*map(theme.px, BAR_PX)))

    def show_share(self, share: float) -> None:
        """Show 0 to 1."""
        if share != self.share:
            self.share = share
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the groove and the part done."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for colour, width in (("hover", self.width()), ("accent", self.share * self.width())):
            painter.setBrush(theme.colour(colour))
            painter.drawRoundedRect(QRectF(0.0, 0.0, width, self.height()), self.height() / 2.0, self.height() / 2.0)
        painter.end()


class JobRow(QWidget):
    """One running job: title, bar, percent, remaining time, cancel."""

    def __init__(self) -> None:
        super().__init__()
        self.job: Job | None = None
        self.title, self.bar, self.state, self.cancel = Elided(), Bar(), QLabel(), QToolButton()
        as_role(self.state, "dim")
        self.cancel.setIcon(icon("reject", "dim"))
        self.cancel.setToolTip(_("Cancel"))
        self.cancel.setAccessibleName(_("Cancel"))
        self.cancel.clicked.connect(self._cancel)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 8, 0)
        row.setSpacing(7)
        for part in (self.title, self.bar, self.state, self.cancel):
            row.addWidget(part)

    def show_job(self, job: Job | None) -> None:
        """Follow ``job``; None shows nothing."""
        self.job = job
        self.setVisible(job is not None)
        if job is None:
            return
        self.title.setText(job.title)
        self.setToolTip(tip(job.title, job.text))
        self.bar.show_share(job.share)
        left = remaining_words(job.remaining_s)
        words = _("Stopping…") if job.cancelled else f"{job.share:.0%}  {left}"
        self.state.setText(words if job.share > 0.0 or job.cancelled else "")
        self.cancel.setEnabled(not job.cancelled)

    def _cancel(self) -> None:
        if self.job is not None:
            self.job.cancel()
            self.show_job(self.job)


class Strip(QFrame):
    """Jobs at the left; model and notice at the right, always there."""

    def __init__(self, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("strip")
        self._jobs = jobs
        self.rows = [JobRow() for _row in range(SHOWN)]
        self.more, self.model, self.notice = QLabel(), Elided(), QLabel()
        self._lay_out()
        jobs.changed.connect(self.refresh)
        theme.follow_scale(self, self._fit)

    def _fit(self) -> None:
        self.setMinimumHeight(theme.px(HEIGHT_PX))
        self.refresh()

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, 10, 0)
        row.setSpacing(10)
        for part in self.rows:
            row.addWidget(part)
        row.addWidget(as_role(self.more, "dim"))
        row.addStretch(1)
        self.model.setObjectName("model-strip")
        self.model.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        row.addWidget(as_role(self.model, "dim"))
        self.notice.setObjectName("notice")
        self.notice.setText(_("Research use, not for clinical diagnosis"))
        self.notice.setAlignment(Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(as_role(self.notice, "caution"))

    def refresh(self) -> None:
        """Show the jobs running now."""
        running = self._jobs.running
        shown = SHOWN if self.width() >= theme.px(WIDE_PX) else 1
        for index, row in enumerate(self.rows):
            row.show_job(running[index] if index < min(len(running), shown) else None)
        hidden = len(running) - shown
        self.more.setText(_("{count} more").format(count=hidden) if hidden > 0 else "")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as many jobs as there is room for."""
        super().resizeEvent(event)
        self.refresh()

    def show_model(self, text: str, tip: str = "") -> None:
        """Say which model read the images shown."""
        self.model.setText(text)
        self.model.setToolTip("\n".join(part for part in (text, tip) if part))
