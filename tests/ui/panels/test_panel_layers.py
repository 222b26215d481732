"""The segments panel as a reader uses it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from medviewer.core.layers import Fractions, Layer
from medviewer.core.mask import Mask
from medviewer.core.volume import Volume
from medviewer.ui.panels.layers import NAME, PANEL, VOLUME, LayersPanel, sentence
from tests.cases import case
from tests.ui.panels.desk import Desk
from tests.ui.samples import volume_of


@pytest.fixture
def volume() -> Iterator[Volume]:
    made = volume_of()
    yield made
    made.close()


@pytest.fixture
def panel(desk: Desk, qtbot: QtBot) -> LayersPanel:
    made = PANEL.make(desk.session, desk.view)
    assert isinstance(made, LayersPanel)
    qtbot.addWidget(made)
    made.resize(420, 600)
    made.show()
    return made


def layers() -> list[Layer]:
    solid = Mask((2, 10, 10), np.ones((4, 10, 10), np.bool_))
    likely = Fractions((2, 10, 10), np.full((1, 4, 4), 80, np.uint8), 100, "probability")
    return [
        Layer("1", "Liver", (221, 130, 101), meaning="Liver, Organ", algorithm="drawn by hand", mask=solid,
              center_lps_mm=(1.0, 2.0, 3.0)),
        Layer("2", "Lesion", (0, 255, 0), fractions=likely, center_lps_mm=(4.0, 5.0, 6.0)),
    ]  # fmt: skip


def show(desk: Desk, volume: Volume) -> None:
    desk.open(case())
    desk.view.layers.add(volume, layers())


def texts(panel: LayersPanel) -> list[tuple[str, str]]:
    found = [panel.tree.topLevelItem(n) for n in range(panel.tree.topLevelItemCount())]
    return [(item.text(NAME), item.text(VOLUME)) for item in found if item is not None]


def check_box(panel: LayersPanel, row: int) -> QRect:
    """Return where the check mark of a row is."""
    index = panel.tree.model().index(row, NAME)
    option = QStyleOptionViewItem()
    delegate: Any = panel.tree.itemDelegate()
    delegate.initStyleOption(option, index)
    option.rect = panel.tree.visualRect(index)
    return panel.tree.style().subElementRect(QStyle.SubElement.SE_ItemViewItemCheckIndicator, option, panel.tree)


def test_without_layers_it_says_what_to_do(desk: Desk, panel: LayersPanel) -> None:
    assert panel.empty.isVisible()
    assert panel.empty.text() == "Open a study to see its segments."
    desk.open(case())
    assert "Choose a segmentation" in panel.empty.text()


def test_segments_are_listed_with_their_volume_where_their_border_is_sharp(
    desk: Desk, panel: LayersPanel, volume: Volume
) -> None:
    show(desk, volume)
    assert texts(panel) == [("Liver", f"{400 * 2.5 * 1.6 * 1.6 / 1000:.1f}"), ("Lesion", "")]
    assert not panel.empty.isVisible()
    assert panel.about.text() == "Liver, Organ · drawn by hand"


def test_images_that_cannot_be_measured_give_no_volume(desk: Desk, panel: LayersPanel) -> None:
    film = volume_of(regular=False)
    show(desk, film)
    assert texts(panel) == [("Liver", ""), ("Lesion", "")]
    film.close()


def test_probability_is_never_told_as_certain() -> None:
    assert "probability, not certainty" in sentence(layers()[1])


def test_a_click_on_the_check_mark_hides_and_shows(desk: Desk, panel: LayersPanel, volume: Volume) -> None:
    show(desk, volume)
    for wanted in (["2"], ["1", "2"]):
        QTest.mouseClick(panel.tree.viewport(), Qt.MouseButton.LeftButton, pos=check_box(panel, 0).center())
        assert [layer.id for layer in desk.view.layers.shown_over(volume)] == wanted


def test_space_changes_all_chosen_rows_alike(desk: Desk, panel: LayersPanel, volume: Volume) -> None:
    show(desk, volume)
    desk.view.layers.show(["2"], False)
    panel.tree.selectAll()
    QTest.keyClick(panel.tree, Qt.Key.Key_Space)
    assert desk.view.layers.shown_over(volume) == ()
    QTest.keyClick(panel.tree, Qt.Key.Key_Space)
    assert len(desk.view.layers.shown_over(volume)) == 2


def test_all_can_be_hidden_and_shown(desk: Desk, panel: LayersPanel, volume: Volume) -> None:
    show(desk, volume)
    QTest.mouseClick(panel.hide_all, Qt.MouseButton.LeftButton)
    assert desk.view.layers.shown_over(volume) == ()
    QTest.mouseClick(panel.show_all, Qt.MouseButton.LeftButton)
    assert len(desk.view.layers.shown_over(volume)) == 2


def test_enter_and_the_button_go_to_the_middle(desk: Desk, panel: LayersPanel, volume: Volume) -> None:
    show(desk, volume)
    QTest.mouseClick(panel.go, Qt.MouseButton.LeftButton)
    assert desk.view.point_lps_mm == (1.0, 2.0, 3.0)
    QTest.keyClick(panel.tree, Qt.Key.Key_Down)
    QTest.keyClick(panel.tree, Qt.Key.Key_Return)
    assert desk.view.point_lps_mm == (4.0, 5.0, 6.0)
    assert "probability" in panel.about.text()


def test_the_slider_fills_more_or_less(desk: Desk, panel: LayersPanel, volume: Volume) -> None:
    show(desk, volume)
    assert panel.slider.value() == round(100 * desk.view.layers.opacity)
    panel.slider.setFocus()
    QTest.keyClick(panel.slider, Qt.Key.Key_Home)
    assert desk.view.layers.opacity == 0.0
    desk.view.layers.set_opacity(0.7)
    assert panel.slider.value() == 70


def test_it_follows_the_view(desk: Desk, panel: LayersPanel, volume: Volume) -> None:
    show(desk, volume)
    desk.view.layers.show(["1"], False)
    item = panel.tree.topLevelItem(0)
    assert item is not None
    assert item.checkState(NAME) == Qt.CheckState.Unchecked
    desk.view.layers.clear()
    assert panel.empty.isVisible()


def test_every_control_has_a_tooltip(panel: LayersPanel) -> None:
    for control in (panel.tree, panel.slider, panel.show_all, panel.hide_all, panel.go):
        assert control.toolTip()


def test_segments_of_several_objects_stand_below_their_names(desk: Desk, panel: LayersPanel, volume: Volume) -> None:
    desk.open(case())
    first, second = layers()
    desk.view.layers.add(volume, [replace(first, source="7: Liver"), replace(second, source="8: Lesions")])
    assert [name for name, _size in texts(panel)] == ["7: Liver", "8: Lesions"]
    heading = panel.tree.topLevelItem(1)
    assert heading is not None
    below = heading.child(0)
    assert below is not None
    assert below.text(NAME) == "Lesion"


def test_segments_are_taken_off_the_images_one_by_one_or_with_their_object(
    desk: Desk, panel: LayersPanel, volume: Volume
) -> None:
    desk.open(case())
    first, second = layers()
    third = replace(second, id="3", title="Cyst")
    liver, lesions = [replace(first, source="7: Liver")], [replace(one, source="8: Lesions") for one in (second, third)]
    desk.view.layers.add(volume, liver + lesions)
    heading = panel.tree.topLevelItem(1)
    assert heading is not None
    panel.tree.setCurrentItem(heading)
    panel.remove.click()
    assert [layer.title for layer in desk.view.layers.layers] == ["Liver"]
    left = panel.tree.topLevelItem(0)
    assert left is not None
    panel.tree.setCurrentItem(left)
    QTest.keyClick(panel.tree, Qt.Key.Key_Delete)
    assert desk.view.layers.layers == ()
    assert panel.empty.isVisible()
