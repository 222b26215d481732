"""What marking nets learn from, and how far an answer is from the truth."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from medviewer.train.augment import Change
from medviewer.train.crops import Crops
from medviewer.train.marking import Marking, detection_loss, outline_loss

CHANGE = Change(size=48, shift=0.1, roaming=0.2, roam=0.6)


def lesson(crops: Crops) -> Marking:
    return Marking.of(crops, CHANGE, outline_loss)


def truth() -> torch.Tensor:
    labels = torch.zeros(2, 2, 8, 8)
    labels[0, :, 2:5, 2:5] = 1.0
    return labels


def test_input_is_three_slices_and_two_spacings_and_truth_two_masks(crops: Crops) -> None:
    inputs, masks = lesson(crops).draw(12, torch.Generator().manual_seed(0))
    assert inputs.shape == (12, 5, 48, 48)
    assert masks.shape == (12, 2, 48, 48)
    assert 0.0 <= float(masks.min()) <= float(masks.max()) <= 1.0
    assert set(masks[:, 1].flatten().tolist()) == {0.0, 1.0}
    assert inputs[:, 3].std((1, 2)).max() < 1e-6


def test_the_mean_mask_is_that_of_all_readers_and_the_other_that_of_one(crops: Crops) -> None:
    three = replace(lesson(crops), weights=np.where(crops.nodule == 0, 1.0, 0.0))
    _inputs, masks = three.draw(64, torch.Generator().manual_seed(0))
    middle = masks[masks[:, 1].sum((1, 2)) > 50]
    shares = middle[:, 0][(middle[:, 0] > 0.02) & (middle[:, 0] < 0.98)]
    assert len(shares) > 0
    areas = middle[:, 1].sum((1, 2))
    assert float(areas.max() / areas.min()) > 1.1


def test_a_nodule_on_many_slices_counts_as_the_root_of_their_number(crops: Crops) -> None:
    nodule = crops.nodule.copy()
    nodule[:6] = 0
    weights = lesson(replace(crops, nodule=nodule)).weights
    assert weights[nodule == 0].sum() == pytest.approx(6**0.5)
    assert weights[nodule == 2].sum() == pytest.approx(3**0.5)


def test_by_slice_each_counts_alike_and_twice_where_several_readers_drew(crops: Crops) -> None:
    weights = Marking.of(crops, CHANGE, outline_loss, by_slice=True).weights
    assert set(weights[crops.nodule == 0]) == {2.0}
    assert set(weights[crops.nodule == 1]) == {1.0}


@pytest.mark.parametrize("judge", [outline_loss, detection_loss])
def test_the_loss_is_least_for_the_right_answer(judge: object) -> None:
    labels = truth()
    right, wrong = labels[:, :1] * 20 - 10, 10 - labels[:, :1] * 20
    nothing = torch.full_like(right, -10.0)
    assert callable(judge)
    values = [float(judge(logits, labels)) for logits in (right, nothing, wrong)]
    assert values == sorted(values)
    assert values[0] < 0.05


def test_an_empty_window_teaches_detection_to_say_nothing() -> None:
    empty = torch.zeros(1, 2, 8, 8)
    quiet, loud = torch.full((1, 1, 8, 8), -10.0), torch.zeros(1, 1, 8, 8)
    assert float(detection_loss(quiet, empty)) < 0.1 < float(detection_loss(loud, empty))


def test_the_outline_of_a_small_nodule_weighs_as_much_as_that_of_a_large_one() -> None:
    small, large = torch.zeros(2, 2, 32, 32), torch.zeros(2, 2, 32, 32)
    small[:, :, 2:5, 2:5], large[:, :, 2:26, 2:26] = 1.0, 1.0
    missed = torch.full((2, 1, 32, 32), -8.0)
    dice_lost = [float(outline_loss(missed, one)) - 2.0 * float(one[:, :1].mean()) * 8.0 for one in (small, large)]
    assert dice_lost[0] == pytest.approx(dice_lost[1], abs=0.15)
