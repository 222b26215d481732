"""A model is asked for its use, tried, kept with its hash, read by the engine's task, and removed."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from medviewer import paths
from medviewer.ai import bundle as bundles
from medviewer.ai.bundle import Bundle
from medviewer.ai.foreign import adding, brought, trial
from medviewer.ai.protocol import Meta, Report
from medviewer.ai.selftest import self_test
from medviewer.ai.tasks.segmentation import MOST, TASK, regions
from medviewer.core.finding import Finding
from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.phantom import small
from tests.ai.foreign.nets import INFERENCE, METADATA, RANGE, USE, Threshold, described, monai_bundle, write


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trials run in this process: that of their own takes seconds to import torch, and is tried elsewhere."""

    def ask(folder: Path, write_answer: bool, _job: Job) -> dict[str, Any]:
        return {"difference": trial.attempt(folder, write_answer)}

    monkeypatch.setattr(trial, "_ask", ask)
    monkeypatch.setattr("medviewer.ai.worker.give_way", lambda: None)


@pytest.fixture
def tissue(tmp_path: Path) -> Path:
    return monai_bundle(tmp_path / "tissue", Threshold())


@pytest.fixture
def add(here: None) -> Callable[..., Bundle]:
    def add(path: Path, **given: Any) -> Bundle:
        return adding.add(*described(path, **given), Job())

    return add


def read(bundle: Bundle) -> list[Finding]:
    """Let the task read the small chest, as the engine would."""
    ct = small.make()
    meta = Meta("1.9", tuple(f"1.9.{k}" for k in range(len(ct.voxels))), "CT")
    return list(TASK.run(bundle, ct.voxels, ct.grid, meta, Report()).findings)


def check_sphere(findings: list[Finding]) -> None:
    """One of the findings is the sphere of the small chest, in its place and of its size."""
    (truth,) = small.make().truth
    near = [f for f in findings if np.linalg.norm(np.subtract(f.center_lps_mm, truth.center_lps_mm)) < 2.0]
    assert len(near) == 1
    assert near[0].volume_mm3 == pytest.approx(truth.volume_mm3, rel=0.35)
    assert near[0].long_axis_mm == pytest.approx(truth.long_axis_mm, abs=3.0)
    assert near[0].score is not None
    assert near[0].score > 0.5


def test_a_bundle_is_added_read_checked_and_removed(add: Callable[..., Bundle], tissue: Path) -> None:
    bundle = add(tissue)
    assert bundle.added
    assert list(bundles.readers())[-1] == bundle.id == "tissue"
    assert self_test(bundle) == 0.0
    findings = read(bundle)
    check_sphere(findings)
    assert {found.label for found in findings} == {"tissue"}
    assert findings[0].model is not None
    assert findings[0].model.sha256 == bundle.sha256
    adding.remove("tissue")
    assert "tissue" not in bundles.bundles()
    assert not any(paths.user_models().iterdir())


@pytest.mark.parametrize("suffix", [".ts", ".pt", ".pt2"])
def test_a_networks_own_file_needs_a_manifest_and_then_does_the_same(
    add: Callable[..., Bundle], tmp_path: Path, suffix: str
) -> None:
    file = write(Threshold(), tmp_path / f"My Net{suffix}")
    with pytest.raises(Problem, match=r"nobody says its input.modality, input.patch, input.intensity, output.labels"):
        add(file)
    given = {"modality": "CT", "patch": [16, 16, 16], "spacing_mm": [2.0, 2.0, 2.5], "intensity": RANGE}
    bundle = add(file, input=given, output={"labels": [{"channel": 1, "name": "tissue"}]})
    assert (bundle.id, bundle.input["axes"]) == ("my-net", "RAS")
    check_sphere(read(bundle))


def test_a_network_for_single_slices_reads_them_one_by_one(add: Callable[..., Bundle], tmp_path: Path) -> None:
    file = write(Threshold(), tmp_path / "flat.ts", (1, 1, 32, 32))
    given = {"modality": "CT", "patch": [32, 32], "intensity": RANGE}
    check_sphere(read(add(file, input=given, output={"labels": [{"channel": 1, "name": "tissue"}]})))


def test_an_onnx_file_does_the_same(add: Callable[..., Bundle], tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime", reason="ONNX Runtime, an optional part, is not installed")
    pytest.importorskip("onnx", reason="ONNX, which torch needs to export, is not installed")
    bundle = add(monai_bundle(tmp_path / "tissue", Threshold(), ".onnx"))
    assert bundle.weights.name == "weights.onnx"
    check_sphere(read(bundle))


def test_without_onnx_runtime_one_sentence_says_so(
    add: Callable[..., Bundle], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import importlib

    def absent(_name: str) -> None:
        raise ModuleNotFoundError

    file = tmp_path / "net.onnx"
    file.write_bytes(b"\x08\x08\x12\x07pytorch" + b"\0" * 20)
    monkeypatch.setattr(importlib, "import_module", absent)
    given = {"modality": "CT", "patch": [16, 16, 16], "intensity": RANGE}
    with pytest.raises(Problem, match="ONNX Runtime, which is not installed"):
        add(file, input=given, output={"labels": [{"channel": 1, "name": "x"}]})


@pytest.mark.parametrize("lacking", ["intended", "not_for"])
def test_nothing_is_added_whose_use_nobody_says(here: None, tissue: Path, lacking: str) -> None:
    found = brought.look(tissue)
    description = adding.merged(found, {"use": USE | {lacking: "  "}})
    with pytest.raises(Problem, match=rf"nobody says its use\.{lacking}"):
        adding.add(found, description, Job())
    assert not paths.user_models().exists()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"id": "../evil"}, "small letters, digits and dashes"),
        ({"id": "nodule-detection"}, "There is a model 'nodule-detection' already"),
        ({"task": "nodules"}, "segmentation only"),
        ({"parts": {"outline": "x"}}, "segmentation only"),
        ({"input": {"axes": "QQQ"}}, "wrong in 'axes'"),
        ({"output": {"labels": [{"channel": 1}]}}, "wrong in 'name'"),
    ],
)
def test_a_description_that_cannot_be_is_one_sentence(
    add: Callable[..., Bundle], tissue: Path, given: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(Problem, match=sentence):
        add(tissue, **given)


def test_a_model_is_not_added_twice(add: Callable[..., Bundle], tissue: Path) -> None:
    add(tissue)
    with pytest.raises(Problem, match="There is a model 'tissue' already"):
        add(tissue)
    assert add(tissue, id="tissue-2").id == "tissue-2"


class Odd(nn.Module):
    """Answers otherwise than it should."""

    def __init__(self, fault: str) -> None:
        super().__init__()
        self.fault = fault

    def forward(self, x: Tensor) -> Tensor:
        answer = torch.cat([x, -x], 1)
        if self.fault == "nan":
            return answer / 0.0 - answer / 0.0
        if self.fault == "shape":
            return answer[..., :4]
        return answer + torch.rand_like(answer) * 3.0


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [("nan", "no numbers"), ("shape", "answers in another shape"), ("random", "another answer each time")],
)
@pytest.mark.filterwarnings("ignore")
def test_a_network_that_does_not_answer_as_it_should_is_not_kept(
    add: Callable[..., Bundle], tmp_path: Path, fault: str, sentence: str
) -> None:
    with pytest.raises(Problem, match=sentence):
        add(monai_bundle(tmp_path / "odd", Odd(fault)))
    assert not paths.user_models().exists()


def test_a_network_that_was_exchanged_is_noticed(add: Callable[..., Bundle], tissue: Path) -> None:
    bundle = add(tissue)
    bundle.weights.write_bytes(bundle.weights.read_bytes() + b"\0")
    with pytest.raises(Problem, match="is not the one it was"):
        read(bundle)
    assert "sha256 differs" in str(bundles.survey().broken[bundle.folder])


def test_an_example_with_another_answer_is_noticed(add: Callable[..., Bundle], tissue: Path) -> None:
    bundle = add(tissue)
    with np.load(bundle.example) as was:
        np.savez(bundle.example, inputs=was["inputs"], answers=1.0 - was["answers"], every=was["every"])
    with pytest.raises(Problem, match="does not give the answer of its example"):
        self_test(bundle)


def test_a_broken_model_can_be_removed_and_a_bundled_one_cannot(add: Callable[..., Bundle], tissue: Path) -> None:
    add(tissue).folder.joinpath("model.toml").write_text("broken", "utf-8")
    adding.remove("tissue")
    for name, sentence in {"nodule-detection": "comes with MedViewer", "..": "no model", "": "no model"}.items():
        with pytest.raises(Problem, match=sentence):
            adding.remove(name)
    assert paths.user_models().is_dir()


def test_the_card_says_what_was_not_measured(add: Callable[..., Bundle], tissue: Path) -> None:
    card = add(tissue).card
    for words in ("has not measured", USE["intended"], USE["not_for"], "Apache License 2.0", "only add models from"):
        assert words in card


def test_a_torchscript_file_of_monai_brings_its_description_inside(add: Callable[..., Bundle], tmp_path: Path) -> None:
    file = write(Threshold(), tmp_path / "net.ts")
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("net/extra/metadata.json", json.dumps(METADATA))
        archive.writestr("net/extra/inference.json", json.dumps(INFERENCE))
    check_sphere(read(add(file)))


def test_only_the_largest_regions_become_findings() -> None:
    inside = np.zeros((4, 60, 60), np.bool_)
    inside[::2, ::4, ::4] = True
    inside[1, :3, :3] = True
    found = regions(inside, np.full(inside.shape, 0.75, np.float32), 1.0)
    assert len(found) == MOST
    assert found[0][0].count > 9
    assert found[0][1] == 0.75
    assert regions(inside, np.ones(inside.shape, np.float32), 100.0) == []
