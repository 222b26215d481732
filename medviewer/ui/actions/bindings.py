"""The reader's own keys on the actions of the window."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtGui import QKeySequence

from medviewer.app.keymap import Keymap, Keys
from medviewer.ui.actions import table as actions
from medviewer.ui.actions.action import Action, tooltip

if TYPE_CHECKING:
    from medviewer.ui.window import MainWindow


def usual_keys(table: Sequence[Action]) -> dict[str, Keys]:
    """Return the keys of every action of a table, by id."""
    return {action.id: tuple(key for key in action.keys if key) for action in table}


def rebound(table: Sequence[Action], keymap: Keymap) -> tuple[Action, ...]:
    """Return the actions with the keys that the reader gave them; ``table`` has the usual ones."""
    keys = keymap.resolved(usual_keys(table))
    return tuple(replace(action, keys=keys[action.id]) for action in table)


def rebind(window: "MainWindow", keymap: Keymap) -> None:
    """Put the reader's keys on the window's actions, and say them in their tooltips."""
    window.table = rebound(actions.table(window), keymap)
    for action in window.table:
        shown = window.actions_by_id[action.id]
        shown.setShortcuts([QKeySequence(key) for key in action.keys])
        shown.setToolTip(tooltip(action))
    window.refresh_actions()
