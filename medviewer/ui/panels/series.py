"""The series panel: what is odd about the images shown, what that means, and what may be done with them."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QStackedLayout, QVBoxLayout, QWidget

from medviewer.app.reading import installed, stops
from medviewer.core.study import Check, Series
from medviewer.dicom.stacks.checks import against_volume
from medviewer.i18n import N_, _
from medviewer.ui.browser import series_lines
from medviewer.ui.cards import Card, clear, column, label, scrolled
from medviewer.ui.icons import pixmap
from medviewer.ui.panel import LatePanel, Panel, follow
from medviewer.ui.severity import SIGNS, by_severity, in_words, severity_shown
from medviewer.ui.theme import as_role
from medviewer.ui.view import ReadingStatus, View

if TYPE_CHECKING:
    from medviewer.app.session import Session

SIGN_PX = 18
# With these nothing can be measured in an image; those below change what values mean, or what there is, not lengths.
NOT_IN_IMAGE = frozenset({"no-spacing", "no-pixels", "cut-short", "absurd-size"})
NOT_OF_LENGTHS = frozenset({"colour", "not-hu", "modality-lut", "single-image"})


class CheckCard(Card):
    """One check: sign and word of its severity, what was found, what it means."""

    def __init__(self, check: Check) -> None:
        super().__init__(f"check-{check.code}")
        sign = SIGNS[severity_shown(check)]
        self.setAccessibleName(in_words(check))
        self.body.addLayout(_signed(sign.icon, sign.colour, label(str(sign.word), sign.colour)))
        self.body.addWidget(label(str(check.text), "strong"))
        if check.explanation is not None:
            self.body.addWidget(label(str(check.explanation), "dim"))


class SeriesPanel(LatePanel):
    """The checks of the series on the screen as cards, below what is offered with it and what is not."""

    def __init__(self, session: "Session", view: View) -> None:
        super().__init__()
        self.session, self.view = session, view
        self.title, self.about, self.message = label(role="title"), label(role="dim"), label(role="dim")
        self.straighten = QPushButton(_("Straighten the images"))
        self.offers, self.checks = QVBoxLayout(), QVBoxLayout()
        self._lay_out()
        follow(self, session, lambda touched, _source: self.mark() if "study" in touched else None)
        view.volume_changed.connect(self.mark)
        view.page_changed.connect(self.mark)
        view.reading_changed.connect(self.mark)

    def _lay_out(self) -> None:
        self.message.setText(_("No series is shown. Choose one on the left, or open a folder."))
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.message.setMargin(24)
        self.message.setObjectName("empty-state")
        self.straighten.setObjectName("straighten")
        self.straighten.setToolTip(_("Move each slice within its plane until the stack stands upright"))
        self.straighten.clicked.connect(self.view.straighten_wanted)
        as_role(self.straighten, "primary")
        cards = QWidget()
        cards.setLayout(self.checks)
        self.checks.setContentsMargins(0, 0, 0, 0)
        self.offered = Card("offers")
        self.offered.body.addWidget(label(_("What can be done with these images"), "strong"))
        self.offered.body.addLayout(self.offers)
        self.offered.body.addWidget(self.straighten)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.message)
        self._stack.addWidget(scrolled(column(self.title, self.about, self.offered, cards)))

    @property
    def series(self) -> Series | None:
        """The series on the screen, else the one chosen."""
        if self.view.page is not None:
            return self.view.page
        return self.view.volume.series if self.view.volume is not None else self.session.series

    def refresh(self) -> None:
        """Show what is known of the series on the screen."""
        series = self.series
        self._stack.setCurrentIndex(0 if series is None else 1)
        if series is None:
            return
        title, about = series_lines(series)
        self.title.setText(title)
        self.about.setText(about)
        self.offered.setVisible(series.kind == "image")
        self.straighten.setVisible(any(check.code == "gantry-tilt" for check in series.checks))
        clear(self.checks)
        for check in by_severity(series.checks):
            self.checks.addWidget(CheckCard(check))
        if not series.checks:
            fine = _("Nothing odd was found about these images.")
            self.checks.addWidget(label(fine if series.kind == "image" else _("Nothing odd was found."), "good"))
        self._show_offers(series)

    def _show_offers(self, series: Series) -> None:
        clear(self.offers)
        for what, reason in offers(series, self.view.reading):
            self.offers.addWidget(_offer(what, reason))


def offers(series: Series, reading: ReadingStatus) -> list[tuple[str, str]]:
    """Return what may be done with a series, each with the reason why not, empty where it may."""
    no_volume = " ".join(str(check.text) for check in against_volume(series))
    stopped = " ".join(str(check.text) for check in series.stopped)
    no_reading = stopped or (reading.text if reading.state in ("refused", "failed") else _refusal(series))
    return [
        (_("Other planes and the volume"), no_volume),
        *_measuring(series, no_volume),
        (_("Reading by AI"), no_reading),
    ]


def _refusal(series: Series) -> str:
    """Say why no model may read the series; empty where one may."""
    refused = [stops(bundle, series) for bundle in installed()]
    return str(refused[0][0].text) if refused and all(refused) else ""


def _measuring(series: Series, no_volume: str) -> list[tuple[str, str]]:
    """Say what can be measured: within an image, and across the slices of a stack."""
    within = " ".join(str(check.text) for check in series.stopped if check.code in NOT_IN_IMAGE)
    if len(series.headers) == 1:
        return [(_("Measuring in the image"), within)]
    across = " ".join(str(check.text) for check in series.stopped if check.code not in NOT_OF_LENGTHS) or no_volume
    return [(_("Measuring in each image"), within), (_("Measuring across slices"), across)]


def _offer(what: str, reason: str) -> QWidget:
    """One line: a tick or a cross, what is meant, and why not."""
    text = _("{what}: yes").format(what=what) if not reason else _("{what}: no. {why}").format(what=what, why=reason)
    line = QWidget()
    line.setAccessibleName(text)
    sign = ("reject", "caution") if reason else ("accept", "good")
    line.setLayout(_signed(*sign, label(text)))
    return line


def _signed(icon: str, colour: str, words: QLabel) -> QHBoxLayout:
    """Return words behind their sign."""
    row, sign = QHBoxLayout(), QLabel()
    sign.setPixmap(pixmap(icon, SIGN_PX, colour))
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    row.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(words, 1)
    return row


def _make(session: "Session", view: View) -> QWidget:
    return SeriesPanel(session, view)


PANEL = Panel("series", N_("Series"), 50, _make)
