"""What headers say becomes facts; what they say wrongly is left out."""

import pytest

from medviewer.app.facts import age_years, main_series, study_facts, thickness_mm
from medviewer.core.grid import Grid
from medviewer.core.study import Check, Patient, Series, Study
from medviewer.i18n import N_
from tests.app.test_session import header


def stack(uid: str, count: int, modality: str = "CT", stopped: bool = False, **changes: object) -> Series:
    """A series of ``count`` slices."""
    checks = (Check("missing-slices", "stop", N_("A slice is missing.")),) if stopped else ()
    headers = tuple(header(n, uid, modality=modality, **changes) for n in range(count))
    return Series(uid, headers, checks, Grid((count, 8, 8), spacing_kji_mm=(2.5, 0.7, 0.7)))


@pytest.mark.parametrize(
    ("born", "seen", "age"),
    [("19600522", "20260521", 65.0), ("19600521", "20260521", 66.0), ("", "20260521", None), ("1960", "2026", None),
     ("19600229", "20230228", 62.0), ("00000000", "20260521", None)],
)  # fmt: skip
def test_the_age_is_counted_in_full_years(born: str, seen: str, age: float | None) -> None:
    assert age_years(header(1, patient=Patient(birth_date=born), study_date=seen)) == age


def test_the_age_in_the_file_goes_before_the_dates() -> None:
    assert age_years(header(1, age_years=0.5)) == 0.5


@pytest.mark.parametrize(("sex", "female"), [("F", True), ("M", False), ("O", None), ("", None), ("f ", True)])
def test_sex_is_known_only_as_f_or_m(sex: str, female: bool | None) -> None:
    facts = study_facts(Study("1", (stack("1.1", 3, patient=Patient(sex=sex)),)))
    assert facts.get("female") is female


@pytest.mark.parametrize("age", [-1.0, 999.0])
def test_an_impossible_age_counts_as_not_said(age: float) -> None:
    assert "age_years" not in study_facts(Study("1", (stack("1.1", 3, age_years=age),)))


def test_thickness_falls_back_to_the_distance_between_slices() -> None:
    assert thickness_mm(stack("1.1", 3)) == 1.25
    assert thickness_mm(stack("1.1", 3, thickness_mm=None)) == 2.5
    assert thickness_mm(stack("1.1", 1, thickness_mm=None)) is None


def test_the_main_series_is_the_largest_ct_stack_without_a_stop() -> None:
    mr, small, large, broken = stack("1", 90, "MR"), stack("2", 5), stack("3", 40), stack("4", 80, stopped=True)
    assert main_series(Study("1", (mr, small, large, broken))) is large
    assert main_series(Study("1", (mr, broken))) is mr
    assert main_series(Study("1", ())) is None
