"""The commands around models: list, card, add, remove; each fault one sentence."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from medviewer import paths
from medviewer.ai.foreign import trial
from medviewer.app import models
from medviewer.cli import app
from medviewer.core.job import Job
from medviewer.core.problem import Problem
from tests.ai.foreign.nets import Threshold, monai_bundle, write

MANIFEST = """
title = "Denser than lung"
[input]
modality = "CT"
patch = [16, 16, 16]
spacing_mm = [2.0, 2.0, 2.5]
[input.intensity]
kind = "range"
low = -1000
high = 400
to_low = 0
to_high = 1
[[output.labels]]
channel = 1
name = "tissue"
code = ["SCT", "85756007", "Tissue"]
[use]
licence = "CC0"
"""
USE = ("--intended", "Tests.", "--not-for", "Patients.")


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trials run in this process."""

    def ask(folder: Path, write_answer: bool, _job: Job) -> dict[str, Any]:
        return {"difference": trial.attempt(folder, write_answer)}

    monkeypatch.setattr(trial, "_ask", ask)
    monkeypatch.setattr("medviewer.ai.worker.give_way", lambda: None)


def medviewer(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["models", *(str(each) for each in arguments)], prog_name="medviewer")
    return result.exit_code, result.stdout, result.stderr


def test_a_model_is_added_listed_checked_and_removed(tmp_path: Path) -> None:
    bundle = monai_bundle(tmp_path / "tissue", Threshold())
    code, out, _err = medviewer("add", bundle, *USE, "--json", "-")
    assert code == 0
    assert json.loads(out)["added"] is True
    assert "tissue" in {each["id"] for each in models.models_result()}
    code, out, _err = medviewer("tissue")
    assert code == 0
    assert "the example gives the answer expected" in out
    assert medviewer("remove", "tissue") == (0, "", "")
    code, _out, err = medviewer("remove", "tissue")
    assert code == 1
    assert "There is no model 'tissue' that could be removed" in err


def test_a_manifest_says_what_a_file_does_not(tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.toml"
    manifest.write_text(MANIFEST, "utf-8")
    file = write(Threshold(), tmp_path / "net.ts")
    code, out, _err = medviewer("add", file, "--manifest", manifest, "--id", "dense", *USE)
    assert code == 0
    assert "'dense' is added" in out
    assert models.find("dense").use.licence == "CC0"


def test_without_an_intended_use_nothing_is_added_where_nobody_can_be_asked(tmp_path: Path) -> None:
    code, _out, err = medviewer("add", monai_bundle(tmp_path / "tissue", Threshold()), "--intended", "Tests.")
    assert code == 1
    assert "nobody says its use.not_for" in err
    assert not paths.user_models().exists()


def test_the_use_is_asked_for_where_somebody_answers(tmp_path: Path) -> None:
    asked: list[str] = []

    def ask(question: str) -> str:
        asked.append(question)
        return "Asked for."

    added = models.add(monai_bundle(tmp_path / "tissue", Threshold()), None, models.Said(), Job(), ask)
    assert (added["intended"], added["not_for"]) == ("Asked for.", "Asked for.")
    assert asked == ["What is the model meant for?", "What must it not be used for?"]


@pytest.mark.parametrize("content", [b"title = \xe4", b"title = "])
def test_a_manifest_that_cannot_be_read_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    manifest = tmp_path / "manifest.toml"
    manifest.write_bytes(content)
    code, _out, err = medviewer("add", write(Threshold(), tmp_path / "net.ts"), "--manifest", manifest, *USE)
    assert (code, err.count("\n")) == (1, 1)
    assert "The manifest 'manifest.toml' cannot be read" in err


@pytest.mark.parametrize("usage", [("add",), ("remove",), ("nodule-detection", "more")])
def test_wrong_usage_is_2(usage: tuple[str, ...]) -> None:
    assert medviewer(*usage)[0] == 2


def test_a_broken_model_is_told_beside_the_list_and_by_its_own_name() -> None:
    folder = paths.user_models() / "broken"
    folder.mkdir(parents=True)
    (folder / "model.toml").write_text("id = 1", "utf-8")
    code, out, err = medviewer()
    assert code == 1
    assert "nodule-detection" in out
    assert "'broken' cannot be used" in err
    with pytest.raises(Problem, match="'broken' cannot be used"):
        models.find("broken")
    assert medviewer("remove", "broken")[0] == 0
    assert medviewer()[0] == 0
