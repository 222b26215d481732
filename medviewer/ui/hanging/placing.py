"""Hanging protocols on the screen: films mirrored and moved to their edge, and what is shown now as a protocol."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from medviewer.app.hanging.hang import Shown
from medviewer.app.hanging.match import FILMS
from medviewer.app.hanging.protocol import Over
from medviewer.app.hanging.save import OnScreen, save_as
from medviewer.core.problem import Problem
from medviewer.i18n import _
from medviewer.ui.camera import Camera
from medviewer.ui.display import Display, Fusion
from medviewer.ui.view import View
from medviewer.ui.viewport import Viewport

if TYPE_CHECKING:
    from medviewer.ui.window import MainWindow


def place(viewport: Viewport, shown: Shown) -> None:
    """Mirror a film as its protocol wants it, and move it to its edge of the viewport; call it once it is there."""
    if not (shown.flipped_h or shown.flipped_v or shown.against):
        return
    viewport.camera = Camera(flipped_h=shown.flipped_h, flipped_v=shown.flipped_v)
    if shown.against:
        viewport.camera = against(viewport, shown.against)
    viewport.update()


def place_all(viewports: Sequence[Viewport], displays: Mapping[str, Shown]) -> None:
    """Place every film on the screen that its protocol says something of."""
    for viewport in viewports:
        shown = displays.get(viewport.cell.display)
        if shown is not None and viewport.plane is not None:
            place(viewport, shown)


def against(viewport: Viewport, side: str) -> Camera:
    """Return the camera with the whole image against the left or right edge of the viewport."""
    placing = viewport.placing
    free_mm = placing.width_px / placing.px_per_mm - _wide_mm(viewport)
    towards = (1.0 if side == "left" else -1.0) * (-1.0 if placing.camera.flipped_h else 1.0)
    x_mm, y_mm = placing.camera.center_mm
    return replace(placing.camera, center_mm=(x_mm + towards * max(free_mm, 0.0) / 2.0, y_mm))


def _wide_mm(viewport: Viewport) -> float:
    placing = viewport.placing
    return placing.columns * placing.column_mm


def fuse_all(view: View, displays: Mapping[str, Shown], usual: str) -> None:
    """Lay over each display what its protocol wants there; ``usual``: the colour map where none is named."""
    for name, shown in displays.items():
        over = shown.over
        if over is not None and view.display(over.display).volume is not None:
            view.set_fusion(view.display(name), Fusion(over.display, over.colours or usual, over.share))


def on_screen(view: View) -> dict[str, OnScreen]:
    """Return what each display shows now, for ``save_as``."""
    return {name: _one(display) for name, display in view.displays.items() if display.volume is not None}


def _one(display: Display) -> OnScreen:
    volume = display.volume
    assert volume is not None
    series, over = volume.series, None
    if display.fusion is not None:
        over = Over(display.fusion.display, display.fusion.colours, display.fusion.share)
    if series.grid is not None or series.modality not in FILMS:
        return OnScreen(series, over=over)
    k = round(float(volume.grid.to_kji(display.point_lps_mm)[0]))
    return OnScreen(series, min(max(k, 0), len(series.headers) - 1), over)


def save_current(window: "MainWindow", name: str) -> Path:
    """Save what is on the screen as a protocol of that name; Problem where nothing is open or it cannot be written."""
    study = window.session.study
    if study is None:
        raise Problem(_("No study is open."), _("Choose a study on the left first."))
    return save_as(name, study, window.viewer.arrangement, on_screen(window.view))


def ask_and_save(window: "MainWindow") -> None:
    """Ask for a name, save what is on the screen as a protocol, and say where."""
    from PySide6.QtWidgets import QInputDialog

    from medviewer.ui.exports.told import tell

    name, wanted = QInputDialog.getText(
        window, _("Save the arrangement"), _("Name of the hanging protocol for studies like this one:")
    )
    if wanted:
        path = save_current(window, name)
        tell(window.viewer, _("Saved as {path}").format(path=path))
