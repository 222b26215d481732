"""The bottom of the window: what is being done, which model read the images, and the notice."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from medviewer.core.job import Job
from medviewer.i18n import _
from medviewer.ui import theme
from medviewer.ui.icons import icon
from medviewer.ui.jobs import Jobs
from medviewer.ui.theme import as_role

SHOWN = 2
HEIGHT_PX, BAR_PX = 30, QSize(110, 6)


def remaining_words(remaining_s: float | None) -> str:
    """Say how long something still takes; empty where nobody knows."""
    if remaining_s is None:
        return ""
    if remaining_s < 90:
        return _("{seconds} s left").format(seconds=max(1, round(remaining_s)))
    return _("{minutes} min left").format(minutes=round(remaining_s / 60))


class Bar(QWidget):
    """How much is done. Qt's own bar paints at once when it moves, and all that waits to be painted with it."""

    def __init__(self) -> None:
        super().__init__()
        self.share = 0.0
        self.setFixedSize(BAR_PX)

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
            painter.drawRoundedRect(QRectF(0.0, 0.0, width, self.height()), 3.0, 3.0)
        painter.end()


class JobRow(QWidget):
    """One running job: title, bar, percent, remaining time, cancel."""

    def __init__(self) -> None:
        super().__init__()
        self.job: Job | None = None
        self.title, self.bar, self.state, self.cancel = QLabel(), Bar(), QLabel(), QToolButton()
        as_role(self.state, "dim")
        self.cancel.setIcon(icon("reject", "dim"))
        self.cancel.setIconSize(QSize(12, 12))
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
        self.setToolTip(job.text)
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
        self.setMinimumHeight(HEIGHT_PX)
        self._jobs = jobs
        self.rows = [JobRow() for _row in range(SHOWN)]
        self.more, self.model, self.notice = QLabel(), QLabel(), QLabel()
        self._lay_out()
        jobs.changed.connect(self.refresh)
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
        for index, row in enumerate(self.rows):
            row.show_job(running[index] if index < len(running) else None)
        hidden = len(running) - SHOWN
        self.more.setText(_("{count} more").format(count=hidden) if hidden > 0 else "")

    def show_model(self, text: str, tip: str = "") -> None:
        """Say which model read the images shown."""
        self.model.setText(text)
        self.model.setToolTip(tip)
