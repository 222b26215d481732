"""The reader's hand in a viewport: buttons, wheel and keys, given to the tool they belong to."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent

from medviewer.app.mouse import WheelDoes
from medviewer.ui.fusion import fusing as fusion
from medviewer.ui.planes.slab import thicker
from medviewer.ui.tool import Drag, Tool
from medviewer.ui.volume import hand as volume_hand

if TYPE_CHECKING:
    from medviewer.ui.viewport import Viewport

NOTCH = 120  # Qt's angle of one step of the wheel
FAST_STEP, ZOOM_PER_NOTCH = 10, 1.15
CLICK_PX = 4.0
BOTH = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
HELD = BOTH | Qt.KeyboardModifier.AltModifier
# Keys that end, take back or drop unfinished work rather than do what they do otherwise.
WORK_KEYS = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Backspace, Qt.Key.Key_Delete})


@dataclass
class _Held:
    """A button that is down: its tool, where it went down, where it was last, whether it has moved."""

    tool: Tool
    button: Qt.MouseButton
    start_px: QPointF
    before_px: QPointF
    dragged: bool = False


class Hand:
    """Where the mouse is in ``viewport`` (``at_px``, None where it is elsewhere) and what it is doing there."""

    def __init__(self, viewport: "Viewport") -> None:
        self._viewport = viewport
        self._held: _Held | None = None
        self._wheel = 0
        self.at_px: QPointF | None = None

    @property
    def tool(self) -> Tool | None:
        """The tool of the left button."""
        return self._viewport.tools.get(Qt.MouseButton.LeftButton)

    @property
    def outlines(self) -> bool:
        """Whether the left button paints: a stroke that begins on a line or a measurement must not drag that away."""
        return self.tool is not None and self.tool.group == "outline"

    def _under(self, at_px: QPointF) -> Tool | None:
        """Return what takes a drag that begins here before the tool chosen does; nothing while that is at work."""
        if self._viewport.draft is not None or self._viewport.scene is not None:
            return None
        return next((tool for grab in self._viewport.grabs if (tool := grab(self._viewport, at_px))), None)

    def _tool_of(self, button: Qt.MouseButton, held: Qt.KeyboardModifier) -> Tool | None:
        usual = self._viewport.tools.get(button)
        if self.tool is None or not held & HELD:
            return usual
        return self._viewport.mouse.tool(self.tool, button, held) or usual

    # ---- the mouse ----

    def press(self, event: QMouseEvent) -> None:
        """Begin with the tool of that button, or with what is under the mouse."""
        viewport, at_px = self._viewport, event.position()
        if self._held is not None or viewport.plane is None:
            return
        tool = self._tool_of(event.button(), event.modifiers())
        if event.button() == Qt.MouseButton.LeftButton:
            tool = self._under(at_px) or tool
        if tool is not None:
            self._held = _Held(tool, event.button(), at_px, at_px)
            if viewport.scene is not None and event.button() == Qt.MouseButton.LeftButton and viewport.view.texts_shown:
                volume_hand.press(viewport.scene, at_px, viewport.devicePixelRatioF())
            if tool.press is not None and viewport.scene is None:
                tool.press(viewport, at_px)

    def move(self, event: QMouseEvent) -> None:
        """Go on with the drag; without one, let the tool see where the mouse is."""
        self.at_px = event.position()
        held, viewport = self._held, self._viewport
        if held is None:
            self._hover(self.at_px)
        elif held.dragged or (self.at_px - held.start_px).manhattanLength() >= CLICK_PX:
            drag = Drag(held.start_px, held.before_px, self.at_px)
            held.dragged, held.before_px = True, self.at_px
            if viewport.scene is not None:
                volume_hand.drag(viewport.scene, held.tool.id, drag, viewport.devicePixelRatioF())
            else:
                held.tool.drag(viewport, drag)

    def _hover(self, at_px: QPointF) -> None:
        viewport, tool = self._viewport, self.tool
        viewport.update(viewport.cursor_area)
        if viewport.scene is not None:
            viewport.setCursor(volume_hand.cursor(viewport.scene, at_px, viewport.devicePixelRatioF()))
        if viewport.plane is None or tool is None or viewport.scene is not None:
            return
        over = self._under(at_px)
        viewport.setCursor((over or tool).cursor)
        if over is None and tool.hover is not None:
            tool.hover(viewport, at_px)

    def release(self, event: QMouseEvent) -> None:
        """End the drag; a right click that moved nothing asks for the menu."""
        held, viewport = self._held, self._viewport
        if held is None or event.button() != held.button:
            return
        self._held = None
        if viewport.scene is not None:
            faced = volume_hand.release(viewport.scene)
            if event.button() == Qt.MouseButton.LeftButton and not held.dragged and not faced:
                volume_hand.click(viewport.scene, event.position(), viewport.devicePixelRatioF())
        elif held.tool.release is not None:
            held.tool.release(viewport, event.position())
        if event.button() == Qt.MouseButton.RightButton and not held.dragged:
            viewport.menu_wanted.emit(viewport, event.globalPosition().toPoint())

    def double(self, event: QMouseEvent) -> None:
        """Let the tool have it, else enlarge the viewport."""
        viewport, tool = self._viewport, self.tool
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if tool is None or tool.double is None or not tool.double(viewport, event.position()):
            viewport.enlarge_wanted.emit(viewport)

    def wheel(self, event: QWheelEvent) -> None:
        """Leaf, zoom or thicken by whole notches."""
        event.accept()
        angle = event.angleDelta()
        self._wheel += angle.y() or angle.x()  # Shift and Alt turn the wheel sideways on some systems
        notches = int(self._wheel / NOTCH)
        self._wheel -= notches * NOTCH
        if notches:
            self._turn(notches, event.modifiers(), event.position())

    def _turn(self, notches: int, held: Qt.KeyboardModifier, at_px: QPointF) -> None:
        viewport, tool = self._viewport, self.tool
        if viewport.scene is not None:
            volume_hand.wheel(viewport.scene, notches, held)
        elif tool is not None and tool.wheel is not None and tool.wheel(viewport, notches, held):
            return
        elif held & BOTH == BOTH and viewport.display.fusion is not None:
            fusion.blend_by(viewport.view, notches, viewport.display)
        else:
            self._do(viewport.mouse.wheel(held), notches, at_px)

    def _do(self, does: WheelDoes | None, notches: int, at_px: QPointF) -> None:
        viewport = self._viewport
        if does == "slab":
            if viewport.plane is not None and viewport.plane.volume.regular:
                viewport.set_slab(thicker(viewport.slab, viewport.plane, notches))
        elif does == "zoom":
            viewport.set_camera(viewport.placing.zoomed(ZOOM_PER_NOTCH**notches, at_px))
        elif does is not None:
            viewport.step(viewport.mouse.images(notches) * (FAST_STEP if does == "ten" else 1))

    # ---- keys ----

    def wants(self, event: QKeyEvent) -> bool:
        """Whether a key is for the work under way rather than a shortcut of the window."""
        if event.key() == Qt.Key.Key_Escape:
            return self._viewport.draft is not None or self._held is not None
        at_work = self._viewport.draft is not None and self.tool is not None and self.tool.key_press is not None
        return at_work and event.key() in WORK_KEYS

    def key(self, event: QKeyEvent) -> bool:
        """Drop the work at Esc, give other keys to the tool; True where the key was taken."""
        tool = self.tool
        if event.key() == Qt.Key.Key_Escape and self.wants(event):
            self.drop()
            return True
        return tool is not None and tool.key_press is not None and tool.key_press(self._viewport, event)

    def drop(self) -> None:
        """Give up what is under way."""
        tools = [tool for tool in (self._held.tool if self._held else None, self.tool) if tool is not None]
        self._held = None
        for tool in {tool.id: tool for tool in tools}.values():
            if tool.cancel is not None:
                tool.cancel(self._viewport)
        self._viewport.draft = None
        self._viewport.update()
