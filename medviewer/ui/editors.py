"""Editors of one clinical input: yes or no, a number, a choice; each says "unknown" too."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from medviewer.core.fields import Field, Value
from medviewer.core.problem import Problem
from medviewer.i18n import N_, _
from medviewer.ui import theme
from medviewer.ui.cards import QuietCombo

UNKNOWN = "–"
UNITS = {"a": N_("years"), "mo": N_("months")}


class Editor(QWidget):
    """One field's editor; ``entered`` carries the value the reader gave, None where it was emptied."""

    entered = Signal(object)

    def __init__(self, field: Field) -> None:
        super().__init__()
        self.field = field
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(2)

    @property
    def target(self) -> QWidget:
        """The widget that takes the focus when the label's key is pressed."""
        return self

    def show_value(self, value: Value | None) -> None:
        """Show ``value`` without telling anybody."""


class YesNoEditor(Editor):
    """Three buttons side by side: unknown, no, yes."""

    STATES: tuple[tuple[str, bool | None], ...] = (("unknown", None), ("no", False), ("yes", True))

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self._group = QButtonGroup(self)
        texts = {"unknown": UNKNOWN, "no": _("No"), "yes": _("Yes")}
        tips = {"unknown": _("Not known"), "no": _("No"), "yes": _("Yes")}
        self.buttons: dict[str, QPushButton] = {}
        for name, state in self.STATES:
            button = QPushButton(texts[name])
            button.setCheckable(True)
            button.setObjectName(f"segment-{name}")
            button.setToolTip(f"{field.title}: {tips[name]}")
            button.setAccessibleName(button.toolTip())
            button.clicked.connect(lambda _checked=False, state=state: self.entered.emit(state))
            self._group.addButton(button)
            self.buttons[name] = button
            self.row.addWidget(button)
        self.row.addStretch(1)
        self.setFocusProxy(self.buttons["yes"])

    @property
    def target(self) -> QWidget:
        """The button "yes"."""
        return self.buttons["yes"]

    def show_value(self, value: Value | None) -> None:
        """Press the button of ``value``."""
        name = next(name for name, state in self.STATES if state is value or state == value)
        self.buttons[name].setChecked(True)


class NumberEditor(Editor):
    """A line for a number; a text that is none stays, is marked and explained, and is not entered."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self.line = QLineEdit()
        self.line.setObjectName("number")
        self.line.setPlaceholderText(UNKNOWN)
        self.line.setMaximumWidth(theme.px(110))
        self.line.setToolTip(f"{field.title}. {field.expects}")
        self.line.editingFinished.connect(self._finished)
        self._shown = ""
        self.row.addWidget(self.line)
        self.row.addWidget(QLabel(str(UNITS.get(field.unit, field.unit))))
        self.row.addStretch(1)
        self.setFocusProxy(self.line)

    @property
    def target(self) -> QWidget:
        """The line."""
        return self.line

    def show_value(self, value: Value | None) -> None:
        """Show the number, unless the reader is writing another one."""
        self._shown = "" if value is None else f"{round(float(value), 1):g}"  # tenths: no measure is finer
        if not (self.line.hasFocus() and self.line.isModified()):
            self.line.setText(self._shown)
            self._mark("")

    def _finished(self) -> None:
        text = self.line.text().strip()
        if text == self._shown:
            self._mark("")
            return
        try:
            value = self._read(text)
        except Problem as problem:
            self._mark(str(problem))
            return
        self.line.setModified(False)
        self._mark("")
        self.entered.emit(value)

    def _read(self, text: str) -> Value | None:
        if not text:
            return None
        try:
            number: object = float(text.replace(",", "."))
        except ValueError:
            number = text
        return self.field.check(number)

    def _mark(self, why: str) -> None:
        """Mark the line as wrong and say why; an empty text takes the mark away."""
        self.line.setProperty("invalid", bool(why))
        self.line.style().unpolish(self.line)
        self.line.style().polish(self.line)
        self.line.setToolTip(why or f"{self.field.title}. {self.field.expects}")


class ChoiceEditor(Editor):
    """A combo box with the field's choices, the first one meaning unknown."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self.combo = QuietCombo()
        self.combo.setObjectName("choice")
        self.combo.setToolTip(str(field.title))
        self.combo.setMinimumContentsLength(12)
        self.combo.setSizeAdjustPolicy(QuietCombo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.combo.addItem(UNKNOWN, None)
        for name, title in field.choices:
            self.combo.addItem(str(title), name)
        self.combo.activated.connect(lambda _index: self.entered.emit(self.combo.currentData()))
        self.row.addWidget(self.combo, 1)
        self.setFocusProxy(self.combo)

    @property
    def target(self) -> QWidget:
        """The combo box."""
        return self.combo

    def show_value(self, value: Value | None) -> None:
        """Show the choice."""
        self.combo.setCurrentIndex(max(0, self.combo.findData(value)))


def editor(field: Field) -> Editor:
    """Return the editor for a field's kind."""
    return {"yes_no": YesNoEditor, "number": NumberEditor, "choice": ChoiceEditor}[field.kind](field)
