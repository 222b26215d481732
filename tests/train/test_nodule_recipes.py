"""The recipes of the marking nets run from drawn crops to bundles that read."""

import copy
from dataclasses import replace
from pathlib import Path

import pytest

from medviewer.ai.bundle import Bundle
from medviewer.ai.selftest import self_test
from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.train import nodule_detection as detection
from medviewer.train import nodule_segmentation as segmentation
from medviewer.train import recipes
from medviewer.train.augment import Change
from medviewer.train.cards import table
from tests.ai.bundles import patch_part

WIDTHS = {"channels": 5, "widths": [4, 8]}
PLAN = replace(segmentation.PLAN, steps=60, batch=8, epoch_steps=30, warmup_steps=5, learning_rate=1e-2)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Tiny nets and a folder with an untrained reduction net in it."""
    for recipe in (segmentation, detection):
        monkeypatch.setattr(recipe, "OPTIONS", WIDTHS)
        monkeypatch.setattr(recipe, "DESCRIPTION", copy.deepcopy(recipe.DESCRIPTION) | {"options": WIDTHS})
        monkeypatch.setattr(recipe, "CHANGE", Change(48, 0.2))
    detection.DESCRIPTION["parts"] = {"reduce": "nodule-reducer"}
    patch_part(tmp_path / "nodule-reducer")
    return tmp_path


def loaded(folder: Path) -> Bundle:
    from medviewer.ai.bundle import load

    return load(folder)


def test_recipes_are_found_by_the_id_of_their_model() -> None:
    assert {"nodule-detection", "nodule-segmentation"} <= set(recipes())


def test_segmentation_is_trained_published_and_judged_alike_again(data: Path, small: Path) -> None:
    folder = segmentation.train(data, small, Job(), plan=PLAN, second=replace(PLAN, steps=20))
    bundle = loaded(folder)
    assert self_test(bundle) == 0.0
    assert bundle.part_of == "nodule-detection"
    metrics = segmentation.evaluate(folder, data, "val", Job())
    assert table(metrics) in bundle.card
    assert metrics["dice"]["network"]["slices_of_two_or_more_readers"]["n"] == 6
    assert metrics["dice"]["network"]["all_slices"]["mean"] > 0.5
    assert metrics["long_axis"]["network"]["share_within_1.5_mm"]["n"] == 2
    assert metrics["volume"]["share_of_readers"]["n"] == 2


def test_detection_is_trained_published_and_judged_alike_again(data: Path, small: Path) -> None:
    folder = detection.train(data, small, Job(), plan=PLAN)
    bundle = loaded(folder)
    assert self_test(bundle) == 0.0
    assert bundle.part_of == ""
    assert set(bundle.output["score"]) == {"bias", "detection", "reduction"}
    assert [row["threshold"] for row in bundle.output["operating_points"]] == list(detection.CURVE)
    metrics = detection.evaluate(folder, data, "val", Job())
    assert table(metrics) in bundle.card
    assert metrics["fields"]["sensitivity_1_or_more_readers"]["n"] == 3


@pytest.mark.parametrize("name", ["nodule-segmentation", "nodule-detection"])
def test_a_folder_without_the_data_is_told(name: str, tmp_path: Path) -> None:
    with pytest.raises(Problem, match=r"has no file 'crops.jls'"):
        recipes()[name].train(tmp_path, tmp_path / "out", Job())


def test_a_split_that_is_not_there_is_told(data: Path, small: Path) -> None:
    few = replace(PLAN, steps=5)
    folder = segmentation.train(data, small, Job(), plan=few, second=few)
    with pytest.raises(Problem, match="no crop of split 'diagnosed'"):
        segmentation.evaluate(folder, data, "diagnosed", Job())
