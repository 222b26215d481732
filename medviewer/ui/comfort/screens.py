"""Windows that a monitor took with it when it was unplugged come back to one that is there."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, QRect, QTimer
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import QApplication, QWidget

GRIP_PX = 80  # so much of the upper edge must be seen for a window to be moved by it


def brought_back(frame: QRect, screens: Sequence[QRect]) -> QRect:
    """Return where a window with ``frame`` can be seen and moved: there, else on the first screen, no larger than it.

    All in pixels of the desktop; ``screens`` are the parts of the screens that windows may use.
    """
    grip = QRect(frame.left(), frame.top(), frame.width(), min(frame.height(), GRIP_PX))
    if not screens or any(_enough(screen.intersected(grip)) for screen in screens):
        return frame
    home = screens[0]
    size = frame.size().boundedTo(home.size())
    left = min(max(frame.left(), home.left()), home.right() + 1 - size.width())
    top = min(max(frame.top(), home.top()), home.bottom() + 1 - size.height())
    return QRect(left, top, size.width(), size.height())


def _enough(seen: QRect) -> bool:
    return seen.width() >= GRIP_PX and seen.height() >= GRIP_PX // 4


def bring_back(window: QWidget, screens: Sequence[QRect] | None = None) -> None:
    """Move a window that no screen shows to one that does, by default of the screens there are now."""
    known = [screen.availableGeometry() for screen in QGuiApplication.screens()] if screens is None else screens
    frame = window.frameGeometry()
    wanted = brought_back(frame, known)
    if wanted != frame:
        window.resize(window.size().boundedTo(wanted.size()))
        window.move(wanted.topLeft())


class ScreenCare(QObject):
    """Looks after every window of the program when a screen goes: the window, floating panels, images elsewhere."""

    def __init__(self, program: QApplication, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._program = program
        program.screenRemoved.connect(self._gone)

    def _gone(self, _screen: QScreen) -> None:
        QTimer.singleShot(0, self, self.bring_all_back)  # after Qt has moved what it moves by itself

    def bring_all_back(self) -> None:
        """Bring every window that is open to a screen that is there."""
        for window in self._program.topLevelWidgets():
            if window.isVisible() and window.isWindow():
                bring_back(window)
