"""Training learns, can be cut off and goes on as if it had not been."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from medviewer.ai.nets.unet import NET
from medviewer.core.job import Job
from medviewer.core.problem import Cancelled, Problem
from medviewer.train.augment import Change
from medviewer.train.crops import Crops
from medviewer.train.fit import CHECKPOINT, Fit, Plan, pace
from medviewer.train.marking import Marking, detection_loss

PLAN = Plan(steps=24, batch=4, learning_rate=2e-3, epoch_steps=8, warmup_steps=2, bf16=False)


def fit(plan: Plan = PLAN) -> Fit:
    torch.manual_seed(plan.seed)
    return Fit(NET.make({"channels": 5, "widths": [4, 8]}), plan)


def lesson(crops: Crops, size: int = 32) -> Marking:
    return Marking.of(crops, Change(size, 0.3), detection_loss)


class StopsAt(Job):
    """A job that is cancelled at a share."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self._at = share

    def step(self, share: float, text: str = "") -> None:
        super().step(share, text)
        if share >= self._at:
            self.cancel()


def test_the_loss_falls(crops: Crops, tmp_path: Path) -> None:
    plan = replace(PLAN, steps=36, epoch_steps=12, batch=8, learning_rate=1e-2)
    history = fit(plan).run(lesson(crops, 64), tmp_path, Job())
    assert len(history) == 3
    assert history[-1] < 0.8 * history[0]


def test_a_run_cut_off_continues_to_the_very_same_weights(crops: Crops, tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    whole.mkdir()
    broken.mkdir()
    history = fit().run(lesson(crops), whole, Job())
    with pytest.raises(Cancelled):
        fit().run(lesson(crops), broken, StopsAt(0.5))
    assert fit().run(lesson(crops), broken, Job()) == pytest.approx(history)
    one, other = load_file(whole / CHECKPOINT), load_file(broken / CHECKPOINT)
    assert one.keys() == other.keys()
    assert all(torch.allclose(one[name], other[name], atol=1e-6) for name in one)


def test_a_finished_run_is_not_trained_further(crops: Crops, tmp_path: Path) -> None:
    fit().run(lesson(crops), tmp_path, Job())
    before = (tmp_path / CHECKPOINT).read_bytes()
    fit().run(lesson(crops), tmp_path, Job())
    assert (tmp_path / CHECKPOINT).read_bytes() == before


def test_the_checkpoint_of_another_plan_is_refused_in_one_sentence(crops: Crops, tmp_path: Path) -> None:
    fit().run(lesson(crops), tmp_path, Job())
    with pytest.raises(Problem, match="belongs to another training run"):
        fit(replace(PLAN, steps=48)).run(lesson(crops), tmp_path, Job())


def test_the_pace_rises_then_falls_to_nothing() -> None:
    plan = replace(PLAN, steps=100, warmup_steps=10)
    paces = [pace(step, plan) for step in range(101)]
    assert paces[:10] == sorted(paces[:10])
    assert paces[10:] == sorted(paces[10:], reverse=True)
    assert max(paces) == 1.0
    assert paces[-1] == pytest.approx(0.0)


def test_the_averaged_weights_lie_between_first_and_last(crops: Crops, tmp_path: Path) -> None:
    one = fit(replace(PLAN, average_over=0.5))
    first = {name: value.clone() for name, value in one.net.state_dict().items()}
    one.run(lesson(crops), tmp_path, Job())
    name = "head.weight"
    last, mean = one.net.state_dict()[name], one.average[name]
    assert not torch.equal(mean, last)
    assert float((mean - last).norm()) < float((first[name] - last).norm())
