"""A case changes only through edits, and every edit can be undone and written down."""

import json
from dataclasses import replace

import pytest

from medviewer.core import edits
from medviewer.core.case import PATIENT, Case
from medviewer.core.facts import collect, from_values, missing
from medviewer.core.fields import AGE, EMPHYSEMA, NODULE_TYPE, SPICULATION, Field
from medviewer.core.finding import Finding
from medviewer.core.history import History
from medviewer.core.problem import Problem


def _all_edits(found: Finding) -> list[edits.Edit]:
    other = replace(found, id="f2", status="accepted")
    return [
        edits.AddFindings((other,)),
        edits.RemoveFindings((found,)),
        edits.SetStatus("f1", "unreviewed", "rejected"),
        edits.SetInput(PATIENT, "emphysema", None, True),
        edits.SetInput("f1", "spiculation", None, False),
        edits.SetText("impression", None, "Nothing suspicious."),
    ]


def _state(case: Case) -> object:
    return [f.to_dict() for f in case.findings], case.inputs, case.texts


def test_every_edit_is_undone_and_redone_exactly(case: Case, finding: Finding) -> None:
    for edit in _all_edits(finding):
        history = History(case)
        history.do(edit)
        after = _state(history.case)
        assert after != _state(case), edit
        history.undo()
        assert _state(history.case) == _state(case), edit
        history.redo()
        assert _state(history.case) == after, edit


def test_every_edit_survives_being_written_as_json(case: Case, finding: Finding) -> None:
    for edit in _all_edits(finding):
        data = json.loads(json.dumps(edit.to_dict()))
        again = edits.from_dict(type(edit).__name__, data, edit.blobs())
        assert _state(again.apply(case)) == _state(edit.apply(case)), edit
        assert str(again.label) == str(edit.label)


def test_masks_come_back_with_their_findings(finding: Finding) -> None:
    add = edits.AddFindings((finding,))
    again = edits.from_dict("AddFindings", add.to_dict(), add.blobs()).apply(Case("1"))
    assert again.findings[0].mask is not None
    assert again.findings[0].mask.offset_kji == (5, 6, 7)
    assert again.findings[0].mask.count == 24


def test_a_new_edit_forgets_what_was_undone(case: Case) -> None:
    history = History(case)
    history.do(edits.SetStatus("f1", "unreviewed", "accepted"))
    history.undo()
    history.do(edits.SetStatus("f1", "unreviewed", "rejected"))
    assert history.redo() is None
    assert history.case.findings[0].status == "rejected"


def test_undo_with_nothing_done_does_nothing(case: Case) -> None:
    assert History(case).undo() is None


def test_a_verdict_on_a_finding_that_is_gone_changes_nothing(case: Case) -> None:
    assert edits.SetStatus("nobody", "unreviewed", "accepted").apply(case) is case


def test_the_reader_wins_over_the_study_and_the_finding(case: Case, finding: Finding) -> None:
    case = replace(case, inputs={(PATIENT, "age_years"): 70.0, ("f1", "nodule_type"): "part-solid", ("f2", "x"): 1.0})
    facts = collect(case, finding)
    assert (facts["age_years"].value, facts["age_years"].source) == (70.0, "reader")
    assert (facts["nodule_type"].value, facts["nodule_type"].source) == ("part-solid", "reader")
    assert (facts["female"].value, facts["female"].source) == (True, "study")
    assert (facts["long_axis_mm"].value, facts["long_axis_mm"].source) == (9.0, "finding")
    assert "x" not in facts


def test_what_nobody_answered_is_named(case: Case, finding: Finding) -> None:
    assert missing([AGE, EMPHYSEMA, SPICULATION], collect(case, finding)) == ("emphysema", "spiculation")


def test_rejected_findings_do_not_count(case: Case, finding: Finding) -> None:
    case = replace(case, findings=(finding, replace(finding, id="f2", status="rejected")))
    assert collect(case, finding)["nodule_count"].value == 1.0


@pytest.mark.parametrize(
    ("field", "value"),
    [(AGE, "old"), (AGE, True), (AGE, -1), (AGE, float("nan")), (EMPHYSEMA, 1), (NODULE_TYPE, "cheese"), (AGE, None)],
)
def test_a_value_of_the_wrong_type_is_one_sentence(field: Field, value: object) -> None:
    with pytest.raises(Problem) as problem:
        field.check(value)
    assert field.name in problem.value.text
    assert problem.value.hint.startswith("It takes")


def test_typed_values_become_facts_of_the_reader() -> None:
    facts = from_values({"age_years": 62, "emphysema": False}, [AGE, EMPHYSEMA])
    assert facts["age_years"].value == 62.0
    assert facts["emphysema"].source == "reader"


def test_an_unknown_input_is_named_with_those_that_exist() -> None:
    with pytest.raises(Problem, match=r"'shoe_size'.*age_years"):
        from_values({"shoe_size": 43}, [AGE])
