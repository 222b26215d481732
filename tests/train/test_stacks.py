"""Neighbouring slices of crops, and what stands for those that are missing."""

import numpy as np
import torch

from medviewer.train.crops import Crops
from medviewer.train.stacks import NONE, Stacks, fill_in, steps_mm


def test_neighbours_are_the_next_slices_of_the_same_nodule(crops: Crops) -> None:
    stacks = Stacks.of(crops, fill=False)
    assert stacks.before[:4].tolist() == [NONE, 0, 1, NONE]
    assert stacks.after[:4].tolist() == [1, 2, NONE, 4]


def test_a_longer_reach_skips_slices(crops: Crops) -> None:
    stacks = Stacks.of(crops, reach_mm=5.0, fill=False)
    assert stacks.before[:4].tolist() == [NONE, NONE, 0, NONE]
    assert stacks.after[:4].tolist() == [2, NONE, NONE, 5]


def test_the_distance_of_slices_is_measured_and_else_their_thickness(crops: Crops) -> None:
    assert steps_mm(crops)[:3].tolist() == [2.5, 2.5, 2.5]
    crops.z_mm[:3] = np.nan
    crops.rows[0]["slice_thickness"] = "1.25"
    assert steps_mm(crops)[:3].tolist() == [1.25, 1.25, 1.25]


def test_a_missing_neighbour_is_black_and_said_to_be_missing(crops: Crops) -> None:
    stack, there = Stacks.of(crops, fill=False).whole(np.array([0, 1]))
    assert there.tolist() == [[False, True, True], [True, True, True]]
    assert not stack[0, 0].any()
    assert torch.equal(stack[1, 0] * 255.0, torch.from_numpy(crops.images[0]).float())


def test_the_nodule_is_filled_from_around_and_the_rest_stays(crops: Crops) -> None:
    image, mask = crops.images[0], crops.masks[0] > 0
    filled = fill_in(image, mask, 0)
    assert image[mask].mean() > 150.0
    assert filled[mask].mean() < 80.0
    far = np.ones_like(mask)
    far[44:84, 44:84] = False
    assert np.array_equal(filled[far], image[far])


def test_training_sees_ends_filled_ends_missing_and_neighbours_dropped(crops: Crops) -> None:
    stacks = Stacks.of(crops)
    rows = np.tile(np.array([0, 1]), 200)
    stack, there = stacks.drawn(rows, torch.Generator().manual_seed(0))
    assert there[:, 1].all()
    ends, middles = there[0::2], there[1::2]
    assert 0.55 < float(ends.float()[:, [0, 2]].mean()) < 0.8
    assert 0.85 < float(middles.float()[:, [0, 2]].mean()) < 0.95
    beside = stack[0::2][:, [0, 2]].amax((2, 3))
    assert (beside > 0).any()


def test_stacks_are_turned_upside_down_half_of_the_time(crops: Crops) -> None:
    stack, there = Stacks.of(crops, fill=False).drawn(np.full(200, 1), torch.Generator().manual_seed(1))
    first = torch.from_numpy(crops.images[0]).float() / 255.0
    both = there.all(1)
    up = torch.stack([(one[0] - first).abs().max() < 1e-6 for one in stack[both]]).float().mean()
    assert 0.3 < float(up) < 0.7
