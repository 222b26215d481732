"""The recipe from crops to a bundle that describes, on drawn crops with ratings."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from medviewer.ai.bundle import Bundle, load
from medviewer.ai.selftest import self_test
from medviewer.core.characters import SCALES
from medviewer.core.job import Job
from medviewer.train import nodule_characterisation as recipe
from tests.train import rated


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return rated.write(tmp_path_factory.mktemp("rated"))


@pytest.fixture(scope="module")
def trained(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    plan = replace(recipe.PLAN, steps=6, epoch_steps=3, batch=4, warmup_steps=2)
    return load(recipe.train(data, tmp_path_factory.mktemp("out"), Job(), plan=plan))


def test_the_recipe_makes_a_whole_bundle_that_is_part_of_another(trained: Bundle) -> None:
    assert self_test(trained) < 1e-3
    assert (trained.part_of, trained.task) == ("nodule-detection", "nodule-description")
    assert trained.output["scales"] == [scale.id for scale in SCALES]
    assert {row["name"] for row in trained.output["range"]} == {"long_axis_mm", "pixel_mm", "slice_step_mm"}
    assert "10.7937/K9/TCIA.2015.LO9QL9SX" in trained.card


def test_what_it_learnt_is_judged_beside_size_and_readers(trained: Bundle, data: Path) -> None:
    metrics = recipe.evaluate(trained.folder, data, "val", Job())
    json.dumps(metrics)
    assert metrics["split"] == {"name": "val", "patients": 6, "nodules": 6, "slices": 18, "described": 6}
    assert metrics["malignancy_auc"]["three_or_more_readers"]["n"] == 3
    assert {"network", "readers", "diameter"} <= metrics["diagnosis_auc"]["by_patient"].keys()
    assert 0 < metrics["fresh_patients"] < 6
    assert recipe.evaluate(trained.folder, data, "train", Job())["fresh_patients"] == 8


def test_about_half_of_the_patients_calibrate_always_the_same() -> None:
    patients = [f"LIDC-IDRI-{n:04d}" for n in range(400)]
    half = recipe._calibrates(patients)
    assert 160 < half.sum() < 240
    assert recipe._calibrates(patients[::-1]).tolist() == half[::-1].tolist()


def test_logits_that_are_too_sure_are_cooled() -> None:
    random = np.random.default_rng(0)
    right = random.normal(0.0, 1.0, (4000, 5))
    chances = np.exp(right) / np.exp(right).sum(axis=1, keepdims=True)
    ratings = np.array([random.multinomial(1, one) for one in chances], np.float64)
    assert recipe._temperature(2.5 * right, ratings) == pytest.approx(2.5, rel=0.1)


def test_sets_cover_nine_tenths_of_the_ratings_they_were_set_on() -> None:
    random = np.random.default_rng(0)
    shares = random.dirichlet(np.ones(5), 500)
    ratings = np.array([random.multinomial(1, one) for one in shares], np.float64)
    least = recipe._least(shares, ratings)
    assert float((ratings * (shares >= least)).sum() / 500) == pytest.approx(0.9, abs=0.004)
    assert recipe._least(shares[:3], ratings[:3]) == 0.0  # too few to leave anything out
