"""Steps of work on marks: applied, taken back, written down."""

import json
from dataclasses import replace

import pytest

from medviewer.core.case import Case
from medviewer.core.edits import Edit, from_dict
from medviewer.core.mark_edits import AddMark, ChangeMark, RemoveMarks
from tests.marks import mark

ONE, TWO, THREE = mark("1"), mark("2"), mark("3")
CASE = Case("1.2", marks=(ONE, TWO, THREE))


def again(edit: Edit) -> Edit:
    return from_dict(type(edit).__name__, json.loads(json.dumps(edit.to_dict())), edit.blobs())


@pytest.mark.parametrize(
    ("edit", "after"),
    [
        (AddMark(mark("4")), (ONE, TWO, THREE, mark("4"))),
        (ChangeMark(TWO, replace(TWO, name="target")), (ONE, replace(TWO, name="target"), THREE)),
        (RemoveMarks.of(CASE, ["1", "3"]), (TWO,)),
        (RemoveMarks.of(CASE, ["1", "2", "3"]), ()),
    ],
    ids=["add", "change", "remove", "remove-all"],
)
def test_a_step_can_be_taken_back_and_written_down(edit: Edit, after: tuple[object, ...]) -> None:
    for step in (edit, again(edit)):
        changed = step.apply(CASE)
        assert changed.marks == after
        assert step.revert(changed).marks == CASE.marks
        assert step.touches == {"marks"}
    assert again(edit) == edit


def test_marks_that_are_not_there_are_not_removed() -> None:
    assert RemoveMarks.of(CASE, ["9"]) == RemoveMarks((), ())


def test_the_undo_menu_says_what_was_changed() -> None:
    assert str(ChangeMark(ONE, replace(ONE, hidden=True)).label) == "Show or hide measurement"
    assert str(ChangeMark(ONE, replace(ONE, label_lps_mm=(1.0, 1.0, 1.0))).label) == "Move label"
    assert str(ChangeMark(ONE, replace(ONE, colour="#ffffff")).label) == "Change measurement"


def test_a_damaged_step_is_refused() -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        from_dict("AddMark", {"mark": {"id": "x"}}, {})
