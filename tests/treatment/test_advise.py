"""Which findings get advice, and how guidelines are found."""

import pytest

from medviewer import treatment
from medviewer.core.assessment import Option
from medviewer.core.case import Case
from medviewer.i18n import N_
from medviewer.treatment.grade import WORDS, phrase
from medviewer.treatment.size import rounded
from tests.cases import case, finding


def test_both_guidelines_are_found() -> None:
    assert set(treatment.guidelines()) == {"fleischner_2017", "lung_rads_2022"}


def test_no_finding_gives_no_advice() -> None:
    assert treatment.advise(Case("1.2.3"), []) == []


def test_each_kept_finding_meets_each_guideline_and_rejected_ones_none() -> None:
    advice = treatment.advise(case(finding("a"), finding("b", status="rejected")), [])
    assert [(one.finding_id, one.guideline) for one in advice] == [("a", "fleischner_2017"), ("a", "lung_rads_2022")]


def test_a_second_kept_finding_makes_it_several_nodules() -> None:
    told = case(finding("a"), finding("b"), screening=False, known_cancer=False, immunosuppressed=False, high_risk=True)
    assert treatment.advise(told, [])[0].category.startswith("Several solid nodules")


def test_options_and_inputs_go_into_the_result_file() -> None:
    told = case(finding("a", long_axis_mm=9.0), screening=False, known_cancer=False, immunosuppressed=False)
    result = treatment.advise(told, [])[0].to_dict()
    assert result["category"] == "Single solid nodule over 8 mm"
    assert result["options"][0]["when"] == "at 3 months"
    assert result["inputs"]["age_years"] == 61.0


def test_strength_and_certainty_are_told_in_words() -> None:
    graded = Option(N_("x"), N_("y"), "strong", "moderate")
    assert str(phrase(graded)) == "strong recommendation, moderate certainty"
    assert str(phrase(Option(N_("x"), N_("y"), "not graded", "not graded"))) == "not graded"


def test_every_word_of_strength_used_is_known_in_words() -> None:
    told = case(finding("a", long_axis_mm=9.0), screening=True, benign_features=False, nodule_course="baseline")
    for advice in treatment.advise(told, []):
        assert {word for o in advice.options for word in (o.strength, o.certainty)} <= set(WORDS)


@pytest.mark.parametrize(
    ("value", "decimals", "expected"), [(6.5, 0, 7.0), (5.5, 0, 6.0), (5.49, 0, 5.0), (5.95, 1, 6.0), (1.15, 1, 1.2)]
)
def test_halves_are_rounded_up_as_people_do(value: float, decimals: int, expected: float) -> None:
    assert rounded(value, decimals) == expected
