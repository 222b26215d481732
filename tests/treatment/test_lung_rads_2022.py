"""Lung-RADS v2022: its categories, borders, steps, and what it asks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medviewer import treatment
from medviewer.core.assessment import Advice
from medviewer.core.facts import Fact
from medviewer.core.fields import BY_NAME, Value


def ask(**values: Value) -> Advice:
    facts = {name: Fact(value, "reader") for name, value in values.items()}
    return treatment.guidelines()["lung_rads_2022"].advise(facts, "f")


def nodule(kind: str, mm: float, course: str = "baseline", **more: Value) -> Advice:
    values: dict[str, Value] = {
        "screening": True,
        "nodule_type": kind,
        "long_axis_mm": mm,
        "short_axis_mm": mm,
        "nodule_course": course,
        "benign_features": False,
        "juxtapleural_smooth": False,
        "suspicious_features": False,
    }
    return ask(**(values | more))


def other(kind: str, course: str = "baseline", **more: Value) -> Advice:
    values: dict[str, Value] = {"screening": True, "lesion_kind": kind, "nodule_course": course}
    return ask(**values, **{"suspicious_features": False, **more})


@pytest.mark.parametrize(
    ("kind", "mm", "course", "solid_part", "category"),
    [
        ("solid", 5.9, "baseline", None, "2"),
        ("solid", 6.0, "baseline", None, "3"),
        ("solid", 7.9, "baseline", None, "3"),
        ("solid", 8.0, "baseline", None, "4A"),
        ("solid", 14.9, "baseline", None, "4A"),
        ("solid", 15.0, "baseline", None, "4B"),
        ("solid", 3.9, "new", None, "2"),
        ("solid", 4.0, "new", None, "3"),
        ("solid", 5.9, "new", None, "3"),
        ("solid", 6.0, "new", None, "4A"),
        ("solid", 8.0, "new", None, "4B"),
        ("solid", 7.9, "growing", None, "4A"),
        ("solid", 8.0, "growing", None, "4B"),
        ("solid", 5.0, "slowly-growing", None, "4B"),
        ("solid", 5.9, "stable", None, "2"),
        ("part-solid", 5.9, "baseline", None, "2"),
        ("part-solid", 6.0, "baseline", 5.9, "3"),
        ("part-solid", 9.0, "baseline", 6.0, "4A"),
        ("part-solid", 20.0, "baseline", 8.0, "4B"),
        ("part-solid", 5.9, "new", None, "3"),
        ("part-solid", 8.0, "new", 3.0, "4A"),
        ("part-solid", 8.0, "new", 4.0, "4B"),
        ("part-solid", 8.0, "growing", 3.9, "4A"),
        ("part-solid", 8.0, "growing", 4.0, "4B"),
        ("part-solid", 8.0, "slowly-growing", None, "4B"),
        ("non-solid", 29.9, "baseline", None, "2"),
        ("non-solid", 29.9, "growing", None, "2"),
        ("non-solid", 30.0, "baseline", None, "3"),
        ("non-solid", 30.0, "new", None, "3"),
        ("non-solid", 35.0, "stable", None, "2"),
        ("non-solid", 35.0, "slowly-growing", None, "2"),
    ],
)
def test_the_categories_hold_at_their_borders(
    kind: str, mm: float, course: str, solid_part: float | None, category: str
) -> None:
    more: dict[str, Value] = {} if solid_part is None else {"solid_part_mm": solid_part}
    assert nodule(kind, mm, course, **more).category == category


def test_a_smooth_nodule_at_the_pleura_is_category_2_under_10_mm() -> None:
    assert nodule("solid", 9.9, juxtapleural_smooth=True).category == "2"
    assert nodule("solid", 10.0, juxtapleural_smooth=True).category == "4A"
    assert nodule("solid", 9.0, "growing", juxtapleural_smooth=True).category == "4B"


def test_benign_calcification_or_fat_is_category_1() -> None:
    assert nodule("solid", 20.0, benign_features=True).category == "1"


@pytest.mark.parametrize(
    ("mm", "months", "category"),
    [(7.0, 5.9, "3"), (7.0, 6.0, "2"), (9.0, 2.9, "4A"), (9.0, 3.0, "3"), (16.0, 24.0, "4B")],
)
def test_a_stable_nodule_steps_down_after_its_time(mm: float, months: float, category: str) -> None:
    assert nodule("solid", mm, "stable", months_since_prior=months).category == category


def test_the_months_are_asked_only_where_a_step_down_is_possible() -> None:
    assert nodule("solid", 7.0, "stable").missing == ("months_since_prior",)
    assert nodule("solid", 16.0, "stable").missing == ()
    assert nodule("solid", 5.0, "stable").missing == ()


@pytest.mark.parametrize(
    ("kind", "course", "category"),
    [
        ("airway-subsegmental", "baseline", "2"),
        ("airway-segmental", "baseline", "4A"),
        ("airway-segmental", "stable", "4B"),
        ("airway-segmental", "growing", "4B"),
        ("cyst", "baseline", "4A"),
        ("cyst", "growing", "4B"),
        ("cyst-cavity-growing", "growing", "3"),
        ("cyst-became-multilocular", "growing", "4A"),
        ("cyst-wall-growing", "growing", "4B"),
    ],
)
def test_airway_nodules_and_cysts_have_their_own_categories(kind: str, course: str, category: str) -> None:
    assert other(kind, course).category == category


def test_a_stable_cyst_steps_down_but_an_airway_nodule_does_not() -> None:
    assert other("cyst", "stable", months_since_prior=3.0).category == "3"
    assert other("airway-segmental", "stable", months_since_prior=3.0).category == "4B"


@pytest.mark.parametrize("state", ["prior-awaited", "not-evaluable", "infection"])
def test_an_incomplete_examination_is_category_0(state: str) -> None:
    advice = ask(screening=True, scan_state=state)
    assert advice.category == "0"
    assert len(advice.options) == 1


@pytest.mark.parametrize(("mm", "category"), [(5.0, "2"), (7.0, "4X"), (9.0, "4X"), (16.0, "4X")])
def test_suspicious_features_raise_categories_3_and_4_to_4x(mm: float, category: str) -> None:
    advice = nodule("solid", mm, suspicious_features=True)
    assert advice.category == category


def test_suspicious_features_are_asked_only_where_they_matter() -> None:
    unknown: dict[str, Value] = {"screening": True, "nodule_course": "baseline", "benign_features": False}
    sized = {**unknown, "nodule_type": "solid", "juxtapleural_smooth": False}
    assert ask(**sized, long_axis_mm=5.0, short_axis_mm=5.0).missing == ()
    assert ask(**sized, long_axis_mm=7.0, short_axis_mm=7.0).missing == ("suspicious_features",)


def test_it_asks_first_whether_the_ct_was_made_for_screening() -> None:
    assert ask().missing == ("screening",)
    assert ask(nodule_type="solid").missing == ("screening",)


def test_it_does_not_apply_outside_screening() -> None:
    advice = ask(screening=False)
    assert "screening" in str(advice.not_applicable[0])
    assert (advice.missing, advice.category) == ((), "")


def test_small_ground_glass_needs_no_further_answers() -> None:
    assert ask(screening=True, nodule_type="non-solid", long_axis_mm=12.0, short_axis_mm=9.0).category == "2"


def test_ground_glass_that_grows_names_both_readings_of_the_guideline() -> None:
    advice = nodule("non-solid", 12.0, "growing")
    assert advice.category == "2"
    assert any("4X" in str(sentence) for sentence in advice.why)


def test_a_small_new_part_solid_nodule_with_a_large_solid_part_names_both_categories() -> None:
    advice = nodule("part-solid", 5.5, "new", solid_part_mm=4.5)
    assert advice.category == "3"
    assert any("4B" in str(sentence) for sentence in advice.why)


def test_sizes_are_taken_to_one_decimal() -> None:
    assert nodule("solid", 6.0, short_axis_mm=5.9).category == "3"  # mean 5.95, half up
    assert nodule("solid", 5.94, short_axis_mm=5.94).category == "2"


def test_pet_ct_is_offered_only_for_a_solid_part_of_8_mm_or_more() -> None:
    def pet(advice: Advice) -> bool:
        return any("PET/CT" in option.text.to("en") for option in advice.options)

    assert pet(nodule("solid", 8.0))
    assert not pet(nodule("solid", 6.0, "new"))
    assert pet(nodule("part-solid", 20.0, solid_part_mm=8.0))
    assert not pet(nodule("part-solid", 20.0, solid_part_mm=6.0))


def test_the_published_share_of_cancers_is_told() -> None:
    assert any("5–15 %" in str(sentence) for sentence in nodule("solid", 8.0).why)


def test_it_claims_no_grade() -> None:
    assert {option.strength for option in nodule("solid", 16.0).options} == {"not graded"}


COMPLETE = st.fixed_dictionaries(
    {
        "screening": st.booleans(),
        "scan_state": st.sampled_from([name for name, _title in BY_NAME["scan_state"].choices]),
        "lesion_kind": st.sampled_from([name for name, _title in BY_NAME["lesion_kind"].choices]),
        "nodule_type": st.sampled_from(["solid", "part-solid", "non-solid"]),
        "long_axis_mm": st.floats(1, 200),
        "short_axis_mm": st.floats(0.5, 200),
        "solid_part_mm": st.floats(0, 200),
        "benign_features": st.booleans(),
        "juxtapleural_smooth": st.booleans(),
        "nodule_course": st.sampled_from([name for name, _title in BY_NAME["nodule_course"].choices]),
        "months_since_prior": st.floats(0, 600),
        "suspicious_features": st.booleans(),
    }
)


@given(COMPLETE)
def test_every_complete_input_gives_one_category_or_a_reason_why_not(values: dict[str, Value]) -> None:
    advice = ask(**values)
    assert advice.missing == ()
    assert (advice.category in ("0", "1", "2", "3", "4A", "4B", "4X")) != bool(advice.not_applicable)
    assert bool(advice.options) == bool(advice.category)
    assert "{" not in "".join(str(text) for text in advice.why)


@given(
    COMPLETE,
    st.sets(
        st.sampled_from(
            sorted(
                {
                    "nodule_type",
                    "long_axis_mm",
                    "solid_part_mm",
                    "benign_features",
                    "juxtapleural_smooth",
                    "nodule_course",
                    "months_since_prior",
                    "suspicious_features",
                    "screening",
                }
            )
        )
    ),
)
def test_answering_what_is_missing_always_ends_in_the_same_category(values: dict[str, Value], hidden: set[str]) -> None:
    known = {name: value for name, value in values.items() if name not in hidden}
    for _turn in range(len(hidden) + 1):
        advice = ask(**known)
        if not advice.missing:
            break
        assert set(advice.missing) <= hidden
        known |= {name: values[name] for name in advice.missing}
    assert advice.category == ask(**values).category
