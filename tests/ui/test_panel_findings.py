"""The findings panel: list, filter, jump, verdict, and what it says while there is nothing."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from medviewer.core.edits import AddFindings
from medviewer.core.finding import Finding
from medviewer.ui import finding_card, theme
from medviewer.ui.findings_table import COLUMNS, PLACE
from medviewer.ui.panels.findings import PANEL, FindingsPanel, empty_words
from medviewer.ui.view import ReadingStatus
from medviewer.ui.window import MainWindow
from tests.cases import finding
from tests.ui.panels.desk import STUDY


@pytest.fixture
def panel(window: MainWindow) -> FindingsPanel:
    """The panel of a window in which a study with three findings is open."""
    window.session.catalogue.add(STUDY.series[0].headers)
    window.session.open_study(STUDY.uid)
    small, large = finding("a", status="unreviewed"), finding("b", long_axis_mm=21.0, short_axis_mm=14.0)
    window.session.do(AddFindings((small, large, finding("c", status="rejected", nodule_type="part-solid"))))
    made = window.docks.panels["findings"].content
    assert isinstance(made, FindingsPanel)
    return made


def cells(panel: FindingsPanel) -> list[list[str]]:
    shown = panel.filtered
    return [[str(shown.index(row, column).data()) for column in range(len(COLUMNS))] for row in range(shown.rowCount())]


def first_status(panel: FindingsPanel) -> str:
    return panel.session.case.findings[0].status


def test_each_finding_has_a_row_with_all_that_is_known(panel: FindingsPanel) -> None:
    assert cells(panel) == [
        ["1", "?", "right upper zone", "solid", "8.0 × 8.0", "268", "31", "likely"],
        ["2", "✓", "right upper zone", "solid", "21.0 × 14.0", "268", "31", "likely"],
        ["3", "✕", "right upper zone", "part-solid", "8.0 × 8.0", "268", "31", "likely"],
    ]


def test_the_filter_shows_what_is_left_to_review(panel: FindingsPanel, qtbot: QtBot) -> None:
    assert [panel.filters.button(n).text() for n in range(4)] == ["All 3", "To review 1", "Accepted 1", "Rejected 1"]
    panel.filters.button(1).click()
    assert [row[0] for row in cells(panel)] == ["1"]
    panel.filters.button(0).click()
    assert len(cells(panel)) == 3


def test_a_click_jumps_there_in_all_planes(panel: FindingsPanel, qtbot: QtBot) -> None:
    place = panel.table.visualRect(panel.filtered.index(1, 2)).center()
    QTest.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert panel.view.finding_id == "b"
    assert panel.view.point_lps_mm == (-50.0, 10.0, 20.0)
    assert "21.0 × 14.0 mm, 268 mm³, 31 HU" in panel.card.measures.text()


def test_the_arrow_keys_go_from_finding_to_finding(panel: FindingsPanel, qtbot: QtBot) -> None:
    panel.view.select(panel.session.case.findings[0])
    QTest.keyClick(panel.table, Qt.Key.Key_Down)
    assert panel.view.finding_id == "b"


def test_the_row_follows_a_finding_chosen_elsewhere(panel: FindingsPanel) -> None:
    panel.view.select(panel.session.case.findings[2])
    assert panel.table.currentIndex().row() == 2


def test_sorting_by_size_puts_numbers_in_order(panel: FindingsPanel) -> None:
    panel.table.sortByColumn(4, Qt.SortOrder.DescendingOrder)
    assert cells(panel)[0][0] == "2"


def test_accept_and_reject_are_steps_that_can_be_undone(panel: FindingsPanel) -> None:
    panel.view.select(panel.session.case.findings[0])
    panel.card.accept.click()
    assert first_status(panel) == "accepted"
    assert panel.card.accept.isChecked()
    panel.card.reject.click()
    assert first_status(panel) == "rejected"
    panel.session.undo()
    panel.session.undo()
    assert first_status(panel) == "unreviewed"
    assert not panel.card.accept.isChecked()


def test_the_same_verdict_twice_takes_it_back(panel: FindingsPanel) -> None:
    panel.view.select(panel.session.case.findings[0])
    panel.card.accept.click()
    panel.card.accept.click()
    assert panel.session.case.findings[0].status == "unreviewed"


def test_the_card_says_who_found_it_and_what_the_model_thinks(panel: FindingsPanel) -> None:
    panel.view.select(panel.session.case.findings[0])
    assert panel.card.title.text() == "Finding 1: solid, right upper zone"
    assert panel.card.belief.text() == "The model says: likely"
    assert panel.card.model.text() == "Found by lung-nodules 1.0"
    panel.view.select(None)
    assert panel.card.isHidden()


class Band:
    wording, ppv, count = "likely", 0.75, 40


class FakeBundle:
    calibration = (Band(),)
    title, version = "Lung nodules", "2.0"


@pytest.fixture
def _measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding_card, "bundle_of", lambda _id: FakeBundle())


@pytest.mark.usefixtures("_measured")
def test_the_word_comes_with_how_often_it_was_right() -> None:
    said = finding_card.measured_error(finding("a"))
    assert said == (
        'In test crops that each held a nodule, 30 of 40 called "likely" were nodules (75 %); in whole scans fewer are.'
    )


@pytest.mark.usefixtures("_measured")
def test_a_finding_of_the_reader_has_no_measured_error() -> None:
    mine: Finding = finding("a", model=None)
    assert finding_card.measured_error(mine) == ""
    assert finding_card.model_line(mine) == "Marked by the reader"


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (ReadingStatus("running", share=0.42, remaining_s=12.0), "Reading… 42 %, 12 s left"),
        (ReadingStatus("running"), "Reading… 0 %"),
        (ReadingStatus("done"), "No nodule found by the model — this does not mean there is none."),
        (ReadingStatus("refused", text="MR is not read."), "This series is not read: MR is not read."),
        (ReadingStatus("cancelled"), "The reading was cancelled. Read again to start it anew."),
        (ReadingStatus(), "This series has not been read yet."),
    ],
    ids=lambda value: getattr(value, "state", ""),
)
def test_an_empty_list_says_why(status: ReadingStatus, said: str) -> None:
    assert empty_words(status, study_open=True) == said


def test_without_a_study_it_says_what_to_do(window: MainWindow) -> None:
    made = window.docks.panels["findings"].content
    assert isinstance(made, FindingsPanel)
    assert made.pages.currentIndex() == 0
    assert made.empty.text() == "Open a study to see its findings."
    assert not made.again.isEnabled()


def test_the_panel_is_the_first_of_the_tabs() -> None:
    assert (PANEL.id, PANEL.order) == ("findings", 10)


def test_the_place_can_be_read_in_the_panel_as_wide_as_it_is_at_first(panel: FindingsPanel) -> None:
    large = finding("d", long_axis_mm=68.5, short_axis_mm=43.3, nodule_type="ground-glass", side="right", zone="middle")
    panel.session.do(AddFindings((replace(large, volume_mm3=85514.0, mean_hu=-719.0),)))
    panel.table.setFixedWidth(492)
    panel.refresh()
    QApplication.processEvents()
    assert panel.table.columnWidth(PLACE) >= panel.table.sizeHintForColumn(PLACE)


def test_numbers_are_read_whole_at_every_scale(panel: FindingsPanel, qapp: QApplication) -> None:
    theme.apply(qapp, "dark", 150)
    try:
        QApplication.processEvents()
        QApplication.processEvents()
        panel.refresh()
        table = panel.table
        cut = [n for n in range(len(COLUMNS)) if n != PLACE and table.columnWidth(n) < table.sizeHintForColumn(n)]
    finally:
        theme.apply(qapp)
        QApplication.processEvents()
    assert cut == []
