"""Words typed in place: a line edit over the image, at the mark that they belong to."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit

from medviewer.core.mark import Mark
from medviewer.i18n import _
from medviewer.ui import theme
from medviewer.ui.marks.place import to_screen

if TYPE_CHECKING:
    from medviewer.ui.viewport import Viewport

WIDE_PX, MOST_LETTERS = 220, 200


class TextEditor(QLineEdit):
    """Asks for the words of a mark; ``done`` gets them once, None where the reader pressed Esc."""

    def __init__(self, viewport: "Viewport", text: str, done: Callable[[str | None], None]) -> None:
        super().__init__(text, viewport)
        self._done: Callable[[str | None], None] | None = done
        self.setMaxLength(MOST_LETTERS)
        self.setFont(theme.font(theme.IMAGE_PT))
        self.setPlaceholderText(_("Text, then Enter"))
        self.setAccessibleName(_("Text on the image"))
        self.setFixedWidth(min(WIDE_PX, max(viewport.width() - 8, 60)))
        self.returnPressed.connect(lambda: self._end(self.text().strip()))

    def _end(self, text: str | None) -> None:
        done, self._done = self._done, None
        if done is None:
            return
        viewport = self.parentWidget()
        self.hide()
        self.deleteLater()
        if viewport is not None:
            viewport.setFocus()
        done(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc leaves everything as it was."""
        if event.key() == Qt.Key.Key_Escape:
            self._end(None)
            return
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Whoever clicks elsewhere is done with it; what was typed is kept."""
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self._end(self.text().strip())


def ask_text(viewport: "Viewport", mark: Mark, done: Callable[[Mark], None]) -> TextEditor:
    """Let the reader type the words of a mark in the viewport; ``done`` gets the mark with them.

    Esc drops it; a text without words is no mark, an arrow without words is.
    """

    def take(text: str | None) -> None:
        if text is not None and (text or mark.kind == "arrow"):
            done(replace(mark, text=text))

    editor = TextEditor(viewport, mark.text, take)
    at = to_screen(viewport, mark.points_lps_mm[-1])
    x = min(max(round(at.x()), 4), max(viewport.width() - editor.width() - 4, 4))
    y = min(max(round(at.y()) - editor.sizeHint().height() // 2, 4), viewport.height() - editor.sizeHint().height() - 4)
    editor.move(QPoint(x, y))
    editor.show()
    editor.setFocus()
    return editor
