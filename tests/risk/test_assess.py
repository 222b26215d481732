"""Which findings are assessed, and whose word counts."""

from dataclasses import replace

from medviewer import risk
from medviewer.core.case import Case
from tests.cases import case, finding


def test_no_finding_gives_no_risk() -> None:
    assert risk.assess(Case("1.2.3")) == []


def test_each_kept_finding_meets_each_model_and_rejected_ones_none() -> None:
    answers = risk.assess(case(finding("a"), finding("b"), finding("c", status="rejected")))
    assert {(answer.finding_id, answer.id) for answer in answers} == {
        (finding_id, model_id) for finding_id in ("a", "b") for model_id in risk.models()
    }


def test_the_study_and_the_finding_fill_in_what_they_know() -> None:
    answer = risk.assess(case(finding("a", long_axis_mm=9.0)))[0]
    assert answer.inputs == {
        "age_years": 61.0,
        "female": True,
        "long_axis_mm": 9.0,
        "nodule_type": "solid",
        "nodule_count": 1.0,
    }
    assert answer.missing == ("family_history_lung_cancer", "emphysema", "upper_lobe", "spiculation")


def test_the_reader_wins_over_the_study() -> None:
    told = replace(case(finding("a")), inputs={("", "age_years"): 70.0, ("a", "long_axis_mm"): 12.0})
    inputs = risk.assess(told)[0].inputs
    assert (inputs["age_years"], inputs["long_axis_mm"]) == (70.0, 12.0)


def test_a_rejected_finding_does_not_count_as_a_nodule() -> None:
    answer = risk.assess(case(finding("a"), finding("b", status="rejected")))[0]
    assert answer.inputs["nodule_count"] == 1.0
