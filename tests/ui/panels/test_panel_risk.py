"""The risk panel as a reader uses it: answer what is missing, see the percentage."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from medviewer.core.edits import SetStatus
from medviewer.ui.editors import ChoiceEditor, NumberEditor, YesNoEditor
from medviewer.ui.inputs import InputForm
from medviewer.ui.panels.risk import PANEL, RiskPanel
from tests.cases import case, finding
from tests.ui.panels.desk import Desk


@pytest.fixture
def panel(desk: Desk, qtbot: QtBot) -> RiskPanel:
    made = PANEL.make(desk.session, desk.view)
    assert isinstance(made, RiskPanel)
    qtbot.addWidget(made)
    made.resize(420, 900)
    made.show()
    return made


def answer(form: InputForm, name: str, state: str) -> None:
    """Click yes, no or unknown as a reader does."""
    editor = form.rows[name].editor
    assert isinstance(editor, YesNoEditor)
    QTest.mouseClick(editor.buttons[state], Qt.MouseButton.LeftButton)


def write(form: InputForm, name: str, text: str) -> None:
    """Write a number and press Enter as a reader does."""
    editor = form.rows[name].editor
    assert isinstance(editor, NumberEditor)
    editor.line.setFocus()
    editor.line.selectAll()
    QTest.keyClicks(editor.line, text)
    QTest.keyClick(editor.line, Qt.Key.Key_Return)


def source(form: InputForm, name: str) -> str:
    return form.rows[name].source.text()


def test_nothing_open_says_what_to_do(desk: Desk, panel: RiskPanel) -> None:
    assert "No study is open" in panel.message.text()
    assert panel.message.isVisible()


def test_no_finding_selected_says_what_to_do(desk: Desk, panel: RiskPanel) -> None:
    desk.open(case())
    assert "no finding yet" in panel.message.text()
    desk.open(case(finding("a")))
    assert "Select a finding" in panel.message.text()


def test_answering_what_is_missing_makes_the_percentage_appear(desk: Desk, panel: RiskPanel) -> None:
    desk.open(case(finding("a", long_axis_mm=20.0)))
    desk.select("a")
    with_spiculation, without = panel.cards["brock_full"], panel.cards["brock_without_spiculation"]
    assert with_spiculation.value.text() == "–"
    assert with_spiculation.missing.text() == (
        "Missing: Family history of lung cancer, Emphysema on CT, In an upper lobe, Spiculation"
    )
    answer(panel.form, "family_history_lung_cancer", "no")
    answer(panel.form, "emphysema", "yes")
    answer(panel.form, "upper_lobe", "yes")
    assert without.value.text().endswith(" %")
    assert with_spiculation.value.text() == "–"
    answer(panel.form, "spiculation", "yes")
    assert with_spiculation.value.text().endswith(" %")
    assert not with_spiculation.missing.isVisible()
    assert len(with_spiculation.bars.bars) == 9


def test_the_percentage_is_the_published_one(desk: Desk, panel: RiskPanel) -> None:
    told = case(finding("a", long_axis_mm=20.0), finding("b"), family_history_lung_cancer=False, emphysema=True)
    desk.open(told)
    desk.select("a")
    for name in ("upper_lobe", "spiculation"):
        answer(panel.form, name, "yes")
    answer(panel.form, "female", "no")
    write(panel.form, "age_years", "70")
    assert panel.cards["brock_full"].value.text() == "51.0 %"
    assert panel.cards["brock_without_spiculation"].value.text() == "40.7 %"


def test_each_input_says_where_it_is_from(desk: Desk, panel: RiskPanel) -> None:
    desk.open(case(finding("a")))
    desk.select("a")
    assert source(panel.form, "age_years") == "from the study"
    assert source(panel.form, "long_axis_mm") == "from the finding"
    assert source(panel.form, "emphysema") == "missing"
    answer(panel.form, "emphysema", "no")
    assert source(panel.form, "emphysema") == "from you"


def test_what_the_reader_entered_can_be_taken_back(desk: Desk, panel: RiskPanel) -> None:
    desk.open(case(finding("a")))
    desk.select("a")
    write(panel.form, "age_years", "70")
    row = panel.form.rows["age_years"]
    assert source(panel.form, "age_years") == "from you"
    QTest.mouseClick(row.back, Qt.MouseButton.LeftButton)
    assert source(panel.form, "age_years") == "from the study"
    assert isinstance(row.editor, NumberEditor)
    assert row.editor.line.text() == "61"
    assert not row.back.isVisible()


def test_a_number_that_is_none_is_marked_and_not_entered(desk: Desk, panel: RiskPanel) -> None:
    desk.open(case(finding("a")))
    desk.select("a")
    editor = panel.form.rows["age_years"].editor
    assert isinstance(editor, NumberEditor)
    for text in ("seventy", "700"):
        write(panel.form, "age_years", text)
        assert editor.line.property("invalid")
        assert "0 to 120" in editor.line.toolTip()
        assert desk.session.case.inputs == {}
    write(panel.form, "age_years", "70,5")  # a comma is how much of the world writes it
    assert not editor.line.property("invalid")
    assert desk.session.case.inputs == {("", "age_years"): 70.5}


def test_unknown_on_a_value_of_the_study_changes_nothing(desk: Desk, panel: RiskPanel) -> None:
    desk.open(case(finding("a")))
    desk.select("a")
    answer(panel.form, "female", "unknown")
    editor = panel.form.rows["female"].editor
    assert isinstance(editor, YesNoEditor)
    assert editor.buttons["yes"].isChecked()
    assert desk.session.case.inputs == {}


def test_inputs_of_a_finding_stay_with_it_and_those_of_the_patient_do_not(desk: Desk, panel: RiskPanel) -> None:
    desk.open(case(finding("a"), finding("b")))
    desk.select("a")
    answer(panel.form, "upper_lobe", "yes")
    answer(panel.form, "emphysema", "yes")
    desk.select("b")
    assert source(panel.form, "upper_lobe") == "missing"
    assert source(panel.form, "emphysema") == "from you"


def test_undo_takes_an_answer_back_on_the_screen(desk: Desk, panel: RiskPanel) -> None:
    desk.open(case(finding("a")))
    desk.select("a")
    answer(panel.form, "emphysema", "yes")
    desk.session.undo()
    assert source(panel.form, "emphysema") == "missing"


def test_a_choice_is_entered_by_hand(desk: Desk, panel: RiskPanel) -> None:
    desk.open(case(finding("a")))
    desk.select("a")
    editor = panel.form.rows["nodule_type"].editor
    assert isinstance(editor, ChoiceEditor)
    editor.combo.setFocus()
    QTest.keyClick(editor.combo, Qt.Key.Key_Down)
    assert desk.session.case.inputs == {("a", "nodule_type"): "part-solid"}


def test_values_beyond_the_data_of_the_model_are_told(desk: Desk, panel: RiskPanel) -> None:
    desk.open(case(finding("a")))
    desk.select("a")
    assert not panel.cards["brock_full"].beyond.isVisible()
    write(panel.form, "age_years", "40")
    assert "extrapolation" in panel.cards["brock_full"].beyond.text()


def test_a_rejected_finding_is_not_assessed(desk: Desk, panel: RiskPanel) -> None:
    desk.open(case(finding("a")))
    desk.select("a")
    desk.session.do(SetStatus("a", "accepted", "rejected"))
    assert "rejected" in panel.message.text()
    assert panel.message.isVisible()


def test_a_hidden_panel_catches_up_when_it_is_shown(desk: Desk, panel: RiskPanel) -> None:
    panel.hide()
    desk.open(case(finding("a")))
    desk.select("a")
    panel.show()
    assert panel.title.text().startswith("Finding 1: solid")


def test_a_closed_panel_is_no_longer_called(desk: Desk, qtbot: QtBot) -> None:
    made = PANEL.make(desk.session, desk.view)
    before = len(desk.session.changed)
    made.deleteLater()
    qtbot.waitUntil(lambda: len(desk.session.changed) == before - 1)


def test_every_control_has_a_tooltip_and_every_editor_a_label(desk: Desk, panel: RiskPanel) -> None:
    desk.open(case(finding("a")))
    desk.select("a")
    for row in panel.form.rows.values():
        assert row.name.buddy() is row.editor.target
        assert row.name.toolTip()
        assert row.back.toolTip()
        target: QWidget = row.editor.target
        assert target.toolTip()


def test_the_chart_is_drawn_without_complaint(desk: Desk, panel: RiskPanel) -> None:
    desk.open(case(finding("a"), family_history_lung_cancer=False, emphysema=True))
    desk.select("a")
    for name in ("upper_lobe", "spiculation"):
        answer(panel.form, name, "no")
    bars = panel.cards["brock_full"].bars
    empty = bars.grab().toImage()
    bars.show_bars([("Long axis", 5.0), ("Number of nodules", -2.0)])
    assert bars.grab().toImage() != empty
    assert "Number of nodules -2.00" in bars.accessibleDescription()
