"""From finding to finding, and the verdict on each."""

import pytest

from medviewer.core.edits import AddFindings
from medviewer.ui import verdict
from medviewer.ui.window import MainWindow
from tests.cases import finding
from tests.ui.panels.desk import STUDY


@pytest.fixture
def opened(window: MainWindow) -> MainWindow:
    window.session.catalogue.add(STUDY.series[0].headers)
    window.session.open_study(STUDY.uid)
    window.session.do(AddFindings((finding("a", status="unreviewed"), finding("b"), finding("c", status="edited"))))
    return window


def test_next_and_previous_go_round(opened: MainWindow) -> None:
    seen = []
    for _step in range(4):
        verdict.step(opened.session, opened.view, 1)
        seen.append(opened.view.finding_id)
    assert seen == ["a", "b", "c", "a"]
    verdict.step(opened.session, opened.view, -1)
    assert opened.view.finding_id == "c"


def test_previous_begins_at_the_last(opened: MainWindow) -> None:
    verdict.step(opened.session, opened.view, -1)
    assert opened.view.finding_id == "c"


def test_a_verdict_needs_a_chosen_finding(opened: MainWindow) -> None:
    before = opened.session.case
    verdict.accept(opened.session, opened.view)
    assert opened.session.case is before
    assert verdict.chosen(opened.session, opened.view) is None


def test_an_edited_finding_can_be_rejected_and_brought_back(opened: MainWindow) -> None:
    opened.view.select(opened.session.case.findings[2])
    verdict.reject(opened.session, opened.view)
    assert [found.status for found in opened.session.case.findings] == ["unreviewed", "accepted", "rejected"]
    opened.session.undo()
    assert [found.status for found in opened.session.case.findings] == ["unreviewed", "accepted", "edited"]


def test_nothing_happens_while_nothing_is_open(window: MainWindow) -> None:
    verdict.step(window.session, window.view, 1)
    verdict.reject(window.session, window.view)
    assert window.view.finding_id is None
