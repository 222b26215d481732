"""Areas under the curve, sensitivities and temperature are what they are said to be."""

import numpy as np
import pytest

from medviewer.train.judge_patches import area, areas, best_temperature, contrast, sensitivities, sensitivity
from medviewer.train.patches import BLOCK, Patches


def patches(nodule: np.ndarray, each: int = 20) -> Patches:
    count = len(nodule)
    return Patches(np.zeros((count, 50, 50), np.uint8), nodule, np.arange(count) // each * BLOCK)


def test_the_area_is_the_share_of_pairs_in_the_right_order() -> None:
    truth = np.array([True, False, True, False])
    assert area(np.array([3.0, 1.0, 4.0, 2.0]), truth) == 1.0
    assert area(np.array([1.0, 3.0, 2.0, 4.0]), truth) == 0.0
    assert area(np.array([1.0, 1.0, 1.0, 1.0]), truth) == 0.5
    assert area(np.array([2.5, 1.0, 2.0, 2.2]), truth) == 0.75
    assert np.isnan(area(np.array([1.0, 2.0]), np.array([True, True])))


def test_sensitivity_is_counted_above_the_asked_share_of_false_ones() -> None:
    truth = np.repeat([False, True], [100, 4])
    scores = np.concatenate([np.arange(100.0), [50.0, 95.5, 97.5, 200.0]])
    assert [sensitivity(scores, truth, each) for each in (0.5, 0.95, 0.99)] == [0.75, 0.75, 0.25]
    assert np.isnan(sensitivity(scores, np.ones(104, np.bool_), 0.9))


def test_intervals_hold_the_value_and_a_worse_score_is_told_by_its_difference() -> None:
    random = np.random.default_rng(2)
    truth = random.random(400) < 0.3
    good = truth + random.normal(0.0, 0.5, 400)
    bad = truth + random.normal(0.0, 3.0, 400)
    first, second = areas(np.stack([good, bad], 1), patches(truth))
    assert first["low"] < first["value"] < first["high"]
    assert second["difference"]["high"] < 0.0
    assert second["difference"]["value"] == pytest.approx(second["value"] - first["value"], abs=1e-3)
    assert "difference" not in first


def test_blocks_are_resampled_whole() -> None:
    truth = np.tile([True, False], 100)
    scores = np.where(np.arange(200) < 100, truth, 0.5).astype(float)
    whole, torn = (areas(scores[:, None], patches(truth, each))[0] for each in (100, 2))
    assert whole["high"] - whole["low"] > 2 * (torn["high"] - torn["low"])


def test_sensitivities_are_named_by_specificity() -> None:
    truth = np.tile([True, False], 50)
    rows = sensitivities(truth.astype(float), patches(truth))
    assert rows["at_specificity_0.95"] == {"value": 1.0, "low": 1.0, "high": 1.0}


def test_the_baseline_sees_a_bright_middle() -> None:
    images = np.zeros((2, 50, 50), np.uint8)
    images[0, 20:31, 20:31] = 200
    images[1, 22:29, :] = 200
    bright, line = contrast(images)
    assert bright > line > 0.0


def test_the_temperature_that_was_put_in_is_found() -> None:
    random = np.random.default_rng(4)
    logits = random.normal(0.0, 2.0, 20_000)
    truth = random.random(20_000) < 1.0 / (1.0 + np.exp(-logits))
    assert best_temperature(logits * 2.5, truth) == pytest.approx(2.5, rel=0.05)
