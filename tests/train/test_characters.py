"""What the describing net learns from: ratings, outlines, sizes, draws, and a loss that rewards the readers' shares."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from medviewer.ai.nodules.describing import parts
from medviewer.core.characters import MALIGNANCY, SCALES, SPICULATION
from medviewer.core.job import Job
from medviewer.train.characters import Describing, Nodules, Ratings, shaded
from medviewer.train.crops import Crops, load
from tests.train import rated


@pytest.fixture(scope="module")
def crops(tmp_path_factory: pytest.TempPathFactory) -> Crops:
    return load(rated.write(tmp_path_factory.mktemp("rated")), ("train",), Job())


@pytest.fixture(scope="module")
def nodules(crops: Crops) -> Nodules:
    return Nodules.of(crops)


def test_ratings_are_counted_by_step_and_what_is_no_step_is_left_out() -> None:
    row = {"spiculation_0": "1.0", "spiculation_1": "3.0", "spiculation_2": "3.0", "internalStructure_0": "5.0"}
    ratings = Ratings.of([row])
    assert ratings.steps(SCALES.index(SPICULATION)).tolist() == [[1, 0, 2, 0, 0]]
    assert ratings.counts.sum() == 3


def test_a_nodule_is_as_large_as_most_readers_drew_it(nodules: Nodules) -> None:
    crops = nodules.crops
    first = nodules.sizes[0]
    assert first is not None
    middle = crops.reader(1)[0]  # of three readers the middle one is the consensus
    assert nodules.area[0] == middle.sum()
    assert first.long_axis_mm == pytest.approx(0.7 * 2 * np.sqrt(middle.sum() / np.pi), abs=0.7)
    assert first.ball_mm == pytest.approx((6 * 3 * 2.5 * 0.49 * middle.sum() / np.pi) ** (1 / 3), rel=0.01)


def test_a_nodule_nobody_drew_is_not_learnt(crops: Crops) -> None:
    blank = np.where((crops.nodule == 2)[:, None, None], 0, crops.masks).astype(np.uint8)
    nodules = Nodules.of(replace(crops, masks=blank))
    assert nodules.sizes[2] is None
    assert 2 not in crops.nodule[Describing.of(nodules).rows]


def test_the_same_seed_draws_the_same_and_shares_are_those_of_the_readers(nodules: Nodules) -> None:
    lesson = Describing.of(nodules)
    (one, truth), (other, _truth) = (lesson.draw(5, torch.Generator().manual_seed(3)) for _ in range(2))
    assert one.shape == (5, 9, 64, 64)
    assert torch.equal(one, other)
    assert not torch.equal(one, lesson.draw(5, torch.Generator().manual_seed(4))[0])
    for part in parts():
        assert truth[:, part].sum(1) == pytest.approx(torch.ones(5))
    assert set(truth[:, parts()[SCALES.index(MALIGNANCY)]].argmax(1).tolist()) <= {1, 3}


def test_the_outline_stays_on_the_nodule_when_windows_are_moved(nodules: Nodules) -> None:
    inputs, _truth = Describing.of(nodules).draw(16, torch.Generator().manual_seed(1))
    bright, mask = inputs[:, 1], inputs[:, 3]
    inside = (bright * mask).sum((1, 2)) / mask.sum((1, 2))
    middle = bright[:, 16:48, 16:48].mean((1, 2))
    assert (inside > 1.3 * middle).all()


def test_the_loss_is_least_at_the_shares_of_the_readers(nodules: Nodules) -> None:
    lesson = Describing.of(nodules)
    _inputs, truth = lesson.draw(4, torch.Generator().manual_seed(0))
    right = lesson.loss((truth + 1e-6).log(), truth)
    assert right < lesson.loss(torch.zeros_like(truth), truth)
    assert right < lesson.loss((truth.flip(1) + 1e-6).log(), truth)


def test_a_step_beside_the_right_one_costs_less_than_one_far_away(nodules: Nodules) -> None:
    lesson = Describing.of(nodules)
    truth = torch.zeros(1, sum(scale.steps for scale in SCALES))
    start = parts()[SCALES.index(MALIGNANCY)].start
    truth[0, start] = 1.0
    near, far = torch.zeros_like(truth), torch.zeros_like(truth)
    near[0, start + 1], far[0, start + 4] = 5.0, 5.0
    assert lesson.loss(near, truth) < lesson.loss(far, truth)


def test_shading_keeps_which_place_is_brighter() -> None:
    stack = torch.linspace(0.1, 0.9, 64).view(1, 1, 8, 8).expand(6, 3, 8, 8)
    shades = shaded(stack, torch.Generator().manual_seed(0))
    assert shades.min() >= 0.0
    assert shades.max() <= 1.0
    assert (shades[:, :, -1].mean((1, 2)) > shades[:, :, 0].mean((1, 2)) + 0.3).all()
