"""The panels at the right as docks: tabs that can float to a second monitor."""

from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDockWidget, QLabel, QMainWindow, QTabWidget, QVBoxLayout, QWidget

from medviewer.app.session import Session
from medviewer.core.discover import discover
from medviewer.i18n import _
from medviewer.ui import panels as panel_files
from medviewer.ui.panel import Panel
from medviewer.ui.view import View

TALL_PX = 900  # from here on the list of findings stays in sight above the other tabs
LEFT_PX, RIGHT_PX = 240, 520


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
    """Return a page that stays where ``content`` hides, so that the dock keeps its size."""
    page = QWidget()
    page.setProperty("surface", "panel")
    page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(content)
    return page


class Docks:
    """The studies at the left, the panels at the right."""

    def __init__(self, window: QMainWindow, session: Session, view: View, browser: QWidget) -> None:
        self._window = window
        window.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        window.setDocumentMode(True)
        self.studies = Dock("studies", _("Studies"), browser, window)
        window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, self.studies)
        found = sorted(discover(panel_files, Panel).values(), key=lambda panel: panel.order)
        self.panels = {panel.id: Dock(panel.id, str(panel.title), panel.make(session, view), window) for panel in found}
        for dock in self.panels.values():
            window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)

    @property
    def all(self) -> tuple[Dock, ...]:
        """Every dock."""
        return (self.studies, *self.panels.values())

    def arrange(self, high_px: int) -> None:
        """Stack the panels as tabs; on a tall screen the findings stay above them."""
        docks = list(self.panels.values())
        stacked = docks[1:] if high_px >= TALL_PX else docks
        for dock in docks:
            dock.setFloating(False)
        if stacked is not docks:
            self._window.splitDockWidget(docks[0], docks[1], Qt.Orientation.Vertical)
        for before, dock in pairwise(stacked):
            self._window.tabifyDockWidget(before, dock)
        stacked[0].raise_()
        self._window.resizeDocks([self.studies, docks[0]], [LEFT_PX, RIGHT_PX], Qt.Orientation.Horizontal)
        if stacked is not docks:
            parts = [docks[0], docks[1]]
            self._window.resizeDocks(parts, [high_px * 9 // 20, high_px * 11 // 20], Qt.Orientation.Vertical)
        self.retitle()

    def retitle(self) -> None:
        """Give every dock the title it needs where it is now."""
        for dock in self.all:
            dock.retitle()

    def toggle_float(self) -> None:
        """Let the panel in use float, to be moved to another monitor, or dock it again."""
        used = QApplication.focusWidget()
        seen = [dock for dock in self.panels.values() if dock.isFloating() or not dock.visibleRegion().isEmpty()]
        for dock in sorted(seen, key=lambda dock: used is None or not dock.isAncestorOf(used))[:1]:
            dock.setFloating(not dock.isFloating())

    def show(self, panel_id: str) -> None:
        """Bring a panel to the front."""
        self.panels[panel_id].show()
        self.panels[panel_id].raise_()
