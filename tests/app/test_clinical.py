"""Clinical inputs from a file are checked by name and type before anything changes."""

import pytest

from medviewer.app.clinical import as_edits, known_fields
from medviewer.core.case import Case
from medviewer.core.problem import Problem


def test_values_become_edits_and_what_stays_the_same_does_not() -> None:
    case = Case("1", inputs={("", "emphysema"): True})
    edits = as_edits(case, {"emphysema": True, "age_years": 61, "family_history_lung_cancer": False})
    assert [(edit.name, edit.before, edit.after) for edit in edits] == [
        ("age_years", None, 61.0),
        ("family_history_lung_cancer", None, False),
    ]


def test_null_clears_what_was_entered() -> None:
    (edit,) = as_edits(Case("1", inputs={("", "emphysema"): True}), {"emphysema": None})
    assert edit.apply(Case("1", inputs={("", "emphysema"): True})).inputs == {}


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("age_years", "sixty", "'sixty' is not a valid value for age_years"),
        ("age_years", 300, "'300' is not a valid value"),
        ("emphysema", 1, "'1' is not a valid value"),
        ("shoe_size", 44, "'shoe_size' is not an input"),
        ("spiculation", True, "'spiculation' is about one finding"),
    ],
)
def test_a_wrong_input_is_one_sentence(name: str, value: object, sentence: str) -> None:
    with pytest.raises(Problem, match=sentence):
        as_edits(Case("1"), {name: value})


def test_inputs_of_models_and_guidelines_are_known() -> None:
    assert {"age_years", "emphysema", "screening", "spiculation"} <= set(known_fields())
