"""Fleischner 2017: its table, its borders, who it is for, and what it asks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medviewer import treatment
from medviewer.core.assessment import Advice
from medviewer.core.facts import Fact, Facts
from medviewer.core.fields import Value

PATIENT: dict[str, Value] = {
    "screening": False,
    "age_years": 61.0,
    "known_cancer": False,
    "immunosuppressed": False,
    "nodule_count": 1.0,
    "slice_thickness_mm": 1.0,
}


def facts(**values: Value) -> Facts:
    return {name: Fact(value, "reader") for name, value in values.items()}


def ask(**values: Value) -> Advice:
    return treatment.guidelines()["fleischner_2017"].advise(facts(**values), "f")


def nodule(kind: str, mm: float, **more: Value) -> Advice:
    return ask(**(PATIENT | {"nodule_type": kind, "long_axis_mm": mm, "short_axis_mm": mm} | more))


def whens(advice: Advice) -> list[str]:
    return [option.when.to("en") for option in advice.options]


def texts(advice: Advice) -> str:
    return " | ".join(option.text.to("en") for option in advice.options)


def test_a_solid_nodule_of_5_mm_at_low_risk_needs_no_follow_up() -> None:
    advice = nodule("solid", 5.0, high_risk=False)
    assert "left out" in texts(advice)
    assert len(advice.options) == 1


def test_a_solid_nodule_of_8_mm_at_high_risk_may_be_followed_twice() -> None:
    assert whens(nodule("solid", 8.0, high_risk=True)) == ["at 6 to 12 months", "at 18 to 24 months"]


def test_a_solid_nodule_of_9_mm_at_low_risk_may_have_ct_pet_or_biopsy() -> None:
    advice = nodule("solid", 9.0)
    assert whens(advice)[0] == "at 3 months"
    assert "PET/CT" in texts(advice)
    assert "Tissue sampling" in texts(advice)


def test_ground_glass_of_6_mm_may_be_followed_at_6_to_12_months_and_for_5_years() -> None:
    assert whens(nodule("non-solid", 6.0)) == ["at 6 to 12 months", "every 2 years until 5 years"]


def test_a_part_solid_nodule_of_10_with_4_mm_solid_may_be_followed_yearly() -> None:
    assert whens(nodule("part-solid", 10.0, solid_part_mm=4.0)) == ["at 3 to 6 months", "every year until 5 years"]


def test_a_patient_of_34_is_too_young_for_it() -> None:
    advice = nodule("solid", 9.0, age_years=34.0)
    assert "34" in str(advice.not_applicable[0])
    assert (advice.category, advice.options, advice.missing) == ("", (), ())


@pytest.mark.parametrize(
    ("name", "word"),
    [("screening", "screening"), ("known_cancer", "cancer"), ("immunosuppressed", "immunosuppressed")],
)
def test_it_says_why_it_does_not_apply(name: str, word: str) -> None:
    advice = nodule("solid", 9.0, **{name: True})
    assert [word in str(reason) for reason in advice.not_applicable] == [True]


def test_a_calcified_nodule_is_not_what_it_is_about() -> None:
    assert "calcification" in str(nodule("solid", 9.0, benign_features=True).not_applicable[0])


def test_one_reason_suffices_whatever_else_is_unknown() -> None:
    advice = ask(age_years=20.0)
    assert len(advice.not_applicable) == 1
    assert advice.missing == ()


# kind, mm, count, extra, start of the category, first date
TABLE: list[tuple[str, float, int, dict[str, Value], str, str]] = [
    ("solid", 5.4, 1, {"high_risk": False}, "Single solid nodule under 6 mm, low", "no date"),
    ("solid", 5.4, 1, {"high_risk": True}, "Single solid nodule under 6 mm, high", "no date"),
    ("solid", 5.5, 1, {"high_risk": False}, "Single solid nodule of 6 to 8 mm, low", "at 6 to 12 months"),
    ("solid", 8.4, 1, {"high_risk": False}, "Single solid nodule of 6 to 8 mm, low", "at 6 to 12 months"),
    ("solid", 8.5, 1, {}, "Single solid nodule over 8 mm", "at 3 months"),
    ("solid", 5.0, 2, {"high_risk": False}, "Several solid nodules under 6 mm, low", "no date"),
    ("solid", 5.0, 2, {"high_risk": True}, "Several solid nodules under 6 mm, high", "no date"),
    ("solid", 6.0, 2, {"high_risk": False}, "Several solid nodules of 6 mm or more, low", "at 3 to 6 months"),
    ("solid", 20.0, 2, {"high_risk": True}, "Several solid nodules of 6 mm or more, high", "at 3 to 6 months"),
    ("non-solid", 5.4, 1, {}, "Single ground-glass nodule under 6 mm", "no date"),
    ("non-solid", 5.5, 1, {}, "Single ground-glass nodule of 6 mm", "at 6 to 12 months"),
    ("part-solid", 5.4, 1, {}, "Single part-solid nodule under 6 mm", "no date"),
    ("part-solid", 6.0, 1, {"solid_part_mm": 5.4}, "Single part-solid nodule of 6 mm or more, solid part under 6",
     "at 3 to 6 months"),
    ("part-solid", 9.0, 1, {"solid_part_mm": 5.5}, "Single part-solid nodule of 6 mm or more, solid part of 6",
     "at 3 to 6 months"),
    ("non-solid", 5.0, 3, {}, "Several subsolid nodules under 6 mm", "at 3 to 6 months"),
    ("part-solid", 6.0, 3, {}, "Several subsolid nodules, this one of 6 mm", "at 3 to 6 months"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "mm", "count", "extra", "category", "first"), TABLE)
def test_the_table_holds_at_its_borders(
    kind: str, mm: float, count: int, extra: dict[str, Value], category: str, first: str
) -> None:
    advice = nodule(kind, mm, nodule_count=float(count), **extra)
    assert advice.category.startswith(category)
    assert whens(advice)[0] == first


def test_the_mean_of_both_axes_counts_and_is_told() -> None:
    advice = nodule("solid", 10.0, short_axis_mm=5.0, high_risk=True)  # mean 7.5, rounded half up
    assert "6 to 8" in advice.category
    assert any("8 mm" in str(sentence) for sentence in advice.why)


def test_the_risk_of_the_patient_is_asked_only_where_the_answer_differs() -> None:
    assert nodule("solid", 6.0).missing == ("high_risk",)
    assert nodule("solid", 9.0).missing == ()
    assert nodule("solid", 9.0, nodule_count=2.0).missing == ("high_risk",)
    assert nodule("non-solid", 9.0).missing == ()


def test_the_solid_part_is_asked_only_of_single_part_solid_nodules_of_6_mm_and_more() -> None:
    assert nodule("part-solid", 6.0).missing == ("solid_part_mm",)
    assert nodule("part-solid", 5.0).missing == ()
    assert nodule("part-solid", 9.0, nodule_count=2.0).missing == ()


def test_everything_necessary_is_asked_by_name() -> None:
    assert ask().missing == (
        "screening", "age_years", "known_cancer", "immunosuppressed",
        "nodule_type", "long_axis_mm", "short_axis_mm", "nodule_count",
    )  # fmt: skip


def test_a_missing_answer_gives_no_category_and_no_option() -> None:
    advice = nodule("solid", 6.0)
    assert (advice.category, advice.options, advice.why) == ("", (), ())


@pytest.mark.parametrize(("thickness", "caution"), [(1.5, ""), (3.0, "3 mm"), (None, "unknown")])
def test_thick_slices_are_a_caution(thickness: float | None, caution: str) -> None:
    values: dict[str, Value] = {"nodule_type": "solid", "long_axis_mm": 9.0, "short_axis_mm": 9.0, **PATIENT}
    del values["slice_thickness_mm"]
    if thickness is not None:
        values["slice_thickness_mm"] = thickness
    advice = ask(**values)
    told = [str(text) for option in advice.options for text in option.cautions]
    assert any(caution in text for text in told) if caution else told == []


def test_signs_that_call_for_more_are_told_where_they_are_known() -> None:
    advice = nodule("part-solid", 15.0, solid_part_mm=9.0, nodule_course="growing", suspicious_features=True)
    why = " ".join(str(sentence) for sentence in advice.why)
    assert "over 8 mm" in why
    assert "grows" in why
    assert "uspicious" in why


def test_only_grades_confirmed_in_the_paper_are_claimed() -> None:
    small = nodule("solid", 5.0, high_risk=False).options[0]
    large = nodule("solid", 9.0).options[0]
    assert (small.strength, small.certainty) == ("strong", "low or very low")
    assert (large.strength, large.certainty) == ("grade not confirmed", "grade not confirmed")


def test_options_offer_and_never_direct() -> None:
    for kind, mm, count, extra, _category, _first in TABLE:
        for option in nodule(kind, mm, nodule_count=float(count), **extra).options:
            assert "may" in option.text.to("en")


VALUES = st.fixed_dictionaries(
    {
        "screening": st.booleans(),
        "age_years": st.floats(0, 120),
        "known_cancer": st.booleans(),
        "immunosuppressed": st.booleans(),
        "nodule_type": st.sampled_from(["solid", "part-solid", "non-solid"]),
        "long_axis_mm": st.floats(1, 200),
        "short_axis_mm": st.floats(0.5, 200),
        "nodule_count": st.integers(1, 100).map(float),
        "high_risk": st.booleans(),
        "solid_part_mm": st.floats(0, 200),
    }
)


@given(VALUES)
def test_every_complete_input_gives_one_category_or_a_reason_why_not(values: dict[str, Value]) -> None:
    advice = ask(**values)
    assert bool(advice.category) != bool(advice.not_applicable)
    assert bool(advice.options) == bool(advice.category)
    assert advice.missing == ()
    assert "{" not in "".join(str(text) for text in advice.why + advice.not_applicable)


@given(VALUES, st.sets(st.sampled_from(["age_years", "nodule_type", "high_risk", "solid_part_mm", "screening"])))
def test_answering_what_is_missing_always_ends_in_an_answer(values: dict[str, Value], hidden: set[str]) -> None:
    known = {name: value for name, value in values.items() if name not in hidden}
    for _turn in range(len(hidden) + 1):
        advice = ask(**known)
        if not advice.missing:
            break
        assert set(advice.missing) <= hidden
        known |= {name: values[name] for name in advice.missing}
    assert bool(advice.category) != bool(advice.not_applicable)


def test_a_mass_is_told_to_be_no_nodule() -> None:
    cautions = [str(text) for option in nodule("solid", 31.0).options for text in option.cautions]
    assert any("mass" in text for text in cautions)
    assert not any("mass" in str(text) for option in nodule("solid", 30.0).options for text in option.cautions)
