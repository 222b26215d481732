"""The recipe of the candidate network, run small: from drawn patches to a bundle that tells discs from lines."""

import json
from pathlib import Path

import pytest
import torch

from medviewer.ai.bundle import Bundle, load
from medviewer.ai.selftest import self_test
from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.train import nodule_reducer, recipes
from medviewer.train.fit import Plan
from medviewer.train.nodule_reducer import Telling
from medviewer.train.patches import of_split, read
from tests.train import drawn_patches

PLAN = Plan(steps=60, batch=32, learning_rate=1e-2, epoch_steps=30, warmup_steps=5, bf16=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return drawn_patches.write(tmp_path_factory.mktemp("luna"))


@pytest.fixture(scope="module")
def trained(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    options = {"channels": 1, "widths": [16, 32], "blocks": [1], "dropout": 0.0}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nodule_reducer, "OPTIONS", options)
        patch.setitem(nodule_reducer.DESCRIPTION, "options", options)
        return load(nodule_reducer.train(folder, tmp_path_factory.mktemp("out"), Job(), plan=PLAN))


def test_the_recipe_is_found_by_the_model_s_id() -> None:
    assert recipes()["nodule-reducer"] is nodule_reducer.RECIPE


def test_the_recipe_makes_a_whole_part_of_the_reader_that_passes_its_own_test(trained: Bundle) -> None:
    assert (trained.id, trained.task, trained.part_of) == ("nodule-reducer", "nodule-reduction", "nodule-detection")
    assert trained.output["temperature"] > 0.0
    assert self_test(trained) < 0.001
    assert "10.1016/j.media.2017.06.015" in trained.card


def test_what_it_learnt_is_judged_beside_a_baseline(trained: Bundle, folder: Path) -> None:
    metrics = nodule_reducer.evaluate(trained.folder, folder, "test", Job())
    json.dumps(metrics, allow_nan=False)
    assert metrics["split"] == {"name": "test", "patches": 96, "nodules": 32, "blocks": 4}
    network = metrics["auc"]["network"]
    assert 0.8 < network["low"] <= network["value"] <= network["high"] <= 1.0
    assert metrics["auc"]["network_own_range"]["difference"]["low"] <= 0.0
    assert set(metrics["sensitivity"]) == {"at_specificity_0.9", "at_specificity_0.95", "at_specificity_0.99"}
    assert metrics["model"]["sha256"] == trained.sha256


def test_about_a_third_of_what_is_drawn_holds_a_nodule_and_a_draw_can_be_repeated(folder: Path) -> None:
    lesson = Telling(of_split(read(folder), "train"))
    inputs, truth = lesson.draw(20, torch.Generator().manual_seed(1))
    assert inputs.shape == (20, 1, 50, 50)
    assert truth.sum() == 7.0
    again, _truth = lesson.draw(20, torch.Generator().manual_seed(1))
    assert torch.equal(inputs, again)


def test_the_loss_is_least_for_the_right_answer(folder: Path) -> None:
    lesson, truth = Telling(of_split(read(folder), "train")), torch.tensor([[1.0], [0.0]])
    right, wrong = (float(lesson.loss(sign * (truth * 8.0 - 4.0), truth)) for sign in (1.0, -1.0))
    assert right < 0.1 < 1.0 < wrong


def test_wrong_data_is_one_sentence(trained: Bundle, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(Problem, match="no file"):
        nodule_reducer.train(tmp_path, tmp_path / "out", Job())
    with pytest.raises(Problem, match="no patch of split 'diagnosed'"):
        nodule_reducer.evaluate(trained.folder, folder, "diagnosed", Job())
