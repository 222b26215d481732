"""Draw a line along a vessel, the spine or the jaw: the curved plane shows what lies along it, straightened."""

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent

from medviewer.core.problem import Problem
from medviewer.i18n import N_, _
from medviewer.ui.planes.curved import CurvedPlane
from medviewer.ui.planes.curves import CurveDraft
from medviewer.ui.tool import Drag, Tool

if TYPE_CHECKING:
    from medviewer.ui.viewport import Viewport


def press(viewport: "Viewport", at_px: QPointF) -> None:
    """Add a point; in the straightened picture, go to that place."""
    if isinstance(viewport.plane, CurvedPlane):
        viewport.view.move_to(viewport.lps_at(at_px), viewport.display)
        return
    if viewport.volume is None or not viewport.volume.regular:
        raise Problem(_("A curved plane needs a regular stack of images."), _("Choose a CT or MR series."))
    points = viewport.draft.points_lps_mm if isinstance(viewport.draft, CurveDraft) else ()
    viewport.draft = CurveDraft((*points, viewport.lps_at(at_px)))
    viewport.update()


def drag(viewport: "Viewport", drag: Drag) -> None:
    """Take the newest point along; in the straightened picture, follow the mouse."""
    if isinstance(viewport.plane, CurvedPlane):
        viewport.view.move_to(viewport.lps_at(drag.now_px), viewport.display)
    elif isinstance(viewport.draft, CurveDraft):
        points = viewport.draft.points_lps_mm[:-1]
        viewport.draft = CurveDraft((*points, viewport.lps_at(drag.now_px)))
        viewport.update()


def hover(viewport: "Viewport", at_px: QPointF) -> None:
    """Draw on to the mouse."""
    if isinstance(viewport.draft, CurveDraft):
        viewport.draft = replace(viewport.draft, to_px=at_px)
        viewport.update()


def double(viewport: "Viewport", _at_px: QPointF) -> bool:
    """End the line; its last point is where the first click of the two was."""
    if not isinstance(viewport.draft, CurveDraft):
        return False
    finish(viewport, viewport.draft)
    return True


def key_press(viewport: "Viewport", event: QKeyEvent) -> bool:
    """End the line at Enter, take its last point back at Backspace."""
    draft = viewport.draft
    if not isinstance(draft, CurveDraft):
        return False
    if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
        finish(viewport, draft)
    elif event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
        points = draft.points_lps_mm[:-1]
        viewport.draft = replace(draft, points_lps_mm=points) if points else None
        viewport.update()
    else:
        return False
    return True


def finish(viewport: "Viewport", draft: CurveDraft) -> None:
    """Lay the curved plane of the display along the line drawn; a single point is no line and is dropped."""
    viewport.draft = None
    viewport.update()
    if len(set(draft.points_lps_mm)) > 1:
        viewport.view.set_curve(viewport.display, draft.points_lps_mm)


TOOL = Tool(
    "curve",
    N_("Curved plane"),
    N_("Click points along a vessel, the spine or the jaw; a double click or Enter ends the line."),
    "Shift+C",
    400,
    drag,
    press,
    hover=hover,
    double=double,
    key_press=key_press,
    group="plane",
    cursor=Qt.CursorShape.CrossCursor,
)
