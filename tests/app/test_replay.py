"""A review is done again from its file: the same bit for bit, or told what differs; nothing is compared with others."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pydicom
import pytest

from medviewer.ai import bundle as bundles
from medviewer.ai import engine
from medviewer.ai.protocol import Conditions, Reading
from medviewer.app.replay import replay, replay_problem, show_replay
from medviewer.app.replay_file import read_file
from medviewer.app.review import review
from medviewer.app.saved_reading import seal
from medviewer.app.session import Session
from medviewer.app.settings import Settings
from medviewer.app.store import Store
from medviewer.core.finding import Finding
from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.core.volume import Volume
from tests.app import fake
from tests.app.files import SERIES, STUDY, small_ct


@pytest.fixture
def file(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The replay file of a review of ``disc``, in whose case nothing is left."""
    fake.install(monkeypatch)
    small_ct(tmp_path / "disc")
    session = Session(store, Settings())
    review(tmp_path / "disc", tmp_path / "out", session=session, job=Job(), clinical={"emphysema": True})
    return tmp_path / "out" / "replay.json"


def again(file: Path, path: Path | None = None) -> dict[str, Any]:
    """What a program is told of a replay."""
    return replay(file, path, Job()).to_dict()


def answering(monkeypatch: pytest.MonkeyPatch, change: Callable[[Finding], Finding], device: str = "") -> None:
    """Let the model answer otherwise, and say on which device."""

    def run(bundle: fake.FakeBundle, volume: Volume, job: Job) -> Reading:
        findings = tuple(change(found) for found in fake.run(bundle, volume, job).findings)
        return Reading(findings, {}, "", conditions=Conditions(device))

    monkeypatch.setattr(engine, "run", run)


def test_the_same_images_give_the_same_bit_for_bit(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    replayed = replay(file, None, Job())
    said = replayed.to_dict()
    assert (said["same"], said["bit_for_bit"], said["changed"], said["different"]) == (True, True, {}, 0)
    assert said["compared"]["findings"] == 1
    assert said["compared"]["risks"] > 0
    show_replay(replayed)
    assert capsys.readouterr().out.startswith("The same, bit for bit: 1 findings, 0 candidates")
    replay_problem(replayed)


def test_the_file_holds_what_the_review_rests_on_and_no_patient(file: Path) -> None:
    data = read_file(file)
    assert (data["study_uid"], data["series_uid"]) == (STUDY, SERIES)
    assert [image["sop_uid"] for image in data["images"]] == [f"{SERIES}.{k + 1}" for k in range(12)]
    assert data["models"][0]["all_sha256"] == "00"
    assert ["", "emphysema", True] in data["inputs"]
    for private in ("Doe", "Jane", "19600101"):
        assert private not in file.read_text()


def test_a_path_that_names_the_patient_is_not_kept(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.install(monkeypatch)
    small_ct(tmp_path / "DOE_Jane")
    session = Session(store, Settings())
    review(tmp_path / "DOE_Jane", tmp_path / "out", session=session, job=Job())
    assert read_file(tmp_path / "out" / "replay.json")["path"] == ""
    with pytest.raises(Problem, match="does not say where the images are"):
        again(tmp_path / "out" / "replay.json")
    assert again(tmp_path / "out" / "replay.json", tmp_path / "DOE_Jane")["bit_for_bit"]


def test_images_moved_elsewhere_are_found_by_the_path_given(file: Path, tmp_path: Path) -> None:
    (tmp_path / "disc").rename(tmp_path / "moved")
    with pytest.raises(Problem, match="There is no file or folder"):
        again(file)
    assert again(file, tmp_path / "moved")["bit_for_bit"]


def test_a_changed_image_is_refused_with_its_uid(file: Path, tmp_path: Path) -> None:
    image = pydicom.dcmread(tmp_path / "disc" / "003.dcm")
    pixels = bytearray(image.PixelData)
    pixels[100] ^= 1
    image.PixelData = bytes(pixels)
    image.save_as(tmp_path / "disc" / "003.dcm")
    with pytest.raises(Problem, match=rf"1 of the 12 images are not those that were read.*{SERIES}\.4\."):
        again(file)


def test_a_missing_image_and_one_more_are_refused(file: Path, tmp_path: Path) -> None:
    (tmp_path / "disc" / "011.dcm").unlink()
    with pytest.raises(Problem, match=r"images are not those that were read, or are missing"):
        again(file)
    small_ct(tmp_path / "disc", 13)
    with pytest.raises(Problem, match=rf"1 images that were not read then. The first: {SERIES}\.13\."):
        again(file)


def test_another_series_is_refused(file: Path, tmp_path: Path) -> None:
    small_ct(tmp_path / "other", SeriesInstanceUID=f"{SERIES}.7")
    with pytest.raises(Problem, match="The series that was read is not in"):
        again(file, tmp_path / "other")


def test_another_model_of_that_name_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "bundles", lambda: {"bright": fake.FakeBundle(version="2", all_sha256="11")})
    with pytest.raises(Problem, match=r"is not the one that read then\. Then version 1, here 2"):
        again(file)


@pytest.mark.parametrize(
    "damage", [lambda t: t[:-30], lambda t: t.replace("emphysema", "emphysemb"), lambda t: "{}", lambda t: "\0"]
)
def test_a_damaged_file_is_refused(file: Path, damage: Callable[[str], str]) -> None:
    file.write_text(damage(file.read_text()))
    with pytest.raises(Problem, match="damaged or was changed"):
        again(file)


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="cannot be read"):
        again(tmp_path / "replay.json")


def test_what_differs_is_told_first_difference_first(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, lambda found: replace(found, mean_hu=found.mean_hu + 2.0**-40, volume_mm3=0.5))
    replayed = replay(file, None, Job())
    said = replayed.to_dict()
    assert (said["same"], said["bit_for_bit"]) == (False, False)
    assert said["differences"][0]["at"] == "bright.findings.1.mean_hu"  # the last bits, and yet told
    assert (said["largest"]["at"], said["largest"]["now"]) == ("bright.findings.1.volume_mm3", 0.5)
    with pytest.raises(Problem, match=r"is not the same: .* the first is bright\.findings\.1\.mean_hu: .* now\."):
        replay_problem(replayed)


def test_on_another_device_a_difference_by_rounding_is_the_same_and_said(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answering(monkeypatch, lambda found: replace(found, score=0.89), "cuda")
    replayed = replay(file, None, Job())
    said = replayed.to_dict()
    assert (said["same"], said["bit_for_bit"]) == (True, False)
    assert said["changed"] == {"device": {"then": "", "now": "cuda"}}
    show_replay(replayed)
    shown = capsys.readouterr().out
    assert shown.startswith("The same within tolerance, not bit for bit")
    assert "another device" in shown


def test_on_another_device_another_finding_is_a_difference(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, lambda found: replace(found, score=0.5), "cuda")
    with pytest.raises(Problem, match="is not the same"):
        replay_problem(replay(file, None, Job()))


def test_rounding_is_no_excuse_on_the_same_device_or_with_another_program(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, lambda found: replace(found, score=0.89))
    assert not again(file)["same"]
    data = json.loads(file.read_text())
    del data["sha256"]
    data["program"]["code_sha256"] = "00"
    file.write_text(seal(data))
    answering(monkeypatch, lambda found: replace(found, score=0.89), "cuda")
    assert not again(file)["same"]


def test_a_verdict_of_the_reader_counts_as_it_did(store: Store, tmp_path: Path, file: Path) -> None:
    from medviewer.core.edits import SetStatus

    session = Session(store, Settings())
    review(tmp_path / "disc", tmp_path / "out", session=session, job=Job())
    session.do(SetStatus("bright-1", "unreviewed", "rejected"))
    review(tmp_path / "disc", tmp_path / "out", session=session, job=Job())
    said = again(file)
    assert (said["bit_for_bit"], said["compared"]["risks"]) == (True, 0)
