"""What scan and review print, and when they end with a sentence although they did their work."""

from pathlib import Path

import pytest

from medviewer.app import listing
from medviewer.app.scanning import scan_into
from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.core.study import Check, Header, Series, Study, Unreadable
from medviewer.dicom.catalogue import Catalogue
from medviewer.i18n import N_
from tests.app.fake import FakeBundle
from tests.app.files import SERIES, STUDY, small_ct

RESULT = {
    "findings": [
        {
            "id": "f1",
            "label": "Nodule",
            "long_axis_mm": 8.04,
            "short_axis_mm": 6.0,
            "volume_mm3": 201.6,
            "mean_hu": -12.3,
            "score": 0.912,
            "wording": "likely",
            "status": "unreviewed",
        }
    ],
    "risks": [
        {"id": "brock_full", "finding_id": "f1", "value": None},
        {"id": "brock_without_spiculation", "finding_id": "f1", "value": 0.0312},
    ],
    "checks": [{"code": "gantry-tilt", "severity": "warning", "text": "Tilted."}],
    "comparison": None,
}


def test_a_scan_lists_studies_series_checks_and_what_is_unreadable(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small_ct(tmp_path)[4].unlink()
    (tmp_path / "notes.txt").write_text("hello")
    catalogue = Catalogue()
    result = listing.scan_result(catalogue.studies(), scan_into(catalogue, tmp_path, Job()))
    result = listing.scan_result(catalogue.studies(), catalogue.unreadable)
    (study,) = result["studies"]
    (series,) = study["series"]
    assert (study["study_uid"], series["series_uid"], series["images"]) == (STUDY, SERIES, 11)
    assert series["spacing_kji_mm"] == pytest.approx([2.0, 0.7, 0.7])
    assert (series["kind"], series["what"], series["label"], series["frames"]) == ("image", "Images", "", 1)
    (check,) = series["checks"]
    assert (check["code"], check["severity"]) == ("missing-slices", "stop")
    assert check["explanation"].startswith("Something may lie in the gap")
    assert [Path(file["path"]).name for file in result["unreadable"]] == ["notes.txt"]
    listing.show_scan(result)
    shown = capsys.readouterr().out
    assert SERIES in shown
    assert "One slice is missing" in shown
    assert "notes.txt: " in shown


def test_kinds_and_phases_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    phase = Header("a", "1", "1.2.840.10008.5.1.4.1.1.2", "s", "p", "CT", rows=4, columns=5, pixels_bytes=40)
    report = Header("b", "2", "1.2.840.10008.5.1.4.1.1.88.33", "s", "r", "SR", series_description="CAD")
    series = (
        Series("p", (phase,), label=N_("phase {n} of {all}", n=2, all=9)),
        Series("r", (report,), kind="report"),
    )
    result = listing.scan_result([Study("s", series)], [])
    assert [(one["kind"], one["label"]) for one in result["studies"][0]["series"]] == [
        ("image", "phase 2 of 9"), ("report", ""),
    ]  # fmt: skip
    listing.show_scan(result)
    shown = capsys.readouterr().out
    for words in ("phase 2 of 9", "Images", "4 x 5", "Structured"):
        assert words in shown
    assert "0 x 0" not in shown


def test_what_models_say_of_a_series_is_listed_where_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    chest = Header("a", "1", "1.2.840.10008.5.1.4.1.1.2", "s", "p", "CT", rows=4, columns=5, pixels_bytes=40)
    report = Header("b", "2", "1.2.840.10008.5.1.4.1.1.88.33", "s", "r", "SR")
    study = Study("s", (Series("p", (chest,)), Series("r", (report,), kind="report")))
    listing.show_scan(listing.scan_result([study], []))
    assert "models" not in capsys.readouterr().out
    told = {"strict": (Check("model-age", "stop", N_("Too young.")),), "easy": ()}
    monkeypatch.setattr("medviewer.ai.bundle.fits", lambda bundle, _series: told[bundle.id])
    result = listing.scan_result([study], [], [FakeBundle("strict"), FakeBundle("easy")])  # type: ignore[list-item]
    first, second = (series["models"] for series in result["studies"][0]["series"])
    assert [check["code"] for check in first["strict"]] == ["model-age"]
    assert (first["easy"], second) == ([], {})
    listing.show_scan(result)
    shown = capsys.readouterr().out
    for words in ("models", "strict: stop: Too young.", "easy: reads it"):
        assert words in shown


def test_lost_images_are_a_problem_and_other_files_are_not(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    text = Unreadable(str(tmp_path / "notes.txt"), "This is no DICOM file.")
    listing.unreadable_problem([text])
    (tmp_path / "a.dcm").write_text("hello")
    image = Unreadable(str(tmp_path / "a.dcm"), "This is no DICOM file.")
    with pytest.raises(Problem, match=r"\(1\). The first: .*a.dcm: This is no DICOM file"):
        listing.unreadable_problem([text, image])


def test_a_review_is_shown_with_sizes_and_risks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    listing.show_review(RESULT, tmp_path)
    shown = capsys.readouterr().out
    for words in ("8.0 x 6.0", "202", "-12", "0.91 likely", "brock_full ?", "brock_without_spiculation 3.1 %"):
        assert words in shown
    assert str(tmp_path) in shown.replace("\n", "")


def test_a_review_with_lost_pictures_ends_with_a_sentence() -> None:
    listing.review_problem(RESULT)
    lost = {"code": "unreadable-images", "severity": "warning", "text": "2 images could not be read."}
    with pytest.raises(Problem, match="2 images could not be read"):
        listing.review_problem({**RESULT, "checks": [lost]})


def test_metrics_are_shown_flat(capsys: pytest.CaptureFixture[str]) -> None:
    listing.show_metrics({"dice": {"value": 0.77123, "ci95": [0.75, 0.79]}, "patients": 115, "names": ["a", "b", "c"]})
    shown = capsys.readouterr().out
    for words in ("dice.value", "0.7712", "0.75 – 0.79", "115", "a, b, c"):
        assert words in shown


def test_a_phantom_says_where_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    listing.show_phantom({"nodules": [1, 2]}, tmp_path)
    assert "2 nodules" in capsys.readouterr().out
