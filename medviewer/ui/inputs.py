"""The form of clinical inputs: what is known and from where, what is missing, and a place to answer."""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QGridLayout, QLabel, QToolButton, QWidget

from medviewer.core.case import PATIENT
from medviewer.core.edits import SetInput
from medviewer.core.facts import Fact, Facts
from medviewer.core.fields import Field, Value
from medviewer.core.finding import Finding
from medviewer.i18n import N_, _
from medviewer.ui.editors import editor
from medviewer.ui.theme import as_role

if TYPE_CHECKING:
    from medviewer.app.session import Session

SOURCES = {"study": N_("from the study"), "finding": N_("from the finding"), "reader": N_("from you")}


class _Row(QObject):
    """One field: its name, its editor, where the value is from, and the way back to it."""

    def __init__(self, field: Field, form: "InputForm") -> None:
        super().__init__(form)
        self.field = field
        self.name = QLabel(str(field.title))
        self.name.setWordWrap(True)
        self.editor = editor(field)
        self.editor.setObjectName(f"input-{field.name}")
        self.name.setBuddy(self.editor.target)
        self.source = QLabel()
        self.back = QToolButton()
        self.back.setText("↺")
        self.back.setObjectName(f"back-{field.name}")
        self.back.setToolTip(_("Take back what you entered"))
        self.back.setAccessibleName(_("Take back {field}").format(field=field.title))
        tip = f"{field.title}. {field.help or ''}".strip()
        self.name.setToolTip(tip)
        self.editor.entered.connect(lambda value: form.enter(field, value))
        self.back.clicked.connect(lambda: form.enter(field, None))

    @property
    def widgets(self) -> tuple[QWidget, ...]:
        """What stands in the row, from left to right."""
        return self.name, self.editor, self.source, self.back

    def show_fact(self, fact: Fact | None, is_missing: bool) -> None:
        """Show the value, who said so, and whether it is missing."""
        self.editor.show_value(None if fact is None else fact.value)
        text = _("missing") if is_missing else _("not known")
        self.source.setText(text if fact is None else str(SOURCES[fact.source]))
        as_role(self.source, "caution" if is_missing else "small")
        as_role(self.name, "strong" if is_missing else "")
        self.back.setVisible(fact is not None and fact.source == "reader")


class InputForm(QWidget):
    """The inputs of a panel, asked once for all its models; answers become edits of the case."""

    def __init__(self, session: "Session", fields: Sequence[Field], name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self._session = session
        self._finding: Finding | None = None
        self.rows = {field.name: _Row(field, self) for field in fields}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(1, 4)
        for number, row in enumerate(self.rows.values()):
            for place, widget in enumerate(row.widgets):
                grid.addWidget(widget, number, place)

    def refresh(self, finding: Finding, facts: Facts, missing: Collection[str], shown: Collection[str]) -> None:
        """Show the fields named in ``shown`` with what is known of ``finding``; mark those in ``missing``."""
        self._finding = finding
        for name, row in self.rows.items():
            for widget in row.widgets:
                widget.setVisible(name in shown)
            if name in shown:
                row.show_fact(facts.get(name), name in missing)

    def enter(self, field: Field, value: Value | None) -> None:
        """Enter the reader's ``value`` for the patient or the finding; None takes it back."""
        if self._finding is None:
            return
        scope = PATIENT if field.scope == "patient" else self._finding.id
        before = self._session.case.inputs.get((scope, field.name))
        if value != before:
            self._session.do(SetInput(scope, field.name, before, value), self)
        else:  # nothing to change, as where "unknown" is pressed on a value of the study: show again what is known
            self._show_again(field)

    def _show_again(self, field: Field) -> None:
        from medviewer.core.facts import collect

        facts = collect(self._session.case, self._finding)
        row = self.rows[field.name]
        row.editor.show_value(facts[field.name].value if field.name in facts else None)
