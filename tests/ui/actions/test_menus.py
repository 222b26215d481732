"""Menus are short enough to be read, and offer each thing once."""

import gc
from collections import Counter

import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QPoint
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from medviewer.ui.actions.action import MENUS, SUBMENUS
from medviewer.ui.actions.menus import show_image_menu
from medviewer.ui.window import MainWindow

MOST_ENTRIES = 15


def entries(menu: QMenu) -> list[QAction]:
    return [entry for entry in menu.actions() if not entry.isSeparator()]


def test_no_menu_is_longer_than_can_be_read_at_a_glance(window: MainWindow) -> None:
    long = {name: len(entries(menu)) for name, menu in window.menus.items() if len(entries(menu)) > MOST_ENTRIES}
    assert long.keys() <= {"panels"}  # one entry a panel


def test_every_action_stands_in_one_menu(window: MainWindow) -> None:
    found = Counter(entry.objectName() for menu in window.menus.values() for entry in entries(menu))
    assert {action.id: found[action.id] for action in window.table if found[action.id] != 1} == {}


def test_parts_of_menus_lie_in_the_menu_of_their_actions(window: MainWindow) -> None:
    assert set(SUBMENUS) <= set(window.menus)
    for action in window.table:
        if action.group:
            assert window.menus[action.group].menuAction() in window.menus[action.menu].actions(), action.id


def test_quitting_and_settings_stand_last(window: MainWindow) -> None:
    assert entries(window.menus["file"])[-1].objectName() == "quit"
    assert entries(window.menus["edit"])[-1].objectName() == "settings"


def test_a_right_click_reaches_planes_layouts_and_links_in_one_step(window: MainWindow) -> None:
    window.viewer.menu_wanted.emit(QPoint(10, 10))
    shown = next(menu for menu in window.findChildren(QMenu) if menu.isVisible())
    offered = {entry.menu() for entry in shown.actions() if entry.menu() is not None}
    assert {window.menus[name] for name in ("plane", "layout", "hanging", "links", "fusion", "enhance")} <= offered
    assert not {window.menus[name] for name in set(MENUS) - {"window"}} & offered
    shown.close()


def test_the_menu_over_images_can_be_asked_for_again_and_again(window: MainWindow) -> None:
    for _time in range(3):
        shown = show_image_menu(window, QPoint(10, 10))
        shown.close()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        assert not shiboken6.isValid(shown)
        del shown
        gc.collect()
    assert all(shiboken6.isValid(menu) for menu in window.menus.values())
