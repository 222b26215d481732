"""What the tour draws: a light on parts of the window, and a card that says what they are for."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen, QRegion
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from medviewer.i18n import _
from medviewer.ui import theme
from medviewer.ui.cards import label
from medviewer.ui.theme import as_role

CARD_PX, GAP_PX, FRAME_PX, SHADE_ALPHA = 400, 12, 3, 110
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Spotlight(QWidget):
    """Shades the window but for some widgets; the mouse goes through it, files can be dropped through it."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.lit: list[QRect] = []
        self.setObjectName("tour-light")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def show_on(self, widgets: Sequence[QWidget]) -> None:
        """Light up widgets of the window; those that float in windows of their own have light enough."""
        window = self._window
        inside = [widget for widget in widgets if widget.window() is window.window()]
        self.lit = [QRect(widget.mapTo(window, QPoint()), widget.size()) for widget in inside]
        self.setGeometry(window.rect())
        self.show()
        self.raise_()
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the shade and the frames."""
        painter, shade = QPainter(self), QColor(0, 0, 0, SHADE_ALPHA)
        dark = QRegion(self.rect())
        for area in self.lit:
            dark -= QRegion(area)
        painter.setClipRegion(dark)
        painter.fillRect(self.rect(), shade)
        painter.setClipping(False)
        painter.setPen(QPen(theme.colour("accent"), FRAME_PX))
        for area in self.lit:
            painter.drawRect(area.adjusted(2, 2, -3, -3))
        painter.end()


class TourCard(QFrame):
    """Title, words, and where in the tour this is; Enter goes on, Esc ends it."""

    next_wanted = Signal()
    back_wanted = Signal()
    skip_wanted = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.setObjectName("tour-card")
        as_role(self, "tour")
        self.title, self.text, self.where = label("", "title"), label(), label("", "dim")
        self.back, self.next, self.skip = (
            QPushButton(_("Previous step")),
            QPushButton(_("Next")),
            QPushButton(_("Skip")),
        )
        as_role(self.next, "primary")
        as_role(self.skip, "flat")
        self.next.setToolTip(_("Go on (Enter)"))
        self.back.setToolTip(_("To the step before"))
        self.skip.setToolTip(_("End the tour (Esc); it is in the Help menu"))
        self.next.clicked.connect(self.next_wanted)
        self.back.clicked.connect(self.back_wanted)
        self.skip.clicked.connect(self.skip_wanted)
        column, row = QVBoxLayout(self), QHBoxLayout()
        column.setContentsMargins(*(theme.px(side) for side in (18, 14, 18, 14)))
        column.setSpacing(theme.px(8))
        row.addWidget(self.where, 1)
        for button in (self.skip, self.back, self.next):
            row.addWidget(button)
        for part in (self.title, self.text):
            column.addWidget(part)
        column.addLayout(row)

    def show_step(self, title: str, text: str, number: int, count: int) -> None:
        """Say what a step is about; ``number`` from 0."""
        self.title.setText(title)
        self.text.setText(text)
        self.where.setText(_("Step {n} of {count}").format(n=number + 1, count=count))
        self.back.setEnabled(number > 0)
        self.next.setText(_("Next") if number + 1 < count else _("Done"))
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        self.show()
        self.raise_()
        self.next.setFocus(Qt.FocusReason.OtherFocusReason)

    def place_beside(self, lit: Sequence[QRect]) -> None:
        """Lie where least of what is lit is hidden, inside the window."""
        room = self._window.rect().adjusted(GAP_PX, GAP_PX, -GAP_PX, -GAP_PX)
        wide = min(theme.px(CARD_PX), room.width())
        self.ensurePolished()
        high = self.heightForWidth(wide) + theme.px(8)
        self.setGeometry(best_place(QSize(wide, min(high, room.height())), lit, room))
        self.raise_()

    def event(self, event: QEvent) -> bool:
        """Enter and Esc are the card's while it has the focus, whatever they do in the window."""
        asked = event if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride else None
        if asked is not None and asked.key() in (*_ENTER, Qt.Key.Key_Escape):
            asked.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Press the button in focus at Enter, end the tour at Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self.skip_wanted.emit()
        elif event.key() in _ENTER:
            focused = self.focusWidget()
            (focused if isinstance(focused, QPushButton) else self.next).click()
        else:
            super().keyPressEvent(event)


def best_place(size: QSize, lit: Sequence[QRect], room: QRect) -> QRect:
    """Return where a card of ``size`` lies best in ``room``: beside what is lit, hiding as little of it as can be."""
    about = lit[0] if lit else QRect(room.center(), QSize())
    x, y = about.x() + (about.width() - size.width()) // 2, about.y() + (about.height() - size.height()) // 2
    corners = [
        QPoint(about.x() + about.width() + GAP_PX, y),
        QPoint(about.x() - GAP_PX - size.width(), y),
        QPoint(x, about.y() + about.height() + GAP_PX),
        QPoint(x, about.y() - GAP_PX - size.height()),
    ]
    places = [_inside(QRect(corner, size), room) for corner in corners]
    return min(places, key=lambda place: sum(_area(place.intersected(each)) for each in lit))


def _inside(place: QRect, room: QRect) -> QRect:
    left = min(max(place.left(), room.left()), room.right() + 1 - place.width())
    top = min(max(place.top(), room.top()), room.bottom() + 1 - place.height())
    return QRect(QPoint(left, top), place.size())


def _area(place: QRect) -> int:
    return place.width() * place.height() if place.isValid() else 0
