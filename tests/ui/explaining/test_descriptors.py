"""Descriptors in words: whatever is there, worded as readers' opinion, with what size alone would say."""

from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from medviewer.ui.explaining.descriptors import Descriptors, opinion_row, rows
from tests.cases import finding

TEXTURE = {"shares": [0.0, 0.1, 0.1, 0.2, 0.6], "mean": 4.3, "word": "solid", "set": [4, 5]}


def test_each_descriptor_has_a_line_with_how_many_readers_would_say_so() -> None:
    (row,) = rows(finding(descriptors={"texture": TEXTURE, "malignancy": TEXTURE}))
    assert (row.title, row.said) == ("Texture", "solid: 6 of 10 readers")
    assert row.tip == "Readers may well say: mostly solid, solid."


def test_the_opinion_of_malignancy_stands_beside_what_size_alone_would_say() -> None:
    row = opinion_row({"malignancy_opinion": 3.8, "malignancy_opinion_by_size": 3.1})
    assert row is not None
    assert row.title == "Readers' opinion of malignancy"
    assert row.said == "moderately suspicious (3.8 of 5); by its size alone: indeterminate (3.1 of 5)"


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ({"margin": 4.8}, ["sharp"]),
        ({"margin": "sharp"}, ["sharp"]),
        ({"margin": 17.0}, ["sharp"]),
        ({"margin": True}, []),
        ({"margin": None}, []),
        ({"descriptors": "none"}, []),
        ({"descriptors": {"margin": 3}}, []),
        ({"descriptors": {"margin": {"mean": 1.2}}}, ["poorly defined"]),
        ({"descriptors": {"margin": {"word": "sharp", "shares": [], "set": ["x", 9]}}}, ["sharp"]),
    ],
    ids=str,
)
def test_what_is_there_is_said_and_what_makes_no_sense_is_not(attributes: dict[str, Any], said: list[str]) -> None:
    assert [row.said for row in rows(finding(**attributes))] == said


def test_lines_are_shown_with_what_they_are_not_and_go_with_the_finding(qtbot: QtBot) -> None:
    shown = Descriptors()
    qtbot.addWidget(shown)
    shown.show_finding(finding(malignancy_opinion=2.0, descriptors={"texture": TEXTURE}))
    assert not shown.isHidden()
    assert "not a probability of cancer" in shown.note
    assert shown._grid.count() == 5
    shown.show_finding(finding())
    assert shown.isHidden()
    assert shown._grid.count() == 0
