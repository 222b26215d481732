"""The menu of a 3-D cell: presets, sides to look from, planes to cut at."""

from collections.abc import Callable
from functools import partial

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from medviewer.app.volume.box import WHOLE
from medviewer.app.volume.camera import Side
from medviewer.i18n import N_, Message, _
from medviewer.imaging.reslice import Orientation
from medviewer.ui.volume.scene import VolumeScene

SIDE_TITLES: dict[Side, Message] = {
    "front": N_("Front"),
    "back": N_("Back"),
    "left": N_("Left"),
    "right": N_("Right"),
    "head": N_("Head"),
    "feet": N_("Feet"),
}
CUT_TITLES: dict[Orientation, Message] = {
    "axial": N_("Cut at the axial plane"),
    "coronal": N_("Cut at the coronal plane"),
    "sagittal": N_("Cut at the sagittal plane"),
}


def volume_menu(scene: VolumeScene, parent: QWidget) -> QMenu:
    """Return the menu of a 3-D cell, made for the moment it is shown."""
    menu = QMenu(parent)
    fill(menu, scene)
    return menu


def fill(menu: QMenu, scene: VolumeScene) -> None:
    """Add to a viewport's menu what a 3-D cell offers."""
    presets = QActionGroup(menu)
    for preset in scene.presets:
        chosen = scene.preset is not None and preset.id == scene.preset.id
        use = partial(scene.set_preset, preset.id)
        presets.addAction(_add(menu, str(preset.title), _always(use), checked=chosen))
    menu.addSeparator()
    sides = menu.addMenu(_("Look from"))
    for side, title in SIDE_TITLES.items():
        _add(sides, str(title), _always(partial(scene.look_from, side)))
    for plane, title in CUT_TITLES.items():
        _add(menu, str(title), _cutting(scene, plane), checked=plane in scene.cuts)
    _add(menu, _("Crop with a box"), scene.show_box, checked=scene.boxed)
    whole = _add(menu, _("Undo the cropping"), _always(scene.uncrop))
    whole.setEnabled(scene.box != WHOLE)
    menu.addSeparator()
    _add(menu, _("Reset the 3-D view"), _always(scene.reset))


def _cutting(scene: VolumeScene, plane: Orientation) -> Callable[[bool], None]:
    return lambda on: scene.cut(plane, on)


def _always(do: Callable[[], None]) -> Callable[[bool], None]:
    return lambda _on: do()


def _add(menu: QMenu, title: str, do: Callable[[bool], None], *, checked: bool | None = None) -> QAction:
    action = menu.addAction(title)
    action.setCheckable(checked is not None)
    action.setChecked(bool(checked))
    action.triggered.connect(do)
    return action
