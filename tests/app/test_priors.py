"""Other examinations of the same patient: whose they are, which series of them, in which order."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from medviewer.app.library.library import Library
from medviewer.app.priors import Priors, alike, differences, find, of_catalogue, same_person
from medviewer.core.grid import Grid
from medviewer.core.job import Job
from medviewer.core.study import Header, Patient, Series, Study
from tests.app.studies import images

JANE = Patient("P1", "Doe^Jane", "19600101", "F")
GRID = Grid((100, 64, 64), spacing_kji_mm=(1.0, 0.7, 0.7))
AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


def series(uid: str, study: str, *, grid: Grid | None = GRID, **said: Any) -> Series:
    about: dict[str, Any] = {
        "modality": "CT", "patient": JANE, "body_part": "CHEST", "orientation": AXIAL, "thickness_mm": 1.0,
        "study_date": "20260115", "study_description": "CT chest", **said,
    }  # fmt: skip
    header = Header("", uid, "", study, uid, rows=64, columns=64, **about)
    return Series(uid, (header,) * 10, grid=grid)


def study(uid: str, date: str, *found: Series, **said: Any) -> Study:
    return Study(uid, found or (series(f"{uid}.1", uid, study_date=date, **said),))


NOW = study("1.2", "20260115")
SHOWN = NOW.series[0]


def looked(*others: Study) -> Priors:
    return of_catalogue((NOW, *others), NOW, SHOWN)


def test_the_latest_earlier_one_comes_first_and_later_ones_last() -> None:
    found = looked(study("2", "20240115"), study("3", "20241215"), study("4", "20260301")).found
    assert [(prior.study.uid, str(prior.age)) for prior in found] == [
        ("3", "13 months before"),
        ("2", "2 years before"),
        ("4", "6 weeks after"),
    ]
    assert [prior.is_earlier for prior in found] == [True, True, False]


def test_it_is_said_in_one_line() -> None:
    assert str(looked(study("3", "20241215")).found[0].words) == "13 months before · CT chest 1 mm"
    plain = looked(study("3", "20241215", study_description="Thorax", thickness_mm=1.25)).found[0]
    assert str(plain.title) == "CT Thorax 1.2 mm"


def test_on_one_day_the_time_decides() -> None:
    shown = study("1.2", "", series("1.2.1", "1.2", study_time="120000"))
    found = of_catalogue(
        (study("2", "20260115", study_time="080000"), study("3", "20260115", study_time="180000")),
        shown,
        shown.series[0],
    )
    assert [(prior.study.uid, prior.is_earlier, str(prior.age)) for prior in found.found] == [
        ("2", True, "4 h before"),
        ("3", False, "6 h after"),
    ]
    assert found.best is found.found[0]


@pytest.mark.parametrize(
    ("other", "verdict"),
    [
        (JANE, "yes"),
        (Patient("P1", "DOE^JANE^M", "19600101", ""), "yes"),  # a middle name more
        (Patient("P1", "Doé^Jane", "", ""), "yes"),
        (Patient("P1", "", "", ""), "yes"),
        (Patient("P1", "Smith^John", "19600101", "M"), "contradicts"),
        (Patient("P1", "Doe^Jane", "19610101", "F"), "contradicts"),
        (Patient("P2", "Doe^Jane", "19600101", "F"), "no"),
        (Patient("", "Doe^Jane", "19600101", "F"), "yes"),
        (Patient("", "Doe^Jane", "", "F"), "no"),  # a name alone is not enough
        (Patient("", "", "", ""), "no"),
    ],
)
def test_nobody_is_taken_for_another_by_a_number_alone(other: Patient, verdict: str) -> None:
    assert same_person(JANE, other) == verdict


def test_contradicting_names_are_told_and_not_shown() -> None:
    found = looked(study("2", "20250115", patient=Patient("P1", "Smith^John", "19600101", "M")))
    assert found.found == ()
    assert [str(text) for text in found.told] == [
        "Not shown: 1 examination(s) of the same number but another name or birth date."
    ]
    assert "belong to another name" in str(found.why_none)


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ((), "No other examination of this patient is known here. Open its folder to compare with it."),
        (
            (study("2", "20250115", body_part="KNEE"),),
            "The other examinations of this patient show no images of the same kind and part of the body.",
        ),
    ],
)
def test_where_there_is_none_it_says_why(others: tuple[Study, ...], said: str) -> None:
    assert str(looked(*others).why_none) == said


def test_a_patient_without_a_name_has_no_priors() -> None:
    nobody = study("1.2", "20260115", patient=Patient())
    found = of_catalogue((study("2", "20250115", patient=Patient()),), nobody, nobody.series[0])
    assert "name no patient" in str(found.why_none)


def test_the_series_most_alike_is_chosen() -> None:
    thick = series("2.1", "2", thickness_mm=5.0, kernel="B30f", study_date="20250115")
    sharp = series("2.2", "2", kernel="B70f", study_date="20250115")
    soft = series("2.3", "2", kernel="B31f", study_date="20250115")
    coronal = series("2.4", "2", orientation=(1.0, 0, 0, 0, 0, -1.0), kernel="B31f", study_date="20250115")
    film = replace(series("2.5", "2", modality="DX", study_date="20250115"), grid=None)
    shown = series("1.2.1", "1.2", kernel="B30f")
    found = of_catalogue((Study("2", (film, coronal, thick, sharp, soft)),), Study("1.2", (shown,)), shown)
    assert found.found[0].series is soft
    by_likeness = sorted((film, coronal, thick, sharp, soft), key=lambda one: alike(shown, one), reverse=True)
    assert [one.uid for one in by_likeness] == ["2.3", "2.1", "2.2", "2.4", "2.5"]


def test_what_differs_is_said() -> None:
    other = series("2.1", "2", thickness_mm=5.0, kernel="B70f", contrast="Iomeprol")
    assert [str(text) for text in differences(series("1", "1.2", kernel="B30f"), other)] == [
        "slices of 5 mm beside 1 mm",
        "another kernel (B70f beside B30f)",
        "contrast agent in one of them only",
    ]
    assert differences(SHOWN, SHOWN) == ()
    assert str(differences(SHOWN, series("2.1", "2", modality="MR"))[0]) == "another modality (MR beside CT)"


def test_the_best_is_never_of_another_modality() -> None:
    assert looked(study("2", "20250115", modality="MR")).best is None


def test_the_library_knows_examinations_of_other_days(tmp_path: Path) -> None:
    library = Library(tmp_path / "library.sqlite")
    library.remember_headers([
        *images(tmp_path / "a", 4, study="9.1", date="20241215"),
        *images(tmp_path / "b", 4, study="9.2", date="20240115", name="Smith^John"),
    ])  # fmt: skip
    shown = Study("1.2", (replace(SHOWN, grid=None),))
    found = find((shown,), library, shown, shown.series[0], Job())
    assert [(prior.study.uid, prior.where) for prior in found.found] == [("9.1", "library")]
    assert len(found.found[0].series.headers) == 4
    assert len(found.told) == 1  # John Smith's number
    library.close()


def test_a_library_that_cannot_be_read_is_told_and_the_rest_is_found(tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_text("x")
    found = find((study("2", "20250115"),), Library(place / "library.sqlite"), NOW, SHOWN, Job())
    assert [prior.study.uid for prior in found.found] == ["2"]
    assert len(found.told) == 1
