"""One viewport: a plane through a display, how it lies, and where the reader is in it."""

import time
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QPoint, QPointF, QRect, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDropEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from medviewer.app.keymap import Keymap
from medviewer.app.settings import Settings
from medviewer.core.arrangement import Cell, Slab
from medviewer.core.case import Case
from medviewer.core.finding import Point
from medviewer.core.grid import triple
from medviewer.core.look import PLAIN, Look
from medviewer.core.presentation import Presented
from medviewer.core.study import Header
from medviewer.core.volume import PENDING, READY, Volume
from medviewer.ui import presented, viewport_paint
from medviewer.ui.actions.mouse import Mouse
from medviewer.ui.ahead import Ahead
from medviewer.ui.camera import Camera, Placing
from medviewer.ui.display import Display
from medviewer.ui.overlay import Overlay
from medviewer.ui.picture import Greys, Picture
from medviewer.ui.planes.camera import camera_after
from medviewer.ui.planes.lines import CutLine
from medviewer.ui.planes.plane import Plane, plane_of
from medviewer.ui.series_drag import series_of
from medviewer.ui.tool import Tool
from medviewer.ui.view import View
from medviewer.ui.viewport_hand import Hand
from medviewer.ui.volume.scene import VolumeScene

CLOSE_UP_MM, CURSOR_PX = 60.0, 130
Painting = Callable[[QPainter, Placing, Plane, int], None]
Grab = Callable[["Viewport", QPointF], Tool | None]


class Viewport(QWidget):
    """Shows one plane of one of the view's displays at the place looked at; the view's signals repaint it.

    ``case_of`` returns the case whose findings are drawn, ``tools`` the tool of each mouse button, ``mouse`` what they
    do while a key is held and what the wheel does; ``grabs`` may take a drag of the left button before them, where
    something to be moved is under the mouse. ``paintings`` draw other things over slice ``index`` of the plane, below
    findings and texts. ``draft`` is the unfinished work of the tool.
    ``painted_s`` is the monotonic time of the last paint, for the bench.
    """

    activated = Signal(object)
    menu_wanted = Signal(object, QPoint)
    enlarge_wanted = Signal(object)
    camera_changed = Signal(object)  # the reader zoomed, moved, turned or flipped it
    series_dropped = Signal(object, str, str)  # the viewport, study UID, series UID

    def __init__(self, view: View, cell: Cell, case_of: Callable[[], Case | None]) -> None:
        super().__init__()
        self.view, self.cell, self.case_of = view, cell, case_of
        self.tools: dict[Qt.MouseButton, Tool] = {}
        self.mouse = Mouse({}, Settings(), Keymap())
        self.grabs: list[Grab] = []
        self.references: tuple[Viewport, ...] = ()
        self.paintings: list[Painting] = []
        self.active = self.alone = False
        self.speaks = True  # says who and what is shown; of several viewports with one series, one does
        self.camera: Camera = Camera()
        self.slab: Slab = cell.slab
        self.draft: object | None = None
        self.plane: Plane | None = None
        self.overlay: Overlay | None = None
        self.picture: Picture | None = None
        self.scene: VolumeScene | None = None  # what a 3-D cell shows
        self.painted_s = 0.0
        self.lines: tuple[tuple[object, ...], list[CutLine]] | None = None  # of the other planes, as ``lines_of`` found
        self._made_of: tuple[object, ...] = ()
        self._indexed: tuple[Plane | None, Point | None, int] = (None, None, 0)
        self._placed: tuple[tuple[object, ...], Placing] = ((), Placing(self.camera, 1, 1, 1.0, 1.0, 1, 1))
        self._applied: Camera | None = None  # what the presentation state asked for
        self.hand, self._ahead = Hand(self), Ahead(self)
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 120)
        for signal in (view.volume_changed, view.planes_changed):
            signal.connect(self.take_plane)
        view.finding_changed.connect(self._follow_finding)
        for signal in (view.look_changed, view.slices_changed, view.displays_changed, view.marks_changed):
            signal.connect(self.update)
        self._behind = QTimer(self, singleShot=True, interval=0)
        self._behind.timeout.connect(self.update)
        view.moved.connect(self._arrive)
        view.presentation_changed.connect(self._arrive)
        self.take_plane()

    # ---- what is shown ----

    @property
    def display(self) -> Display:
        """The display it shows."""
        return self.view.display(self.cell.display)

    @property
    def volume(self) -> Volume | None:
        """The volume shown, None while there is none."""
        return self.display.volume

    def set_cell(self, cell: Cell) -> None:
        """Show another plane or display."""
        if cell != self.cell:
            self.hand.drop()
            self.cell, self.slab = cell, cell.slab
            self.take_plane()

    def set_slab(self, slab: Slab) -> None:
        """Make the plane thicker or thinner."""
        if slab != self.slab:
            self.slab = slab
            self.take_plane()

    def take_plane(self) -> None:
        """Look at what the display and the cell ask for now."""
        display = self.display
        wanted = (display.volume, self.cell.kind, self.slab, id(display.axes), display.curve_lps_mm, display)
        if wanted != self._made_of:
            old, self._made_of = self.plane, wanted
            was = None if old is None else self.placing
            made = None if display.volume is None else plane_of(display, self.cell.kind, self.slab)
            if made is None or made != old or self.picture is None or self.picture.display is not display:
                self.plane = made  # one that does not tilt with the others is kept, with the slab it has cut
                self._equip(old, was)
            self._set_scene()
        self._follow_finding()
        self._arrive()

    def _equip(self, old: Plane | None, was: Placing | None) -> None:
        """Make what paints the plane; what lies where on the screen stays as far as the new plane allows."""
        if self.plane is None:
            self.overlay = self.picture = None
            return
        self.picture, self.overlay = Picture(self.plane, self.display), Overlay(self.plane)
        if old is None or was is None:
            self.camera = Camera()
        else:
            self.camera = camera_after(old, self.plane, was, self.display.point_lps_mm)

    def _set_scene(self) -> None:
        """Begin or end showing a body in three dimensions."""
        wanted = self.cell.kind == "volume" and self.plane is not None
        if self.scene is not None and not (wanted and self.scene.display is self.display):
            self.scene.close()
            self.scene = None
        if wanted and self.scene is None:
            self.scene = VolumeScene(self.display, self)
            self.scene.changed.connect(self.update)
            self.scene.found.connect(lambda point_lps_mm: self.view.move_to(point_lps_mm, self.display))

    def _arrive(self) -> None:
        """Another slice is looked at: have its look read, turn and zoom as the presentation state asks."""
        if self.header is not None:
            self.view.looks.want(self.header)
        self._follow_presentation()
        self._behind.start()  # after the viewport that leads: the reader waits for what is under the hand

    def _follow_presentation(self) -> None:
        """Use the state's camera where it is another than before; what the reader turned since then stays."""
        shown = self.presented
        if shown is None or self.plane is None or self.cell.close_up:
            wanted = None
        else:
            wanted = presented.camera_of(shown, self.placing, presented.stored_to_picture(self.plane, self.index))
        if wanted != self._applied:
            self._applied = wanted
            self.camera = wanted or Camera()
            self.update()

    def _follow_finding(self) -> None:
        """Keep the chosen finding large in a close-up."""
        if self.cell.close_up and self.plane is not None:
            x, y = self.plane.geometry(self.index).to_xy(self.display.point_lps_mm).tolist()
            field_mm = CLOSE_UP_MM if self.view.finding_id else 2.5 * CLOSE_UP_MM
            self.camera = self.placing.showing(x, y, field_mm)
        self.update()

    @property
    def index(self) -> int:
        """The slice shown, by its index along the plane's axis; 0 where there is no volume."""
        if self.plane is None:
            return 0
        plane, at_lps_mm = self.plane, self.display.point_lps_mm
        if self._indexed[0] is not plane or self._indexed[1] is not at_lps_mm:  # asked for dozens of times at a paint
            self._indexed = plane, at_lps_mm, plane.index_at(at_lps_mm)
        return self._indexed[2]

    @property
    def header(self) -> Header | None:
        """The header of the image shown, of the first where a plane runs across them; None without a volume."""
        if self.plane is None:
            return None
        return self.plane.volume.series.headers[self.index if self.plane.axis == 0 else 0]

    @property
    def presented(self) -> Presented | None:
        """What the presentation state chosen says of the image shown; None where it says nothing."""
        return None if self.picture is None else self.picture.presented(self.index)

    @property
    def look(self) -> Look:
        """What the file of the image shown says of its showing, as far as it is known."""
        return PLAIN if self.picture is None else self.picture.look(self.view, self.index)

    @property
    def greys(self) -> Greys:
        """How the values are shown now."""
        return Greys(self.display.window) if self.picture is None else self.picture.greys(self.view, self.index)

    @property
    def placing(self) -> Placing:
        """Where the image lies now; the same one as long as that stays, with what it has worked out."""
        if self.plane is None:
            return Placing(self.camera, 1, 1, 1.0, 1.0, self.width(), self.height())
        geometry = self.plane.geometry(self.index)
        (rows, columns), (row_mm, column_mm) = geometry.shape, geometry.spacing_mm
        if self.plane.axis == 0 and not self.plane.volume.regular:
            row_mm *= self.look.aspect if self.plane.volume.series.first.pixel_spacing_mm is None else 1.0
        made_of = self.camera, columns, rows, column_mm, row_mm, self.width(), self.height()
        if made_of != self._placed[0]:
            self._placed = made_of, Placing(*made_of)
        return self._placed[1]

    @property
    def shown_state(self) -> int:
        """READY where there is a picture to draw; planes across the slices are drawn as far as they have come."""
        if self.plane is None or self.plane.axis != 0 or self.header is None:
            return READY
        return PENDING if self.view.looks.awaited(self.header) else self.plane.state(self.index)

    @property
    def as_stored(self) -> bool:
        """Whether the picture is an image of a file, pixel for pixel, so that what the file draws has its place."""
        header = self.header
        if header is None or self.plane is None or self.plane.axis != 0 or self.slab.mm > 0:
            return False
        return self.plane.volume.grid.shape_kji[1:] == (header.rows, header.columns)

    def lps_at(self, at_px: QPointF) -> Point:
        """Return the place in LPS mm under a point of the viewport; the display's point where there is no volume."""
        if self.plane is None:
            return self.display.point_lps_mm
        return triple(self.plane.geometry(self.index).to_lps(self.placing.to_image(at_px)))

    @property
    def under_cursor(self) -> Point | None:
        """The place under the mouse, LPS mm; None where the mouse is elsewhere or nothing is shown."""
        return None if self.plane is None or self.hand.at_px is None else self.lps_at(self.hand.at_px)

    # ---- going about ----

    def set_camera(self, camera: Camera) -> None:
        """Zoom, pan, turn or flip, as the reader wants; linked viewports follow."""
        self.camera = camera
        self.update()
        self.camera_changed.emit(self)

    def follow_camera(self, camera: Camera) -> None:
        """Zoom and pan after a linked viewport."""
        if camera != self.camera:
            self.camera = camera
            self.update()

    def change_camera(self, **changes: object) -> None:
        """Change named parts of the camera."""
        self.set_camera(replace(self.camera, **changes))  # type: ignore[arg-type]

    def reset(self) -> None:
        """Show the whole image the usual way round again."""
        self.camera, self._applied = Camera(), None
        if self.scene is not None:
            self.scene.reset()
        self.set_slab(self.cell.slab)
        self._follow_finding()
        self._follow_presentation()

    def step(self, images: int) -> None:
        """Go ``images`` onward in reading order, back where negative; stops at the ends."""
        if self.plane is not None:
            self.go_to(self.index + images * self.plane.onward)

    def go_to(self, index: int) -> None:
        """Show slice ``index``, here at once; the other viewports follow when this one is painted."""
        if self.plane is not None:
            self.view.move_to(self.plane.moved(self.display.point_lps_mm, index), self.display)
            if self._behind.isActive():
                self._behind.stop()
                self.update()

    def go_to_end(self, last: bool) -> None:
        """Show the first or last image in reading order."""
        if self.plane is not None:
            self.go_to(self.plane.count - 1 if last == (self.plane.onward > 0) else 0)

    # ---- events ----

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the slice and everything over it; nothing is worked out anywhere else."""
        with QPainter(self) as painter:  # ended whatever happens: a fault would keep it, and the next paint crash
            viewport_paint.paint(self, painter, event.rect())
        self.painted_s = time.perf_counter()
        self._ahead.painted()

    def wants_key(self, event: QKeyEvent) -> bool:
        """Whether a key is for unfinished work rather than a shortcut of the window."""
        return self.hand.wants(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let the tool have the key first."""
        if not self.hand.key(event):
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a drag with the tool of that button."""
        self.activated.emit(self)
        self.hand.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with the drag; without one, say what is under the mouse."""
        self.hand.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the drag; a right click that moved nothing asks for the menu."""
        self.hand.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Enlarge this viewport, or show all again, unless the tool takes it."""
        self.hand.double(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leaf; ten at a time with Shift; zoom at the mouse with Ctrl; a thicker plane with Alt."""
        self.hand.wheel(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The menu key asks for the menu; the mouse does so when its button comes up."""
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            self.menu_wanted.emit(self, self.mapToGlobal(self.rect().center()))

    def leaveEvent(self, _event: object) -> None:
        """Forget the mouse."""
        self.hand.at_px = None
        self.update(self.cursor_area)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Keys act on what has the focus."""
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.activated.emit(self)
        super().focusInEvent(event)

    @property
    def cursor_area(self) -> QRect:
        """The corner where the value under the mouse is written."""
        return QRect(self.width() // 2, self.height() - CURSOR_PX, self.width() // 2, CURSOR_PX)

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Keep a close-up's field, and what a presentation state shows."""
        self._follow_finding()
        if self._applied is not None and self.camera == self._applied:
            self._follow_presentation()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Welcome a series from the list; files are the window's."""
        if series_of(event.mimeData()) is not None:
            event.acceptProposedAction()
        else:
            event.ignore()

    def dropEvent(self, event: QDropEvent) -> None:
        """Show the series here."""
        found = series_of(event.mimeData())
        if found is not None:
            event.acceptProposedAction()
            self.series_dropped.emit(self, *found)
