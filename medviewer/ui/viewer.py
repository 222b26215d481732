"""The middle of the window: viewports in a layout, the active one, and the mouse tool they share."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from medviewer.core.case import Case
from medviewer.core.discover import discover
from medviewer.i18n import _
from medviewer.imaging.reslice import Orientation
from medviewer.ui import tools as tool_files
from medviewer.ui.attaching import Pages
from medviewer.ui.first_look import frame_time_ms
from medviewer.ui.icons import pixmap
from medviewer.ui.layer_paint import LayerPainter
from medviewer.ui.layouts import BY_ID, Layout
from medviewer.ui.pages import PagesView
from medviewer.ui.plane import native
from medviewer.ui.theme import as_role
from medviewer.ui.tool import Tool
from medviewer.ui.view import View
from medviewer.ui.viewport import Cell, Viewport


class Viewer(QStackedWidget):
    """Shows the layout chosen, or what to do while nothing is open.

    ``layout_changed`` and ``tool_changed`` fire when another is chosen, whoever chose it.
    """

    layout_changed = Signal()
    tool_changed = Signal()
    open_wanted = Signal()
    demo_wanted = Signal()
    menu_wanted = Signal(QPoint)
    image_wanted = Signal(str, object)  # SOP UID, and frame from 0 or None, of a link in a document

    def __init__(self, view: View, case_of: Callable[[], Case | None], recent: QWidget) -> None:
        super().__init__()
        self.view, self._case_of, self.recent = view, case_of, recent
        self.tools = dict(sorted(discover(tool_files, Tool).items(), key=lambda item: item[1].order))
        self.tool = next(iter(self.tools.values()))
        self.chosen = BY_ID["single"]
        self.enlarged: Viewport | None = None
        self.references_shown = True
        self._made: dict[Cell, Viewport] = {}
        self._layer_painter = LayerPainter(view.layers)
        self._grid_page, self._grid = QWidget(), QGridLayout()
        self._grid_page.setObjectName("viewports")
        self._grid_page.setLayout(self._grid)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(2)
        self.pages = PagesView(view.jobs)
        self.pages.image_wanted.connect(self.image_wanted)
        self.addWidget(self._empty_page())
        self.addWidget(self._grid_page)
        self.addWidget(self.pages)
        self._cine = QTimer(self)
        self._cine.timeout.connect(self._cine_step)
        view.volume_changed.connect(self._take_volume)
        view.page_changed.connect(self._leave_page)
        view.layers.look_changed.connect(self._repaint)
        self._arrange()
        self.activate(self.viewports[0])

    def show_pages(self, pages: Pages) -> None:
        """Show documents in place of the images, until images come."""
        self.pages.show_pages(pages)
        self.setCurrentWidget(self.pages)
        self._cine.stop()
        self.view.show_page(pages.series)

    def _leave_page(self) -> None:
        """Show the images again where something is drawn over them."""
        if self.view.page is None and self.view.volume is not None:
            self.setCurrentIndex(1)

    def _empty_page(self) -> QWidget:
        page = QWidget()
        page.setObjectName("viewports")
        column = QVBoxLayout(page)
        column.setSpacing(10)
        picture, title, text = QLabel(), QLabel(_("No images are open")), QLabel()
        picture.setPixmap(pixmap("open", 40, "dim"))
        text.setText(_("Drop folders, discs, archives or files here, or open a folder with Ctrl+O."))
        button, demo = QPushButton(_("Open folder…")), QPushButton(_("Show the demo"))
        as_role(button, "primary")
        as_role(demo, "flat")
        button.clicked.connect(self.open_wanted)
        demo.clicked.connect(self.demo_wanted)
        column.addStretch(1)
        for part in (picture, as_role(title, "title"), as_role(text, "dim"), button, demo, self.recent):
            column.addWidget(part, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        return page

    # ---- what is there ----

    @property
    def viewports(self) -> tuple[Viewport, ...]:
        """The viewports of the layout chosen, in its order."""
        return tuple(self._made[self._own(cell)] for cell, _place in self.chosen.cells)

    @property
    def active(self) -> Viewport:
        """The viewport that keys act on."""
        return next((viewport for viewport in self.viewports if viewport.active), self.viewports[0])

    def activate(self, viewport: Viewport) -> None:
        """Let keys act on ``viewport``."""
        for other in self._made.values():
            other.active = other is viewport
            other.update()

    def _own(self, cell: Cell) -> Cell:
        """Where the images are no axial ones, a single viewport shows them as they were made."""
        volume = self.view.prior if cell.prior else self.view.volume
        if volume is None or self.chosen.needs_volume or cell.close_up:
            return cell
        return Cell(native(volume), cell.prior)

    # ---- layout ----

    def set_layout(self, layout_id: str) -> None:
        """Choose a layout; one that needs a regular stack falls back to one image where there is none."""
        self.chosen, self.enlarged = BY_ID[layout_id], None
        volume = self.view.volume
        if self.chosen.needs_volume and volume is not None and not volume.regular:
            self.chosen = BY_ID["single"]
        self._arrange()
        self.layout_changed.emit()

    def enlarge(self, viewport: Viewport) -> None:
        """Show one viewport alone, or all of the layout again."""
        self.enlarged = None if self.enlarged is viewport else viewport
        self.activate(viewport)
        self._arrange()

    def _repaint(self) -> None:
        for viewport in self.viewports:
            viewport.update()

    def _take_volume(self) -> None:
        volume = self.view.volume
        if self.view.prior is None:  # other images, and not a prior beside those that are there
            self._cine.stop()  # they have a pace of their own, and nobody asked for these to move
            self.setCurrentIndex(0 if volume is None else 1)
            self.view.show_page(None)
        if volume is not None and not volume.regular and self.chosen.needs_volume:
            self.set_layout("single")
        else:
            self._arrange()

    def _arrange(self) -> None:
        active = self._active_or_none()
        for viewport in self._made.values():
            self._grid.removeWidget(viewport)
            viewport.hide()
        for cell, place in self.chosen.cells:
            self._put(self._own(cell), place, self.chosen)
        for column in range(2):
            wide = self.chosen.widths[column] if column < len(self.chosen.widths) else 0
            self._grid.setColumnStretch(column, 0 if self.enlarged and column else wide)
        self._share_references()
        if active not in self.viewports:
            self.activate(self.viewports[0])

    def _active_or_none(self) -> Viewport | None:
        return next((viewport for viewport in self._made.values() if viewport.active), None)

    def _put(self, cell: Cell, place: tuple[int, int, int, int], layout: Layout) -> None:
        viewport = self._made.get(cell) or self._make(cell)
        if self.enlarged is None:
            self._grid.addWidget(viewport, *place)
            viewport.show()
        elif viewport is self.enlarged:
            self._grid.addWidget(viewport, 0, 0, 1, 1)
            viewport.show()

    def _make(self, cell: Cell) -> Viewport:
        viewport = Viewport(self.view, cell, self._case_of)
        viewport.paintings.append(self._layer_painter.paint)
        self._made[cell] = viewport
        viewport.activated.connect(self.activate)
        viewport.enlarge_wanted.connect(self.enlarge)
        viewport.menu_wanted.connect(self._ask_menu)
        self._equip(viewport)
        return viewport

    def _ask_menu(self, viewport: Viewport, at: QPoint) -> None:
        self.activate(viewport)
        self.menu_wanted.emit(at)

    def show_references(self, shown: bool) -> None:
        """Show or hide the lines of the other planes."""
        self.references_shown = shown
        self._share_references()

    def _share_references(self) -> None:
        planes: list[Orientation] = [v.cell.orientation for v in self.viewports if not v.cell.prior]
        for viewport in self.viewports:
            mine = viewport.cell
            others = tuple(dict.fromkeys(plane for plane in planes if plane != mine.orientation))
            viewport.references = others if self.references_shown and not (mine.prior or mine.close_up) else ()
            viewport.update()

    # ---- tools and moving pictures ----

    def set_tool(self, tool_id: str) -> None:
        """Choose what the left button does."""
        self.tool = self.tools[tool_id]
        for viewport in self._made.values():
            self._equip(viewport)
        self.tool_changed.emit()

    def _equip(self, viewport: Viewport) -> None:
        buttons = Qt.MouseButton
        viewport.tools = {
            buttons.LeftButton: self.tool,
            buttons.MiddleButton: self.tools["pan"],
            buttons.RightButton: self.tools["zoom"],
        }
        viewport.setCursor(self.tool.cursor)

    @property
    def cine_runs(self) -> bool:
        """Whether the slices pass by themselves."""
        return self._cine.isActive()

    def toggle_cine(self) -> None:
        """Let the slices of the active viewport pass by themselves, or stop."""
        if self._cine.isActive():
            self._cine.stop()
        elif self.view.volume is not None:
            self._cine.start(round(frame_time_ms(self.view.volume)))

    def _cine_step(self) -> None:
        viewport, before = self.active, self.active.index
        viewport.step(1)
        if viewport.index == before:
            viewport.go_to_end(last=False)
