"""Layouts, the active viewport, tools and moving pictures."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from medviewer.core.volume import Volume
from medviewer.imaging.window import LUNG
from medviewer.phantom import small
from medviewer.ui.layouts import LAYOUTS
from medviewer.ui.view import View
from medviewer.ui.viewer import Viewer
from tests.ui.samples import volume_of

NODULE = small.make().truth[0].center_lps_mm


@pytest.fixture
def viewer(view: View, qtbot: QtBot) -> Viewer:
    made = Viewer(view, lambda: None, QWidget())
    qtbot.addWidget(made)
    made.resize(900, 700)
    made.show()
    return made


def seen(viewer: Viewer) -> list[tuple[str, bool, bool]]:
    return [(v.cell.kind, v.cell.display == "prior", v.cell.close_up) for v in viewer.viewports if v.isVisible()]


def test_an_empty_viewer_says_what_to_do(viewer: Viewer, qtbot: QtBot) -> None:
    assert viewer.currentIndex() == 0
    buttons = {button.text(): button for button in viewer.findChildren(QPushButton)}
    with qtbot.waitSignal(viewer.open_wanted):
        buttons["Open folder…"].click()
    with qtbot.waitSignal(viewer.demo_wanted):
        buttons["Show the demo"].click()


def test_three_planes_and_a_close_up(viewer: Viewer, view: View, volume: Volume) -> None:
    view.show_volume(volume, LUNG, NODULE)
    viewer.set_layout("mpr")
    assert seen(viewer) == [
        ("axial", False, False),
        ("coronal", False, False),
        ("sagittal", False, False),
        ("axial", False, True),
    ]


def test_each_plane_shows_the_lines_of_the_others(viewer: Viewer, view: View, volume: Volume) -> None:
    view.show_volume(volume, LUNG, NODULE)
    viewer.set_layout("mpr")
    axial, coronal, sagittal, close = viewer.viewports
    assert (axial.references, coronal.references) == ((coronal, sagittal), (axial, sagittal))
    assert close.references == ()
    viewer.show_references(False)
    assert axial.references == ()
    viewer.show_references(True)
    viewer.set_layout("single")
    assert viewer.viewports[0].references == ()


def test_planes_go_together(viewer: Viewer, view: View, volume: Volume) -> None:
    view.show_volume(volume, LUNG, NODULE)
    viewer.set_layout("mpr")
    axial, coronal, sagittal, close = viewer.viewports
    axial.step(3)
    assert (axial.index, close.index) == (10, 10)
    coronal.step(-2)
    assert (coronal.index, sagittal.index) == (28, 45)


def test_the_prior_stands_beside_the_current_images(viewer: Viewer, view: View, volume: Volume) -> None:
    view.show_volume(volume, LUNG, NODULE)
    view.show_prior(volume)
    viewer.set_layout("compare")
    assert seen(viewer) == [("native", False, False), ("native", True, False)]


def test_a_viewport_can_have_all_the_room_and_give_it_back(
    viewer: Viewer, view: View, volume: Volume, qtbot: QtBot
) -> None:
    view.show_volume(volume, LUNG, NODULE)
    viewer.set_layout("mpr")
    QTest.mouseDClick(viewer.viewports[1], Qt.MouseButton.LeftButton)
    assert seen(viewer) == [("coronal", False, False)]
    assert viewer.active.cell.kind == "coronal"
    QTest.mouseDClick(viewer.viewports[1], Qt.MouseButton.LeftButton)
    assert len(seen(viewer)) == 4


def test_loose_images_are_only_shown_as_they_are(viewer: Viewer, view: View) -> None:
    loose = volume_of(regular=False)
    viewer.set_layout("mpr")
    view.show_volume(loose, LUNG, NODULE)
    assert viewer.layout_id == "single"
    viewer.set_layout("main")
    assert viewer.layout_id == "single"
    view.show_volume(None, LUNG, NODULE)
    loose.close()


def test_a_click_makes_a_viewport_the_active_one(viewer: Viewer, view: View, volume: Volume, qtbot: QtBot) -> None:
    view.show_volume(volume, LUNG, NODULE)
    viewer.set_layout("mpr")
    assert viewer.active is viewer.viewports[0]
    QTest.mouseClick(viewer.viewports[2], Qt.MouseButton.LeftButton, pos=QPoint(20, 20))
    assert viewer.active is viewer.viewports[2]
    viewer.set_layout("single")
    assert viewer.active is viewer.viewports[0]


def test_every_viewport_gets_the_tool_chosen(viewer: Viewer, view: View, volume: Volume, qtbot: QtBot) -> None:
    view.show_volume(volume, LUNG, NODULE)
    with qtbot.waitSignal(viewer.tool_changed):
        viewer.set_tool("zoom")
    viewer.set_layout("main")
    assert {viewport.tools[Qt.MouseButton.LeftButton].id for viewport in viewer.viewports} == {"zoom"}
    assert {viewport.tools[Qt.MouseButton.MiddleButton].id for viewport in viewer.viewports} == {"pan"}


def test_cine_passes_the_images_and_begins_again(viewer: Viewer, view: View, volume: Volume, qtbot: QtBot) -> None:
    view.show_volume(volume, LUNG, NODULE)
    viewer.active.go_to_end(last=True)
    viewer.cine.toggle()
    assert viewer.cine.runs
    qtbot.waitUntil(lambda: viewer.active.index == 23)
    viewer.cine.toggle()
    assert not viewer.cine.runs


def test_other_images_stand_still(viewer: Viewer, view: View, volume: Volume) -> None:
    view.show_volume(volume, LUNG, NODULE)
    viewer.cine.toggle()
    other = volume_of(uid="5.5")
    view.show_volume(other, LUNG, NODULE)
    assert not viewer.cine.runs
    view.show_volume(None, LUNG, NODULE)
    other.close()


def test_every_layout_fills_its_own_places() -> None:
    for layout in LAYOUTS:
        taken = [
            (row + r, column + c)
            for _cell, (row, column, rows, columns) in layout.arrangement.cells
            for r in range(rows)
            for c in range(columns)
        ]
        assert len(taken) == len(set(taken))
        assert {row for row, _column in taken} == set(range(len(layout.arrangement.heights)))
        assert {column for _row, column in taken} == set(range(len(layout.arrangement.widths)))
