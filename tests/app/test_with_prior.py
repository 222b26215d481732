"""A review says the comparison with the prior as the window would: pairs, growth, doubling time, or why not."""

from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.uid import UID

from medviewer.app import registering
from medviewer.app.listing import show_review
from medviewer.app.review import Result, review
from medviewer.app.scanning import scan_into
from medviewer.app.session import Session
from medviewer.app.settings import Settings
from medviewer.app.store import Store
from medviewer.core.case import Case
from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.core.registration import Registration, rows_of
from medviewer.core.volume import Volume
from tests.app import fake
from tests.app.files import SERIES, STUDY, small_ct

PRIOR = "1.2.826.0.1.3680043.10.7"


class FakeRegistering:
    """Finds that both lie alike, or fails with ``problem``."""

    def __init__(self) -> None:
        self.runs = 0
        self.problem: Problem | None = None

    def __call__(self, fixed: Volume, moving: Volume, _job: Job) -> Registration:
        self.runs += 1
        if self.problem is not None:
            raise self.problem
        made_of = registering.made_of(fixed.series, moving.series)
        return Registration(moving.series.uid, fixed.series.uid, rows_of(np.eye(4)), 0.95, made_of=made_of)


@pytest.fixture(autouse=True)
def fit(monkeypatch: pytest.MonkeyPatch) -> FakeRegistering:
    """No model and no registration that takes time."""
    fake.install(monkeypatch)
    made = FakeRegistering()
    monkeypatch.setattr(registering, "register", made)
    return made


@pytest.fixture
def session(store: Store) -> Session:
    """A session with an empty catalogue."""
    return Session(store, Settings(reader="Ann Tester"))


def prior_ct(folder: Path, radius_mm: float = 4.0, **changes: object) -> list[Path]:
    """The small CT of a year before, its ball of 5 mm radius still ``radius_mm``."""
    paths = small_ct(folder)
    j, i = np.mgrid[:64, :64]
    for k, path in enumerate(paths):
        image = pydicom.dcmread(path)
        image.StudyInstanceUID, image.SeriesInstanceUID = PRIOR, f"{PRIOR}.1"
        image.SOPInstanceUID = image.file_meta.MediaStorageSOPInstanceUID = UID(f"{PRIOR}.1.{k + 1}")
        image.StudyDate, image.FrameOfReferenceUID = "20250101", f"{PRIOR}.9"
        off = (2.0 * (k - 6)) ** 2 + (0.7 * (j - 32)) ** 2 + (0.7 * (i - 32)) ** 2
        image.PixelData = np.where(off <= radius_mm**2, 100, -900).astype(np.int16).tobytes()
        for name, value in changes.items():
            setattr(image, name, value)
        image.save_as(path)
    return paths


def run(session: Session, tmp_path: Path) -> Result:
    return review(tmp_path / "disc", tmp_path / "out", session=session, job=Job())


def test_a_finding_that_has_grown_is_paired_with_its_doubling_time(session: Session, tmp_path: Path) -> None:
    small_ct(tmp_path / "disc" / "now")
    prior_ct(tmp_path / "disc" / "before")
    result = run(session, tmp_path)
    comparison = result["comparison"]
    assert (result["study_uid"], comparison["study_uid"]) == (STUDY, PRIOR)
    assert (comparison["age"], comparison["days"], comparison["date"]) == ("12 months before", 365, "20250101")
    assert comparison["registration"]["from_series_uid"] == f"{PRIOR}.1"
    assert comparison["read_now"]
    (row,) = comparison["rows"]
    (found,) = result["findings"]
    assert row["finding_id"] == found["id"]
    assert row["course"] == "grown"
    ratio = found["volume_mm3"] / row["prior"]["volume_mm3"]
    assert row["volume_share"] == pytest.approx(ratio - 1.0)
    assert row["doubling_days"] == pytest.approx(365 * np.log(2.0) / np.log(ratio))
    assert "doubles in" in " ".join(comparison["text"])
    assert "doubles in" in (tmp_path / "out" / "report.html").read_text("utf-8")


def test_without_reliable_growth_it_says_so_and_gives_no_doubling_time(
    session: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small_ct(tmp_path / "disc" / "now")
    prior_ct(tmp_path / "disc" / "before", radius_mm=4.9)
    result = run(session, tmp_path)
    (row,) = result["comparison"]["rows"]
    assert (row["course"], row["doubling_days"]) == ("unchanged", None)
    show_review(result, tmp_path / "out")
    shown = capsys.readouterr().out
    assert "12 months before" in shown
    assert "unchanged within measuring error" in shown
    assert "nobody has reviewed them" in shown


def test_a_study_without_a_prior_has_no_comparison(session: Session, tmp_path: Path, fit: FakeRegistering) -> None:
    small_ct(tmp_path / "disc")
    assert run(session, tmp_path)["comparison"] is None
    assert fit.runs == 0


def test_a_prior_that_cannot_be_registered_says_why_and_the_review_goes_on(
    session: Session, tmp_path: Path, fit: FakeRegistering, capsys: pytest.CaptureFixture[str]
) -> None:
    small_ct(tmp_path / "disc" / "now")
    prior_ct(tmp_path / "disc" / "before")
    fit.problem = Problem("They have nothing in common.")
    result = run(session, tmp_path)
    assert (result["comparison"]["why_not"], result["comparison"]["rows"]) == ("They have nothing in common.", [])
    assert len(result["findings"]) == 1
    show_review(result, tmp_path / "out")
    assert "Not compared with the examination of 20250101: They have nothing" in capsys.readouterr().out


def test_a_prior_whose_files_are_gone_says_so(session: Session, tmp_path: Path) -> None:
    small_ct(tmp_path / "disc" / "now")
    paths = prior_ct(tmp_path / "other")
    scan_into(session.catalogue, tmp_path / "other", Job())
    for path in paths:
        path.unlink()
    assert run(session, tmp_path)["comparison"]["why_not"] == "None of the images of this series can be read."


def test_what_was_computed_once_is_used_again(session: Session, tmp_path: Path, fit: FakeRegistering) -> None:
    small_ct(tmp_path / "disc" / "now")
    prior_ct(tmp_path / "disc" / "before")
    run(session, tmp_path)
    saved = session.store.replay(Case(STUDY))[0].case.alignments
    assert [one.to_series_uid for one in saved] == [SERIES]
    run(session, tmp_path)
    assert fit.runs == 1
