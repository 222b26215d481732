"""The chosen finding in words: what is measured, what models think and how often that was right, the verdict."""

from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from medviewer.core.case import Case
from medviewer.core.finding import Finding
from medviewer.core.problem import Problem
from medviewer.core.study import Series
from medviewer.i18n import _
from medviewer.ui import words
from medviewer.ui.cards import Card, label, say
from medviewer.ui.explaining.descriptors import Descriptors
from medviewer.ui.icons import icon
from medviewer.ui.provisional import Provisional
from medviewer.ui.theme import as_role
from medviewer.ui.view import ReadingStatus

if TYPE_CHECKING:
    from medviewer.ai.bundle import Bundle


@lru_cache(maxsize=8)
def bundle_of(model_id: str) -> "Bundle | None":
    """Return a bundled model, None where it is no longer there or not whole: the findings stay readable."""
    from medviewer.ai.bundle import bundles

    try:
        return bundles().get(model_id)
    except Problem:
        return None


def measured_error(finding: Finding) -> str:
    """Say how often the model was right where it said what it says of this finding; empty where nobody measured."""
    bundle = bundle_of(finding.model.id) if finding.model else None
    bands = [band for band in bundle.calibration if band.wording == finding.wording] if bundle else []
    if not bands:
        return ""
    count = sum(band.count for band in bands)
    right = sum(band.ppv * band.count for band in bands)
    return _(
        'In test crops that each held a nodule, {right:.0f} of {count} called "{word}" were nodules ({percent:.0f} %); '
        "in whole scans fewer are."
    ).format(count=count, word=words.belief(finding), right=right, percent=100 * right / max(count, 1))


def trained_on(finding: Finding, series: Series | None) -> str:
    """Say whether the finding is like what its model was trained on; empty where nobody knows."""
    from medviewer.ai import within

    bundle = bundle_of(finding.model.id) if finding.model else None
    limits = getattr(bundle, "limits", None)
    if bundle is None or limits is None:
        return ""
    said = within.of_attributes(finding) or within.trained_on(limits, bundle.output, finding, series)
    return str(said) if said is not None else ""


class FindingCard(Card):
    """Hidden while no finding is chosen."""

    def __init__(self) -> None:
        super().__init__("finding-card")
        self.title, self.status = label(role="strong"), QLabel()
        self.measures, self.belief = label(), label()
        self.error, self.trained, self.model = label(role="small"), label(role="small"), label(role="small")
        self.descriptors, self.heat_words = Descriptors(), label(role="small")
        self.heat = QPushButton(icon("heat"), _("Heat map"))
        self.accept = QPushButton(icon("accept", "good"), _("Accept"))
        self.reject = QPushButton(icon("reject", "danger"), _("Reject"))
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.status, 0, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(head)
        for part in (self.measures, self.belief, self.error):
            self.body.addWidget(part)
        self.body.addLayout(self._buttons())
        below: tuple[QWidget, ...] = (self.heat_words, self.descriptors, self.trained, self.model)
        for widget in below:
            self.body.addWidget(widget)
        self.show_heat(False)
        self.hide()

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(0, 4, 0, 0)
        for button, tip in (
            (self.accept, _("Accept this finding (Enter); once more takes it back")),
            (self.reject, _("Reject this finding (Backspace); once more takes it back")),
            (self.heat, _("Show where the network looked (Shift+H)")),
        ):
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setToolTip(tip)
            row.addWidget(button, 1)
        return row

    def show_heat(self, on: bool) -> None:
        """Say what a heat map shows and what it does not, while one is shown."""
        self.heat.setChecked(on)
        shown = _(
            "Heat map (Grad-CAM): bright is what spoke most for this finding in the last layer of the network that "
            "outlined it. It shows neither where the nodule ends, nor how sure the model is, nor whether it is right."
        )
        say(self.heat_words, shown if on else "")

    def show_finding(
        self, case: Case | None, finding: Finding | None, reading: ReadingStatus, series: Series | None = None
    ) -> None:
        """Show ``finding`` of ``case``, made in ``series``; nothing where there is none."""
        self.setVisible(finding is not None)
        if case is None or finding is None:
            return
        self.title.setText(
            _("Finding {number}: {kind}, {place}").format(
                number=words.number(case, finding.id), kind=words.kind(finding), place=words.place(finding)
            )
        )
        self.status.setText(words.status(finding))
        as_role(self.status, {"unreviewed": "caution", "rejected": "dim"}.get(finding.status, "good"))
        self.measures.setText(words.sentence(finding))
        say(self.belief, _("The model says: {word}").format(word=words.belief(finding)) if finding.wording else "")
        say(self.error, measured_error(finding))
        self.descriptors.show_finding(finding)
        say(self.trained, trained_on(finding, series))
        say(self.model, model_line(finding))
        self.heat.setEnabled(finding.model is not None and finding.mask is not None)
        for verdict in (self.accept, self.reject):
            verdict.setEnabled(not isinstance(finding, Provisional))
        self.accept.setChecked(finding.status in ("accepted", "edited"))
        self.reject.setChecked(finding.status == "rejected")


def model_line(finding: Finding) -> str:
    """Say which model found it; the reader where it was none."""
    if finding.model is None:
        return _("Marked by the reader")
    bundle = bundle_of(finding.model.id)
    return _("Found by {title} {version}").format(
        title=_(bundle.title) if bundle else finding.model.id, version=finding.model.version
    )
