"""The threshold slider: at each measured threshold what it finds and what it costs; letting go changes the findings."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSlider, QVBoxLayout, QWidget

from medviewer.app import thresholds
from medviewer.core.case import Case
from medviewer.core.threshold_edits import MoveThreshold
from medviewer.i18n import _
from medviewer.ui.cards import label
from medviewer.ui.explaining.answers import Answers, answers_of
from medviewer.ui.theme import as_role
from medviewer.ui.view import View

if TYPE_CHECKING:
    from medviewer.app.session import Session


MOVES = {Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End}


class QuietSlider(QSlider):
    """A slider that the wheel does not move: scrolling past it must not change the findings."""

    def wants_key(self, event: QKeyEvent) -> bool:
        """Keep the keys that move it from the window's shortcuts."""
        return event.key() in MOVES

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the column behind."""
        event.ignore()


class ThresholdBar(QWidget):
    """Hidden where nobody measured what a threshold does: a number without that is no help.

    The slider stops at measured thresholds only. While it is dragged it says what it would do, and when it is let go
    one undoable step does that.
    """

    def __init__(self, session: "Session", view: View) -> None:
        super().__init__()
        self.session, self.view, self._model = session, view, answers_of(view)
        self.value, self.slider = QLabel(), QuietSlider(Qt.Orientation.Horizontal)
        self.own = QPushButton(_("Model's own"))
        self.told, self.changes = label(role="small"), label(role="small")
        self._lay_out()
        self.slider.sliderMoved.connect(self._say)
        self.slider.valueChanged.connect(self._move)
        self.own.clicked.connect(self._restore)
        self._model.changed.connect(self.refresh)
        self.hide()

    def _lay_out(self) -> None:
        title = QLabel(_("Threshold"))
        self.slider.setObjectName("threshold")
        self.slider.setTracking(False)  # the value changes when it is let go, or by a key
        self.slider.setPageStep(1)
        self.slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.slider.setAccessibleName(_("Threshold"))
        self.slider.setToolTip(
            _("How sure the model must be for a finding: left finds more and errs more (arrow keys); can be undone")
        )
        self.own.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.own.setToolTip(_("Go back to the threshold that the model came with"))
        row = QHBoxLayout()
        row.setSpacing(8)
        for part in (title, self.slider, self.value, as_role(self.own, "flat")):
            row.addWidget(part, 1 if part is self.slider else 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(row)
        column.addWidget(self.told)
        column.addWidget(self.changes)

    @property
    def case(self) -> Case | None:
        """The open case, None where nothing is open."""
        return None if self.session.study is None else self.session.case

    @property
    def _measured(self) -> Answers | None:
        """The answers of a model whose thresholds were measured."""
        answers = self._model.answers
        return answers if answers is not None and answers.operating.points and self.case is not None else None

    def refresh(self) -> None:
        """Show the threshold that counts now; not while the reader holds the slider."""
        answers, case = self._measured, self.case
        self.setVisible(answers is not None)
        if answers is None or case is None or self.slider.isSliderDown():
            return
        operating = answers.operating
        chosen = case.thresholds.get(answers.series_uid)
        at = operating.default_point if chosen is None else operating.nearest(chosen)
        blocker = QSignalBlocker(self.slider)
        self.slider.setRange(0, len(operating.points) - 1)
        self.slider.setValue(at)
        del blocker
        self.own.setVisible(chosen is not None)
        self._say(at)

    def _say(self, at: int) -> None:
        """Say what a measured threshold finds, what it costs, and what it would do to this list."""
        from medviewer.ai.operating import words

        answers = self._measured
        if answers is None:
            return
        operating, point = answers.operating, answers.operating.points[at]
        own = _(" (model's own)") if at == operating.default_point else ""
        self.value.setText(f"{point.threshold:.2f}{own}")
        measured = _(" Measured on {what}.").format(what=_(operating.on)) if operating.on else ""
        self.told.setText(f"{words(point, operating.of)}{measured}")
        edit = self._edit(answers, at)
        coming, going = len(edit.added), len(edit.removed)
        said = _("{coming} would come in, {going} unreviewed would go.").format(coming=coming, going=going)
        self.changes.setText(said)
        self.changes.setVisible(self.slider.isSliderDown())

    def _edit(self, answers: Answers, at: int) -> MoveThreshold:
        operating = answers.operating
        wanted = None if at == operating.default_point else operating.points[at].threshold
        case = self.session.case
        return thresholds.moved(
            case, answers.series_uid, answers.every, wanted, operating.default, model_id=answers.model_id
        )

    def _move(self, at: int) -> None:
        answers = self._measured
        if answers is not None:
            self._do(self._edit(answers, at))

    def _restore(self) -> None:
        answers = self._measured
        if answers is not None:
            self._do(self._edit(answers, answers.operating.default_point))

    def _do(self, edit: MoveThreshold) -> None:
        if edit.before != edit.after:
            self.session.do(edit, self)
        chosen = self.view.finding_id
        if chosen is not None and self.session.case.finding(chosen) is None:
            self.view.select(None)
        self.refresh()
