"""Everything the reader can do, in one table."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from medviewer.imaging.window import PRESETS
from medviewer.ui.actions import basic, exports, room, viewing
from medviewer.ui.actions.action import MENUS, SUBMENUS, Action, Handler, Question, is_shown
from medviewer.ui.compare import by_hand
from medviewer.ui.fusion import actions as fusion
from medviewer.ui.layouts import LAYOUTS

if TYPE_CHECKING:
    from medviewer.ui.window import MainWindow


def _preset(number: int, window: "MainWindow") -> None:
    chosen = PRESETS[number].window
    window.view.set_window(window.view.default_window if chosen is None else chosen)


def _tools(window: "MainWindow") -> list[Action]:
    def pick(tool_id: str) -> Handler:
        return lambda w: w.viewer.set_tool(tool_id)

    def is_picked(tool_id: str) -> Question:
        return lambda w: w.viewer.tool.id == tool_id

    return [
        Action(
            f"tool-{t.id}",
            "tools",
            t.title,
            pick(t.id),
            (t.key,) if t.key else (),
            t.tip,
            f"tool-{t.id}",
            is_picked(t.id),
            group=f"tools-{t.group}" if f"tools-{t.group}" in SUBMENUS else "",
        )
        for t in window.viewer.tools.values()
    ]


def _layouts() -> list[Action]:
    def pick(layout_id: str) -> Handler:
        return lambda w: w.viewer.set_layout(layout_id)

    def is_picked(layout_id: str) -> Question:
        return lambda w: w.viewer.layout_id == layout_id

    def fits(layout_id: str) -> Question:
        return lambda w: not w.why_no_layout(layout_id)

    def why_not(layout_id: str) -> Callable[["MainWindow"], str]:
        return lambda w: w.why_no_layout(layout_id)

    return [
        Action(
            f"layout-{one.id}",
            "view",
            one.title,
            pick(one.id),
            (f"Alt+{number}",),
            one.tip,
            f"layout-{one.id}",
            is_picked(one.id),
            fits(one.id),
            why_not(one.id),
            group="layout",
        )
        for number, one in enumerate(LAYOUTS, 1)
    ]


def _presets() -> list[Action]:
    def pick(number: int) -> Handler:
        return lambda w: _preset(number, w)

    def is_picked(number: int) -> Question:
        return lambda w: w.view.window == (PRESETS[number].window or w.view.default_window)

    return [
        Action(
            f"preset-{preset.name}",
            "window",
            preset.title,
            pick(number),
            (str(preset.key),),
            checked=is_picked(number),
            possible=is_shown,
        )
        for number, preset in enumerate(PRESETS)
    ]


def table(window: "MainWindow") -> tuple[Action, ...]:
    """Return every action, in the order of menus and sheet; tools, layouts and presets bring their own."""
    lists = (viewing.ACTIONS, basic.ACTIONS, room.ACTIONS, by_hand.ACTIONS, exports.ACTIONS, fusion.ACTIONS, basic.LAST)
    every = (*_tools(window), *_presets(), *_layouts(), *(action for one in lists for action in one))
    order = list(MENUS)
    return tuple(sorted(every, key=lambda action: order.index(action.menu)))
