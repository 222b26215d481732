"""Grids of viewports: used again, enlarged, on other screens."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from medviewer.core.arrangement import MOST_COLUMNS, MOST_ROWS, Arrangement, Cell
from medviewer.core.volume import Volume
from medviewer.imaging.window import LUNG
from medviewer.phantom import small
from medviewer.ui import theme
from medviewer.ui.actions.grid_picker import GridButton, GridPicker
from medviewer.ui.window import MainWindow
from tests.ui.samples import turn_wheel

NODULE = small.make().truth[0].center_lps_mm


@pytest.fixture
def opened(window: MainWindow, volume: Volume) -> Iterator[MainWindow]:
    window.view.show_volume(volume, LUNG, NODULE)
    yield window
    window.view.show_volume(None, LUNG, NODULE)


def cells(window: MainWindow) -> list[tuple[str, str]]:
    return [(v.cell.kind, v.cell.display) for v in window.viewer.viewports]


def test_a_grid_keeps_what_is_shown_and_leaves_room_for_more(opened: MainWindow) -> None:
    opened.set_grid(2, 2)
    assert cells(opened) == [("native", "main"), ("native", "2"), ("native", "3"), ("native", "4")]
    opened.set_grid(1, 2)
    assert cells(opened) == [("native", "main"), ("native", "2")]


def test_the_largest_grid_has_twelve_viewports(opened: MainWindow, qtbot: QtBot) -> None:
    opened.set_grid(MOST_ROWS, MOST_COLUMNS)
    viewports = opened.viewer.viewports
    assert len(viewports) == 12
    qtbot.waitUntil(lambda: len({(v.x(), v.y()) for v in viewports}) == 12)
    assert all(v.isVisible() and v.width() >= 120 for v in viewports)


def test_viewports_are_used_again_with_their_zoom(opened: MainWindow) -> None:
    first = opened.viewer.active
    turn_wheel(first, 2, Qt.KeyboardModifier.ControlModifier)
    opened.viewer.set_layout("mpr")
    opened.viewer.set_layout("single")
    assert opened.viewer.active is first
    assert first.camera.zoom == pytest.approx(1.15**2)


def test_an_empty_viewport_says_what_to_do(opened: MainWindow) -> None:
    opened.set_grid(1, 2)
    empty = opened.viewer.viewports[1]
    assert empty.volume is None
    empty.grab()  # and painting it does no harm


def test_only_one_viewport_of_a_series_says_whose_it_is(opened: MainWindow) -> None:
    opened.viewer.set_layout("mpr")
    assert [v.speaks for v in opened.viewer.viewports] == [True, False, False, False]
    opened.viewer.enlarge(opened.viewer.viewports[2])
    assert opened.viewer.viewports[2].speaks
    opened.viewer.enlarge(opened.viewer.viewports[2])
    assert not opened.viewer.viewports[2].speaks


def test_the_picker_chooses_by_mouse(qtbot: QtBot) -> None:
    picker = GridPicker()
    qtbot.addWidget(picker)
    picker.show()
    with qtbot.waitSignal(picker.chosen) as caught:
        QTest.mouseClick(picker, Qt.MouseButton.LeftButton, pos=picker.cell(1, 3).center())
    assert caught.args == [2, 4]


def test_the_picker_chooses_by_keys(qtbot: QtBot) -> None:
    picker = GridPicker()
    qtbot.addWidget(picker)
    picker.show()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Left):
        QTest.keyClick(picker, key)
    with qtbot.waitSignal(picker.chosen) as caught:
        QTest.keyClick(picker, Qt.Key.Key_Return)
    assert caught.args == [2, 2]


def test_the_picker_is_as_large_as_the_texts(qtbot: QtBot, qapp: QApplication) -> None:
    picker = GridPicker()
    qtbot.addWidget(picker)
    before = picker.sizeHint()
    theme.apply(qapp, "dark", 200)
    try:
        assert picker.sizeHint() == before * 2
        picker.resize(picker.sizeHint())
        with qtbot.waitSignal(picker.chosen) as caught:
            QTest.mouseClick(picker, Qt.MouseButton.LeftButton, pos=picker.cell(2, 3).center())
    finally:
        theme.apply(qapp)
    assert caught.args == [3, 4]


def test_arrow_keys_are_for_the_picker_once_its_menu_is_open(opened: MainWindow) -> None:
    button = opened.findChild(GridButton)
    assert button is not None
    button.menu().popup(QPoint(0, 0))
    QTest.keyClick(button.menu(), Qt.Key.Key_Right)
    focused = button.menu().focusWidget()
    button.menu().hide()
    assert focused is button.picker


def test_the_button_of_the_toolbar_sets_the_grid(opened: MainWindow) -> None:
    button = opened.findChild(GridButton)
    assert button is not None
    QTest.mouseClick(button.picker, Qt.MouseButton.LeftButton, pos=button.picker.cell(1, 1).center() + QPoint(1, 1))
    assert len(opened.viewer.viewports) == 4


def test_images_on_another_screen_follow_and_take_keys(opened: MainWindow, qtbot: QtBot) -> None:
    opened.open_screen()
    (screen,) = opened.viewer.screens
    other = screen.grid.viewports[0]
    assert len(opened.viewer.viewports) == 2
    before = other.index
    turn_wheel(opened.viewer.viewports[0], -1)
    assert other.index != before
    QTest.mouseClick(other, Qt.MouseButton.LeftButton)
    assert opened.viewer.active is other
    assert opened.actions_by_id["invert"] in screen.actions()
    screen.close()
    assert opened.viewer.viewports == opened.viewer.grid.viewports
    assert opened.viewer.active is opened.viewer.viewports[0]


def test_f6_goes_from_viewport_to_viewport(opened: MainWindow) -> None:
    opened.viewer.set_layout("mpr")
    opened.activateWindow()
    opened.viewer.active.setFocus()
    QTest.keyClick(opened.viewer.active, Qt.Key.Key_F6)
    assert opened.viewer.active is opened.viewer.viewports[1]
    QTest.keyClick(opened.viewer.active, Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
    assert opened.viewer.active is opened.viewer.viewports[0]


def test_cells_change_one_by_one(opened: MainWindow) -> None:
    opened.viewer.set_layout("compare")
    second = opened.viewer.viewports[1]
    opened.viewer.set_cell(second, Cell("coronal"))
    assert opened.viewer.arrangement == Arrangement.grid(1, 2, (Cell("native"), Cell("coronal")))
    assert second.plane is not None
    assert second.plane.orientation == "coronal"
