"""`medviewer review` as people and programs call it: many studies, again what was done, and once more from the file."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from medviewer.ai import engine
from medviewer.ai.protocol import Reading
from medviewer.app.result_cache import ResultCache
from tests.app import fake
from tests.app.files import small_ct
from tests.test_cli import FILES, medviewer, one_sentence, written


@pytest.fixture(autouse=True)
def runs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The model that finds what is bright; the series it read, in their order."""
    return fake.install_counted(monkeypatch)


def two_patients(folder: Path, modality: str = "CT") -> None:
    """Two studies of two patients, one of them of this modality."""
    small_ct(folder / "one")
    other: dict[str, Any] = {
        "StudyInstanceUID": "1.2.9",
        "SeriesInstanceUID": "1.2.9.1",
        "PatientID": "2",
        "StudyDate": "20260102",
    }
    small_ct(folder / "two", modality=modality, **other)


def test_many_studies_have_a_summary_and_a_folder_each(tmp_path: Path) -> None:
    two_patients(tmp_path / "disc")
    out = tmp_path / "out"
    code, shown, err = medviewer("review", tmp_path / "disc", "--out", out)
    assert (code, err) == (0, "")
    with (out / "summary.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["state"] for row in rows] == ["done", "done"]
    for row in rows:
        assert row["folder"] in shown
        assert written(out / row["folder"]) == FILES | {"done.json"}
    assert written(out) == {rows[0]["folder"], rows[1]["folder"], "summary.csv", "summary.json"}
    code, said, _err = medviewer("review", tmp_path / "disc", "--out", out, "--resume", "--json", "-")
    assert (code, json.loads(said)) == (0, json.loads((out / "summary.json").read_text()))


def test_a_study_that_no_model_may_read_is_said_and_the_rest_is_done(tmp_path: Path) -> None:
    two_patients(tmp_path / "disc", "MR")
    code, shown, _err = medviewer("review", tmp_path / "disc", "--out", tmp_path / "out")
    assert code == 0
    assert "refused" in shown
    assert "reads CT only" in " ".join(shown.split())


def test_only_the_latest_of_many_is_reviewed_where_that_is_wanted(tmp_path: Path) -> None:
    two_patients(tmp_path / "disc")
    assert medviewer("review", tmp_path / "disc", "--out", tmp_path / "out", "--latest")[0] == 0
    assert written(tmp_path / "out") == FILES
    assert medviewer("review", tmp_path / "disc" / "one", "--out", tmp_path / "all", "--all")[0] == 0
    assert {"summary.csv", "summary.json"} < written(tmp_path / "all")


def test_inputs_of_one_patient_for_many_are_one_sentence(tmp_path: Path) -> None:
    two_patients(tmp_path / "disc")
    (tmp_path / "clinical.json").write_text('{"emphysema": true}')
    command = ("review", tmp_path / "disc", "--out", tmp_path / "out", "--clinical", tmp_path / "clinical.json")
    assert "belong to one" in one_sentence(medviewer(*command))


def test_a_second_review_reads_nothing_again_unless_fresh(tmp_path: Path, runs: list[str]) -> None:
    small_ct(tmp_path / "disc")
    command = ("review", tmp_path / "disc", "--out", tmp_path / "out")
    assert [medviewer(*command)[0], medviewer(*command)[0], len(runs)] == [0, 0, 1]
    assert len(list(ResultCache().folder.iterdir())) == 1
    assert (medviewer(*command, "--fresh")[0], len(runs)) == (0, 2)


def test_a_replay_is_0_where_all_is_the_same_and_1_with_the_difference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_ct(tmp_path / "disc")
    assert medviewer("review", tmp_path / "disc", "--out", tmp_path / "out")[0] == 0
    before = {path: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    file = tmp_path / "out" / "replay.json"
    code, shown, err = medviewer("review", "--replay", file)
    assert (code, err) == (0, "")
    assert shown.startswith("The same, bit for bit: 1 findings")
    code, said, _err = medviewer("review", "--replay", file, tmp_path / "disc", "--json", "-")
    assert (code, json.loads(said)["bit_for_bit"]) == (0, True)
    monkeypatch.setattr(engine, "run", lambda *_run: Reading(()))
    assert "bright.findings.number: 1 then, 0 now" in one_sentence(medviewer("review", "--replay", file))
    assert {path: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


def test_a_review_of_nothing_or_into_nothing_is_wrong_usage(tmp_path: Path) -> None:
    for usage in ((), (tmp_path,), ("--out", tmp_path)):
        assert medviewer("review", *usage)[0] == 2
