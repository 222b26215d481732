"""A MONAI bundle's description is read as data: what it says is taken over, what it would execute is not."""

import copy
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from medviewer.ai.foreign import adding, brought
from medviewer.ai.foreign.monai import manifest_of, strange_steps
from medviewer.ai.foreign.plan import Plan
from medviewer.core.problem import Problem
from tests.ai.foreign.nets import INFERENCE, METADATA, RANGE, USE, Threshold, described, monai_bundle


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return monai_bundle(tmp_path_factory.mktemp("bundles") / "Tissue_CT", Threshold())


def metadata(side: str, **changes: Any) -> dict[str, Any]:
    """Return the metadata with changes of its one input or output."""
    made = copy.deepcopy(METADATA)
    next(iter(made["network_data_format"][side].values())).update(changes)
    return made


def test_what_the_bundle_says_becomes_a_description(bundle: Path) -> None:
    found, said = described(bundle)
    assert (found.name, found.kind, said["id"], said["title"]) == ("tissue-ct", "torchscript", "tissue-ct", "Tissue")
    assert said["input"]["spacing_mm"] == [2.0, 2.0, 2.5]
    assert (said["input"]["axes"], said["input"]["modality"]) == ("RAS", "CT")
    assert said["input"]["intensity"] == RANGE
    assert said["options"] == {"overlap": 0.5}
    assert said["use"]["licence"] == "Apache License 2.0"
    plan = Plan.of(said["options"], said["input"], said["output"])
    assert (plan.patch, plan.activation, plan.channels) == ((16, 16, 16), "softmax", 2)
    assert [(label.channel, label.name) for label in plan.labels] == [(1, "tissue")]


def test_a_zipped_bundle_is_the_same(bundle: Path, tmp_path: Path) -> None:
    zipped = tmp_path / "tissue.zip"
    with zipfile.ZipFile(zipped, "w") as archive:
        for file in bundle.rglob("*"):
            archive.write(file, f"Tissue_CT/{file.relative_to(bundle)}")
    assert described(zipped)[1] == described(bundle)[1]


def test_expressions_are_never_executed_but_named(tmp_path: Path) -> None:
    inference = copy.deepcopy(INFERENCE)
    mark = tmp_path / "executed"
    inference["preprocessing"]["transforms"].append(f"$open('{mark}', 'w')")
    inference["pixdim"] = f"$open('{mark}', 'w')"
    said = manifest_of(METADATA, inference)
    assert "spacing_mm" not in said["input"]
    assert strange_steps(inference) == [f"$open('{mark}', 'w')"]
    assert not mark.exists()


def test_a_step_that_cannot_be_repeated_is_refused_unless_the_reader_says_the_preparation(tmp_path: Path) -> None:
    inference = copy.deepcopy(INFERENCE)
    inference["preprocessing"]["transforms"].append({"_target_": "Resized", "spatial_size": [96, 96, 96]})
    found = brought.look(monai_bundle(tmp_path / "bundle", Threshold(), inference=inference))
    with pytest.raises(Problem, match="prepares its images by 'Resize'"):
        adding.merged(found, {"use": USE})
    own = {"input": {"axes": "RAS", "spacing_mm": [1.0, 1.0, 1.0], "intensity": RANGE}}
    assert adding.merged(found, own)["input"]["spacing_mm"] == [1.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (metadata("inputs", num_channels=4), "takes 4 channels"),
        (metadata("outputs", format="classes"), "answers with classes"),
        (metadata("outputs", type="object", format="segmentation"), "segmentation only"),
        (metadata("inputs", spatial_shape=[4]), "does not say what its network takes and gives"),
        (metadata("outputs", channel_def={"one": "liver"}), "does not say what its network takes and gives"),
        ({"version": "1"}, "does not say what its network takes and gives"),
        ({"network_data_format": []}, "does not say what its network takes and gives"),
    ],
)
def test_what_medviewer_does_not_run_is_one_sentence(said: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Problem, match=sentence):
        manifest_of(said, INFERENCE)


@pytest.mark.parametrize(
    ("shape", "patch"), [(["16*n"] * 3, [96] * 3), (["*", "*"], [256, 256]), ([64, 64, 32], [64, 64, 32])]
)
def test_a_patch_of_any_size_gets_a_usual_one(shape: list[Any], patch: list[int]) -> None:
    assert manifest_of(metadata("inputs", spatial_shape=shape), {})["input"]["patch"] == patch


def test_channels_without_a_background_are_independent() -> None:
    said = manifest_of(metadata("outputs", num_channels=2, channel_def={"0": "core", "1": "whole"}), {})
    assert said["output"]["activation"] == "sigmoid"
    assert [label["channel"] for label in said["output"]["labels"]] == [0, 1]


@pytest.mark.parametrize("text", ["", "[]", "{", "\xff", "[" * 100_000])
def test_a_description_that_is_no_json_object_is_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "metadata.json").write_text(text, "latin-1")
    with pytest.raises(Problem, match="no JSON that can be read"):
        brought.look(tmp_path)


def test_a_bundle_with_only_a_checkpoint_is_refused(bundle: Path, tmp_path: Path) -> None:
    import torch

    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "metadata.json").write_text(json.dumps(METADATA), "utf-8")
    with pytest.raises(Problem, match="holds no network"):
        brought.look(tmp_path)
    (tmp_path / "models").mkdir()
    torch.save(Threshold().state_dict(), tmp_path / "models" / "model.pt")
    with pytest.raises(Problem, match="checkpoint written with pickle"):
        brought.look(tmp_path)


def test_a_folder_that_is_no_bundle_and_a_file_that_is_not_there_are_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="no MONAI bundle"):
        brought.look(tmp_path)
    with pytest.raises(Problem, match="cannot be read"):
        brought.look(tmp_path / "nowhere.ts")
