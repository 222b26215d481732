"""What an action is: one thing the reader can do, from which menus, toolbar, keys and the shortcut sheet are made."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QKeySequence

from medviewer.i18n import N_, Message
from medviewer.ui.icons import icon

if TYPE_CHECKING:
    from medviewer.ui.window import MainWindow

MENUS = {
    "file": N_("&File"),
    "edit": N_("&Edit"),
    "image": N_("&Image"),
    "tools": N_("&Tools"),
    "window": N_("&Window"),
    "findings": N_("Fin&dings"),
    "view": N_("&View"),
    "help": N_("&Help"),
}
# Menus within them: long ones are read by their parts.
SUBMENUS = {
    "tools-measure": N_("Measure"),
    "tools-outline": N_("Outline"),
    "tools-plane": N_("Oblique and curved"),
    "prior": N_("Prior"),
    "go": N_("Go to"),
    "turn": N_("Turn and flip"),
    "plane": N_("Plane"),
    "fusion": N_("Fusion"),
    "layout": N_("Layout"),
    "hanging": N_("Hanging protocol"),
    "links": N_("Linked viewports"),
    "panels": N_("Panels"),
}

Handler = Callable[["MainWindow"], object]
Question = Callable[["MainWindow"], bool]


@dataclass(frozen=True)
class Action:
    """One thing to do: name for machines, menu, title, handler, keys, what it is for, icon.

    ``checked`` makes it an on/off action and says which it is; ``possible`` says whether it can be done now, and
    ``why_not`` then why not; ``gap`` draws a line above it in the menu. ``group`` names the menu of ``SUBMENUS`` that
    it stands in, which lies in ``menu`` where its first action would.
    """

    id: str
    menu: str
    title: Message
    handler: Handler
    keys: tuple[str, ...] = ()
    tip: Message | None = None
    icon: str = ""
    checked: Question | None = None
    possible: Question | None = None
    why_not: Callable[["MainWindow"], str] | None = None
    gap: bool = False
    group: str = ""


def is_shown(window: "MainWindow") -> bool:
    """Whether images are open."""
    return window.view.volume is not None


def has_case(window: "MainWindow") -> bool:
    """Whether a study's case is open."""
    return window.session.study is not None


def make(window: "MainWindow", action: Action) -> QAction:
    """Make the Qt action: its tooltip says what it does and with which key."""
    made = QAction(str(action.title), window)
    made.setObjectName(action.id)
    made.setShortcuts([QKeySequence(key) for key in action.keys])
    made.setToolTip(tooltip(action))
    made.setCheckable(action.checked is not None)
    if action.icon:
        made.setIcon(icon(action.icon))
    made.triggered.connect(lambda: _do(window, action))
    return made


def _do(window: "MainWindow", action: Action) -> None:
    try:
        action.handler(window)
    finally:
        window.refresh_actions()


def refresh(window: "MainWindow", action: Action, shown: QAction) -> None:
    """Show whether an action is on and possible, and in its tooltip why not."""
    if action.checked is not None:
        shown.setChecked(action.checked(window))
    if action.possible is not None:
        shown.setEnabled(action.possible(window))
    if action.why_not is not None:
        reason = action.why_not(window)
        shown.setToolTip(f"{tooltip(action)}\n{reason}" if reason else tooltip(action))


def tooltip(action: Action) -> str:
    """Say what an action does, and its key."""
    words = str(action.tip or action.title)
    return f"{words} ({key_words(action)})" if action.keys else words


def key_words(action: Action) -> str:
    """The action's keys as they are called on this computer."""
    shown = [QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) for key in action.keys]
    return ", ".join(dict.fromkeys(shown))
