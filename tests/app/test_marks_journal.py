"""Marks in the journal: what was drawn is there after the program was killed, with its undo."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from medviewer.app.session import EVERYTHING
from medviewer.app.store import Store
from medviewer.core.case import Case
from medviewer.core.history import History
from medviewer.core.mark_edits import AddMark, ChangeMark, RemoveMarks
from medviewer.core.problem import Problem
from tests.marks import mark

CASE = Case("1.2.3")


def test_marks_come_back_with_their_undo(tmp_path: Path) -> None:
    store = Store(tmp_path / "cases.sqlite")
    one, two = mark("1"), replace(mark("2", "ellipse"), measured={"mean": 41.0}, unit="HU")
    moved = replace(one, points_lps_mm=((1.0, 1.0, 1.0), (2.0, 2.0, 2.0)))
    history, seq = History(CASE), 0
    for make in (
        lambda _case: AddMark(one),
        lambda _case: AddMark(two),
        lambda _case: ChangeMark(one, moved),
        lambda case: RemoveMarks.of(case, ["1"]),
    ):
        edit = make(history.case)
        seq = store.append("1.2.3", seq + 1, "do", edit)
        history.do(edit)
    seq = store.append("1.2.3", seq + 1, "undo", history.done[-1])
    store.close()

    replayed, last = Store(tmp_path / "cases.sqlite").replay(CASE)
    assert last == seq == 5
    assert replayed.case.marks == (moved, two)
    replayed.undo()
    assert replayed.case.marks == (one, two)
    replayed.redo()
    replayed.redo()
    assert list(replayed.case.marks) == [two]


@pytest.mark.parametrize("damage", [{"colour": "nonsense"}, {"name": 5}, {"sop_uid": None}, {"frame": None}])
def test_a_damaged_mark_is_told_in_a_sentence(damage: dict[str, Any], tmp_path: Path) -> None:
    store = Store(tmp_path / "cases.sqlite")
    store.append("1.2.3", 1, "do", AddMark(replace(mark(), **damage)))
    with pytest.raises(Problem, match="Step 1"):
        store.replay(CASE)


def test_opening_a_study_touches_marks_and_regions() -> None:
    assert {"marks", "regions"} <= EVERYTHING
