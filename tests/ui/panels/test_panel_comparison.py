"""The comparison panel: which prior, how it lies, what became of each finding; by mouse as a reader would."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from medviewer.core.arrangement import PRIOR
from medviewer.core.case import Case
from medviewer.core.edits import AddFindings
from medviewer.core.growth import COURSE_TITLES
from medviewer.core.pair import Pair
from medviewer.core.problem import Problem
from medviewer.dicom.catalogue import Catalogue
from medviewer.ui.compare.table import COLUMNS
from medviewer.ui.compare.words import COURSE_SHORT
from medviewer.ui.panels.comparison import PANEL, ComparisonPanel
from tests.ui.compare.test_comparing import PRIOR_SERIES, PRIOR_STUDY, Desk, FakeRegistering, fake, make_desk, settled
from tests.ui.samples import sphere

__all__ = ["fake", "make_desk"]
Make = Callable[..., Desk]


@pytest.fixture
def desk(fake: FakeRegistering, make_desk: Make) -> Desk:
    """The phantom's nodule of 12 mm that was 8 mm a year before, one that is new, one that has gone."""
    desk = make_desk()
    now = sphere(desk.now, "a"), replace(sphere(desk.now, "b", center_kji=(8.0, 30.0, 14.0), diameter_mm=9.0))
    now = now[0], replace(now[1], attributes={"side": "right"})
    before = sphere(desk.prior, "x", diameter_mm=8.0), sphere(desk.prior, "y", center_kji=(20.0, 50.0, 40.0))
    desk.session.do(AddFindings(now))
    desk.session.store.append(PRIOR_STUDY, 1, "do", AddFindings(before))
    return desk


@pytest.fixture
def panel(desk: Desk, qtbot: QtBot) -> ComparisonPanel:
    """The panel on the screen, the prior registered and its case read."""
    panel = opened(desk, qtbot)
    desk.show()
    settled(desk, qtbot)
    qtbot.waitUntil(lambda: desk.comparing.search.found is not None)
    return panel


def opened(desk: Desk, qtbot: QtBot) -> ComparisonPanel:
    made = PANEL.make(desk.session, desk.view)
    assert isinstance(made, ComparisonPanel)
    qtbot.addWidget(made)
    made.resize(440, 700)
    made.show()
    return made


def cells(panel: ComparisonPanel) -> list[list[str]]:
    model = panel.model
    return [[str(model.index(r, c).data()) for c in range(len(COLUMNS))] for r in range(model.rowCount())]


def click_row(panel: ComparisonPanel, row: int) -> None:
    at = panel.table.visualRect(panel.model.index(row, 1)).center()
    QTest.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=at)


def test_each_finding_has_a_row_with_its_earlier_self(panel: ComparisonPanel) -> None:
    rows = cells(panel)
    assert [row[0] for row in rows] == ["1", "2", ""]
    assert [row[-1] for row in rows] == ["▲ grown", "+ new", "○ not seen"]
    assert rows[0][3].startswith("+")
    assert rows[0][4].endswith(" d")
    assert rows[1][2:5] == ["–", "–", "–"]
    assert rows[2][1] == "–"


def test_a_click_jumps_in_both_examinations(panel: ComparisonPanel, desk: Desk) -> None:
    click_row(panel, 0)
    assert desk.view.finding_id == "a"
    assert desk.view.main.point_lps_mm == desk.session.case.findings[0].center_lps_mm
    other = panel.model.rows[0].other
    assert other is not None
    assert desk.view.display(PRIOR).point_lps_mm == other.center_lps_mm
    assert panel.pair.verdict.text().startswith("Grown. Volume ")
    assert "BTS 2015" in panel.pair.verdict.text()


def test_a_finding_that_has_gone_is_looked_for_at_its_place(panel: ComparisonPanel, desk: Desk) -> None:
    click_row(panel, 2)
    gone = panel.model.rows[2].other
    assert gone is not None
    assert desk.view.finding_id is None
    assert desk.view.display(PRIOR).point_lps_mm == gone.center_lps_mm
    assert desk.view.main.point_lps_mm == pytest.approx((gone.center_lps_mm[0] - 7.0, *gone.center_lps_mm[1:]))
    assert panel.pair.verdict.text() == "No longer seen."
    assert panel.pair.combo.isHidden()


def test_the_row_follows_a_finding_chosen_elsewhere(panel: ComparisonPanel, desk: Desk) -> None:
    desk.view.select(desk.session.case.findings[1])
    assert panel.table.currentIndex().row() == 1
    assert not panel.pair.isHidden()


def test_the_reader_pairs_parts_and_undoes(panel: ComparisonPanel, desk: Desk) -> None:
    click_row(panel, 1)
    combo = panel.pair.combo
    assert [combo.itemText(n) for n in range(2)] == ["automatic", "none there"]
    combo.setCurrentIndex(3)
    combo.activated.emit(3)  # as a click in the list does
    assert desk.session.case.pairs == (Pair("b", PRIOR_STUDY, "y"),)
    assert [row[0] for row in cells(panel)] == ["1", "2"]
    click_row(panel, 0)
    combo.setCurrentIndex(1)
    combo.activated.emit(1)
    assert cells(panel)[0][-1] == "+ new"
    desk.session.undo()
    assert cells(panel)[0][-1] == "▲ grown"
    desk.session.undo()
    assert not desk.session.case.pairs


def test_the_priors_are_listed_with_their_ages_and_can_be_chosen(panel: ComparisonPanel, qtbot: QtBot) -> None:
    assert panel.priors.count() == 1
    item = panel.priors.item(0)
    assert item.text() == "● 12 months before · CT chest 2.5 mm"
    assert "Shown beside now" in item.toolTip()
    with qtbot.waitSignal(panel.prior_wanted) as told:
        at = panel.priors.visualItemRect(item).center()
        QTest.mouseClick(panel.priors.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert told.args == [PRIOR_STUDY, PRIOR_SERIES]


def test_the_state_is_said_and_its_buttons_work(panel: ComparisonPanel, desk: Desk, qtbot: QtBot) -> None:
    buttons = panel.state.buttons
    assert panel.state.words.text() == "Rigid registration of the images, good, moved by 0 mm."
    QTest.mouseClick(buttons["fuse"], Qt.MouseButton.LeftButton)
    assert desk.comparing.is_checked()
    assert buttons["fuse"].isChecked()
    QTest.mouseClick(buttons["align"], Qt.MouseButton.LeftButton)
    assert panel.state.words.text().startswith("Drag over the images: inside the circle shifts the prior")
    assert (buttons["align"].text(), buttons["undo"].text()) == ("Done", "Cancel")
    QTest.mouseClick(buttons["undo"], Qt.MouseButton.LeftButton)
    assert "scroll" in desk.view.links
    assert buttons["same"].isHidden()
    QTest.mouseClick(buttons["align"], Qt.MouseButton.LeftButton)
    QTest.mouseClick(buttons["fuse"], Qt.MouseButton.LeftButton)
    assert panel.state.words.text().startswith("Bring both viewports to the same place")
    QTest.mouseClick(buttons["same"], Qt.MouseButton.LeftButton)
    assert panel.state.words.text() == "Aligned by hand."
    QTest.mouseClick(buttons["undo"], Qt.MouseButton.LeftButton)
    assert not desk.comparing.is_checked()
    assert panel.state.words.text() == "Not registered: each scrolls by itself."
    assert panel.why_no_pairs.text() == "Findings are paired once the prior is registered or aligned by hand."
    assert not buttons["fuse"].isEnabled()
    QTest.mouseClick(buttons["register"], Qt.MouseButton.LeftButton)
    settled(desk, qtbot)
    assert len(cells(panel)) == 3


def test_a_refusal_is_told_in_its_place(fake: FakeRegistering, make_desk: Make, qtbot: QtBot) -> None:
    fake.problem = Problem("They have nothing in common.")
    desk = make_desk()
    panel = opened(desk, qtbot)
    desk.show()
    qtbot.waitUntil(lambda: desk.comparing.state() == "failed")
    assert panel.state.words.text() == "Not registered: They have nothing in common."


def test_before_it_is_registered_positions_of_the_scanner_count(
    fake: FakeRegistering, make_desk: Make, qtbot: QtBot
) -> None:
    desk = make_desk(auto_register=False)
    panel = opened(desk, qtbot)
    desk.show()
    assert panel.state.words.text() == "Not registered: both scroll by the scanner's positions."


def test_what_can_be_done_about_a_prior_not_read_stands_above_the_long_table(panel: ComparisonPanel) -> None:
    panel.read.show()
    QApplication.processEvents()
    assert panel.why_no_pairs.y() <= panel.read.y() < panel.table.y()


def test_a_prior_that_nobody_read_can_be_read(fake: FakeRegistering, make_desk: Make, qtbot: QtBot) -> None:
    desk = make_desk()
    panel = opened(desk, qtbot)
    desk.show()
    settled(desk, qtbot)
    assert panel.why_no_pairs.text() == "The prior has not been read yet."
    assert not panel.read.isHidden()
    assert panel.keep.isHidden()


def test_without_a_prior_it_says_what_to_do(fake: FakeRegistering, make_desk: Make, qtbot: QtBot) -> None:
    desk = make_desk()
    panel = opened(desk, qtbot)
    qtbot.waitUntil(lambda: desk.comparing.search.found is not None)
    assert panel.why_no_pairs.text() == "Choose an examination above to compare findings with it."
    assert panel.state.isHidden()
    desk.session.close_study()
    assert panel.told.text() == "No study is open. Choose one on the left, or open a folder."


def test_a_patient_alone_is_told_so(fake: FakeRegistering, make_desk: Make, qtbot: QtBot) -> None:
    desk = make_desk()
    desk.session.catalogue = Catalogue()
    desk.session.catalogue.add(desk.now.series.headers)
    panel = opened(desk, qtbot)
    desk.comparing.search.look()
    qtbot.waitUntil(lambda: panel.told.text().startswith("No other examination of this patient is known here."))
    assert panel.priors.isHidden()


def test_every_course_has_a_word_and_a_symbol() -> None:
    assert COURSE_SHORT.keys() == COURSE_TITLES.keys()
    assert len({str(text)[0] for text in COURSE_SHORT.values()}) == len(COURSE_SHORT)


def test_the_prior_s_case_is_never_written_by_looking(panel: ComparisonPanel, desk: Desk) -> None:
    click_row(panel, 0)
    assert desk.session.store.replay(Case(PRIOR_STUDY))[1] == 1
