"""The toolbar: what is used all day, each thing one button."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QMenu, QToolBar, QToolButton

from medviewer.i18n import _
from medviewer.imaging.window import PRESETS
from medviewer.ui import theme
from medviewer.ui.actions.grid_picker import GridButton
from medviewer.ui.actions.tool_buttons import tool_buttons

if TYPE_CHECKING:
    from medviewer.ui.window import MainWindow

TOOLBAR = (
    ("open", "library"),
    ("layout-single", "layout-mpr", "layout-main", "layout-compare", "grid", "link-all"),
    ("tool-window", "tool-pan", "tool-zoom", "tool-scroll", "tool-crosshair"),
    ("tools-measure", "tools-outline", "tools-plane"),
    ("presets", "invert", "reset"),
    ("overlay", "texts", "cine"),
    ("undo", "redo"),
    ("previous-finding", "next-finding", "accept", "reject", "read-again"),
    ("shortcuts",),
)
ICON_PX = 20


class ToolBar(QToolBar):
    """Made of the window's actions; ``refresh`` names the window preset in use."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(_("Tools"))
        self._window = window
        self.presets = QToolButton()
        self.tool_buttons = tool_buttons(window.viewer.tools, window.actions_by_id, window)
        self.setObjectName("toolbar")
        self.setMovable(False)
        self.setIconSize(QSize(ICON_PX, ICON_PX))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        for number, group in enumerate(TOOLBAR):
            if number:
                self.addSeparator()
            for name in group:
                self._add(name)
        for button in self.findChildren(QToolButton):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        window.viewer.tool_changed.connect(self._follow_tool)

    def _add(self, name: str) -> None:
        if name in self.tool_buttons:
            self.addWidget(self.tool_buttons[name])
        elif name == "presets":
            self.addWidget(self._preset_button())
        elif name == "grid":
            self.addWidget(GridButton(self._window.set_grid, self._window))
        elif name in self._window.actions_by_id:
            self.addAction(self._window.actions_by_id[name])

    def _preset_button(self) -> QToolButton:
        self.presets.setObjectName("window-presets")
        self.presets.setToolTip(_("Window presets (0 to 9)"))
        self.presets.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.presets)
        for preset in PRESETS:
            menu.addAction(self._window.actions_by_id[f"preset-{preset.name}"])
        self.presets.setMenu(menu)
        widest = max(self.presets.fontMetrics().horizontalAdvance(str(preset.title)) for preset in PRESETS)
        self.presets.setMinimumWidth(widest + theme.px(44))
        return self.presets

    def _follow_tool(self) -> None:
        for button in self.tool_buttons.values():
            button.follow(self._window.viewer.tool.id)

    def refresh(self) -> None:
        """Name the window preset in use: by its own name rather than as the default."""
        view = self._window.view
        named = [str(one.title) for one in PRESETS if view.window == (one.window or view.default_window)]
        self.presets.setText(named[-1] if named else _("Window"))
