"""The Brock models against published values, and what they say at the edge of their data."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medviewer import risk
from medviewer.core.facts import Fact, Facts
from medviewer.core.fields import Value
from medviewer.risk.logistic import probability

WITH, WITHOUT = "brock_full", "brock_without_spiculation"

# age, female, family history, emphysema, mm, type, upper, count, spiculation, % with, % without
VECTORS = [
    (62, 0, 0, 0, 4, "solid", 0, 4, 0, 0.112464, 0.110467),
    (62, 0, 0, 0, 8, "solid", 0, 1, 0, 1.715976, 1.906373),
    (70, 0, 0, 1, 20, "solid", 1, 2, 1, 50.961867, 40.691097),
    (55, 1, 0, 0, 6, "non-solid", 0, 3, 0, 0.760427, 0.637748),
]


def person(**changes: Value) -> Facts:
    reference: dict[str, Value] = {
        "age_years": 62.0,
        "female": False,
        "family_history_lung_cancer": False,
        "emphysema": False,
        "long_axis_mm": 4.0,
        "nodule_type": "solid",
        "upper_lobe": False,
        "nodule_count": 4.0,
        "spiculation": False,
    }
    return {name: Fact(value, "reader") for name, value in (reference | changes).items()}


@pytest.mark.parametrize("vector", VECTORS)
def test_published_values_are_met_to_the_sixth_digit(vector: tuple[float, ...]) -> None:
    age, female, family, emphysema, mm, kind, upper, count, spiculated, with_percent, without_percent = vector
    facts = person(
        age_years=float(age),
        female=bool(female),
        family_history_lung_cancer=bool(family),
        emphysema=bool(emphysema),
        long_axis_mm=float(mm),
        nodule_type=str(kind),
        upper_lobe=bool(upper),
        nodule_count=float(count),
        spiculation=bool(spiculated),
    )
    for model_id, percent in ((WITH, with_percent), (WITHOUT, without_percent)):
        value = risk.models()[model_id].assess(facts, "f").value
        assert value is not None
        assert 100.0 * value == pytest.approx(percent, abs=5e-7)


def test_the_reference_person_contributes_nothing() -> None:
    for model in risk.models().values():
        answer = model.assess(person(), "f")
        assert [part.value for part in answer.contributions] == pytest.approx([0.0] * len(model.fields), abs=1e-7)


def test_the_size_is_not_reduced_by_four_millimetres_first() -> None:
    value = risk.models()[WITH].assess(person(long_axis_mm=8.0, nodule_count=1.0), "f").value
    assert value is not None
    assert value > 0.017  # the mistaken calculators give 0.0011


def test_contributions_add_up_to_the_log_odds() -> None:
    answer = risk.models()[WITH].assess(person(age_years=70.0, female=True, spiculation=True, long_axis_mm=20.0), "f")
    assert answer.value is not None
    log_odds = math.log(answer.value / (1.0 - answer.value))
    assert sum(part.value for part in answer.contributions) == pytest.approx(log_odds + 6.78917)


@pytest.mark.parametrize("model_id", [WITH, WITHOUT])
def test_every_missing_input_is_named_and_nothing_is_imputed(model_id: str) -> None:
    model = risk.models()[model_id]
    for field in model.fields:
        facts = person()
        del facts[field.name]
        answer = model.assess(facts, "f")
        assert answer.missing == (field.name,)
        assert answer.value is None
        assert answer.contributions == ()
        assert field.name not in answer.inputs


def test_spiculation_is_only_asked_for_by_the_model_that_uses_it() -> None:
    facts = person()
    del facts["spiculation"]
    assert risk.models()[WITH].assess(facts, "f").missing == ("spiculation",)
    assert risk.models()[WITHOUT].assess(facts, "f").missing == ()


def test_a_value_no_field_accepts_counts_as_missing() -> None:
    answer = risk.models()[WITHOUT].assess(person(nodule_type="calcified", age_years=math.nan), "f")
    assert answer.missing == ("age_years", "nodule_type")


@pytest.mark.parametrize(("age", "told"), [(49.0, 1), (50.0, 0), (75.0, 0), (76.0, 1)])
def test_an_age_beyond_the_development_data_is_told(age: float, told: int) -> None:
    answer = risk.models()[WITH].assess(person(age_years=age), "f")
    assert answer.value is not None
    assert len(answer.out_of_range) == told
    if told:
        assert f"{age:g}" in str(answer.out_of_range[0])


@pytest.mark.parametrize(("size", "told"), [(1.0, 0), (86.0, 0), (87.0, 1)])
def test_a_size_beyond_the_development_data_is_told_even_while_inputs_are_missing(size: float, told: int) -> None:
    facts = person(long_axis_mm=size)
    del facts["female"]
    answer = risk.models()[WITH].assess(facts, "f")
    assert answer.value is None
    assert len(answer.out_of_range) == told


def test_each_model_says_for_whom_it_was_made_and_how_it_did() -> None:
    for model in risk.models().values():
        assert "50 to 75" in str(model.population)
        assert "AUC" in str(model.validation)
        assert "10.1056/NEJMoa1214726" in model.reference


@given(
    age=st.floats(0, 120),
    size=st.floats(1, 200),
    count=st.floats(1, 100),
    kind=st.sampled_from(["solid", "part-solid", "non-solid"]),
    flags=st.tuples(*[st.booleans()] * 5),
)
def test_every_complete_input_gives_a_probability(
    age: float, size: float, count: float, kind: str, flags: tuple[bool, ...]
) -> None:
    names = ("female", "family_history_lung_cancer", "emphysema", "upper_lobe", "spiculation")
    numbers = {"age_years": age, "long_axis_mm": size, "nodule_count": count}
    facts = person(nodule_type=kind, **numbers, **dict(zip(names, flags, strict=True)))
    for model in risk.models().values():
        value = model.assess(facts, "f").value
        assert value is not None
        assert 0.0 < value < 1.0


@given(size=st.floats(1, 199))
def test_a_larger_nodule_is_never_less_likely_cancer(size: float) -> None:
    smaller, larger = (risk.models()[WITH].assess(person(long_axis_mm=mm), "f").value for mm in (size, size + 1.0))
    assert smaller is not None
    assert larger is not None
    assert larger > smaller


@pytest.mark.parametrize("log_odds", [-1e6, -800.0, 800.0, 1e6])
def test_the_logistic_function_does_not_overflow(log_odds: float) -> None:
    assert probability(log_odds) == (1.0 if log_odds > 0 else 0.0)
