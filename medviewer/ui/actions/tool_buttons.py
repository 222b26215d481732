"""Tools that share one button of the toolbar: the one used last, and the others in its menu."""

from collections.abc import Mapping, Sequence

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from medviewer.i18n import N_, Message
from medviewer.ui.tool import Group, Tool

TITLES: dict[Group, Message] = {
    "navigate": N_("Navigate"),
    "measure": N_("Measure"),
    "outline": N_("Outline"),
    "plane": N_("Planes"),
}


class ToolButton(QToolButton):
    """A button that chooses the group's tool used last; its arrow offers the others."""

    def __init__(self, group: Group, tools: Sequence[Tool], actions: Mapping[str, QAction], parent: QWidget) -> None:
        super().__init__(parent)
        self._actions = actions
        self._ids = [f"tool-{tool.id}" for tool in tools]
        self.setObjectName(f"tools-{group}")
        self.setAccessibleName(str(TITLES[group]))
        self.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        menu = QMenu(str(TITLES[group]), self)
        for action_id in self._ids:
            menu.addAction(actions[action_id])
        self.setMenu(menu)
        self.setDefaultAction(actions[self._ids[0]])

    def follow(self, tool_id: str) -> None:
        """Show the tool chosen where it is one of these."""
        action_id = f"tool-{tool_id}"
        if action_id in self._ids:
            self.setDefaultAction(self._actions[action_id])


def tool_buttons(tools: Mapping[str, Tool], actions: Mapping[str, QAction], parent: QWidget) -> dict[str, ToolButton]:
    """Return a button for each group of tools but the first, by its object name."""
    groups: dict[Group, list[Tool]] = {}
    for tool in tools.values():
        groups.setdefault(tool.group, []).append(tool)
    made = [ToolButton(group, members, actions, parent) for group, members in groups.items() if group != "navigate"]
    return {button.objectName(): button for button in made}
