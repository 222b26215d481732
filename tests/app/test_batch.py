"""Many studies: each in a folder of its own, none stopped by another, none called done that is not."""

import csv
import errno
import json
import pickle
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from medviewer.ai import bundle as bundles
from medviewer.ai import engine
from medviewer.ai.protocol import Reading
from medviewer.app.batch import Summary, are_several, review_path, summary_problem, units
from medviewer.app.batch_unit import DONE, Row, already_done, review_unit
from medviewer.app.replay import replay
from medviewer.app.review import Wish
from medviewer.app.scanning import scan_into
from medviewer.app.session import Session
from medviewer.app.settings import Settings
from medviewer.app.store import Store
from medviewer.core.case import Case
from medviewer.core.job import Job
from medviewer.core.problem import Cancelled, Problem
from medviewer.core.volume import Volume
from tests.app import fake
from tests.app.files import small_ct

UID = "1.2.826.0.1.3680043.10.5"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def session(store: Store) -> Session:
    """A session with an empty catalogue."""
    return Session(store, Settings())


@pytest.fixture(autouse=True)
def runs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The model that finds what is bright; the series it read, in their order."""
    return fake.install_counted(monkeypatch)


def patient(folder: Path, number: int, modality: str = "CT", **changes: Any) -> list[Path]:
    """A study of another patient each time."""
    about: dict[str, Any] = {
        "StudyInstanceUID": f"{UID}.{number}",
        "SeriesInstanceUID": f"{UID}.{number}.1",
        "PatientID": str(number),
        "PatientName": f"Roe^R{number}",
        "StudyDate": f"2026010{number}",
    }
    return small_ct(folder / f"p{number}", modality=modality, **(about | changes))


def run(
    session: Session, tmp_path: Path, *, every: bool | None = None, resume: bool = False, **more: object
) -> Summary:
    """Review ``disc``, which holds several studies, into ``out``."""
    wish = Wish(**more)  # type: ignore[arg-type]
    fresh = Session(session.store, session.settings)
    answer = review_path(
        tmp_path / "disc", tmp_path / "out", session=fresh, wish=wish, job=Job(), every=every, resume=resume
    )
    assert isinstance(answer, Summary)
    return answer


def test_every_patient_has_a_folder_and_a_row(session: Session, tmp_path: Path) -> None:
    for number in (1, 2, 3):
        patient(tmp_path / "disc", number)
    summary = run(session, tmp_path)
    assert [(row.study_uid, row.state, row.findings) for row in summary.rows] == [
        (f"{UID}.{number}", "done", 1) for number in (1, 2, 3)
    ]
    assert [row.folder[:4] for row in summary.rows] == ["001-", "002-", "003-"]
    for row in summary.rows:
        result = json.loads((tmp_path / "out" / row.folder / "result.json").read_text())
        assert (result["study_uid"], result["series_uid"]) == (row.study_uid, row.series_uid)
        assert replay(tmp_path / "out" / row.folder / "replay.json", None, Job()).to_dict()["bit_for_bit"]
        assert row.largest_long_axis_mm == pytest.approx(result["findings"][0]["long_axis_mm"], abs=0.05)
    with (tmp_path / "out" / "summary.csv").open() as file:
        table = list(csv.DictReader(file))
    assert [line["folder"] for line in table] == [row.folder for row in summary.rows]
    assert json.loads((tmp_path / "out" / "summary.json").read_text()) == summary.to_dict()
    assert "Roe" not in (tmp_path / "out" / "summary.json").read_text() + str(list((tmp_path / "out").rglob("*")))
    assert session.store.replay(Case(f"{UID}.2"))[0].case.findings  # to be gone on with in the window


def test_one_study_or_one_patient_is_reviewed_as_ever_unless_all_are_wanted(session: Session, tmp_path: Path) -> None:
    patient(tmp_path / "disc", 1)
    patient(
        tmp_path / "disc" / "before",
        1,
        StudyInstanceUID=f"{UID}.7",
        SeriesInstanceUID=f"{UID}.7.1",
        StudyDate="20200101",
    )
    scan_into(session.catalogue, tmp_path / "disc", Job())
    assert not are_several(session.catalogue.studies())
    for unit in units(session, tmp_path / "out", Wish()):
        assert (len(unit.paths), len(unit.beside)) == (12, 12)
    assert len(run(session, tmp_path, every=True).rows) == 2


def test_studies_that_name_no_patient_are_of_several(session: Session, tmp_path: Path) -> None:
    for number in (1, 2):
        patient(tmp_path / "disc", number, PatientID="", PatientName="", PatientBirthDate="")
    assert len(run(session, tmp_path).rows) == 2


def test_a_study_that_fails_or_is_refused_does_not_stop_the_others(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient(tmp_path / "disc", 1, modality="MR")
    patient(tmp_path / "disc", 2)
    patient(tmp_path / "disc", 3)

    def run_or_die(bundle: fake.FakeBundle, volume: Volume, job: Job) -> Reading:
        if volume.series.uid == f"{UID}.2.1":
            raise ZeroDivisionError
        return fake.run(bundle, volume, job)

    monkeypatch.setattr(engine, "run", run_or_die)
    summary = run(session, tmp_path)
    assert [row.state for row in summary.rows] == ["refused", "failed", "done"]
    assert "reads CT only" in summary.rows[0].sentence
    assert "ZeroDivisionError" in summary.rows[1].sentence
    assert not (tmp_path / "out" / summary.rows[1].folder).exists()
    with pytest.raises(
        Problem, match=f"1 of 3 studies failed or are incomplete: {summary.rows[1].folder}. The first: Some"
    ):
        summary_problem(summary)


def test_a_study_with_lost_pictures_is_done_and_told(session: Session, tmp_path: Path) -> None:
    patient(tmp_path / "disc", 1)
    cut = patient(tmp_path / "disc", 2)[1]
    cut.write_bytes(cut.read_bytes()[:-1000])
    summary = run(session, tmp_path)
    assert [row.state for row in summary.rows] == ["done", "done"]
    with pytest.raises(Problem, match=f"1 of 2 studies .*{summary.rows[1].folder}"):
        summary_problem(summary)


def test_refusals_alone_are_told_as_nothing_done(session: Session, tmp_path: Path) -> None:
    patient(tmp_path / "disc", 1, modality="MR")
    patient(tmp_path / "disc", 2, modality="MR")
    with pytest.raises(Problem, match="No study could be reviewed"):
        summary_problem(run(session, tmp_path))


def test_resume_does_only_what_is_not_done_on_the_same_input_with_the_same_model(
    session: Session, tmp_path: Path, runs: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2):
        patient(tmp_path / "disc", number)
    first = run(session, tmp_path)
    patient(tmp_path / "disc", 3)
    runs.clear()
    second = run(session, tmp_path, resume=True, fresh=True)
    assert second.rows[:2] == first.rows
    assert runs == [f"{UID}.3.1"]
    patient(tmp_path / "disc", 1, PatientAge="070Y")  # an input of risks, though no pixel has changed
    run(session, tmp_path, resume=True, fresh=True)
    assert runs == [f"{UID}.3.1", f"{UID}.1.1"]
    monkeypatch.setattr(bundles, "bundles", lambda: {"bright": fake.FakeBundle(all_sha256="11")})
    run(session, tmp_path, resume=True)
    assert len(runs) == 5


@pytest.mark.parametrize("name", ["result.json", "findings.seg.dcm", DONE])
def test_a_folder_that_is_not_whole_is_not_done(session: Session, tmp_path: Path, name: str) -> None:
    patient(tmp_path / "disc", 1)
    scan_into(session.catalogue, tmp_path / "disc", Job())
    (unit,) = units(session, tmp_path / "out", Wish())
    row = review_unit(unit)
    assert already_done(unit) == row
    damaged = Path(unit.out) / name
    damaged.write_bytes(damaged.read_bytes()[:-5])
    assert already_done(unit) is None


def test_a_unit_travels_and_answers_alike_elsewhere(session: Session, tmp_path: Path) -> None:
    patient(tmp_path / "disc", 1)
    scan_into(session.catalogue, tmp_path / "disc", Job())
    (unit,) = units(session, tmp_path / "out", Wish())
    here = review_unit(unit)
    there: Row = pickle.loads(pickle.dumps(review_unit(pickle.loads(pickle.dumps(unit)))))
    assert (there.findings, there.largest_long_axis_mm, there.folder) == (1, here.largest_long_axis_mm, here.folder)


def test_a_stop_leaves_what_is_done_and_nothing_half(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2, 3):
        patient(tmp_path / "disc", number)

    def stopped(bundle: fake.FakeBundle, volume: Volume, job: Job) -> Reading:
        if volume.series.uid == f"{UID}.2.1":
            raise Cancelled
        return fake.run(bundle, volume, job)

    monkeypatch.setattr(engine, "run", stopped)
    with pytest.raises(Cancelled):
        run(session, tmp_path)
    (row,) = json.loads((tmp_path / "out" / "summary.json").read_text())["studies"]
    assert (row["study_uid"], row["state"]) == (f"{UID}.1", "done")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [row["folder"], "summary.csv", "summary.json"]


def test_what_belongs_to_one_patient_is_not_taken_for_several(session: Session, tmp_path: Path) -> None:
    patient(tmp_path / "disc", 1)
    patient(tmp_path / "disc", 2)
    with pytest.raises(Problem, match="belong to one"):
        run(session, tmp_path, clinical={"emphysema": True})
    assert not list((tmp_path / "out").glob("*"))


HELD = """
import os, sys, time
from pathlib import Path
from typing import Any
import pytest
from medviewer.ai import engine
from medviewer.app.batch import review_path
from medviewer.app.review import Wish
from medviewer.app.session import Session
from medviewer.app.settings import Settings
from medviewer.app.store import Store
from medviewer.core.job import Job
from tests.app import fake
fake.install(pytest.MonkeyPatch())
def run(bundle, volume, job):
    if volume.series.uid.endswith(".2.1"):
        print("second", flush=True)
        sys.stdin.read()
    return fake.run(bundle, volume, job)
engine.run = run
home = Path(sys.argv[1])
session = Session(Store(home / "cases.sqlite"), Settings())
review_path(home / "disc", home / "out", session=session, wish=Wish(), job=Job())
"""


@pytest.mark.parametrize("ended_by", [signal.SIGKILL, signal.SIGINT])
def test_a_program_ended_in_the_middle_leaves_nothing_half_called_done(
    session: Session, tmp_path: Path, runs: list[str], ended_by: signal.Signals
) -> None:
    for number in (1, 2, 3):
        patient(tmp_path / "disc", number)
    command = [sys.executable, "-c", HELD, str(tmp_path)]
    heed = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # background jobs inherit deaf ears
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, **pipes, cwd=ROOT, preexec_fn=heed) as child:  # type: ignore[call-overload]
        assert child.stdout.readline() == b"second\n"
        child.send_signal(ended_by)
        assert child.wait(60) != 0
    (done,) = (tmp_path / "out").glob(f"*/{DONE}")
    (row,) = json.loads((tmp_path / "out" / "summary.json").read_text())["studies"]
    assert done.parent.name == row["folder"]
    left = [path.name for path in (tmp_path / "out").glob("002-*/*")]
    assert [name for name in left if ended_by == signal.SIGINT or not name.startswith(".")] == []
    summary = run(session, tmp_path, resume=True)
    assert runs == [f"{UID}.2.1", f"{UID}.3.1"]
    assert [one.state for one in summary.rows] == ["done"] * 3
    assert not list((tmp_path / "out").rglob(".*"))


def test_a_full_disk_fails_the_study_and_ends_the_batch_in_a_sentence(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2, 3):
        patient(tmp_path / "disc", number)
    write = Path.write_text

    def full(self: Path, text: str, *more: object, **options: object) -> int:
        if self.is_relative_to(tmp_path / "out") and (tmp_path / "out" / "summary.json").exists():
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(self, text, *more, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(Problem, match=r"summary\.csv' cannot be written: No space left"):
        run(session, tmp_path)
    (row,) = json.loads((tmp_path / "out" / "summary.json").read_text())["studies"]
    assert [path.parent.name for path in (tmp_path / "out").glob(f"*/{DONE}")] == [row["folder"]]
