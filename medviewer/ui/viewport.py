"""One viewport: a slice of a volume, what is drawn over it, and what the mouse does there."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from medviewer.core.case import Case
from medviewer.core.finding import Point
from medviewer.core.grid import triple
from medviewer.core.look import PLAIN, Look
from medviewer.core.presentation import Presented
from medviewer.core.study import Header
from medviewer.core.volume import FAILED, PENDING, READY, Volume
from medviewer.i18n import _
from medviewer.imaging.reslice import Orientation
from medviewer.ui import caption, corners, presented, theme
from medviewer.ui.camera import Camera, Placing
from medviewer.ui.overlay import Overlay
from medviewer.ui.picture import Greys, Picture
from medviewer.ui.plane import Plane
from medviewer.ui.tool import Drag, Tool
from medviewer.ui.view import View

NOTCH = 120  # Qt's angle of one step of the wheel
FAST_STEP, ZOOM_PER_NOTCH, CLOSE_UP_MM = 10, 1.15, 60.0
CLICK_PX = 4.0
Painting = Callable[[QPainter, Placing, Plane, int], None]


@dataclass(frozen=True)
class Cell:
    """What a viewport of a layout shows; ``close_up`` keeps the chosen finding large in the middle."""

    orientation: Orientation = "axial"
    prior: bool = False
    close_up: bool = False


class Viewport(QWidget):
    """Shows one plane of the view's volume (or prior) at the view's point; the view's signals repaint it.

    ``case_of`` returns the case whose findings are drawn, ``tools`` the tool of each mouse button; ``paintings`` draw
    other things over slice ``index`` of the plane, below findings and texts.
    ``painted_s`` is the monotonic time of the last paint, for the bench.
    """

    activated = Signal(object)
    menu_wanted = Signal(object, QPoint)
    enlarge_wanted = Signal(object)

    def __init__(self, view: View, cell: Cell, case_of: Callable[[], Case | None]) -> None:
        super().__init__()
        self.view, self.cell, self.case_of = view, cell, case_of
        self.tools: dict[Qt.MouseButton, Tool] = {}
        self.references: tuple[Orientation, ...] = ()
        self.paintings: list[Painting] = []
        self.active = False
        self.camera = Camera()
        self.plane: Plane | None = None
        self.overlay: Overlay | None = None
        self.painted_s = 0.0
        self._picture: Picture | None = None
        self._applied: Camera | None = None  # what the presentation state asked for
        self._drag: tuple[Tool, Qt.MouseButton, QPointF, QPointF] | None = None
        self._dragged = False
        self._wheel = 0
        self._cursor: QPointF | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 120)
        view.volume_changed.connect(self._take_volume)
        view.finding_changed.connect(self._follow_finding)
        for signal in (view.look_changed, view.slices_changed):
            signal.connect(self.update)
        view.moved.connect(self._arrive)
        view.presentation_changed.connect(self._arrive)
        self._take_volume()

    # ---- what is shown ----

    @property
    def volume(self) -> Volume | None:
        """The volume shown, None while there is none."""
        return self.view.prior if self.cell.prior else self.view.volume

    def _take_volume(self) -> None:
        volume = self.volume
        if volume is None:
            self.plane = self.overlay = self._picture = None
        elif self.plane is None or self.plane.volume is not volume:
            old = self.plane
            self.plane = Plane(volume, self.cell.orientation)
            self._picture = Picture(self.plane)
            self.overlay = Overlay(self.plane)
            if old is None or old.geometry(0).shape != self.plane.geometry(0).shape:
                self.camera = Camera()
        self._follow_finding()
        self._arrive()

    def _arrive(self) -> None:
        """Another slice is looked at: have its look read, turn and zoom as the presentation state asks."""
        if self.header is not None:
            self.view.looks.want(self.header)
        self._follow_presentation()
        self.update()

    def _follow_presentation(self) -> None:
        """Use the state's camera where it is another than before; what the reader turned since then stays."""
        shown = self.presented
        if shown is None or self.plane is None or self.cell.close_up:
            wanted = None
        else:
            wanted = presented.camera_of(shown, self.placing, presented.stored_to_picture(self.plane, self.index))
        if wanted != self._applied:
            self._applied = wanted
            self.set_camera(wanted or Camera())

    def _follow_finding(self) -> None:
        """Keep the chosen finding large in a close-up."""
        if self.cell.close_up and self.plane is not None:
            x, y = self.plane.geometry(self.index).to_xy(self.view.point_lps_mm).tolist()
            field_mm = CLOSE_UP_MM if self.view.finding_id else 2.5 * CLOSE_UP_MM
            self.camera = self.placing.showing(x, y, field_mm)
        self.update()

    @property
    def index(self) -> int:
        """The slice shown, by its index along the plane's axis; 0 where there is no volume."""
        return 0 if self.plane is None else self.plane.index_at(self.view.point_lps_mm)

    @property
    def header(self) -> Header | None:
        """The header of the image shown, of the first where a plane runs across them; None without a volume."""
        if self.plane is None:
            return None
        return self.plane.volume.series.headers[self.index if self.plane.axis == 0 else 0]

    @property
    def presented(self) -> Presented | None:
        """What the presentation state chosen says of the image shown; None where it says nothing."""
        return None if self._picture is None else self._picture.presented(self.view, self.index)

    @property
    def look(self) -> Look:
        """What the file of the image shown says of its showing, as far as it is known."""
        return PLAIN if self._picture is None else self._picture.look(self.view, self.index)

    @property
    def greys(self) -> Greys:
        """How the values are shown now."""
        return Greys(self.view.window) if self._picture is None else self._picture.greys(self.view, self.index)

    @property
    def placing(self) -> Placing:
        """Where the image lies now."""
        if self.plane is None:
            return Placing(self.camera, 1, 1, 1.0, 1.0, self.width(), self.height())
        geometry = self.plane.geometry(self.index)
        (rows, columns), (row_mm, column_mm) = geometry.shape, geometry.spacing_mm
        if self.plane.axis == 0 and not self.plane.volume.regular:
            row_mm *= self.look.aspect if self.plane.volume.series.first.pixel_spacing_mm is None else 1.0
        return Placing(self.camera, columns, rows, column_mm, row_mm, self.width(), self.height())

    def lps_at(self, at_px: QPointF) -> Point:
        """Return the place in LPS mm under a point of the viewport; the view's point where there is no volume."""
        if self.plane is None:
            return self.view.point_lps_mm
        return triple(self.plane.geometry(self.index).to_lps(self.placing.to_image(at_px)))

    def set_camera(self, camera: Camera) -> None:
        """Zoom, pan, turn or flip."""
        self.camera = camera
        self.update()

    def change_camera(self, **changes: object) -> None:
        """Change named parts of the camera."""
        self.set_camera(replace(self.camera, **changes))  # type: ignore[arg-type]

    def reset(self) -> None:
        """Show the whole image the usual way round again."""
        self.camera, self._applied = Camera(), None
        self._follow_finding()
        self._follow_presentation()

    def step(self, images: int) -> None:
        """Go ``images`` onward in reading order, back where negative; stops at the ends."""
        if self.plane is not None:
            self.go_to(self.index + images * self.plane.onward)

    def go_to(self, index: int) -> None:
        """Show slice ``index``; the other viewports follow."""
        if self.plane is not None:
            self.view.move_to(self.plane.moved(self.view.point_lps_mm, index))

    def go_to_end(self, last: bool) -> None:
        """Show the first or last image in reading order."""
        if self.plane is not None:
            self.go_to(self.plane.count - 1 if last == (self.plane.onward > 0) else 0)

    # ---- painting ----

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the slice and everything over it; nothing is worked out anywhere else."""
        painter = QPainter(self)
        if self.plane is None or not self._covered(event):
            painter.fillRect(event.rect(), theme.colour("image"))
        if self.plane is None:
            self._say(painter, _("No prior examination") if self.cell.prior else "")
        else:
            self._paint_slice(painter, self.plane)
            if self.view.texts_shown:
                self._paint_over(painter, self.plane)
        if self.active:
            painter.setPen(QPen(theme.colour("accent"), 1.0))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()
        self.painted_s = time.perf_counter()

    def _covered(self, event: QPaintEvent) -> bool:
        """Whether the slice will cover all that is painted, so that nothing need be blacked first."""
        placing = self.placing
        whole = QRectF(0, 0, placing.columns, placing.rows)
        return self._shown_state == READY and placing.image_to_screen.mapRect(whole).contains(QRectF(event.rect()))

    @property
    def _shown_state(self) -> int:
        """READY where there is a picture to draw; planes across the slices are drawn as far as they have come."""
        if self.plane is None or self.plane.axis != 0 or self.header is None:
            return READY
        return PENDING if self.view.looks.awaited(self.header) else self.plane.state(self.index)

    def _paint_slice(self, painter: QPainter, plane: Plane) -> None:
        if self._shown_state != READY:
            failed = self._shown_state == FAILED
            self._say(painter, _("This image could not be read.") if failed else _("Reading this image…"))
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setTransform(self.placing.image_to_screen)
        assert self._picture is not None
        painter.drawImage(0, 0, self._picture.image(self.index, self.greys))
        painter.resetTransform()
        shutter = presented.shutter_shown(self.look, self.presented)
        if shutter.covers and self._as_stored:
            rows, columns = plane.volume.grid.shape_kji[1:]
            presented.paint_shutter(painter, self._from_stored(plane), shutter, columns, rows)

    @property
    def _as_stored(self) -> bool:
        """Whether the picture is an image of a file, pixel for pixel, so that what the file draws has its place."""
        header = self.header
        if header is None or self.plane is None or self.plane.axis != 0:
            return False
        return self.plane.volume.grid.shape_kji[1:] == (header.rows, header.columns)

    def _from_stored(self, plane: Plane) -> QTransform:
        return presented.stored_to_picture(plane, self.index) * self.placing.image_to_screen

    def _paint_over(self, painter: QPainter, plane: Plane) -> None:
        placing, case = self.placing, self.case_of()
        assert self.overlay is not None
        if self._as_stored:
            self._paint_drawn(painter, plane)
        for paint in self.paintings:
            paint(painter, placing, plane, self.index)
        if self.references:
            self.overlay.paint_references(painter, placing, self.index, self.view.point_lps_mm, self.references)
        if self.view.overlay_shown and case is not None:
            self.overlay.paint(painter, placing, self.index, case, self.view.finding_id)
        area = QRectF(self.rect())
        corners.paint(painter, area, caption.corners_of(self, plane))
        unit = caption.scale_unit(self, plane)
        if unit:
            corners.paint_scale(painter, area, placing.px_per_mm, unit)

    def _paint_drawn(self, painter: QPainter, plane: Plane) -> None:
        """Draw what the file and the presentation state hold in the way of overlays and graphics."""
        shown = self.presented
        overlays = presented.overlays_shown(self.look, shown)
        if not overlays and shown is None:
            return
        way, (rows, columns) = self._from_stored(plane), plane.volume.grid.shape_kji[1:]
        for overlay in overlays:
            presented.paint_overlay(painter, way, overlay)
        if shown is not None:
            presented.paint_layers(painter, way, shown, columns, rows)

    def _say(self, painter: QPainter, text: str) -> None:
        painter.setFont(theme.font(theme.TEXT_PT + 1))
        painter.setPen(theme.colour("image_dim"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, text)

    @property
    def under_cursor(self) -> Point | None:
        """The place under the mouse, LPS mm; None where the mouse is elsewhere or nothing is shown."""
        return None if self.plane is None or self._cursor is None else self.lps_at(self._cursor)

    # ---- mouse ----

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a drag with the tool of that button."""
        self.activated.emit(self)
        tool = self.tools.get(event.button())
        if tool is None or self._drag is not None or self.plane is None:
            return
        self._drag, self._dragged = (tool, event.button(), event.position(), event.position()), False
        if tool.press is not None:
            tool.press(self, event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with the drag; without one, say what is under the mouse."""
        self._cursor = event.position()
        if self._drag is None:
            self.update(self._cursor_area)
            return
        tool, button, start, before = self._drag
        if not self._dragged and (event.position() - start).manhattanLength() < CLICK_PX:
            return
        self._dragged = True
        self._drag = tool, button, start, event.position()
        tool.drag(self, Drag(start, before, event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the drag; a right click that moved nothing asks for the menu."""
        if self._drag is None or event.button() != self._drag[1]:
            return
        self._drag = None
        if event.button() == Qt.MouseButton.RightButton and not self._dragged:
            self.menu_wanted.emit(self, event.globalPosition().toPoint())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The menu key asks for the menu; the mouse does so when its button comes up."""
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            self.menu_wanted.emit(self, self.mapToGlobal(self.rect().center()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Enlarge this viewport, or show all again."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.enlarge_wanted.emit(self)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leaf; ten at a time with Shift; zoom at the mouse with Ctrl."""
        event.accept()
        angle = event.angleDelta()
        self._wheel += angle.y() or angle.x()  # some systems turn Shift+wheel sideways
        notches = int(self._wheel / NOTCH)
        self._wheel -= notches * NOTCH
        if not notches:
            return
        modifiers = event.modifiers()
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            self.set_camera(self.placing.zoomed(ZOOM_PER_NOTCH**notches, event.position()))
        else:
            self.step(-notches * (FAST_STEP if modifiers & Qt.KeyboardModifier.ShiftModifier else 1))

    def leaveEvent(self, _event: object) -> None:
        """Forget the mouse."""
        self._cursor = None
        self.update(self._cursor_area)

    @property
    def _cursor_area(self) -> QRect:
        """The corner where the value under the mouse is written."""
        return QRect(self.width() // 2, self.height() - 90, self.width() // 2, 90)

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Keep a close-up's field, and what a presentation state shows."""
        self._follow_finding()
        if self._applied is not None and self.camera == self._applied:
            self._follow_presentation()
