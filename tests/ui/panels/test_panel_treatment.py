"""The treatment panel: category, options with strength, and asking only what is needed."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from medviewer.ui.editors import YesNoEditor
from medviewer.ui.panels.treatment import PANEL, GuidelineCard, TreatmentPanel
from medviewer.ui.view import ReadingStatus
from tests.cases import case, finding
from tests.ui.panels.desk import Desk


@pytest.fixture
def panel(desk: Desk, qtbot: QtBot) -> TreatmentPanel:
    made = PANEL.make(desk.session, desk.view)
    assert isinstance(made, TreatmentPanel)
    qtbot.addWidget(made)
    made.resize(420, 900)
    made.show()
    return made


def answer(panel: TreatmentPanel, name: str, state: str) -> None:
    editor = panel.form.rows[name].editor
    assert isinstance(editor, YesNoEditor)
    QTest.mouseClick(editor.buttons[state], Qt.MouseButton.LeftButton)


def shown(panel: TreatmentPanel) -> list[str]:
    return [name for name, row in panel.form.rows.items() if row.editor.isVisible()]


def offers(card: GuidelineCard) -> list[str]:
    items = [card.options.itemAt(n) for n in range(card.options.count())]
    widgets = [item.widget() for item in items if item is not None]
    return [" ".join(part.text() for part in widget.findChildren(QLabel)) for widget in widgets if widget]


def test_answering_what_is_missing_leads_to_options_with_strength(desk: Desk, panel: TreatmentPanel) -> None:
    desk.open(case(finding("a", long_axis_mm=5.0)))
    desk.select("a")
    card = panel.cards["fleischner_2017"]
    assert "Missing: CT made for lung cancer screening" in card.state.text()
    for name in ("screening", "known_cancer", "immunosuppressed", "high_risk"):
        answer(panel, name, "no")
    assert card.category.text() == "Single solid nodule under 6 mm, low risk"
    assert offers(card) == [
        "Routine CT follow-up may be left out: no date strong recommendation, low or very low certainty"
    ]
    assert "5 mm" in card.why.text()


def test_forms_and_cards_are_made_for_the_first_finding_and_kept(desk: Desk, panel: TreatmentPanel) -> None:
    desk.open(case(finding("a"), finding("b")))
    assert panel.findChildren(GuidelineCard) == []
    desk.select("a")
    made = panel.findChildren(GuidelineCard)
    assert len(made) == 2
    desk.select("b")
    assert panel.findChildren(GuidelineCard) == made


def test_only_what_is_needed_now_is_asked(desk: Desk, panel: TreatmentPanel) -> None:
    desk.open(case(finding("a", long_axis_mm=5.0)))
    desk.select("a")
    assert shown(panel) == ["screening", "known_cancer", "immunosuppressed", "high_risk"]
    answer(panel, "screening", "yes")  # Fleischner is out, Lung-RADS asks
    assert shown(panel) == ["screening", "benign_features", "nodule_course"]


def test_all_inputs_can_be_seen(desk: Desk, panel: TreatmentPanel) -> None:
    desk.open(case(finding("a")))
    desk.select("a")
    QTest.mouseClick(panel.all, Qt.MouseButton.LeftButton)
    assert len(shown(panel)) == len(panel.form.rows)


def test_a_guideline_that_does_not_apply_says_why(desk: Desk, panel: TreatmentPanel) -> None:
    desk.open(case(finding("a"), screening=False))
    desk.select("a")
    card = panel.cards["lung_rads_2022"]
    assert card.state.text().startswith("Does not apply. The CT was not made for screening")
    assert not card.category.isVisible()
    assert offers(card) == []


def test_cautions_are_shown_once(desk: Desk, panel: TreatmentPanel) -> None:
    told = case(finding("a", long_axis_mm=20.0), screening=False, known_cancer=False, immunosuppressed=False,
                slice_thickness_mm=5.0)  # fmt: skip
    desk.open(told)
    desk.select("a")
    cautions = panel.cards["fleischner_2017"].cautions.text()
    assert cautions.count("Slices of 5 mm are too thick") == 1


def test_the_category_follows_the_finding_selected(desk: Desk, panel: TreatmentPanel) -> None:
    told = case(finding("a", long_axis_mm=20.0), finding("b", nodule_type="non-solid"), screening=False,
                known_cancer=False, immunosuppressed=False, high_risk=True)  # fmt: skip
    desk.open(told)
    desk.select("a")
    card = panel.cards["fleischner_2017"]
    assert "Several solid nodules" in card.category.text()
    desk.select("b")
    assert "Several subsolid nodules" in card.category.text()


def test_without_a_finding_it_says_what_to_do(desk: Desk, panel: TreatmentPanel) -> None:
    desk.open(case(finding("a")))
    assert "Select a finding" in panel.message.text()


def test_a_series_that_is_not_read_says_why_and_is_not_waited_for(desk: Desk, panel: TreatmentPanel) -> None:
    desk.open(case())
    assert "Wait for the reading to end" in panel.message.text()
    desk.view.set_reading(ReadingStatus("refused", text="There is no model for MR."))
    assert panel.message.text() == "This series is not read: There is no model for MR."
    desk.view.set_reading(ReadingStatus("done"))
    assert panel.message.text() == "There is no finding to assess."
