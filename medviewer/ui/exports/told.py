"""A word that something was done, over the images for some seconds; nothing has to be clicked away."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from medviewer.ui.theme import as_role

SEEN_MS, BELOW_PX = 5000, 36


class Told(QFrame):
    """The word, at the bottom of ``over``; another one takes its place."""

    def __init__(self, over: QWidget, text: str) -> None:
        super().__init__(over)
        self.setObjectName("told")
        as_role(self, "card")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.text = QLabel(text)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 6, 12, 6)
        column.addWidget(self.text)
        margins = column.contentsMargins()
        whole_px = self.text.fontMetrics().horizontalAdvance(text) + margins.left() + margins.right() + 4
        wide_px = min(whole_px, over.width() - 2 * BELOW_PX)
        self.setFixedSize(wide_px, column.heightForWidth(wide_px))
        self.move((over.width() - self.width()) // 2, over.height() - self.height() - BELOW_PX)
        QTimer.singleShot(SEEN_MS, self, self.deleteLater)


def tell(over: QWidget, text: str) -> Told:
    """Show ``text`` over a widget for some seconds."""
    for before in over.findChildren(Told):
        before.deleteLater()
        before.hide()
    told = Told(over, text)
    told.show()
    told.raise_()
    return told
