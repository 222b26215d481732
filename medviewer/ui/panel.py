"""What a panel at the right is: one file in ``ui/panels`` with one ``PANEL``."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from medviewer.i18n import Message
from medviewer.ui.view import View

if TYPE_CHECKING:
    from medviewer.app.session import Session


@dataclass(frozen=True)
class Panel:
    """A dock tab: machine name, title, place in the row of tabs, and how its widget is made.

    On a tall screen ``upper`` ones share the room above the others. ``optional`` ones are hidden until they are asked
    for, or have something to say.
    """

    id: str
    title: Message
    order: int
    make: Callable[["Session", View], QWidget]
    upper: bool = False
    optional: bool = False


class LatePanel(QWidget):
    """A panel that a hidden dock may keep waiting: ``mark`` says that something changed, ``refresh`` shows it."""

    def __init__(self) -> None:
        super().__init__()
        self._dirty = True

    def mark(self) -> None:
        """Show anew what is known: now where the panel is seen, else when it is."""
        self._dirty = True
        if self.isVisible():
            self.catch_up()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up."""
        super().showEvent(event)
        if self._dirty:
            self.catch_up()

    def catch_up(self) -> None:
        """Show what has changed since."""
        self._dirty = False
        self.refresh()

    def refresh(self) -> None:
        """Show what is known now."""
        raise TypeError("a panel without content")


def follow(who: QObject, session: "Session", callback: Callable[[frozenset[str], object], None]) -> None:
    """Call ``callback(touched, source)`` after each change of ``session`` for as long as ``who`` lives.

    ``touched`` holds "study", "findings", "inputs", "texts". Runs in the window's thread.
    """
    session.changed.append(callback)
    who.destroyed.connect(lambda: _leave(session, callback))


def _leave(session: "Session", callback: Callable[[frozenset[str], object], None]) -> None:
    if callback in session.changed:
        session.changed.remove(callback)
