"""The room as data: what every viewport and display shows now, and how to show it again."""

from dataclasses import asdict
from math import isfinite
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QByteArray
from PySide6.QtWidgets import QWidget

from medviewer.app.workspace import Desk, Screen, Shown, Workspace
from medviewer.core.arrangement import MAIN, PRIOR
from medviewer.core.problem import Problem
from medviewer.core.study import Series
from medviewer.imaging.straighten import SUFFIX
from medviewer.ui.camera import ZOOM_LEAST, ZOOM_MOST, Camera
from medviewer.ui.comfort.screens import bring_back
from medviewer.ui.display import Display, Fusion
from medviewer.ui.view import LINKS

if TYPE_CHECKING:
    from medviewer.ui.window import MainWindow

PANELS_VERSION = 1  # of Qt's words for docks


def workspace_of(window: "MainWindow", study_uid: str) -> Workspace | None:
    """Return how a study is being read; None while its images are not on the screen."""
    view, viewer = window.view, window.viewer
    volume = view.main.volume
    if volume is None or volume.series.first.study_uid != study_uid:
        return None
    return Workspace(
        viewer.arrangement,
        {name: shown for name, display in view.displays.items() if (shown := _shown(display)) is not None},
        frozenset(view.links),
        viewer.tool.id,
        tuple(asdict(viewport.camera) for viewport in viewer.grid.viewports),
        tuple(Screen(screen.grid.arrangement, _text(screen.saveGeometry())) for screen in viewer.screens),
    )


def _shown(display: Display) -> Shown | None:
    volume = display.volume
    if volume is None or volume.series.uid.endswith(SUFFIX):  # straightened images are made anew each time
        return None
    own = None if display.as_filed or display.lut is not None else display.window
    series, fused = volume.series, display.fusion
    over = () if fused is None or fused.mode != "blend" else (fused.display, fused.colours, fused.share)
    return Shown(series.first.study_uid, series.uid, display.point_lps_mm, own, display.inverted, over)


def restore(window: "MainWindow", workspace: Workspace) -> dict[str, Shown]:
    """Show the open study as ``workspace`` says; return what comes later: displays whose series must be loaded first.

    Where another series than then is the main one, its place and greys stay as they are.
    """
    viewer, view = window.viewer, window.view
    viewer.arrange(workspace.arrangement)
    for link in sorted(LINKS):
        if (link in workspace.links) != (link in view.links):  # the whole window follows each change
            view.set_link(link, link in workspace.links)
    if workspace.tool in viewer.tools and workspace.tool != viewer.tool.id:
        viewer.set_tool(workspace.tool)
    main = workspace.displays.get(MAIN)
    if main is not None and shows(view.main, main):
        dress(window, view.main, main)
        for viewport, camera in zip(viewer.grid.viewports, workspace.cameras, strict=False):
            viewport.follow_camera(_camera(dict(camera)))
    _open_screens(window, workspace.screens)
    others = {name: shown for name, shown in workspace.displays.items() if name != MAIN}
    return {name: shown for name, shown in others.items() if _bring(window, name, shown)}


def shows(display: Display, shown: Shown) -> bool:
    """Whether a display shows that series."""
    return display.volume is not None and display.volume.series.uid == shown.series_uid


def dress(window: "MainWindow", display: Display, shown: Shown) -> None:
    """Give a display the place and the greys that it had."""
    if shown.window is not None:
        display.window, display.lut, display.as_filed = shown.window, None, False
    display.inverted = shown.inverted
    if shown.over:
        window.view.set_fusion(display, Fusion(*shown.over))
    volume = display.volume
    if volume is not None and volume.grid.contains(volume.grid.to_kji(shown.point_lps_mm)):
        window.view.move_to(shown.point_lps_mm, display)
    window.view.look_changed.emit()


def _bring(window: "MainWindow", name: str, shown: Shown) -> bool:
    """Have a series shown beside the main one, unless it is or cannot be found; True where it is to come.

    The prior is brought by the way of the study itself.
    """
    if shows(window.view.display(name), shown):
        dress(window, window.view.display(name), shown)
        return False
    series = _series(window, shown)
    if series is None:
        return False
    main = window.view.main
    if main.volume is not None and main.volume.series.uid == shown.series_uid:  # one volume is enough
        window.view.show_in(name, main.volume, main.default_window, main.point_lps_mm)
        dress(window, window.view.display(name), shown)
        return False
    if name != PRIOR:
        window.flow.others.show(name, shown.study_uid, series)
    return True


def _series(window: "MainWindow", shown: Shown) -> Series | None:
    try:
        study = window.session.catalogue.study(shown.study_uid)
    except Problem:  # the other study is not on this computer now
        return None
    return next((one for one in study.series if one.uid == shown.series_uid and one.kind == "image"), None)


def _open_screens(window: "MainWindow", screens: tuple[Screen, ...]) -> None:
    for number, kept in enumerate(screens):
        there = window.viewer.screens
        screen = there[number] if number < len(there) else window.viewer.open_screen()
        screen.grid.arrange(kept.arrangement)
        screen.restoreGeometry(_bytes(kept.geometry))
        bring_back(cast(QWidget, screen))


def _camera(kept: dict[str, object]) -> Camera:
    """Build the camera that was kept; the usual one where it is none."""
    try:
        x_mm, y_mm = (float(n) for n in kept.pop("center_mm"))  # type: ignore[attr-defined]
        camera = Camera(center_mm=(x_mm, y_mm), **kept)  # type: ignore[arg-type]
        good = ZOOM_LEAST <= camera.zoom <= ZOOM_MOST and camera.quarter_turns in range(4)
        return camera if good and isfinite(x_mm) and isfinite(y_mm) else Camera()
    except (KeyError, TypeError, ValueError):
        return Camera()


def desk_of(window: "MainWindow") -> Desk:
    """Return where the window and its panels are."""
    return Desk(_text(window.saveGeometry()), _text(window.saveState(PANELS_VERSION)))


def restore_desk(window: "MainWindow", desk: Desk) -> bool:
    """Put the window and its panels where they were, on a screen that is there; whether anything was known."""
    known = bool(desk.geometry) and window.restoreGeometry(_bytes(desk.geometry))
    if known:
        bring_back(window)
        window.restoreState(_bytes(desk.panels), PANELS_VERSION)
        window.docks.retitle()
    return known


def _text(data: QByteArray) -> str:
    return bytes(data.toBase64().data()).decode("ascii")


def _bytes(text: str) -> QByteArray:
    return QByteArray.fromBase64(text.encode("ascii", "ignore"))
