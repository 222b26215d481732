"""Aligning by hand: over the fused check a drag inside the circle shifts the prior, one outside turns it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from medviewer.core.registration import Matrix, shifted, turned
from medviewer.i18n import N_, Message, _
from medviewer.imaging.frames import rotation
from medviewer.ui import theme
from medviewer.ui.actions.action import Action
from medviewer.ui.camera import Placing
from medviewer.ui.compare.comparing import Comparing
from medviewer.ui.corners import END, MIDDLE, START, Line, line_height_px, write
from medviewer.ui.planes.oblique import angle_between
from medviewer.ui.planes.plane import Plane
from medviewer.ui.tool import Drag, Tool

if TYPE_CHECKING:
    from medviewer.ui.viewport import Viewport
    from medviewer.ui.window import MainWindow

CIRCLE_SHARE = 0.36  # of the viewport's shorter side
LABEL_PX, LINES = 120.0, 3  # beside the middle; so many lines of text have to have room above the circle
STEP_MM, STEP_DEG = 1.0, 1.0
Vector = NDArray[np.float64]
ByDrag = Callable[[QPointF], Matrix]


def aligning_in(viewport: "Viewport") -> Comparing | None:
    """Return what aligns in a viewport: it shows the main images with the series being aligned over them."""
    comparing: Comparing | None = viewport.view.findChild(Comparing)
    if comparing is None or not comparing.aligning or viewport.plane is None or viewport.scene is not None:
        return None
    on = viewport.display is viewport.view.main and comparing.is_checked(comparing.aligning)
    return comparing if on else None


def circle_of(width_px: int, height_px: int) -> QRectF:
    """Return the circle that parts shifting from turning, in a viewport's pixels."""
    radius = CIRCLE_SHARE * min(width_px, height_px)
    return QRectF(width_px / 2.0 - radius, height_px / 2.0 - radius, 2.0 * radius, 2.0 * radius)


def painting_of(viewport: "Viewport") -> Callable[[QPainter, Placing, Plane, int], None]:
    """Return what draws the circle over a viewport, one of its ``paintings``."""

    def paint(painter: QPainter, placing: Placing, _plane: Plane, _index: int) -> None:
        if aligning_in(viewport) is not None:
            _paint(painter, circle_of(placing.width_px, placing.height_px))

    return paint


def _paint(painter: QPainter, circle: QRectF) -> None:
    painter.save()
    painter.resetTransform()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.on_image("accent"), 1.5, Qt.PenStyle.DashLine))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(circle)
    painter.restore()
    high, left = line_height_px(), circle.center().x() - LABEL_PX
    if circle.top() < LINES * high:
        return  # the letter of the edge stands there
    above = QRectF(left, circle.top() - high - 4.0, 2 * LABEL_PX, high)
    below = QRectF(left, circle.top() + 4.0, 2 * LABEL_PX, high)
    write(painter, above, Line(_("↻ drag turns")), MIDDLE, END)
    write(painter, below, Line(_("✥ drag shifts")), MIDDLE, START)


# ---- by the mouse ----


def grab(viewport: "Viewport", at_px: QPointF) -> Tool | None:
    """Return what takes a drag that begins in a viewport where the reader aligns; None elsewhere."""
    comparing = aligning_in(viewport)
    if comparing is None:
        return None
    circle = circle_of(viewport.width(), viewport.height())
    off = at_px - circle.center()
    inside = QPointF.dotProduct(off, off) <= (circle.width() / 2.0) ** 2
    begin = _now(comparing)
    way = _shift(viewport, at_px, begin) if inside else _turn(viewport, at_px, begin)
    return _tool(comparing, begin, way, Qt.CursorShape.SizeAllCursor if inside else Qt.CursorShape.PointingHandCursor)


def _now(comparing: Comparing) -> Matrix:
    to_main = comparing.view.display(comparing.aligning).to_main
    return np.eye(4) if to_main is None else to_main


def _shift(viewport: "Viewport", at_px: QPointF, begin: Matrix) -> ByDrag:
    start = np.asarray(viewport.lps_at(at_px))
    return lambda now_px: shifted(begin, np.asarray(viewport.lps_at(now_px)) - start)


def _turn(viewport: "Viewport", at_px: QPointF, begin: Matrix) -> ByDrag:
    center = np.asarray(viewport.lps_at(viewport.rect().toRectF().center()))
    right, down = directions(viewport)
    normal = np.cross(right, down)
    start = np.asarray(viewport.lps_at(at_px)) - center

    def made(now_px: QPointF) -> Matrix:
        angle = angle_between(start, np.asarray(viewport.lps_at(now_px)) - center, normal)
        return turned(begin, rotation(normal, angle), center)

    return made


def _tool(comparing: Comparing, begin: Matrix, way: ByDrag, cursor: Qt.CursorShape) -> Tool:
    last: list[Matrix] = []

    def drag(_viewport: "Viewport", drag: Drag) -> None:
        last[:] = [way(drag.now_px)]
        comparing.preview(last[0])

    def release(_viewport: "Viewport", _at_px: QPointF) -> None:
        if last and comparing.aligning:
            comparing.place(last[0], comparing.aligning)

    def cancel(_viewport: "Viewport") -> None:
        if last and comparing.aligning:
            comparing.preview(begin)

    title, tip = N_("Align by hand"), N_("Drag inside the circle to shift the prior, outside to turn it.")
    return Tool("align-by-hand", title, tip, "", 0, drag, release=release, cancel=cancel, cursor=cursor)


# ---- by keys and menus ----


def directions(viewport: "Viewport") -> tuple[Vector, Vector]:
    """Return the unit vectors, LPS, to the right and down on the screen."""
    center = viewport.rect().toRectF().center()
    at = np.asarray(viewport.lps_at(center))
    ends = [np.asarray(viewport.lps_at(center + QPointF(*by))) - at for by in ((50.0, 0.0), (0.0, 50.0))]
    right, down = (end / np.linalg.norm(end) for end in ends)
    return right, down


def _place(window: "MainWindow") -> "Viewport | None":
    """Return the viewport in whose plane keys align: the active one, else the first that shows the check."""
    every = (window.viewer.active, *window.viewer.viewports)
    return next((viewport for viewport in every if aligning_in(viewport) is not None), None)


def shift(window: "MainWindow", right: int, down: int) -> None:
    """Shift what is being aligned by steps on the screen."""
    viewport, comparing = _place(window), window.priors.comparing
    if viewport is not None:
        to_right, to_bottom = directions(viewport)
        by_mm = STEP_MM * (right * to_right + down * to_bottom)
        comparing.place(shifted(_now(comparing), by_mm), comparing.aligning)


def turn(window: "MainWindow", clockwise: int) -> None:
    """Turn what is being aligned by steps about the middle of the viewport."""
    viewport, comparing = _place(window), window.priors.comparing
    if viewport is not None:
        step = rotation(np.cross(*directions(viewport)), np.radians(clockwise * STEP_DEG))
        center = viewport.lps_at(viewport.rect().toRectF().center())
        comparing.place(turned(_now(comparing), step, center), comparing.aligning)


def _step(name: str, title: Message, key: str, handler: Callable[["MainWindow"], None]) -> Action:
    tip = N_("While the prior is aligned by hand: in the plane of the active viewport, 1 mm or 1°")
    return Action(
        f"align-{name}",
        "tools",
        title,
        handler,
        (key,),
        tip,
        possible=lambda w: _place(w) is not None,
        gap=name == "left",
        group="prior",
    )


ACTIONS = (
    _step("left", N_("Prior to the left"), "Alt+Left", lambda w: shift(w, -1, 0)),
    _step("right", N_("Prior to the right"), "Alt+Right", lambda w: shift(w, 1, 0)),
    _step("up", N_("Prior up"), "Alt+Up", lambda w: shift(w, 0, -1)),
    _step("down", N_("Prior down"), "Alt+Down", lambda w: shift(w, 0, 1)),
    _step("clockwise", N_("Prior clockwise"), "Alt+PgDown", lambda w: turn(w, 1)),
    _step("counterclockwise", N_("Prior counterclockwise"), "Alt+PgUp", lambda w: turn(w, -1)),
)
