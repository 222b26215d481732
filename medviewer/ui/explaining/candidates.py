"""What the model saw under its threshold: folded under the findings, a click goes there, a button takes one in."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, QTimer
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from medviewer.app import thresholds
from medviewer.core.case import Case
from medviewer.core.finding import Finding
from medviewer.i18n import _
from medviewer.ui import words
from medviewer.ui.cards import label
from medviewer.ui.explaining.answers import answers_of
from medviewer.ui.theme import as_role
from medviewer.ui.view import View

if TYPE_CHECKING:
    from medviewer.app.session import Session

ID_ROLE = Qt.ItemDataRole.UserRole
ROWS = 5


def row_words(candidate: Finding) -> str:
    """Say in one line what a candidate is: score, size, place and type."""
    score = "–" if candidate.score is None else f"{candidate.score:.2f}"
    said = [score, f"{words.size(candidate)} mm", words.place(candidate), words.kind(candidate)]
    return "   ".join(part for part in said if part != words.UNKNOWN)


class CandidateFold(QWidget):
    """Hidden where there is none."""

    def __init__(self, session: "Session", view: View) -> None:
        super().__init__()
        self.session, self.view, self.answers = session, view, answers_of(view)
        self.head, self.list = QToolButton(), QListWidget()
        self.note, self.take = label(role="small"), QPushButton(_("Take into the findings"))
        self._lay_out()
        self.head.toggled.connect(self._fold)
        self.list.currentItemChanged.connect(lambda item, _before: self._choose(item))
        self.list.itemClicked.connect(self._choose)
        self.take.clicked.connect(self._take)
        self.answers.changed.connect(self.refresh)
        self._fold(False)
        self.hide()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(5)
        self.head.setCheckable(True)
        self.head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.head.setObjectName("candidates-head")
        self.head.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.head.setToolTip(_("Show what the model saw but was not sure enough of to list"))
        self.list.setObjectName("candidates")
        self.list.setAccessibleName(_("Under the threshold"))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.note.setText(_("Nobody has looked at these. They are in no report, risk or recommendation."))
        self.take.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.take.setToolTip(_("Make the chosen candidate an accepted finding; can be undone"))
        for part in (self.head, self.list, self.note, self.take):
            column.addWidget(part, 0, Qt.AlignmentFlag.AlignLeft if part is self.head else Qt.AlignmentFlag(0))
        as_role(self.list, "small")

    def _fold(self, opened: bool) -> None:
        self.head.setArrowType(Qt.ArrowType.DownArrow if opened else Qt.ArrowType.RightArrow)
        for part in (self.list, self.note, self.take):
            part.setVisible(opened)
        if opened:
            QTimer.singleShot(0, self, self._come_into_sight)  # once it has been laid out
        else:
            self.answers.choose(None)

    def _come_into_sight(self) -> None:
        """Scroll the panel so far that what was unfolded is seen."""
        area = self.parentWidget()
        while area is not None and not isinstance(area, QScrollArea):
            area = area.parentWidget()
        if area is not None:
            area.ensureWidgetVisible(self)

    @property
    def case(self) -> Case | None:
        """The open case, None where nothing is open."""
        return None if self.session.study is None else self.session.case

    def refresh(self) -> None:
        """Show what is under the threshold now."""
        found = self.answers.candidates(self.case)
        self.setVisible(bool(found))
        self.head.setText(_("Under the threshold: {count}").format(count=len(found)))
        shown = [self.list.item(n).data(ID_ROLE) for n in range(self.list.count())]
        blocker = QSignalBlocker(self.list)
        if shown != [one.id for one in found]:
            self.list.clear()
            for one in found:
                item = QListWidgetItem(row_words(one), self.list)
                item.setData(ID_ROLE, one.id)
        at = next((n for n, one in enumerate(found) if one.id == self.answers.chosen_id), -1)
        self.list.setCurrentRow(at)
        del blocker
        self.take.setEnabled(at >= 0)
        high = max(self.list.sizeHintForRow(0), self.list.fontMetrics().height())
        self.list.setFixedHeight(high * min(max(len(found), 1), ROWS) + 2 * self.list.frameWidth())

    def _choose(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            wanted = item.data(ID_ROLE)
            self.answers.choose(next((o for o in self.answers.candidates(self.case) if o.id == wanted), None))

    def _take(self) -> None:
        candidate = self.answers.chosen(self.case)
        if candidate is not None:
            self.answers.choose(None)
            self.session.do(thresholds.taken(candidate), self)
            self.view.select(self.session.case.findings[-1])
