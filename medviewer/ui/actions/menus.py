"""The menus of the window and of its viewports, made of its actions."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu

from medviewer.ui.actions.action import MENUS, SUBMENUS, Action
from medviewer.ui.enhance.menu import EnhanceMenu
from medviewer.ui.file_menus import StatesMenu, TonesMenu
from medviewer.ui.fusion.menu import FusionMenu
from medviewer.ui.hanging import menu as hanging_menu
from medviewer.ui.volume import menu as volume_menu

if TYPE_CHECKING:
    from medviewer.ui.window import MainWindow

# What a right click on an image offers, empty for a line between.
OVER_IMAGES = (
    "window", "enhance", "", "tools-measure", "tools-outline", "tools-plane", "", "plane", "turn", "fusion",
    "prior", "", "layout", "hanging", "links", "",
)  # fmt: skip
MOST_USED = ("key-image", "cine", "accept", "reject", "invert", "reset")


def fill_menus(window: "MainWindow") -> dict[str, QMenu]:
    """Fill the menu bar and return its menus, and those within them, by name."""
    menus = {name: window.menuBar().addMenu(str(title)) for name, title in MENUS.items()}
    for action in window.table:
        menu = _menu_of(action, menus)
        if action.gap:
            menu.addSeparator()
        menu.addAction(window.actions_by_id[action.id])
        window.addAction(window.actions_by_id[action.id])  # keys work in full screen, without the menu bar
    _put_panels(window, menus["panels"])
    hanging_menu.follow(menus["hanging"], window)
    menus["window"].addSeparator()
    menus["window"].addMenu(TonesMenu(window.view, window))
    fuse_with = FusionMenu(window)
    menus["fusion"].insertMenu(window.actions_by_id["fusion-more"], fuse_with)
    menus["enhance"] = EnhanceMenu(window.view, window)
    for made in (menus["enhance"], StatesMenu(window.view, window.flow.attaching, window)):
        menus["image"].addMenu(made)
    return menus


def _menu_of(action: Action, menus: dict[str, QMenu]) -> QMenu:
    """Return the menu that an action stands in; its own part of a menu is made where it comes first."""
    if not action.group:
        return menus[action.menu]
    if action.group not in menus:
        menus[action.group] = menus[action.menu].addMenu(str(SUBMENUS[action.group]))
        menus[action.group].setObjectName(f"menu-{action.group}")
    return menus[action.group]


def _put_panels(window: "MainWindow", menu: QMenu) -> None:
    """List every panel first, to be shown and hidden."""
    first = menu.actions()[0]
    for dock in window.docks.all:
        menu.insertAction(first, dock.toggleViewAction())


def show_image_menu(window: "MainWindow", at: QPoint) -> QMenu:
    """Show what may be done with the image under the mouse."""
    menu = QMenu(window)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    scene = window.viewer.active.scene
    if scene is not None:
        volume_menu.fill(menu, scene)
        menu.addSeparator()
    for name in OVER_IMAGES:
        if name:  # not addMenu: Qt's binding would then take the window's menus for lost with this one
            menu.addAction(window.menus[name].menuAction())
        else:
            menu.addSeparator()
    for name in MOST_USED:
        menu.addAction(window.actions_by_id[name])
    menu.popup(at)
    return menu
