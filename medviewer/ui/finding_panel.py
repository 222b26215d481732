"""What panels about the selected finding have in common: what they follow, and what they say while there is none."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedLayout, QWidget

from medviewer.core.finding import Finding
from medviewer.i18n import _
from medviewer.ui import words
from medviewer.ui.cards import label, scrolled
from medviewer.ui.panel import LatePanel, follow
from medviewer.ui.view import View

if TYPE_CHECKING:
    from medviewer.app.session import Session


class FindingPanel(LatePanel):
    """A panel about the selected finding; a hidden one catches up when it is shown.

    A subclass has ``make_content``, called when the first finding is to be shown, and ``show_finding``: forms and cards
    would take a quarter of the program's start.
    """

    def __init__(self, session: "Session", view: View) -> None:
        super().__init__()
        self.session, self.view = session, view
        self.title = label(role="title")
        self.message = label(role="dim")
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.message.setMargin(24)
        self.message.setObjectName("empty-state")
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.message)
        follow(self, session, lambda _touched, _source: self.mark())
        view.finding_changed.connect(self.mark)
        view.reading_changed.connect(lambda: self.mark() if self._stack.currentIndex() == 0 else None)

    def make_content(self) -> QWidget:
        """Return what is shown while a finding is selected, ``title`` first."""
        raise TypeError("a panel without content")

    def show_finding(self, finding: Finding) -> None:
        """Show what there is to say of ``finding``."""
        raise TypeError("a panel without content")

    def refresh(self) -> None:
        """Show the selected finding, or what to do to see one."""
        finding, why_not = self._selected()
        self.message.setText(why_not)
        if finding is not None and self._stack.count() == 1:
            self._stack.addWidget(scrolled(self.make_content()))
        self._stack.setCurrentIndex(0 if finding is None else 1)
        if finding is not None:
            self.title.setText(
                _("Finding {number}: {kind}, {place}").format(
                    number=words.number(self.session.case, finding.id),
                    kind=words.kind(finding),
                    place=words.place(finding),
                )
            )
            self.show_finding(finding)

    def _selected(self) -> tuple[Finding | None, str]:
        """The finding to show, else what to do."""
        if self.session.study is None:
            return None, _("No study is open. Choose one on the left, or open a folder.")
        case = self.session.case
        finding = case.finding(self.view.finding_id) if self.view.finding_id else None
        if finding is None:
            return None, _("Select a finding in the list or on the image.") if case.kept else self._why_none()
        if finding.status == "rejected":
            return None, _("This finding was rejected. Accept it to assess it, or select another.")
        return finding, ""

    def _why_none(self) -> str:
        reading = self.view.reading
        if reading.state in ("refused", "failed"):
            return _("This series is not read: {reason}").format(reason=reading.text)
        if reading.state == "done":
            return _("There is no finding to assess.")
        return _("There is no finding yet. Wait for the reading to end, or start one.")
