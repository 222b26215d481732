"""Small pieces the panels at the right are built of: labels in roles, cards, scrolled columns."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QFrame,
    QLabel,
    QLayout,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from medviewer.ui import theme
from medviewer.ui.theme import as_role

GAP_PX, INSET_PX = 8, 6


class QuietCombo(QComboBox):
    """A combo box that the wheel does not change: scrolling past it must not change a patient's data."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the column behind."""
        event.ignore()


def inset(*boxes: QAbstractSpinBox) -> None:
    """Keep the numbers in boxes away from the rim: the padding of the style sheet does not reach them."""
    for box in boxes:
        theme.follow_scale(box, lambda box=box: box.lineEdit().setTextMargins(theme.px(INSET_PX), 0, 0, 0))  # type: ignore[misc]


def label(text: str = "", role: str = "") -> QLabel:
    """Return a label that wraps, can be selected with the mouse, and shows its text as it is."""
    made = QLabel(text)
    made.setWordWrap(True)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    made.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    if role:
        as_role(made, role)
    return made


def say(shown: QLabel, text: str) -> None:
    """Put ``text`` on a label and hide it where there is none."""
    shown.setText(text)
    shown.setVisible(bool(text))


class Card(QFrame):
    """A frame in the role "card" with a column ``body`` inside."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        as_role(self, "card")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(12, 10, 12, 10)
        self.body.setSpacing(5)


def column(*widgets: QWidget) -> QWidget:
    """Return the widgets one below the other, kept at the top."""
    made = QWidget()
    layout = QVBoxLayout(made)
    layout.setContentsMargins(GAP_PX, GAP_PX, GAP_PX, GAP_PX)
    layout.setSpacing(GAP_PX)
    for widget in widgets:
        layout.addWidget(widget)
    layout.addStretch(1)
    return made


def scrolled(content: QWidget) -> QScrollArea:
    """Return ``content`` in an area that scrolls up and down, sideways only where it cannot be made narrow enough."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidget(content)
    return area


def clear(layout: QLayout) -> None:
    """Take every widget out of ``layout``."""
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()  # else the layout, which shows what it got a moment later, makes a window of it
            widget.setParent(None)
            widget.deleteLater()
