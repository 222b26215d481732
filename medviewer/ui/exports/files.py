"""What the reader can do with what is on the screen: save a picture or a clip, copy it, print it."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QStandardPaths
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from medviewer.app.clips import WRITERS
from medviewer.app.snapshots import SUFFIXES, file_stem, save_picture
from medviewer.core.problem import Problem
from medviewer.i18n import _
from medviewer.ui.exports.clip import ClipRun
from medviewer.ui.exports.dialog import ClipDialog, SnapshotDialog, burned_in_words
from medviewer.ui.exports.picture import Wish, picture_of, picture_of_all, pixels_of
from medviewer.ui.exports.told import tell
from medviewer.ui.first_look import frame_time_ms
from medviewer.ui.viewport import Viewport

if TYPE_CHECKING:
    from medviewer.ui.window import MainWindow

_KNOWN = frozenset((*SUFFIXES, *WRITERS))


def save_snapshot(window: "MainWindow") -> None:
    """Ask what is to be in the picture and where it goes, draw it, write it beside the work."""
    viewport = _active(window)
    dialog = SnapshotDialog(viewport, len(window.viewer.grid.viewports), window)
    if dialog.exec() != QDialog.DialogCode.Accepted:
        return
    stem = _stem(viewport, None if dialog.whole else _number(viewport), dialog.wish)
    path = _ask_path(window, stem, _("PNG picture (*.png);;JPEG picture (*.jpg)"), ".png")
    if path is None:
        return
    picture = pixels_of(_picture(window, viewport, dialog.whole, dialog.wish))
    window.jobs.start(
        _("Saving the picture"), lambda _job: save_picture(picture, path), done=lambda saved: _say_saved(window, saved)
    )


def copy_picture(window: "MainWindow") -> None:
    """Put the active viewport, as it is on the screen but without names, on the clipboard."""
    viewport = _active(window)
    QGuiApplication.clipboard().setImage(picture_of(viewport, Wish(names=False)))
    said = (_("The image was copied, without names."), burned_in_words(viewport))
    tell(window.viewer, " ".join(text for text in said if text))


def save_clip(window: "MainWindow") -> ClipRun | None:
    """Ask which images, how fast and where to, then draw and pack them; the job in the strip can be cancelled."""
    viewport = _active(window)
    plane = viewport.plane
    if plane is None or plane.count < 2:
        raise Problem(_("A clip needs more than one image."))
    if viewport.scene is not None:
        raise Problem(_("A clip is made of images; this viewport shows them in three dimensions."))
    dialog = ClipDialog(viewport, plane.count, 1000.0 / frame_time_ms(plane.volume), window)
    if dialog.exec() != QDialog.DialogCode.Accepted:
        return None
    stem = _stem(viewport, None, dialog.wish)
    path = _ask_path(window, stem, _("MP4 film (*.mp4);;GIF (*.gif)"), ".mp4")
    if path is None:
        return None
    run = ClipRun(viewport, dialog.numbers, dialog.fps.value(), path, dialog.wish)
    run.saved.connect(lambda saved: _say_saved(window, saved))
    return run


def _active(window: "MainWindow") -> Viewport:
    viewport = window.viewer.active
    if viewport.plane is None:
        raise Problem(_("No images are open."))
    return viewport


def _number(viewport: Viewport) -> int | None:
    return None if viewport.plane is None else viewport.plane.number(viewport.index)


def _picture(window: "MainWindow", viewport: Viewport, whole: bool, wish: Wish) -> QImage:
    if not whole:
        return picture_of(viewport, wish)
    return picture_of_all([one for one in window.viewer.grid.viewports if one.isVisible()], wish)


def _stem(viewport: Viewport, number: int | None, wish: Wish) -> str:
    """Return the name offered; it says whose the picture is only where the picture does."""
    header = viewport.header
    return "" if header is None else file_stem(header, number, wish.names)


def _ask_path(parent: QWidget, stem: str, kinds: str, suffix: str) -> Path | None:
    """Ask where to; the kind chosen there gives the suffix where the name has none."""
    pictures = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
    offered = Path(pictures or Path.home()) / f"{stem}{suffix}"
    chosen, kind = QFileDialog.getSaveFileName(parent, _("Save as"), str(offered), kinds)
    if not chosen:
        return None
    path = Path(chosen)
    wanted = f".{kind.rpartition('*.')[2].rstrip(')')}" if "*." in kind else suffix
    return path if path.suffix.lower() in _KNOWN else path.with_name(path.name + wanted)  # "Lung 1.0" has no suffix


def _say_saved(window: "MainWindow", path: Path) -> None:
    tell(window.viewer, _("Saved as {path}").format(path=path))
