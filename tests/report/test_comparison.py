"""The report's comparison: which examination, and what became of each finding."""

from dataclasses import replace

import numpy as np
import pytest

from medviewer.app.pairing import compare
from medviewer.core.case import Case
from medviewer.core.compared import Compared, Examined
from medviewer.core.pair import Pair
from medviewer.core.registration import Registration, rows_of
from medviewer.core.study import Header, Series, Study
from medviewer.report.draft import draft
from tests.cases import finding


def series(uid: str, date: str, mm: float = 1.0) -> Series:
    header = Header(
        "", uid + ".1", "", uid.rpartition(".")[0], uid, "CT", study_date=date, study_description="CT chest"
    )
    return Series(uid, (replace(header, thickness_mm=mm),))


NOW, BEFORE = series("1.2.3", "20260115"), series("1.9.3", "20241215", 5.0)
STUDY = Study("1.2", (NOW,))


@pytest.fixture
def case() -> Case:
    small = replace(finding("b", long_axis_mm=5.0), center_lps_mm=(60.0, 0.0, 0.0), attributes={})
    return Case("1.2", findings=(finding("r", status="rejected"), finding("a", long_axis_mm=10.0), small))


@pytest.fixture
def compared(case: Case) -> Compared:
    theirs = finding("x"), replace(finding("y"), center_lps_mm=(-50.0, 90.0, 20.0))
    relation = Registration("1.9.3", "1.2.3", rows_of(np.eye(4)), 0.7, displacement_mm=12.4, verdict="doubtful")
    return compare(case, Examined("1.2", NOW, case.kept), Examined("1.9", BEFORE, theirs), relation)


def test_each_finding_is_told_with_its_course(case: Case, compared: Compared) -> None:
    section = draft(case, STUDY, [], [], compared=compared).section("comparison")
    assert section.paragraphs == (
        "Compared with CT chest of 2024-12-15, 13 months before. Places were matched by: rigid registration of the "
        "images, doubtful: check it, moved by 12 mm. The match is doubtful: check it.",
        "2. Solid nodule, right upper zone: grown; mean diameter +2.0 mm (2 mm and more counts, Fleischner 2017).",
        "3. Nodule, place not determined: new.",
        "Solid nodule of the other examination, right upper zone: no longer seen.",
        "Slices of 5 and 1 mm: volumes are not compared, only diameters.",
    )
    table = section.tables[0]
    assert table.head == ("Finding", "Before", "Now", "Volume", "Mean diameter")
    assert table.rows == (("2", "8.0 × 8.0 mm, 268 mm³", "10.0 × 10.0 mm, 268 mm³", "0 %", "+2.0 mm"),)


def test_the_reader_s_pairs_are_named_as_such(case: Case, compared: Compared) -> None:
    said = replace(case, pairs=(Pair("a", "1.9"),))
    again = compare(said, Examined("1.2", NOW, case.kept), compared.other, compared.registration)
    text = draft(said, STUDY, [], [], compared=again).section("comparison").text
    assert "right upper zone: new; parted by the reader." in text


def test_without_a_prior_the_report_says_so(case: Case) -> None:
    assert "compared no earlier examination" in draft(case, STUDY, [], []).section("comparison").text
