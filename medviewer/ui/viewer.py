"""The middle of the window: viewports in an arrangement, the active one, and the mouse tool they share."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QStackedWidget, QWidget

from medviewer.app.keymap import Keymap
from medviewer.app.settings import Settings
from medviewer.core.arrangement import MAIN, Arrangement, Cell
from medviewer.core.case import Case
from medviewer.core.discover import discover
from medviewer.core.volume import Volume
from medviewer.ui import tools as tool_files
from medviewer.ui.actions.mouse import Mouse
from medviewer.ui.attaching import Pages
from medviewer.ui.cine.cine import Cine
from medviewer.ui.layer_paint import LayerPainter
from medviewer.ui.layouts import BY_ID, SINGLE, named, needs_volume
from medviewer.ui.linking import link_cameras
from medviewer.ui.pages import PagesView
from medviewer.ui.tool import Tool
from medviewer.ui.view import View
from medviewer.ui.viewport import Grab, Painting, Viewport
from medviewer.ui.viewport_grid import ScreenWindow, ViewportGrid
from medviewer.ui.welcome import Welcome

BUTTONS = (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton)
SCREEN_SIZE = QSize(1000, 800)


class Viewer(QStackedWidget):
    """Shows the arrangement chosen, or what to do while nothing is open.

    ``layout_changed`` and ``tool_changed`` fire when another is chosen, whoever chose it. ``paintings_of`` and
    ``grabs`` equip every viewport: what is drawn over its pictures, and what may be taken hold of there.
    """

    layout_changed = Signal()
    tool_changed = Signal()
    open_wanted = Signal()
    demo_wanted = Signal()
    menu_wanted = Signal(QPoint)
    image_wanted = Signal(str, object)  # SOP UID, and frame from 0 or None, of a link in a document
    series_dropped = Signal(object, str, str)  # viewport, study UID, series UID

    def __init__(self, view: View, case_of: Callable[[], Case | None], recent: QWidget) -> None:
        super().__init__()
        self.view, self._case_of, self.recent = view, case_of, recent
        self.tools = dict(sorted(discover(tool_files, Tool).items(), key=lambda item: item[1].order))
        self.tool = next(iter(self.tools.values()))
        self.mouse = Mouse(self.tools, Settings(), Keymap())
        self.references_shown = True
        layer_painter = LayerPainter(view.layers)
        self.paintings_of: list[Callable[[Viewport], Painting]] = [lambda _viewport: layer_painter.paint]
        self.grabs: list[Grab] = []
        self.screens: list[ScreenWindow] = []
        self._seen: Volume | None = None  # the main volume on the screen
        self._wanted = SINGLE  # what the reader chose, also where these images cannot show it
        self.grid = ViewportGrid(self._make)
        self.pages = PagesView(view.jobs)
        self.pages.image_wanted.connect(self.image_wanted)
        self.addWidget(Welcome(recent, self.open_wanted.emit, self.demo_wanted.emit))
        self.addWidget(self.grid)
        self.addWidget(self.pages)
        self.cine: Cine = Cine(lambda: self.active, self)
        view.volume_changed.connect(self._take_volume)
        view.page_changed.connect(self._leave_page)
        view.layers.look_changed.connect(self._repaint)
        self.activate(self.viewports[0])

    def show_pages(self, pages: Pages) -> None:
        """Show documents in place of the images, until images come."""
        self.pages.show_pages(pages)
        self.setCurrentWidget(self.pages)
        self.cine.stop()
        self.view.show_page(pages.series)

    def _leave_page(self) -> None:
        """Show the images again where something is drawn over them."""
        if self.view.page is None and self.view.volume is not None:
            self.setCurrentIndex(1)

    # ---- what is there ----

    @property
    def grids(self) -> tuple[ViewportGrid, ...]:
        """The grid of the window, and those on other screens."""
        return (self.grid, *(screen.grid for screen in self.screens))

    @property
    def viewports(self) -> tuple[Viewport, ...]:
        """The viewports on all screens, in the order of their arrangements."""
        return tuple(viewport for grid in self.grids for viewport in grid.viewports)

    @property
    def active(self) -> Viewport:
        """The viewport that keys act on."""
        return next((viewport for viewport in self.viewports if viewport.active), self.viewports[0])

    @property
    def arrangement(self) -> Arrangement:
        """How the viewports of the window are arranged."""
        return self.grid.arrangement

    @property
    def enlarged(self) -> Viewport | None:
        """The viewport shown alone, None where all are shown."""
        return self.grid.enlarged

    def activate(self, viewport: Viewport) -> None:
        """Let keys act on ``viewport`` and its display."""
        for other in self.viewports:
            if other.active != (other is viewport):
                other.active = other is viewport
                other.update()
        self.view.activate(viewport.display)

    def step_active(self, by: int) -> None:
        """Let keys act on the next viewport (1) or the one before (-1), and give it the focus."""
        every = self.viewports
        chosen = every[(every.index(self.active) + by) % len(every)]
        self.activate(chosen)
        chosen.setFocus(Qt.FocusReason.TabFocusReason)

    # ---- layout ----

    @property
    def layout_id(self) -> str:
        """The id of the layout shown; empty where it is none of the table."""
        return named(self.arrangement)

    def set_layout(self, layout_id: str) -> None:
        """Choose a layout of the table."""
        self.arrange(BY_ID[layout_id].arrangement)

    def arrange(self, arrangement: Arrangement) -> None:
        """Choose an arrangement; one that needs a stack falls back to one image for as long as there is none."""
        self._wanted = arrangement
        self.grid.arrange(self._fitting)
        self._settle()

    @property
    def _fitting(self) -> Arrangement:
        """What the images that are there can show of the arrangement wanted."""
        volume = self.view.volume
        irregular = volume is not None and not volume.regular
        return SINGLE if irregular and needs_volume(self._wanted) else self._wanted

    def set_grid(self, rows: int, columns: int) -> None:
        """Show the images on an even grid: what is shown now first, then places for further series."""
        kept = list(dict.fromkeys(replace(v.cell, kind="native", close_up=False) for v in self.grid.viewports))
        cells = kept[: rows * columns]
        used = {cell.display for cell in cells} | {MAIN}
        names = (str(n) for n in range(2, 2 + rows * columns + len(used)))
        while len(cells) < rows * columns:
            name = next(name for name in names if name not in used)
            cells.append(Cell("native", name))
        self.arrange(Arrangement.grid(rows, columns, tuple(cells)))

    def set_cell(self, viewport: Viewport, cell: Cell) -> None:
        """Let one viewport show something else."""
        grid = next(grid for grid in self.grids if viewport in grid.viewports)
        grid.set_cell(viewport, cell)
        if grid is self.grid:
            self._wanted = grid.arrangement
        self._settle()

    def enlarge(self, viewport: Viewport) -> None:
        """Show one viewport alone, or all of the arrangement again."""
        grid = next(grid for grid in self.grids if viewport in grid.viewports)
        if len(grid.viewports) > 1:
            self.activate(viewport)
            grid.enlarge(None if grid.enlarged is viewport else viewport)

    def _settle(self) -> None:
        """Make sure that a viewport that is seen is active, and that each knows its tools and the others."""
        for viewport in self.viewports:
            self._equip(viewport)
        if not any(viewport.active for viewport in self.viewports):
            self.activate(self.viewports[0])
        else:
            self.activate(self.active)
        self._share_references()
        self.layout_changed.emit()

    def _repaint(self) -> None:
        for viewport in self.viewports:
            viewport.update()

    def _take_volume(self) -> None:
        volume = self.view.volume
        if volume is not self._seen:  # and not only a prior beside those that are there
            if volume is None or self.cine.instead(self.active) is None:
                self.cine.stop()  # they have a pace of their own, and nobody asked for these to move
            self._seen = volume
            self.setCurrentIndex(0 if volume is None else 1)
            self.view.show_page(None)
        if self._fitting != self.arrangement:  # a preview or films, or a stack after them
            self.grid.arrange(self._fitting)
            self._settle()
        self._share_references()

    # ---- viewports ----

    def _make(self, cell: Cell) -> Viewport:
        viewport = Viewport(self.view, cell, self._case_of)
        viewport.paintings.extend(painting(viewport) for painting in self.paintings_of)
        viewport.grabs = self.grabs
        viewport.activated.connect(self.activate)
        viewport.enlarge_wanted.connect(self.enlarge)
        viewport.menu_wanted.connect(self._ask_menu)
        viewport.series_dropped.connect(self.series_dropped)
        viewport.camera_changed.connect(lambda moved: link_cameras(moved, self.viewports))
        self._equip(viewport)
        return viewport

    def equip(self, painting_of: Callable[[Viewport], Painting] | None = None, grab: Grab | None = None) -> None:
        """Give every viewport, also those made later, something more to draw or to take hold of."""
        if painting_of is not None:
            self.paintings_of.append(painting_of)
            for viewport in self.viewports:
                viewport.paintings.append(painting_of(viewport))
        if grab is not None:
            self.grabs.append(grab)

    def _ask_menu(self, viewport: Viewport, at: QPoint) -> None:
        self.activate(viewport)
        self.menu_wanted.emit(at)

    def show_references(self, shown: bool) -> None:
        """Show or hide the lines of the other planes."""
        self.references_shown = shown
        self._share_references()

    def _share_references(self) -> None:
        crossing = [viewport for viewport in self.viewports if not viewport.cell.close_up]
        for viewport in self.viewports:
            others = tuple(other for other in crossing if other is not viewport)
            viewport.references = others if self.references_shown and viewport in crossing else ()
            viewport.update()

    # ---- other screens ----

    def open_screen(self) -> ScreenWindow:
        """Open a window of its own with the active viewport's images, on another monitor where there is one."""
        screen = ScreenWindow(ViewportGrid(self._make))
        screen.grid.arrange(Arrangement.grid(1, 1, (self.active.cell,)))
        self.screens.append(screen)
        screen.closed.connect(self._close_screen)
        mine = self.screen()
        other = next((one for one in QGuiApplication.screens() if one is not mine), None)
        screen.resize(SCREEN_SIZE)
        if other is not None:
            screen.move(other.availableGeometry().topLeft())
        screen.show()
        self._settle()
        return screen

    def _close_screen(self, screen: ScreenWindow) -> None:
        self.screens.remove(screen)
        screen.deleteLater()
        self._settle()

    def close_screens(self) -> None:
        """Close the windows on other screens."""
        for screen in tuple(self.screens):
            screen.close()

    # ---- tools ----

    def set_tool(self, tool_id: str) -> None:
        """Choose what the left button does; unfinished work of the tool before is dropped."""
        for viewport in self.viewports:
            viewport.hand.drop()
        self.tool = self.tools[tool_id]
        for viewport in self.viewports:
            self._equip(viewport)
        self.tool_changed.emit()

    def set_mouse(self, mouse: Mouse) -> None:
        """Let buttons and wheel do what the reader wants of them."""
        self.mouse = mouse
        for viewport in self.viewports:
            self._equip(viewport)

    def _equip(self, viewport: Viewport) -> None:
        tools = {button: self.mouse.tool(self.tool, button) for button in BUTTONS}
        viewport.tools = {button: tool for button, tool in tools.items() if tool is not None}
        viewport.mouse = self.mouse
        viewport.setCursor(self.tool.cursor)
        viewport.update()
