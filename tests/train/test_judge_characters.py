"""The figures about descriptions are right where the answer is known."""

from dataclasses import replace

import numpy as np
import pytest

from medviewer.core.characters import CALCIFICATION, MALIGNANCY, SCALES, TEXTURE
from medviewer.train import judge_characters as judge
from medviewer.train.judge_characters import Described

PATIENTS = np.array([f"P{n // 2}" for n in range(40)])


def nodules(count: int = 40) -> Described:
    """Nodules that three readers rated alike, half of them malignant and larger; a network that says the same."""
    random = np.random.default_rng(1)
    sick = np.arange(count) % 2 == 1
    counts = []
    for scale in SCALES:
        step = np.where(sick, 4, 2) if scale is MALIGNANCY else random.integers(1, scale.steps + 1, count)
        counts.append(3.0 * np.eye(scale.steps)[step - 1])
    shares = tuple((one / 3.0 + 0.01) / (1.0 + 0.01 * one.shape[1]) for one in counts)
    size = np.where(sick, 14.0, 8.0) + random.normal(0.0, 4.0, count)
    return Described(
        PATIENTS[:count],
        tuple(counts),
        shares,
        shares,
        size,
        size / 4.0,
        np.where(sick, 4.0, 2.0),
        1 + sick.astype(int),
    )


def test_the_area_is_one_for_a_perfect_score_half_for_none_and_nothing_for_the_reverse() -> None:
    truth = np.arange(40) % 2 == 1
    scores = {"right": truth * 1.0, "none": np.zeros(40), "wrong": -1.0 * truth}
    told = judge.auc(scores, truth, PATIENTS, "none")
    assert (told["n"], told["positive"], told["patients"]) == (40, 20, 20)
    assert [told[name]["auc"] for name in scores] == [1.0, 0.5, 0.0]
    assert told["right_minus_none"] == {"auc": 0.5, "low": 0.5, "high": 0.5}


def test_the_area_of_one_kind_alone_is_unknown() -> None:
    told = judge.auc({"any": np.arange(4.0)}, np.ones(4, np.bool_), PATIENTS[:4])
    assert told["any"] == {"auc": None, "low": None, "high": None}


def test_the_interval_of_an_area_holds_it() -> None:
    found = nodules()
    told = judge.classic(found, 3)
    assert told["network"]["auc"] == 1.0
    assert told["diameter"]["low"] < told["diameter"]["auc"] < told["diameter"]["high"] <= 1.0
    assert told["network_minus_diameter"]["auc"] == pytest.approx(1.0 - told["diameter"]["auc"])


def test_indeterminate_nodules_and_those_of_few_readers_are_left_out() -> None:
    found = nodules()
    median = found.median.copy()
    median[:4] = 3.0
    assert judge.classic(replace(found, median=median), 3)["n"] == 36
    assert judge.classic(found, 4)["n"] == 0


def test_a_patient_is_as_suspicious_as_the_worst_nodule() -> None:
    found = nodules()
    told = judge.diagnosed(replace(found, diagnosis=np.repeat([1, 2], 20)))
    assert told["by_patient"]["n"] == 20
    assert told["by_patient"]["network"]["auc"] == 0.5
    assert judge.diagnosed(replace(found, diagnosis=np.zeros(40, int))) == {}


def test_the_network_is_judged_against_the_readers_left_over() -> None:
    told = judge.agreement(nodules(), [scale.steps / 2 for scale in SCALES])[MALIGNANCY.id]
    assert told["one_reader"]["mean"] == 0.0
    assert told["network"]["mean"] < 0.1
    assert told["constant"]["mean"] == pytest.approx(1.0)


def test_signs_and_types_that_are_repeated_are_all_right() -> None:
    found = nodules()
    assert judge.signs(found)["calcification_any"]["network"]["auc"] == 1.0
    told = judge.types(found)
    assert told["network"]["accuracy"]["mean"] == told["one_reader"]["kappa"] == told["network"]["mean_recall"] == 1.0


def test_saying_the_same_of_all_has_no_kappa() -> None:
    found = nodules()
    part = SCALES.index(TEXTURE)
    shares = tuple(np.eye(5)[[4] * 40] if n == part else one for n, one in enumerate(found.shares))
    assert judge.types(replace(found, shares=shares))["network"]["kappa"] == 0.0


def test_shares_that_come_true_are_calibrated_and_overconfident_ones_are_not() -> None:
    found = nodules()
    sure = tuple(np.eye(one.shape[1])[np.zeros(40, int)] for one in found.shares)
    told = judge.calibration(replace(found, raw_shares=sure))[CALCIFICATION.id]
    assert told["after"] < 0.06
    assert told["before"] > 0.15


def test_words_of_chance_say_how_many_readers_saw_it() -> None:
    told = judge.words(nodules())
    assert told["very likely"]["mean"] == 1.0
    assert told["very unlikely"]["mean"] == 0.0
    assert told["possible"]["n"] == 0


def test_sets_of_all_steps_cover_everything_and_one_step_is_always_there() -> None:
    found = nodules()
    every, none = (judge.coverage(found, [level] * len(SCALES))[MALIGNANCY.id] for level in (0.0, 1.0))
    assert (every["covered"]["mean"], every["steps"]["mean"]) == (1.0, 5.0)
    assert (none["covered"]["mean"], none["steps"]["mean"]) == (1.0, 1.0)
