"""The outlines panel: what it lists, and what its buttons and controls do."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.exceptions import capture_exceptions
from pytestqt.qtbot import QtBot

from medviewer.core.case import Case
from medviewer.core.layers import Contour, Layer
from medviewer.core.mask import Mask
from medviewer.core.problem import Problem
from medviewer.core.region import COLOURS, Region
from medviewer.core.region_gate import PRESETS
from medviewer.core.study import Check
from medviewer.core.volume import PENDING, Volume
from medviewer.i18n import N_
from medviewer.imaging.measure import measure
from medviewer.imaging.window import LUNG
from medviewer.phantom import small
from medviewer.ui.panels.regions import RegionsPanel
from medviewer.ui.regions import commands as region_commands
from medviewer.ui.regions.controls import size_of, step_of
from medviewer.ui.regions.list import AXES, DENSITY, NAME, VOLUME, why_no_volume, words
from tests.ui.outlining import NODULE
from tests.ui.panels.desk import Desk
from tests.ui.samples import noted, painted, sphere, volume_of

SHAPE = small.GRID.shape_kji
VOXEL_ML = 2.5 * 1.6 * 1.6 / 1000.0


@pytest.fixture
def volume() -> Iterator[Volume]:
    made = volume_of()
    yield made
    made.close()


@pytest.fixture
def panel(desk: Desk, qtbot: QtBot, volume: Volume) -> RegionsPanel:
    view, session = desk.view, desk.session
    view.do = session.do
    view.case = lambda: None if session.study is None else session.case
    desk.open(Case("1.2.3", regions=(nodule("r1", "Nodule"), Region("r2", "Rest", "1.2.3.4", COLOURS[1]))))
    view.show_volume(volume, LUNG, NODULE)
    made = RegionsPanel(session, view)
    qtbot.addWidget(made)
    made.resize(480, 640)
    made.show()
    return made


def ball(diameter_mm: float = 12.0) -> np.ndarray:
    return small.sphere_share(small.GRID, small.CENTER_KJI, diameter_mm) >= 0.5


def nodule(region_id: str, name: str, inside: np.ndarray | None = None) -> Region:
    return Region(region_id, name, "1.2.3.4", COLOURS[0], Mask.cut(ball() if inside is None else inside))


def row(panel: RegionsPanel, number: int = 0) -> list[str]:
    item = panel.list.topLevelItem(number)
    assert item is not None
    return [item.text(column) for column in (NAME, VOLUME, AXES, DENSITY)]


def choose(panel: RegionsPanel, number: int) -> None:
    item = panel.list.topLevelItem(number)
    assert item is not None
    panel.list.setCurrentItem(item)


def test_each_outline_has_its_volume_axes_and_density(panel: RegionsPanel, volume: Volume) -> None:
    inside = ball()
    values = volume.voxels[inside].astype(float)
    name, ml, axes, density = row(panel)
    assert name == "Nodule"
    assert float(ml) == pytest.approx(np.count_nonzero(inside) * VOXEL_ML, abs=0.006)
    assert float(ml) == pytest.approx(np.pi / 6.0 * 1.2**3, rel=0.1)
    long_mm, short_mm = (float(part) for part in axes.split(" × "))
    assert (long_mm, short_mm) == pytest.approx((12.0, 12.0), abs=1.0)
    assert density.replace("\u2212", "-") == f"{values.mean():.0f} ± {values.std():.0f} HU"
    assert row(panel, 1)[1:] == ["–", "–", "–"]


def test_a_volume_that_cannot_be_known_is_a_dash_that_says_why() -> None:
    why = Check("no-spacing", "stop", N_("The files do not say how large a pixel is."))
    volume = volume_of(regular=False)
    try:
        odd = noted(volume, why)
        region = nodule("r1", "One", ball())
        assert region.mask is not None
        seen = measure(odd.voxels, odd.grid, region.mask)
        assert words(region, seen, odd)[0] == "–"
        assert why_no_volume(odd) == "The files do not say how large a pixel is."
        assert why_no_volume(replace(odd, regular=True)) == ""
    finally:
        volume.close()


def test_a_large_outline_is_measured_in_the_background(
    desk: Desk, panel: RegionsPanel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("medviewer.ui.regions.measures.AT_ONCE", 10)
    bigger = ball(20.0)
    desk.open(Case("1.2.3", regions=(nodule("r1", "Nodule", bigger),)))
    qtbot.waitUntil(lambda: row(panel)[1] == f"{np.count_nonzero(bigger) * VOXEL_ML:.2f}")


def test_measures_wait_for_slices_that_are_still_read(desk: Desk, panel: RegionsPanel, volume: Volume) -> None:
    volume.state[13] = PENDING
    desk.open(Case("1.2.3", regions=(nodule("r3", "Late"),)))
    assert row(panel)[1] == "–"
    volume.state[13] = 1
    desk.view.slices_changed.emit()
    assert row(panel)[1] != "–"


def test_the_empty_list_says_what_to_do(desk: Desk, panel: RegionsPanel) -> None:
    desk.open(Case("1.2.3"))
    assert panel.pages.currentIndex() == 0
    assert "brush (B)" in panel.empty.text()
    desk.session.close_study()
    assert "Open a study" in panel.empty.text()
    assert not panel.new.isEnabled()


def test_new_and_delete_can_be_taken_back(desk: Desk, panel: RegionsPanel, qtbot: QtBot) -> None:
    QTest.mouseClick(panel.new, Qt.MouseButton.LeftButton)
    assert [one.name for one in desk.session.case.regions] == ["Nodule", "Rest", "Outline 1"]
    assert panel.regions.chosen is not None
    assert panel.regions.chosen.name == "Outline 1"
    assert panel.regions.chosen.colour_rgb == COLOURS[2]
    choose(panel, 0)
    QTest.mouseClick(panel.delete, Qt.MouseButton.LeftButton)
    assert [one.name for one in desk.session.case.regions] == ["Rest", "Outline 1"]
    desk.session.undo()
    assert [one.name for one in desk.session.case.regions] == ["Nodule", "Rest", "Outline 1"]
    choose(panel, 1)
    QTest.keyClick(panel.list, Qt.Key.Key_Delete)
    assert [one.name for one in desk.session.case.regions] == ["Nodule", "Outline 1"]


def test_a_name_is_edited_in_place(desk: Desk, panel: RegionsPanel, qtbot: QtBot) -> None:
    choose(panel, 0)
    panel.list.setFocus()
    item = panel.list.topLevelItem(0)
    assert item is not None
    panel.list.editItem(item, NAME)
    editor = panel.list.findChild(QLineEdit)
    assert editor is not None
    editor.selectAll()
    QTest.keyClicks(editor, "Left nodule")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: desk.session.case.regions[0].name == "Left nodule")
    assert str(desk.session.undo_label) == "Rename outline"
    desk.session.undo()
    assert row(panel)[0] == "Nodule"


def test_a_check_mark_or_space_hides_and_shows(desk: Desk, panel: RegionsPanel) -> None:
    item = panel.list.topLevelItem(0)
    assert item is not None
    item.setCheckState(NAME, Qt.CheckState.Unchecked)
    assert desk.session.case.regions[0].hidden
    choose(panel, 0)
    QTest.keyClick(panel.list, Qt.Key.Key_Space)
    assert not desk.session.case.regions[0].hidden


def test_another_colour_is_given(desk: Desk, panel: RegionsPanel) -> None:
    choose(panel, 1)
    panel.colour.menu().actions()[4].trigger()
    assert desk.session.case.regions[1].colour_rgb == COLOURS[4]


def test_enter_goes_to_the_outline(desk: Desk, panel: RegionsPanel) -> None:
    desk.view.move_to((0.0, 0.0, -100.0))
    choose(panel, 0)
    QTest.keyClick(panel.list, Qt.Key.Key_Return)
    assert desk.view.point_lps_mm == pytest.approx(NODULE, abs=0.5)


def test_fill_between_slices_fills_and_is_one_step(desk: Desk, panel: RegionsPanel, qtbot: QtBot) -> None:
    whole, some = ball(25.0), np.zeros(SHAPE, np.bool_)
    on = np.flatnonzero(whole.any(axis=(1, 2)))[::2]
    some[on] = whole[on]
    desk.open(Case("1.2.3", regions=(nodule("r1", "Nodule", some),)))
    choose(panel, 0)
    QTest.mouseClick(panel.fill, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: desk.session.undo_label is not None, timeout=60_000)
    mask = desk.session.case.regions[0].mask
    assert mask is not None
    filled = mask.full(SHAPE)
    assert np.array_equal(filled[on], some[on])
    assert filled.any(axis=(1, 2)).sum() == on[-1] - on[0] + 1
    assert np.count_nonzero(filled) == pytest.approx(np.count_nonzero(whole), rel=0.12)
    assert str(desk.session.undo_label) == "Fill between slices"
    desk.session.undo()
    back = desk.session.case.regions[0].mask
    assert back is not None
    assert np.array_equal(back.full(SHAPE), some)


def test_where_nothing_can_be_filled_the_reason_is_said(panel: RegionsPanel, qtbot: QtBot) -> None:
    choose(panel, 0)
    with capture_exceptions() as caught:
        panel.fill.click()
        qtbot.waitUntil(lambda: not panel.regions.busy, timeout=60_000)
        qtbot.wait(1)
    assert "no empty slice" in str(caught[0][1])
    assert panel.regions.busy is False


def test_smoothing_keeps_the_volume(desk: Desk, panel: RegionsPanel, qtbot: QtBot) -> None:
    choose(panel, 0)
    before = desk.session.case.regions[0].mask
    assert before is not None
    panel.smooth.click()
    qtbot.waitUntil(lambda: not panel.regions.busy, timeout=60_000)
    after = desk.session.case.regions[0].mask
    assert after is not None
    assert after.count == pytest.approx(before.count, rel=0.03)


def test_the_largest_piece_and_holes_are_in_the_menu(desk: Desk, panel: RegionsPanel, qtbot: QtBot) -> None:
    two = ball(20.0)
    two[2:4, 3:5, 3:5] = True
    desk.open(Case("1.2.3", regions=(nodule("r1", "Nodule", two),)))
    choose(panel, 0)
    panel.more.menu().actions()[0].trigger()
    qtbot.waitUntil(lambda: not panel.regions.busy, timeout=60_000)
    after = desk.session.case.regions[0].mask
    assert after is not None
    assert np.array_equal(after.full(SHAPE), ball(20.0))
    assert str(desk.session.undo_label) == "Keep the largest piece"


def test_a_command_on_an_empty_outline_says_what_to_do_first(panel: RegionsPanel) -> None:
    choose(panel, 1)
    with capture_exceptions() as caught:
        panel.smooth.click()
    assert "Nothing is painted yet" in str(caught[0][1])


def test_a_segment_becomes_an_outline(desk: Desk, panel: RegionsPanel, volume: Volume, qtbot: QtBot) -> None:
    desk.view.layers.add(volume, [Layer("s1", "Liver", (10, 200, 30), mask=Mask.cut(ball(18.0)))])
    panel.segment.menu().aboutToShow.emit()
    (offered,) = panel.segment.menu().actions()
    assert "Liver" in offered.text()
    offered.trigger()
    qtbot.waitUntil(lambda: len(desk.session.case.regions) == 3)
    made = desk.session.case.regions[2]
    assert (made.name, made.colour_rgb) == ("Liver", (10, 200, 30))
    assert made.mask is not None
    assert made.mask.count == np.count_nonzero(ball(18.0))


def test_a_segment_is_resampled_onto_other_images(
    desk: Desk, panel: RegionsPanel, volume: Volume, qtbot: QtBot
) -> None:
    fine = replace(small.GRID, shape_kji=(60, 64, 64), spacing_kji_mm=(1.0, 1.6, 1.6))
    other = volume_of(small.make(grid=fine), uid="9.9")
    desk.view.show_in("2", other, LUNG, NODULE)
    desk.view.relate(desk.view.display("2"), np.eye(4))
    layer = Layer("s1", "Liver", (10, 200, 30), mask=Mask.cut(ball(18.0)))
    desk.view.layers.add(volume, [layer])
    region_commands.outline_of(panel.regions, layer, other)
    qtbot.waitUntil(lambda: len(desk.session.case.regions) == 3)
    made = desk.session.case.regions[2]
    assert made.series_uid == "9.9"
    assert made.mask is not None
    assert made.mask.count * fine.voxel_mm3 == pytest.approx(np.pi / 6.0 * 18.0**3, rel=0.08)
    desk.view.relate(desk.view.display("2"), None)
    with pytest.raises(Problem, match="not known how these two series lie"):
        region_commands.outline_of(panel.regions, layer, other)
    other.close()


def test_a_segment_of_lines_alone_is_refused_with_the_reason(desk: Desk, panel: RegionsPanel, volume: Volume) -> None:
    lines = Layer("c", "Line", (1, 2, 3), kind="contour", contours=(Contour("open", 3, np.zeros((2, 3))),))
    desk.view.layers.add(volume, [lines])
    with pytest.raises(Problem, match="lines or points only"):
        region_commands.outline_of(panel.regions, lines)


def test_the_brush_controls_and_the_keys_tell_one_another(panel: RegionsPanel) -> None:
    controls, regions = panel.controls, panel.regions
    controls.slider.setValue(step_of(50.0))
    assert regions.brush.diameter_mm == pytest.approx(50.0, rel=0.03)
    controls.size_mm.setValue(12.5)
    assert regions.brush.diameter_mm == 12.5
    regions.resize_brush(1)
    assert controls.size_mm.value() == pytest.approx(14.4)
    controls.ball.click()
    assert regions.brush.ball
    controls.guard.click()
    assert not regions.brush.guard


def test_a_preset_sets_the_gate_and_typing_leaves_it(panel: RegionsPanel) -> None:
    controls, regions = panel.controls, panel.regions
    assert not controls.low.isEnabled()
    controls.presets.setCurrentIndex(2)
    controls.presets.activated.emit(2)
    assert regions.brush.gated
    assert regions.brush.gate == PRESETS[1][2]
    assert (controls.low.value(), controls.high.value()) == (-30.0, 200.0)
    controls.low.setValue(300.0)
    assert (regions.brush.gate.low, regions.brush.gate.high) == (300.0, 300.0)
    assert controls.presets.currentIndex() == 0


def test_a_gate_of_suv_is_typed_in_fractions_and_presets_of_hu_are_not_offered(
    desk: Desk, panel: RegionsPanel, volume: Volume
) -> None:
    controls, suv = panel.controls, replace(volume, slope=0.0004, unit="SUVbw")
    desk.view.show_volume(suv, LUNG, NODULE)
    assert not controls.presets.isEnabled()
    controls.gated.setChecked(True)
    controls.high.setValue(20.25)
    controls.low.setValue(2.5)
    assert (panel.regions.brush.gate.low, panel.regions.brush.gate.high) == (2.5, 20.25)
    assert (controls.low.value(), controls.high.value()) == (2.5, 20.25)
    desk.view.show_volume(volume, LUNG, NODULE)
    assert (controls.low.decimals(), controls.presets.isEnabled()) == (0, True)


def test_filling_and_opacity_are_chosen(panel: RegionsPanel) -> None:
    panel.controls.opacity.setValue(80)
    assert panel.regions.opacity == 0.8
    panel.controls.filled.click()
    assert not panel.regions.filled
    assert not panel.controls.opacity.isEnabled()


@pytest.mark.parametrize("step", [0, 37, 50, 100])
def test_the_slider_goes_in_equal_ratios_both_ways(step: int) -> None:
    assert step_of(size_of(step)) == pytest.approx(step, abs=1)
    assert size_of(100) == 100.0


def test_editing_a_finding_is_chosen_with_a_button(desk: Desk, panel: RegionsPanel, volume: Volume) -> None:
    assert not panel.edit_finding.isEnabled()
    found = sphere(volume)
    desk.open(Case("1.2.3", findings=(found,)))
    desk.select("a")
    panel.edit_finding.click()
    assert panel.regions.finding is found
    assert "finding 1" in panel.note.text()
    panel.edit_finding.click()
    assert panel.regions.finding is None
    assert panel.note.text() == ""


def test_a_case_saved_before_comes_back_with_its_outlines(desk: Desk, panel: RegionsPanel, tmp_path: Path) -> None:
    QTest.mouseClick(panel.new, Qt.MouseButton.LeftButton)
    history, seq = desk.session.store.replay(Case("1.2.3"))
    assert seq == 1
    assert [one.name for one in history.case.regions] == ["Outline 1"]


def test_the_panel_is_drawn(panel: RegionsPanel) -> None:
    assert painted(panel).std() > 5
