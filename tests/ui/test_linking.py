"""Viewports that zoom and pan together."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from medviewer.core.volume import Volume
from medviewer.imaging.window import LUNG
from medviewer.phantom import small
from medviewer.ui.viewport import Viewport
from medviewer.ui.window import MainWindow
from tests.ui.samples import turn_wheel, volume_of

NODULE = small.make().truth[0].center_lps_mm
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def pair(window: MainWindow, volume: Volume) -> Iterator[tuple[Viewport, Viewport]]:
    """Now and before, side by side."""
    prior = volume_of(uid="7.7")
    window.view.show_volume(volume, LUNG, NODULE)
    window.view.show_prior(prior)
    window.viewer.set_layout("compare")
    left, right = window.viewer.viewports
    yield left, right
    window.view.show_volume(None, LUNG, NODULE)
    prior.close()


def drag(viewport: Viewport, by: QPoint) -> None:
    start = viewport.rect().center()
    QTest.mousePress(viewport, Qt.MouseButton.MiddleButton, pos=start)
    QTest.mouseMove(viewport, start + by)
    QTest.mouseRelease(viewport, Qt.MouseButton.MiddleButton, pos=start + by)


def test_zooming_one_zooms_the_other_to_the_same_size(pair: tuple[Viewport, Viewport]) -> None:
    left, right = pair
    turn_wheel(left, 3, CTRL)
    assert right.placing.px_per_mm == pytest.approx(left.placing.px_per_mm)
    assert right.camera.zoom > 1.4


def test_moving_one_moves_the_other_to_the_same_place(pair: tuple[Viewport, Viewport]) -> None:
    left, right = pair
    drag(left, QPoint(40, 25))
    middle = left.lps_at(left.rect().toRectF().center())
    assert right.lps_at(right.rect().toRectF().center()) == pytest.approx(middle, abs=1e-6)


def test_each_by_itself_where_they_are_not_linked(pair: tuple[Viewport, Viewport]) -> None:
    left, right = pair
    left.view.set_link("zoom", False)
    left.view.set_link("pan", False)
    turn_wheel(left, 3, CTRL)
    drag(left, QPoint(40, 25))
    assert (right.camera.zoom, right.camera.center_mm) == (1.0, (0.0, 0.0))


def test_other_planes_keep_their_size(window: MainWindow, volume: Volume) -> None:
    window.view.show_volume(volume, LUNG, NODULE)
    window.viewer.set_layout("mpr")
    axial, coronal, _sagittal, _close = window.viewer.viewports
    turn_wheel(axial, 3, CTRL)
    assert coronal.camera.zoom == 1.0
    window.view.show_volume(None, LUNG, NODULE)


def test_one_key_links_and_unlinks_all(window: MainWindow, volume: Volume) -> None:
    window.view.show_volume(volume, LUNG, NODULE)
    window.activateWindow()
    window.viewer.active.setFocus()
    QTest.keyClick(window.viewer.active, Qt.Key.Key_L)
    assert window.view.links == frozenset()
    assert not window.actions_by_id["link-zoom"].isChecked()
    QTest.keyClick(window.viewer.active, Qt.Key.Key_L)
    assert window.view.links == {"scroll", "pan", "zoom", "window"}
    window.view.show_volume(None, LUNG, NODULE)
