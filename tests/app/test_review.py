"""A review writes all of its files or none, says what was lost, and leaves the reader's decisions alone."""

import json
from pathlib import Path

import pytest

from medviewer.ai import engine
from medviewer.app.review import Result, review
from medviewer.app.session import Session
from medviewer.app.settings import Settings
from medviewer.app.store import Store
from medviewer.core.edits import SetStatus
from medviewer.core.job import Job
from medviewer.core.problem import Cancelled, Problem
from medviewer.dicom.catalogue import Catalogue
from medviewer.dicom.scan import scan
from tests.app import fake
from tests.app.files import SERIES, STUDY, small_ct

FILES = ["findings.seg.dcm", "findings.sr.dcm", "replay.json", "report.html", "report.pdf", "result.json"]


@pytest.fixture(autouse=True)
def _bright(monkeypatch: pytest.MonkeyPatch) -> None:
    """The model that finds what is bright, in place of the bundled ones."""
    fake.install(monkeypatch)


@pytest.fixture
def session(store: Store) -> Session:
    """A session with an empty catalogue."""
    return Session(store, Settings(reader="Ann Tester"))


def run(session: Session, tmp_path: Path, **more: object) -> Result:
    """Review ``disc`` into ``out``."""
    return review(tmp_path / "disc", tmp_path / "out", session=session, job=Job(), **more)  # type: ignore[arg-type]


def names(folder: Path) -> list[str]:
    """What is in a folder, hidden files included."""
    return sorted(path.name for path in folder.iterdir())


def test_all_files_are_written_and_the_result_has_the_promised_form(session: Session, tmp_path: Path) -> None:
    small_ct(tmp_path / "disc")
    result = run(session, tmp_path, clinical={"emphysema": True})
    assert names(tmp_path / "out") == FILES
    assert json.loads((tmp_path / "out" / "result.json").read_text()) == result
    assert (result["study_uid"], result["series_uid"]) == (STUDY, SERIES)
    (found,) = result["findings"]
    assert found["center_lps_mm"] == pytest.approx([32 * 0.7, 32 * 0.7, 12.0], abs=0.5)
    assert found["long_axis_mm"] == pytest.approx(10.0, abs=1.5)
    assert found["model"] == {"id": "bright", "version": "1", "sha256": "00"}
    assert {risk["finding_id"] for risk in result["risks"]} == {found["id"]}
    assert all(risk["inputs"]["emphysema"] is True for risk in result["risks"])
    assert all(risk["inputs"]["age_years"] == 66 for risk in result["risks"])
    assert {advice["finding_id"] for advice in result["advice"]} == {found["id"]}
    assert {"scan", "load", "bright", "bright.reading", "report", "dicom", "total"} <= set(result["timings_s"])


def test_the_files_belong_to_the_study_and_the_report_shows_the_finding(session: Session, tmp_path: Path) -> None:
    small_ct(tmp_path / "disc")
    run(session, tmp_path)
    written = Catalogue()
    written.add(scan(tmp_path / "out", Job()))
    assert {series.modality for series in written.study(STUDY).series} == {"SEG", "SR"}
    html = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "data:image/png" in html
    assert (tmp_path / "out" / "report.pdf").read_bytes().startswith(b"%PDF")


def test_a_second_review_keeps_what_the_reader_decided(session: Session, tmp_path: Path) -> None:
    small_ct(tmp_path / "disc")
    run(session, tmp_path)
    session.do(SetStatus("bright-1", "unreviewed", "rejected"))
    result = run(session, tmp_path)
    assert [found["status"] for found in result["findings"]] == ["rejected"]
    assert result["risks"] == []


def test_a_review_that_finds_nothing_still_reports(session: Session, tmp_path: Path) -> None:
    small_ct(tmp_path / "disc", PixelData=bytes(64 * 64 * 2), RescaleIntercept=-1000)
    assert run(session, tmp_path)["findings"] == []
    assert names(tmp_path / "out") == [name for name in FILES if "seg" not in name]


def test_what_cannot_be_read_is_told_in_the_checks(session: Session, tmp_path: Path) -> None:
    paths = small_ct(tmp_path / "disc")
    paths[1].write_bytes(paths[1].read_bytes()[:-1000])
    (tmp_path / "disc" / "bad.dcm").write_text("no image")
    codes = {check["code"]: check["text"] for check in run(session, tmp_path)["checks"]}
    assert codes["unreadable-images"].startswith("1 images")
    assert codes["unreadable-files"].startswith("1 files")
    assert names(tmp_path / "out") == FILES


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"models": ("nosuch",)}, "There is no model 'nosuch'"),
        ({"series_uid": "9.9"}, "There is no series 9.9"),
        ({"clinical": {"age_years": "old"}}, "'old' is not a valid value"),
    ],
)
def test_a_wrong_wish_is_one_sentence_and_writes_nothing(
    session: Session, tmp_path: Path, more: dict[str, object], sentence: str
) -> None:
    small_ct(tmp_path / "disc")
    with pytest.raises(Problem, match=sentence):
        run(session, tmp_path, **more)
    assert not list((tmp_path / "out").glob("*"))


def test_a_series_that_is_no_ct_is_refused_with_the_reason(session: Session, tmp_path: Path) -> None:
    small_ct(tmp_path / "disc", modality="MR")
    for more in ({}, {"models": ("bright",)}, {"series_uid": SERIES}):
        with pytest.raises(Problem, match="reads CT only"):
            run(session, tmp_path, **more)


def test_a_missing_slice_is_refused_with_its_place(session: Session, tmp_path: Path) -> None:
    small_ct(tmp_path / "disc")[5].unlink()
    with pytest.raises(Problem, match="One slice is missing, between the slices 5/6"):
        run(session, tmp_path)


def test_a_series_with_nothing_readable_is_refused(session: Session, tmp_path: Path) -> None:
    for path in small_ct(tmp_path / "disc"):
        path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(Problem, match=r"12 files are cut short"):
        run(session, tmp_path)


def test_a_folder_that_cannot_be_written_is_told_before_anything_is_read(session: Session, tmp_path: Path) -> None:
    small_ct(tmp_path / "disc")
    (tmp_path / "out").write_text("a file")
    with pytest.raises(Problem, match="Nothing can be written"):
        run(session, tmp_path)
    assert session.catalogue.studies() == ()


def test_cancel_leaves_no_files(session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small_ct(tmp_path / "disc")
    job = Job()

    def slow(_bundle: object, _volume: object, part: Job) -> None:
        job.cancel()
        part.step(0.5)

    monkeypatch.setattr(engine, "run", slow)
    with pytest.raises(Cancelled):
        review(tmp_path / "disc", tmp_path / "out", session=session, job=job)
    assert not (tmp_path / "out").exists()


def test_the_largest_series_that_fits_is_read(session: Session, tmp_path: Path) -> None:
    small_ct(tmp_path / "disc" / "ct")
    small_ct(tmp_path / "disc" / "mr", 20, "MR", SeriesInstanceUID=f"{SERIES}.2", SOPInstanceUID=f"{SERIES}.77")
    assert run(session, tmp_path)["series_uid"] == SERIES
