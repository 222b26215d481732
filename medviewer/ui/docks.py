"""The panels at the right as docks: tabs that can float to a second monitor."""

from itertools import pairwise

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QApplication,
    QDockWidget,
    QFrame,
    QLabel,
    QMainWindow,
    QScrollArea,
    QTabBar,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from medviewer.app.session import Session
from medviewer.core.discover import discover
from medviewer.i18n import _
from medviewer.ui import panels as panel_files
from medviewer.ui import theme
from medviewer.ui.panel import Panel
from medviewer.ui.view import View

TALL_PX = 900  # from here on the upper panels, findings first, stay in sight above the others
LEFT_PX, RIGHT_PX = 240, 520
LEFT_SHARE, RIGHT_SHARE = 0.155, 0.365  # of the window at most, however large the texts are


class Dock(QDockWidget):
    """A dock whose own title is seen only where no tab or window frame already says it."""

    def __init__(self, name: str, title: str, content: QWidget, parent: QMainWindow) -> None:
        super().__init__(title, parent)
        self.setObjectName(f"dock-{name}")
        self.content = content
        self.setWidget(_page(content))
        self._heading, self._nothing = QLabel(title), QWidget()
        self._heading.setObjectName("dock-heading")
        self._nothing.setFixedHeight(0)
        # Qt only moves the docks behind a tab out of sight; hidden panels know that they may wait with their work.
        self.visibilityChanged.connect(content.setVisible)
        self.topLevelChanged.connect(lambda _floating: self.retitle())
        self.dockLocationChanged.connect(lambda _area: self.retitle())

    def retitle(self) -> None:
        """Show the heading where the dock stands alone, nothing under a tab, a frame where it floats."""
        window = self.parent()
        if self.isFloating():
            self.setTitleBarWidget(None)  # type: ignore[arg-type]  # Qt's own, to move it by
        elif isinstance(window, QMainWindow) and window.tabifiedDockWidgets(self):
            self.setTitleBarWidget(self._nothing)
        else:
            self.setTitleBarWidget(self._heading)


def _page(content: QWidget) -> QWidget:
    """Return a page that stays where ``content`` hides, so that the dock keeps its size.

    It scrolls where the dock is smaller than its content can be: large texts must not push images off the screen.
    """
    area, page = QScrollArea(), QWidget()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(page)
    page.setProperty("surface", "panel")
    page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(content)
    return area


class Docks:
    """The studies at the left, the panels at the right."""

    def __init__(self, window: QMainWindow, session: Session, view: View, browser: QWidget) -> None:
        self._window = window
        window.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        window.setDocumentMode(True)
        self.studies: Dock = Dock("studies", _("Studies"), browser, window)
        window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, self.studies)
        found = sorted(discover(panel_files, Panel).values(), key=lambda panel: panel.order)
        self.panels: dict[str, Dock] = {
            panel.id: Dock(panel.id, str(panel.title), panel.make(session, view), window) for panel in found
        }
        self._upper = [panel.id for panel in found if panel.upper]
        self._optional = [panel.id for panel in found if panel.optional]
        for dock in self.panels.values():
            window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
        for panel_id in self._optional:
            self.panels[panel_id].hide()

    @property
    def all(self) -> tuple[Dock, ...]:
        """Every dock."""
        return (self.studies, *self.panels.values())

    def _hide_left_over(self) -> None:
        """Hide rows of tabs that Qt leaves where docks were: they would cover the images or the toolbar."""
        groups = [{dock, *self._window.tabifiedDockWidgets(dock)} for dock in self.panels.values()]
        titles = [{dock.windowTitle() for dock in group if not dock.isHidden()} for group in groups]
        for bar in self._window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
            if {bar.tabText(at) for at in range(bar.count())} not in titles:
                bar.hide()

    def arrange(self, high_px: int) -> None:
        """Stack the panels as tabs; on a tall screen the upper ones, findings first, are above the others."""
        docks = list(self.panels.values())
        for dock in docks:  # each anew: a dock among tabs cannot be put below another one
            dock.setFloating(False)
            self._window.removeDockWidget(dock)
            self._window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
            dock.show()
        upper = [self.panels[panel_id] for panel_id in self._upper]
        stacks = [upper, [dock for dock in docks if dock not in upper]] if high_px >= TALL_PX else [docks]
        if len(stacks) > 1:
            self._window.splitDockWidget(stacks[0][0], stacks[1][0], Qt.Orientation.Vertical)
        for stack in stacks:
            for before, dock in pairwise(stack):
                self._window.tabifyDockWidget(before, dock)
            stack[0].raise_()
        for panel_id in self._optional:
            self.panels[panel_id].hide()
        wide = self._window.width()
        widths = [min(theme.px(LEFT_PX), round(wide * LEFT_SHARE)), min(theme.px(RIGHT_PX), round(wide * RIGHT_SHARE))]
        self._window.resizeDocks([self.studies, docks[0]], widths, Qt.Orientation.Horizontal)
        if len(stacks) > 1:
            parts = [stack[0] for stack in stacks]
            self._window.resizeDocks(parts, [high_px * 9 // 20, high_px * 11 // 20], Qt.Orientation.Vertical)
        self.retitle()
        QTimer.singleShot(0, self._window, self._hide_left_over)  # once Qt has laid out the docks

    def retitle(self) -> None:
        """Give every dock the title it needs where it is now."""
        for dock in self.all:
            dock.retitle()
        for bar in self._window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
            bar.setElideMode(Qt.TextElideMode.ElideNone)  # "R…" says nothing: the row of tabs scrolls instead
            bar.setUsesScrollButtons(True)

    def toggle_float(self) -> None:
        """Let the panel in use float, to be moved to another monitor, or dock it again."""
        used = QApplication.focusWidget()
        seen = [dock for dock in self.panels.values() if dock.isFloating() or not dock.visibleRegion().isEmpty()]
        for dock in sorted(seen, key=lambda dock: used is None or not dock.isAncestorOf(used))[:1]:
            dock.setFloating(not dock.isFloating())

    def reveal(self, panel_id: str) -> None:
        """Show the tab of a panel that was hidden, behind the one in front."""
        dock = self.panels[panel_id]
        if dock.isHidden():
            front = [other for other in self._window.tabifiedDockWidgets(dock) if not other.visibleRegion().isEmpty()]
            dock.show()
            for other in front:
                other.raise_()
            self.retitle()

    def show(self, panel_id: str) -> None:
        """Bring a panel to the front."""
        self.panels[panel_id].show()
        self.panels[panel_id].raise_()
        self.retitle()
