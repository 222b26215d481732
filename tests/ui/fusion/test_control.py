"""The reader at the controls of a fusion: the row, the colour bar, the menu."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from medviewer.core.look import Window
from medviewer.core.problem import Problem
from medviewer.core.volume import Volume
from medviewer.dicom.write.ct import CtSeries, write_ct
from medviewer.imaging.colours import COLOUR_MAPS
from medviewer.imaging.fuse import MODES
from medviewer.phantom import small
from medviewer.ui.display import Fusion
from medviewer.ui.fusion import actions as fusion_actions
from medviewer.ui.fusion import bar as fusion_bar
from medviewer.ui.fusion import fusing as fusion
from medviewer.ui.fusion.control import FusionControl
from medviewer.ui.fusion.menu import FusionMenu
from medviewer.ui.view import View
from medviewer.ui.viewport import Viewport
from medviewer.ui.window import MainWindow
from tests.ui.samples import PATIENT, painted
from tests.ui.uptake import HOT, colourful, show_both, viewport_on

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def viewport(fused: View, qtbot: QtBot) -> Viewport:
    return viewport_on(fused, "axial", qtbot)


@pytest.fixture
def control(fused: View, qtbot: QtBot) -> FusionControl:
    made = FusionControl(fused)
    qtbot.addWidget(made)
    made.resize(900, 34)
    made.show()
    return made


# ---- the row of controls ----


def test_the_controls_are_there_only_while_something_is_fused(control: FusionControl, fused: View) -> None:
    assert control.isVisible()
    assert (control.under.text(), control.over.text()) == ("CT", "PT")
    QTest.mouseClick(control.close_button, LEFT)
    assert fused.main.fusion is None
    assert not control.isVisible()


def test_they_are_there_also_where_the_pet_is_the_active_one(control: FusionControl, fused: View) -> None:
    fused.activate(fused.display("2"))
    assert control.isVisible()
    control.share.setValue(80)
    assert fused.main.fusion is not None
    assert fused.main.fusion.share == 0.8


def test_the_slider_blends(control: FusionControl, fused: View, viewport: Viewport) -> None:
    fused.toggle_texts()
    control.share.setFocus()
    before = colourful(painted(viewport)).max()
    for _step in range(4):
        QTest.keyClick(control.share, Qt.Key.Key_PageUp)
    assert fused.main.fusion is not None
    assert fused.main.fusion.share == 0.9
    assert colourful(painted(viewport)).max() > before
    control.share.setValue(0)
    assert colourful(painted(viewport)).max() == 0


def pick(combo: QComboBox, data: str) -> None:
    """Choose an entry with the keyboard, as the reader would."""
    combo.setFocus()
    while combo.currentData() != data:
        before = combo.currentIndex()
        QTest.keyClick(combo, Qt.Key.Key_Down if combo.findData(data) > before else Qt.Key.Key_Up)
        assert combo.currentIndex() != before


def test_colours_and_mode_are_chosen_from_lists_with_swatches(control: FusionControl, fused: View) -> None:
    assert control.colours.count() == len(COLOUR_MAPS)
    assert not control.colours.itemIcon(0).isNull()
    pick(control.colours, "pet")
    assert fused.main.fusion == Fusion("2", "pet")
    pick(control.mode, "two-colours")
    assert fused.main.fusion == Fusion("2", "pet", mode="two-colours")
    assert not control.share.isEnabled()


def test_low_values_can_cover_the_greys(control: FusionControl, fused: View) -> None:
    QTest.mouseClick(control.clear, LEFT, pos=QPoint(10, control.clear.height() // 2))
    assert fused.main.fusion == Fusion("2", "hot-iron", clear_below=False)


def test_the_top_of_the_colours_is_typed_in(control: FusionControl, fused: View) -> None:
    assert control.top.value() == 10.0
    assert control.top.suffix() == " SUVbw"
    control.top.setFocus()
    control.top.selectAll()
    QTest.keyClicks(control.top, "6")
    QTest.keyClick(control.top, Qt.Key.Key_Return)
    assert fused.display("2").window == Window(3.0, 6.0, "LINEAR_EXACT")
    assert fused.main.window != fused.display("2").window


def test_a_narrow_row_leaves_out_what_can_wait_and_never_widens_the_window(control: FusionControl) -> None:
    spare = (control.clear, control.top, control.colours, control.mode)
    assert all(each.isVisible() for each in spare)
    shown = []
    for width in (700, 500, 400, 220):
        control.resize(width, 36)
        assert control.width() == width
        row = control.layout()
        assert row is not None
        assert row.minimumSize().width() <= width
        shown.append([each.isVisible() for each in spare])
    assert shown == sorted(shown, reverse=True)
    assert shown[-1] == [False] * 4
    assert control.share.isVisible()
    control.resize(1000, 36)
    assert all(each.isVisible() for each in spare)


def test_keys_and_wheel_blend_by_tenths_and_stop_at_the_ends(fused: View) -> None:
    assert fusion.blend_by(fused, 2)
    assert fused.main.fusion is not None
    assert fused.main.fusion.share == 0.7
    assert fusion.blend_by(fused, -99)
    assert fused.main.fusion.share == 0.0
    assert fusion.blend_by(fused, 1, fused.display("2"))  # over the viewport with the PET
    assert fused.main.fusion.share == 0.1
    fused.set_fusion(fused.main, None)
    assert not fusion.blend_by(fused, 1)


# ---- the colour bar ----


def test_the_bar_shows_the_map_from_low_to_high(viewport: Viewport) -> None:
    bar = fusion_bar.rect_of(512, 512)
    seen = painted(viewport)[:, round(bar.center().x())]
    assert seen[round(bar.top()) + 3].min() > 230
    assert seen[round(bar.bottom()) - 4].max() < 40
    middle = seen[round(bar.center().y())]
    assert middle[0] > 240
    assert middle[2] < 20


def test_dragging_the_bar_up_raises_the_top_value(viewport: Viewport, fused: View) -> None:
    at = fusion_bar.rect_of(512, 512).center().toPoint()
    QTest.mousePress(viewport, LEFT, pos=at)
    for by in (-40, -80, -120):
        QTest.mouseMove(viewport, at + QPoint(0, by))
    QTest.mouseRelease(viewport, LEFT, pos=at + QPoint(0, -120))
    assert fusion.ends(fused.display("2").window) == pytest.approx((0.0, 20.0))  # 120 pixels double it


def test_small_viewports_have_no_bar(viewport: Viewport) -> None:
    assert fusion_bar.rect_of(200, 512).isEmpty()
    viewport.resize(200, 200)
    assert fusion_bar.grab(viewport, fusion_bar.rect_of(512, 512).center()) is None


# ---- the menu ----


@pytest.fixture
def room(window: MainWindow, both: tuple[Volume, Volume]) -> Iterator[MainWindow]:
    """The window with CT and PET in it."""
    show_both(window.view, *both)
    yield window
    window.view.show_in("2", None, Window(0.0, 1.0), HOT)
    window.view.show_volume(None, Window(0.0, 1.0), HOT)


def texts(menu: FusionMenu) -> list[str]:
    menu.aboutToShow.emit()
    return [entry.text() for entry in menu.actions() if entry.text()]


def test_the_menu_lists_what_can_be_fused_and_fuses_it(room: MainWindow) -> None:
    menu = FusionMenu(room)
    assert texts(menu) == ["PT  2: PET", "End the fusion"]
    menu.actions()[0].trigger()
    assert room.view.main.fusion == Fusion("2", "hot-iron")
    texts(menu)
    assert menu.actions()[0].isChecked()
    menu.actions()[0].trigger()
    assert room.view.main.fusion is None


def test_uptake_goes_over_anatomy_even_where_it_was_the_active_one(room: MainWindow) -> None:
    viewport = room.viewer.active
    room.viewer.set_cell(viewport, replace(viewport.cell, display="2"))
    assert room.view.active.name == "2"
    fusion.fuse(room, "main")
    assert room.view.main.fusion == Fusion("2", "hot-iron")
    assert room.viewer.active.cell.display == "main"


def test_the_handlers_of_keys_change_the_share_and_the_mode(room: MainWindow) -> None:
    assert not fusion.is_on(room)
    fusion.fuse(room, "2")
    fusion.more(room)
    fusion.next_mode(room)
    assert room.view.main.fusion == Fusion("2", "hot-iron", 0.6, "squares")
    fusion.less(room)
    for _mode in MODES[1:]:
        fusion.next_mode(room)
    assert room.view.main.fusion == Fusion("2", "hot-iron", 0.5)
    fusion.end(room)
    assert not fusion.is_on(room)


def test_a_menu_with_nothing_to_fuse_says_so(window: MainWindow, both: tuple[Volume, Volume]) -> None:
    window.view.show_volume(both[0], Window(0.0, 100.0), HOT)
    assert texts(FusionMenu(window))[0] == "No other series lies in the same place."
    window.view.show_volume(None, Window(0.0, 1.0), HOT)


def settled(window: MainWindow) -> bool:
    return not window.flow.busy and not window.jobs.quiet and window.view.volume is not None


def test_a_series_of_the_study_is_loaded_and_then_fused(
    make_window: Callable[..., MainWindow], qtbot: QtBot, tmp_path: Path
) -> None:
    window, made = make_window(), small.make()
    for number in (1, 2):
        said = CtSeries(patient=PATIENT, study_date="20260115", study_uid="1.2.826.5", series_number=number)
        write_ct(tmp_path / str(number), made.voxels, made.grid, said)
    window.flow.open_path(tmp_path)
    qtbot.waitUntil(lambda: settled(window), timeout=20_000)
    menu = FusionMenu(window)
    assert len(texts(menu)) == 2
    menu.actions()[0].trigger()
    qtbot.waitUntil(lambda: window.view.main.fusion is not None and settled(window), timeout=20_000)
    chosen = window.view.main.fusion
    assert chosen is not None
    assert chosen.mode == "two-colours"  # two CT are set against each other
    other = window.view.display(chosen.display).volume
    assert other is not None
    assert window.view.volume is not None
    assert other.series.uid != window.view.volume.series.uid
    assert fusion.waiting(window, window.view.main) == []


@pytest.mark.data
def test_a_patients_pet_is_fused_with_the_ct_from_disk(
    make_window: Callable[..., MainWindow], qtbot: QtBot, shared_data: Path
) -> None:
    window = make_window()
    folder = shared_data / "dicom" / "pet-ct-mr-STS_001"
    window.flow.open_paths([folder / "CT" / "image", folder / "PET" / "image"])
    qtbot.waitUntil(lambda: settled(window), timeout=60_000)
    menu = FusionMenu(window)
    texts(menu)
    menu.actions()[0].trigger()
    qtbot.waitUntil(lambda: fusion.is_on(window) and settled(window), timeout=60_000)
    fused = fusion.shown_on(window.view)
    assert fused is not None
    assert fused.volume is not None
    assert fused.volume.series.modality == "CT"  # whichever of the two was opened first
    viewport = window.viewer.active
    assert viewport.display is fused
    assert fusion.fused_words(viewport, (7.03, 21.09, -691.64)) == "PT 25.41 SUVbw"


# ---- the keys ----


def test_one_key_fuses_with_the_uptake_and_ends_it_again(room: MainWindow) -> None:
    fusion_actions.toggle(room)
    assert room.view.main.fusion == Fusion("2", "hot-iron")
    fusion_actions.toggle(room)
    assert room.view.main.fusion is None


def test_the_key_says_why_nothing_can_be_fused(window: MainWindow, both: tuple[Volume, Volume]) -> None:
    window.view.show_volume(both[0], Window(0.0, 100.0), HOT)
    with pytest.raises(Problem, match="No other series of this study lies in the same place"):
        fusion_actions.toggle(window)
    window.view.show_volume(None, Window(0.0, 1.0), HOT)


def test_every_action_has_a_key_of_its_own_and_says_what_it_does(window: MainWindow) -> None:
    mine = {action.id for action in fusion_actions.ACTIONS}
    others = {key for action in window.table if action.id not in mine for key in action.keys}
    for action in fusion_actions.ACTIONS:
        assert action.keys
        assert not others & set(action.keys)
        assert action.tip is not None
    assert not {"O", "o"} & others  # held to see the original of an enhanced picture
