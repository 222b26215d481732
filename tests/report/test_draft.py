"""What a drafted report says, and what it leaves unsaid."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from medviewer.core.case import Case
from medviewer.core.study import Study
from medviewer.report.document import Report
from medviewer.report.draft import draft
from medviewer.report.wording import Words, format_percent
from tests.cases import case, finding

Draft = Callable[..., Report]


def texts(report: Report) -> list[str]:
    """Every text a reader of the report can see."""
    seen = [report.title, report.notice, *(label for label, _value in report.rows)]
    for section in report.sections:
        seen += [section.heading, *section.paragraphs, *(image.caption for image in section.images)]
        for table in section.tables:
            seen += [table.caption, *table.head, *(row[0] for row in table.rows)]
        for chart in section.charts:
            seen += [chart.caption, chart.left, chart.right, *(label for label, _value in chart.bars)]
    return [text for text in seen if text]


def test_the_sections_come_in_their_order(drafted: Draft, told: Case) -> None:
    assert [section.id for section in drafted(told).sections] == [
        "technique", "comparison", "findings", "risk", "recommendations", "impression", "models", "checks",
    ]  # fmt: skip


def test_the_head_names_patient_and_study_as_people_write_them(drafted: Draft, told: Case) -> None:
    rows = dict(drafted(told).rows)
    assert rows["Patient"] == "Doe, Jane 王小东"
    assert rows["Date"] == "2024-05-12"
    assert rows["Sex"] == "female"
    assert "Accession number" not in rows  # the files do not say


def test_technique_says_how_the_series_was_made(drafted: Draft, told: Case) -> None:
    text = drafted(told).section("technique").text
    assert "CT, 20 images" in text
    assert "slice thickness 1 mm" in text


def test_each_kept_finding_is_described_with_its_measures(drafted: Draft, told: Case) -> None:
    first, second, *_rest = drafted(told).section("findings").paragraphs
    for part in ("Solid nodule", "right upper zone", "24.3 × 19.1 mm", "268 mm³", "31 HU", "image 12"):
        assert part in first
    assert "Ground-glass nodule, right lower zone" in second


def test_who_found_it_and_whether_anybody_looked_is_told(drafted: Draft, told: Case) -> None:
    first, second, *_rest = drafted(told).section("findings").paragraphs
    assert 'Found by AI (lung-nodules 1.0), rated "likely". Accepted by the reader.' in first
    assert "Not yet reviewed by a reader." in second


def test_a_threshold_that_the_reader_moved_is_told(drafted: Draft, told: Case) -> None:
    moved = replace(told, thresholds={told.findings[0].series_uid: 0.52, "another series": 0.9})
    text = drafted(moved).section("findings").text
    assert "The reader moved the threshold of the model to 0.52." in text
    assert "0.90" not in text
    assert "threshold" not in drafted(told).section("findings").text


def test_a_finding_of_the_reader_names_no_model(drafted: Draft) -> None:
    text = drafted(case(finding("a", model=None))).section("findings").text
    assert "Marked by the reader." in text
    assert "AI" not in text


def test_rejected_findings_are_counted_but_not_described(drafted: Draft, told: Case) -> None:
    report = drafted(told)
    assert "1 finding(s) were rejected" in report.section("findings").text
    assert "1 of 2 finding(s) have not been reviewed" in report.section("findings").text
    assert not any("Finding 3" in text or text.startswith("3.") for text in texts(report))


def test_findings_keep_the_numbers_they_have_on_the_screen(drafted: Draft) -> None:
    text = drafted(case(finding("a", status="rejected"), finding("b"))).section("findings").paragraphs[0]
    assert text.startswith("2. Solid nodule")


def test_the_reader_is_named_where_known(drafted: Draft, told: Case) -> None:
    assert dict(drafted(told, reader="Dr. Who").rows)["Reader"] == "Dr. Who"
    assert "Reader" not in dict(drafted(told).rows)


def test_a_lesion_over_30_mm_is_called_a_mass(drafted: Draft) -> None:
    assert "Solid mass" in drafted(case(finding("a", long_axis_mm=40.0))).section("findings").text


def test_no_finding_is_not_a_clean_bill_of_health(drafted: Draft) -> None:
    report = drafted(case())
    assert "does not rule one out" in report.section("findings").text
    assert "does not rule one out" in report.section("impression").text
    assert report.section("risk").charts == ()


def test_risk_gives_percent_or_the_missing_inputs_by_name(drafted: Draft, told: Case) -> None:
    text = drafted(told).section("risk").text
    assert "Finding 1, Brock model with spiculation: estimated probability of cancer 67.6 %" in text
    assert "Finding 2, Brock model with spiculation: no value; missing: In an upper lobe, Spiculation." in text
    assert "AUC" in text


def test_contributions_become_charts_only_where_there_is_a_value(drafted: Draft, told: Case) -> None:
    charts = drafted(told).section("risk").charts
    assert [chart.caption.split(":")[0] for chart in charts] == [
        "Finding 1, Brock model with spiculation",
        "Finding 1, Brock model without spiculation",
    ]


def test_recommendations_are_options_with_strength(drafted: Draft, told: Case) -> None:
    text = drafted(told).section("recommendations").text
    assert "– CT may be repeated, at 3 to 6 months (strong recommendation, moderate certainty)." in text
    assert "Lung-RADS v2022, screening: does not apply." in text
    assert "the decision is the clinician's" in text


def test_missing_answers_are_named_in_the_recommendations(drafted: Draft) -> None:
    text = drafted(case(finding("a"))).section("recommendations").text
    assert "no category; missing: CT made for lung cancer screening, Known cancer, Immunosuppressed" in text


def test_the_impression_starts_with_the_largest_and_marks_what_nobody_reviewed(drafted: Draft) -> None:
    both = case(finding("a", long_axis_mm=5.0), finding("b", long_axis_mm=20.0, status="unreviewed"))
    lines = drafted(both).section("impression").paragraphs
    assert lines[0].startswith("2. Solid nodule of 20 mm")
    assert "(not yet reviewed)" in lines[0]
    assert "(not yet reviewed)" not in lines[1]


def test_the_words_of_the_reader_stand_and_the_figures_stay(drafted: Draft, told: Case) -> None:
    mine = replace(told, texts={"risk": "I disagree.\n\nSee below."})
    section = drafted(mine).section("risk")
    assert section.paragraphs == ("I disagree.", "See below.")
    assert section.edited
    assert len(section.charts) == 2
    assert not drafted(mine).section("findings").edited


def test_a_section_emptied_by_the_reader_stays_empty(drafted: Draft, told: Case) -> None:
    assert drafted(replace(told, texts={"comparison": ""})).section("comparison").paragraphs == ()


def test_what_was_said_of_earlier_scans_is_repeated(drafted: Draft, told: Case) -> None:
    grown = replace(told, inputs=told.inputs | {("a", "nodule_course"): "growing"})
    report = drafted(grown)
    assert "Compared with earlier scans: growing." in report.section("findings").paragraphs[0]
    assert "The reader compared" in report.section("comparison").text


def test_models_are_named_with_version_hash_and_reference(drafted: Draft, told: Case) -> None:
    rows = {row[0]: row[1] for row in drafted(told).section("models").tables[0].rows}
    assert rows["lung-nodules"] == "version 1.0, sha256 abababababab"
    assert "McWilliams" in rows["Brock model with spiculation"]


def test_checks_of_the_images_are_passed_on(drafted: Draft, told: Case) -> None:
    assert ("Warning", "Slices are missing at -31 mm.") in drafted(told).section("checks").tables[0].rows


def test_key_images_come_with_their_finding(drafted: Draft, told: Case, png: bytes) -> None:
    images = drafted(told, key_images={"b": png, "c": png}).section("findings").images
    assert [(image.finding_id, image.caption) for image in images] == [("b", "Finding 2")]


@pytest.mark.usefixtures("invented_chinese")
def test_the_whole_report_is_in_its_language(drafted: Draft, told: Case) -> None:
    own = {"lung-nodules"}  # names are not translated
    left = [text for text in texts(drafted(told, "zh_CN")) if "译" not in text and text not in own]
    assert left == []


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.123, "12.3 %"), (0.00112, "0.11 %"), (0.00001, "< 0.01 %"), (0.9999, "> 99.9 %"), (0.5, "50.0 %")],
)
def test_probabilities_are_never_a_false_zero_or_hundred(share: float, text: str) -> None:
    assert format_percent(share) == text


def test_values_are_said_in_words_and_units() -> None:
    words = Words("en")
    assert words.value("emphysema", True) == "yes"
    assert words.value("nodule_type", "non-solid") == "ground-glass"
    assert words.value("age_years", 61.0) == "61 years"
    assert words.value("long_axis_mm", 24.34) == "24.34 mm"


def test_a_report_needs_no_advice(study: Study, told: Case) -> None:
    assert "no finding to advise on" in draft(told, study, [], []).section("recommendations").text
