"""Risk models and guidelines answer at the command line what they answer in the window."""

import json

import pytest

from medviewer.app import asking
from medviewer.core.fields import AGE, NODULE_TYPE
from medviewer.core.problem import Problem

# shared/facts/clinical.md: Brock with spiculation, 62-year-old man, 8 mm solid, the only nodule
BROCK: dict[str, object] = {
    "age_years": 62,
    "female": False,
    "family_history_lung_cancer": False,
    "emphysema": False,
    "long_axis_mm": 8,
    "nodule_type": "solid",
    "upper_lobe": False,
    "nodule_count": 1,
    "spiculation": False,
}
FLEISCHNER: dict[str, object] = {
    "screening": False,
    "age_years": 62,
    "known_cancer": False,
    "immunosuppressed": False,
    "nodule_type": "solid",
    "long_axis_mm": 4.2,
    "short_axis_mm": 4.0,
    "nodule_count": 1,
    "high_risk": False,
    "slice_thickness_mm": 1.0,
}


def test_the_value_is_the_published_one(capsys: pytest.CaptureFixture[str]) -> None:
    asking.answer(asking.risk_models(), "brock_full", BROCK, "-")
    answer = json.loads(capsys.readouterr().out)
    assert answer["value"] == pytest.approx(0.01715976, rel=1e-6)
    assert answer["missing"] == []
    asking.answer(asking.risk_models(), "brock_full", BROCK, None)
    assert "1.72 %" in capsys.readouterr().out


def test_without_an_id_every_model_answers(capsys: pytest.CaptureFixture[str]) -> None:
    asking.answer(asking.risk_models(), None, BROCK, "-")
    answers = json.loads(capsys.readouterr().out)
    assert [each["id"] for each in answers] == list(asking.risk_models())


def test_missing_inputs_are_named_and_nothing_is_guessed(capsys: pytest.CaptureFixture[str]) -> None:
    asking.answer(asking.risk_models(), "brock_full", {"age_years": 62}, None)
    out = capsys.readouterr().out
    assert "Missing: female, family_history_lung_cancer" in out
    assert "%" not in out


def test_the_form_names_types_ranges_and_choices(capsys: pytest.CaptureFixture[str]) -> None:
    asking.answer(asking.risk_models(), "brock_full", None, "-")
    form = {field["name"]: field for field in json.loads(capsys.readouterr().out)}
    assert list(form) == list(BROCK)
    assert (form["age_years"]["low"], form["age_years"]["high"]) == (AGE.low, AGE.high)
    assert form["nodule_type"]["choices"] == [choice for choice, _title in NODULE_TYPE.choices]
    asking.answer(asking.risk_models(), "brock_full", None, None)
    shown = capsys.readouterr().out
    assert all(name in shown for name in BROCK)


def test_the_list_names_everything(capsys: pytest.CaptureFixture[str]) -> None:
    asking.answer(asking.guidelines(), None, None, None)
    shown = capsys.readouterr().out
    assert all(name in shown for name in asking.guidelines())
    asking.answer(asking.guidelines(), None, None, "-")
    assert all(each["reference"] for each in json.loads(capsys.readouterr().out))


def test_a_guideline_gives_options_with_their_strength(capsys: pytest.CaptureFixture[str]) -> None:
    asking.answer(asking.guidelines(), "fleischner_2017", FLEISCHNER, "-")
    answer = json.loads(capsys.readouterr().out)
    assert answer["missing"] == []
    assert answer["options"]
    assert all(option["strength"] for option in answer["options"])
    asking.answer(asking.guidelines(), "fleischner_2017", FLEISCHNER, None)
    assert answer["options"][0]["text"] in capsys.readouterr().out


def test_a_guideline_that_does_not_apply_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    asking.answer(asking.guidelines(), "fleischner_2017", {**FLEISCHNER, "age_years": 20}, "-")
    answer = json.loads(capsys.readouterr().out)
    assert answer["options"] == []
    assert answer["not_applicable"]


def test_a_guideline_may_be_given_what_a_risk_model_asks(capsys: pytest.CaptureFixture[str]) -> None:
    asking.answer(asking.guidelines(), "fleischner_2017", {**FLEISCHNER, **BROCK}, "-")
    assert json.loads(capsys.readouterr().out)["guideline"] == "fleischner_2017"


@pytest.mark.parametrize(
    ("identity", "values", "sentence"),
    [
        ("nosuch", None, "There is no 'nosuch'"),
        ("brock_full", {"age_years": "sixty"}, "'sixty' is not a valid value for age_years"),
        ("brock_full", {"age_years": True}, "'True' is not a valid value"),
        ("brock_full", {"nodule_type": "square"}, "'square' is not a valid value"),
        ("brock_full", {"shoe_size": 44}, "'shoe_size' is not an input"),
    ],
)
def test_a_wrong_question_is_one_sentence(identity: str, values: dict[str, object] | None, sentence: str) -> None:
    with pytest.raises(Problem, match=sentence):
        asking.answer(asking.risk_models(), identity, values, None)
