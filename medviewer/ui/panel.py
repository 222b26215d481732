"""What a panel at the right is: one file in ``ui/panels`` with one ``PANEL``."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from medviewer.i18n import Message
from medviewer.ui.view import View

if TYPE_CHECKING:
    from medviewer.app.session import Session


@dataclass(frozen=True)
class Panel:
    """A dock tab: machine name, title, place in the row of tabs, and how its widget is made."""

    id: str
    title: Message
    order: int
    make: Callable[["Session", View], QWidget]


def follow(widget: QWidget, session: "Session", callback: Callable[[frozenset[str], object], None]) -> None:
    """Call ``callback(touched, source)`` after each change of ``session`` for as long as ``widget`` lives.

    ``touched`` holds "study", "findings", "inputs", "texts". Runs in the window's thread.
    """
    session.changed.append(callback)
    widget.destroyed.connect(lambda: _leave(session, callback))


def _leave(session: "Session", callback: Callable[[frozenset[str], object], None]) -> None:
    if callback in session.changed:
        session.changed.remove(callback)
