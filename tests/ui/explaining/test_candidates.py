"""Candidates under the threshold: seen where asked for, gone to by a click, taken in by a button, never by itself."""

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from medviewer.ui.explaining.candidates import CandidateFold
from tests.ui.explaining.conftest import Room
from tests.ui.samples import painted


def opened(room: Room) -> CandidateFold:
    fold = room.panel.candidates
    fold.head.click()
    QApplication.processEvents()
    return fold


def click(fold: CandidateFold, row: int) -> None:
    place = fold.list.visualItemRect(fold.list.item(row)).center()
    QTest.mouseClick(fold.list.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_what_stayed_under_the_threshold_is_folded_away_and_in_no_case(room: Room) -> None:
    fold = room.panel.candidates
    assert fold.isVisibleTo(room.panel)
    assert fold.head.text() == "Under the threshold: 2"
    assert not fold.list.isVisibleTo(fold)
    assert room.ids == ["0.9", "0.7"]


def test_the_surest_is_the_first_of_the_list(room: Room) -> None:
    fold = opened(room)
    said = [fold.list.item(n).text() for n in range(fold.list.count())]
    assert [line.split()[0] for line in said] == ["0.50", "0.30"]
    assert "left middle zone" in said[0]


def test_a_click_goes_there_and_shows_it_as_no_finding(room: Room) -> None:
    room.window.view.select(room.window.session.case.findings[0])
    fold = opened(room)
    viewport = room.window.viewer.viewports[0]
    click(fold, 1)
    there = painted(viewport)
    assert room.window.view.point_lps_mm == room.reading.candidates[1].center_lps_mm
    assert room.window.view.finding_id is None
    assert room.ids == ["0.9", "0.7"]
    room.answers.choose(None)
    assert not np.array_equal(painted(viewport), there)


def test_a_button_takes_the_chosen_one_into_the_findings_and_undo_takes_it_out(room: Room) -> None:
    fold = opened(room)
    assert not fold.take.isEnabled()
    click(fold, 0)
    fold.take.click()
    assert room.ids == ["0.9", "0.7", "0.5"]
    assert room.window.session.case.findings[2].status == "accepted"
    assert room.window.view.finding_id == "0.5"
    assert room.under == ["0.3"]
    room.window.session.undo()
    assert room.ids == ["0.9", "0.7"]
    assert fold.head.text() == "Under the threshold: 2"


def test_a_finding_chosen_instead_ends_the_choice(room: Room) -> None:
    fold = opened(room)
    click(fold, 0)
    room.window.view.select(room.window.session.case.findings[0])
    assert room.answers.chosen_id is None
    assert fold.list.currentRow() == -1


def test_folding_it_away_takes_the_mark_from_the_images(room: Room) -> None:
    fold = opened(room)
    click(fold, 0)
    fold.head.click()
    assert room.answers.chosen_id is None


def test_another_series_has_none_of_them(room: Room) -> None:
    room.window.view.show_volume(None, room.window.view.window, (0.0, 0.0, 0.0))
    assert room.answers.answers is None
    assert not room.panel.candidates.isVisibleTo(room.panel)


def test_where_nothing_is_under_the_threshold_nothing_is_shown(make_room: Callable[..., Room]) -> None:
    room = make_room()
    room.answers.put(room.volume.series.uid, [])
    assert not room.panel.candidates.isVisibleTo(room.panel)
