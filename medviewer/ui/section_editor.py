"""One section of the report: its draft, and the reader's own words instead."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QFocusEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from medviewer.i18n import _
from medviewer.report.document import Section
from medviewer.ui.cards import label, say
from medviewer.ui.theme import as_role

LINES_MIN = 2


class GrowingText(QPlainTextEdit):
    """A text field as high as its text; ``left`` fires when the focus leaves it."""

    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setTabChangesFocus(True)
        self.textChanged.connect(self.fit)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Tell that the reader went elsewhere."""
        super().focusOutEvent(event)
        self.left.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lines break elsewhere now."""
        super().resizeEvent(event)
        self.fit()

    def fit(self) -> None:
        """Take the height of the text, so that the whole report scrolls as one."""
        lines = max(LINES_MIN, int(self.document().size().height()))
        height = lines * self.fontMetrics().lineSpacing() + 2 * (
            self.frameWidth() + int(self.document().documentMargin())
        )
        self.setFixedHeight(height + 8)


class SectionEditor(QWidget):
    """A heading, the text, and the way back to the draft. ``rewritten`` carries the text, None for the draft."""

    rewritten = Signal(str, object)

    def __init__(self, section_id: str) -> None:
        super().__init__()
        self.id = section_id
        self._shown = ""
        self.heading, self.state, self.more = label(role="strong"), label(role="caution"), label(role="small")
        self.text = GrowingText()
        self.text.setObjectName(f"section-{section_id}")
        self.text.setToolTip(_("Write your own words here; they replace the draft of this section."))
        self.heading.setBuddy(self.text)
        self.back = QPushButton(_("Back to draft"))
        self.back.setObjectName(f"draft-{section_id}")
        self.back.setToolTip(_("Discard your text and show the draft"))
        as_role(self.back, "flat")
        self.text.left.connect(self.commit)
        self.back.clicked.connect(lambda: self.rewritten.emit(self.id, None))
        self._lay_out()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.heading, 1)
        head.addWidget(self.state)
        head.addWidget(self.back)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addLayout(head)
        column.addWidget(self.text)
        column.addWidget(self.more)

    def show_section(self, section: Section) -> None:
        """Show ``section``; what the reader is writing just now stays."""
        self.heading.setText(section.heading)
        self.text.setAccessibleName(section.heading)
        self.state.setText(_("your words") if section.edited else "")
        self.back.setVisible(section.edited)
        say(self.more, _also(section))
        if not (self.text.hasFocus() and self.changed):
            self._shown = section.text
            if self.text.toPlainText() != section.text:
                self.text.setPlainText(section.text)

    @property
    def changed(self) -> bool:
        """Whether the text differs from what was shown."""
        return self.text.toPlainText() != self._shown

    def commit(self) -> None:
        """Hand over what the reader wrote, if anything."""
        if self.changed:
            self._shown = self.text.toPlainText()
            self.rewritten.emit(self.id, self._shown)


def _also(section: Section) -> str:
    parts = [
        _("{count} table(s)").format(count=len(section.tables)) if section.tables else "",
        _("{count} chart(s)").format(count=len(section.charts)) if section.charts else "",
    ]
    named = ", ".join(part for part in parts if part)
    return _("With {parts} in the saved report.").format(parts=named) if named else ""
