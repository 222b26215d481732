"""What the mouse does in a 3-D cell: the tools that mean something there, turning for all others."""

from PySide6.QtCore import QPointF, Qt

from medviewer.ui.tool import Drag
from medviewer.ui.volume.box import drag_face, face_at
from medviewer.ui.volume.scene import VolumeScene

ZOOM_PER_PX, ZOOM_PER_NOTCH, TURN_PER_NOTCH = 1.005, 1.15, 15.0


def press(scene: VolumeScene, at_px: QPointF, ratio: float) -> None:
    """Take hold of the face of the box whose handle is there, before any tool does."""
    scene.held = face_at(scene, at_px, ratio)


def release(scene: VolumeScene) -> bool:
    """Let go of the face held; True where one was."""
    held, scene.held = scene.held, None
    return held is not None


def cursor(scene: VolumeScene, at_px: QPointF, ratio: float) -> Qt.CursorShape:
    """A hand where something may be taken hold of."""
    over = face_at(scene, at_px, ratio) is not None
    return Qt.CursorShape.OpenHandCursor if over else Qt.CursorShape.ArrowCursor


def drag(scene: VolumeScene, tool_id: str, drag: Drag, ratio: float) -> None:
    """Follow a drag with the tool ``tool_id``; ``ratio`` is the screen's device pixels to a pixel of the viewport."""
    by = drag.by_px
    if scene.held is not None:
        drag_face(scene, scene.held, by, ratio)
    elif tool_id == "pan":
        scene.pan(by.x() * ratio, by.y() * ratio)
    elif tool_id == "zoom":
        scene.zoom(ZOOM_PER_PX ** -by.y())
    elif tool_id == "window":
        scene.tune(by.x(), by.y())
    else:
        scene.orbit(by.x(), by.y())


def click(scene: VolumeScene, at_px: QPointF, ratio: float) -> None:
    """Look which place is seen under a click; ``scene.found`` tells it."""
    scene.find(at_px.x() * ratio, at_px.y() * ratio)


def wheel(scene: VolumeScene, notches: int, held: Qt.KeyboardModifier) -> None:
    """Come nearer with the wheel away from the reader; with Shift turn about the screen's upright."""
    if held & Qt.KeyboardModifier.ShiftModifier:
        scene.orbit(notches * TURN_PER_NOTCH, 0.0)
    else:
        scene.zoom(ZOOM_PER_NOTCH**notches)
