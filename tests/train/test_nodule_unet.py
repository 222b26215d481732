"""The recipe of the shipped weights, run small: from drawn crops to a bundle that reads and is judged."""

import json
from pathlib import Path

import pytest

from medviewer.ai.bundle import Bundle, load
from medviewer.ai.selftest import self_test
from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.train import nodule_unet, recipes
from medviewer.train.fit import Plan

PLAN = Plan(
    steps=50,
    epoch_steps=25,
    batch=8,
    size=48,
    warmup_steps=5,
    cosine_steps=80,
    cooldown_steps=10,
    learning_rate=1e-2,
    bf16=False,
)


@pytest.fixture(scope="module")
def trained(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nodule_unet, "OPTIONS", {"channels": 2, "widths": [8, 16]})
        patch.setitem(nodule_unet.DESCRIPTION, "options", nodule_unet.OPTIONS)
        return load(nodule_unet.train(data, tmp_path_factory.mktemp("out"), Job(), plan=PLAN))


def test_the_recipe_is_found_by_the_model_s_id() -> None:
    assert recipes()["nodule-unet"] is nodule_unet.RECIPE


def test_the_recipe_makes_a_whole_bundle_that_passes_its_own_test(trained: Bundle) -> None:
    assert (trained.id, trained.task) == ("nodule-unet", "nodules")
    assert 0.0 < trained.threshold < 1.0
    assert self_test(trained) < 0.001
    assert "10.7937/K9/TCIA.2015.LO9QL9SX" in trained.card


def test_what_it_learnt_is_judged_beside_readers_and_a_baseline(trained: Bundle, data: Path) -> None:
    metrics = nodule_unet.evaluate(trained.folder, data, "val", Job())
    json.dumps(metrics)
    assert metrics["split"] == {"name": "val", "patients": 3, "nodules": 3, "slices": 9}
    assert metrics["model"]["sha256"] == trained.sha256
    both = metrics["dice"]["network"]["slices_of_two_or_more_readers"]
    assert both["low"] <= both["mean"] <= both["high"]
    assert both["mean"] > 0.3
    assert metrics["dice"]["otsu"]["slices_of_two_or_more_readers"]["mean"] > 0.85
    assert metrics["fields"]["threshold"] == trained.threshold


def test_wrong_data_is_one_sentence(trained: Bundle, tmp_path: Path) -> None:
    with pytest.raises(Problem, match="no file"):
        nodule_unet.evaluate(trained.folder, tmp_path, "val", Job())
    with pytest.raises(Problem, match="no file"):
        nodule_unet.train(tmp_path, tmp_path / "out", Job())
