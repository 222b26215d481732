"""Key images: the one shown becomes one, or is none any more; a star marks it wherever it is shown."""

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter

from medviewer.app.snapshots import Pixels, encoded
from medviewer.core.arrangement import CellKind
from medviewer.core.case import Case
from medviewer.core.key_edits import toggled
from medviewer.core.key_image import KeyImage
from medviewer.core.problem import Problem
from medviewer.i18n import _
from medviewer.ui.camera import Placing
from medviewer.ui.corners import MIDDLE, START, Line, line_height_px, write
from medviewer.ui.exports.picture import Wish, pixels_of, twin_of
from medviewer.ui.planes.plane import Plane
from medviewer.ui.viewport import Painting, Viewport

if TYPE_CHECKING:
    from medviewer.ui.window import MainWindow

SIDE_PX, STAR_TOP_PX = 640, 26.0


def key_of(viewport: Viewport, key_id: str = "") -> KeyImage | None:
    """Return what a viewport shows as a key image without its picture; None where it shows no image."""
    plane, display = viewport.plane, viewport.display
    if plane is None or display.volume is None:
        return None
    series, kind = display.volume.series, viewport.cell.kind
    itself = plane.axis == 0 and viewport.slab.mm == 0 and display.axes is None and kind not in ("curved", "volume")
    k = viewport.index if plane.axis == 0 else round(float(display.volume.grid.to_kji(display.point_lps_mm)[0]))
    header = series.headers[min(max(k, 0), len(series.headers) - 1)]
    shown: CellKind = "native" if itself else kind
    return KeyImage(
        key_id,
        series.uid,
        header.sop_uid,
        header.frame,
        shown,
        display.point_lps_mm,
        oblique=display.axes is not None,
        window=None if display.as_filed else display.window,
    )


def is_key(case: Case | None, viewport: Viewport) -> bool:
    """Whether the image that a viewport shows is a key image of the case."""
    if case is None or not case.keys:
        return False
    shown = key_of(viewport)
    return shown is not None and any(key.is_same_image(shown) for key in case.keys)


def toggle_key(window: "MainWindow") -> None:
    """Make the image of the active viewport a key image, or none; the picture is packed beside the work."""
    viewport, session = window.viewer.active, window.session
    key, study = key_of(viewport, uuid4().hex), session.study
    if key is None:
        raise Problem(_("No images are open."))
    if study is None:
        raise Problem(_("No study is open."), _("Choose a study on the left first."))
    if is_key(session.case, viewport):
        session.do(toggled(session.case, key), window)
        return
    picture = _picture(viewport)

    def keep(png: bytes) -> None:
        if session.study is not None and session.study.uid == study.uid:
            session.do(toggled(session.case, replace(key, picture=png)), window)

    window.jobs.start(_("Keeping the key image"), lambda _job: encoded(picture, "png"), done=keep, quiet=True)


def _picture(viewport: Viewport) -> Pixels:
    """Return what the viewport shows with everything drawn on it but names, large enough for a report."""
    size = viewport.size()
    smaller = min(size.width(), size.height())
    if smaller < SIDE_PX:
        size = QSize(round(size.width() * SIDE_PX / smaller), round(size.height() * SIDE_PX / smaller))
    if max(size.width(), size.height()) > 2 * SIDE_PX:
        size = size.scaled(2 * SIDE_PX, 2 * SIDE_PX, Qt.AspectRatioMode.KeepAspectRatio)
    with twin_of(viewport, Wish(names=False), size) as twin:
        return pixels_of(twin.drawn())


def star(viewport: Viewport) -> Painting:
    """Return what draws a star on a viewport while it shows a key image; for ``Viewer.equip``."""

    def paint(painter: QPainter, placing: Placing, _plane: Plane, _index: int) -> None:
        if is_key(viewport.case_of(), viewport):
            area = QRectF(0, STAR_TOP_PX, placing.width_px, line_height_px())
            write(painter, area, Line("★ " + _("Key image"), "caution", strong=True), MIDDLE, START)

    return paint
