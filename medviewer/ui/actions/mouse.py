"""The mouse as the reader set it up, asked by the viewports: which tool a button has, what the wheel does."""

from collections.abc import Mapping
from typing import cast

from PySide6.QtCore import Qt

from medviewer.app import mouse
from medviewer.app.keymap import Keymap
from medviewer.app.mouse import WheelDoes
from medviewer.app.settings import Settings
from medviewer.ui.tool import Tool

_BUTTON, _KEYS = Qt.MouseButton, Qt.KeyboardModifier
_BUTTONS = {_BUTTON.LeftButton: "left", _BUTTON.MiddleButton: "middle", _BUTTON.RightButton: "right"}
_HELD = {_KEYS.ControlModifier: "ctrl+", _KEYS.ShiftModifier: "shift+", _KEYS.AltModifier: "alt+"}
NONE_HELD = _KEYS.NoModifier


class Mouse:
    """What the buttons and the wheel do; ``chosen`` is the tool of the toolbar."""

    def __init__(self, tools: Mapping[str, Tool], settings: Settings, keymap: Keymap) -> None:
        self._tools = tools
        self._table = mouse.gestures(settings.mouse_profile, keymap.gestures, tools)
        self._down = 1 if settings.wheel_down == "next" else -1

    def tool(self, chosen: Tool, button: Qt.MouseButton, held: Qt.KeyboardModifier = NONE_HELD) -> Tool | None:
        """Return the tool of a button while keys are held; None where it has none."""
        does = mouse.does(self._table, _BUTTONS.get(button, ""), _prefix(held))
        return chosen if does == mouse.CHOSEN else self._tools.get(does)

    def wheel(self, held: Qt.KeyboardModifier = NONE_HELD) -> WheelDoes | None:
        """Return what turning the wheel does while keys are held; None for nothing."""
        return cast(WheelDoes, mouse.does(self._table, mouse.WHEEL, _prefix(held))) or None

    def images(self, notches: int) -> int:
        """Return how many images onward the wheel leads; notches away from the reader are positive."""
        return -notches * self._down


def _prefix(held: Qt.KeyboardModifier) -> str:
    """Return the key held, as the tables call it; the first of several."""
    return next((name for key, name in _HELD.items() if held & key), "")
