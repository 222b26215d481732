"""Training learns, can be cut off and goes on as if it had not been."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from medviewer.ai.nets.unet import NET
from medviewer.core.job import Job
from medviewer.core.problem import Cancelled
from medviewer.train.crops import Crops
from medviewer.train.fit import CHECKPOINT, Fit, Plan, loss
from medviewer.train.nodule_unet import samples

PLAN = Plan(steps=24, epoch_steps=8, batch=4, size=32, warmup_steps=2, cosine_steps=40, cooldown_steps=4, bf16=False)


def fit(plan: Plan = PLAN) -> Fit:
    torch.manual_seed(plan.seed)
    return Fit(NET.make({"channels": 2, "widths": [4, 8]}), plan)


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
    plan = replace(PLAN, steps=45, epoch_steps=15, batch=12, size=64, cosine_steps=90, learning_rate=1e-2)
    history = fit(plan).run(samples(crops), tmp_path, Job())
    assert len(history) == 3
    assert history[-1] < 0.8 * history[0]


def test_a_run_cut_off_continues_to_the_very_same_weights(crops: Crops, tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    whole.mkdir()
    broken.mkdir()
    history = fit().run(samples(crops), whole, Job())
    with pytest.raises(Cancelled):
        fit().run(samples(crops), broken, StopsAt(0.5))
    assert fit().run(samples(crops), broken, Job()) == pytest.approx(history)
    one, other = load_file(whole / CHECKPOINT), load_file(broken / CHECKPOINT)
    assert one.keys() == other.keys()
    assert all(torch.allclose(one[name], other[name], atol=1e-6) for name in one)


def test_a_finished_run_is_not_trained_further(crops: Crops, tmp_path: Path) -> None:
    fit().run(samples(crops), tmp_path, Job())
    before = (tmp_path / CHECKPOINT).read_bytes()
    fit().run(samples(crops), tmp_path, Job())
    assert (tmp_path / CHECKPOINT).read_bytes() == before


def test_the_loss_is_least_for_the_right_answer() -> None:
    labels = torch.zeros(2, 1, 8, 8)
    labels[0, 0, 2:5, 2:5] = 1.0
    right, wrong, nothing = labels * 20 - 10, 10 - labels * 20, torch.full_like(labels, -10.0)
    values = [float(loss(logits, labels, 3.0)) for logits in (right, nothing, wrong)]
    assert values == sorted(values)
    assert values[0] < 0.05


def test_an_empty_window_is_learnt_from_too() -> None:
    labels = torch.zeros(1, 1, 8, 8)
    assert (
        float(loss(torch.full_like(labels, -10.0), labels, 3.0))
        < 0.1
        < float(loss(torch.zeros_like(labels), labels, 3.0))
    )


def test_a_nodule_on_many_slices_counts_as_the_root_of_their_number(crops: Crops) -> None:
    nodule = crops.nodule.copy()
    nodule[:6] = 0
    weights = samples(replace(crops, nodule=nodule)).weights
    assert weights[nodule == 0].sum() == pytest.approx(6**0.5)
    assert weights[nodule == 2].sum() == pytest.approx(3**0.5)
