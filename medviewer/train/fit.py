"""The training loop of the small segmentation nets: soft labels, averaged weights, a checkpoint without pickle."""

import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from medviewer.ai.prepare import with_spacing
from medviewer.core.job import Job
from medviewer.core.whole import whole
from medviewer.i18n import _
from medviewer.train.augment import augment

CHECKPOINT = "checkpoint.safetensors"


@dataclass(frozen=True)
class Plan:
    """Everything that decides a training run; ``epoch_steps`` is how often the state is saved.

    The learning rate rises for ``warmup_steps``, follows half a cosine that would end at ``cosine_steps``, and over the
    last ``cooldown_steps`` goes down to nothing besides.
    """

    steps: int = 3000
    epoch_steps: int = 150
    batch: int = 32
    size: int = 96
    learning_rate: float = 2e-3
    weight_decay: float = 1e-2
    warmup_steps: int = 200
    cosine_steps: int = 4500
    cooldown_steps: int = 1050
    average_over: float = 0.998
    cross_entropy_weight: float = 3.0
    seed: int = 1
    bf16: bool = True


@dataclass(frozen=True, eq=False)
class Samples:
    """What is learnt from: crops uint8 (n, h, w), labels float 0..1 (n, h, w), spacing (n,), weight of each (n,)."""

    images: NDArray[np.uint8]
    labels: NDArray[np.float32]
    spacing_mm: NDArray[np.float64]
    weights: NDArray[np.float64]

    def draw(self, count: int, size: int, random: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw augmented network input (count, 2, size, size) and labels (count, 1, size, size)."""
        chosen = torch.multinomial(torch.from_numpy(self.weights), count, replacement=True, generator=random).numpy()
        images = torch.from_numpy(self.images[chosen]).float().unsqueeze(1) / 255.0
        labels = torch.from_numpy(self.labels[chosen]).float().unsqueeze(1)
        spacing = torch.from_numpy(self.spacing_mm[chosen]).float()
        image, label, spacing = augment(images, labels, spacing, size, random)
        return with_spacing(image, spacing), label


def loss(logits: Tensor, labels: Tensor, cross_entropy_weight: float) -> Tensor:
    """Cross-entropy plus one minus the soft Dice of the whole batch: a window without a nodule then still teaches."""
    chance = torch.sigmoid(logits)
    overlap = (2.0 * (chance * labels).sum() + 1.0) / ((chance**2).sum() + (labels**2).sum() + 1.0)
    return cross_entropy_weight * binary_cross_entropy_with_logits(logits, labels) + 1.0 - overlap


class Fit:
    """A net being trained: its state, its averaged twin, and how it is saved and resumed."""

    def __init__(self, net: nn.Module, plan: Plan) -> None:
        self.net = net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.plan, self.step, self.history = plan, 0, list[float]()
        self.average = {name: value.detach().clone() for name, value in net.state_dict().items()}
        self._optimiser = torch.optim.AdamW(net.parameters(), plan.learning_rate, weight_decay=plan.weight_decay)

    def run(self, samples: Samples, out: Path, job: Job) -> list[float]:
        """Train to the end of the plan, saving into ``out`` every epoch; return the mean loss of each epoch."""
        self._resume(out / CHECKPOINT)
        self.net.train()
        losses: list[float] = []
        while self.step < self.plan.steps:
            losses.append(self._one(samples))
            self.step += 1
            job.step(self.step / self.plan.steps, _("Training, loss {loss:.3f}").format(loss=losses[-1]))
            if self.step % self.plan.epoch_steps == 0 or self.step == self.plan.steps:
                self.history.append(float(np.mean(losses)))
                losses.clear()
                self._save(out / CHECKPOINT)
        return self.history

    def _one(self, samples: Samples) -> float:
        # Seeded by the step, so that a resumed run draws what an unbroken one would have drawn.
        random = torch.Generator().manual_seed(self.plan.seed * 1_000_003 + self.step)
        inputs, labels = samples.draw(self.plan.batch, self.plan.size, random)
        for group in self._optimiser.param_groups:
            group["lr"] = self.plan.learning_rate * _pace(self.step, self.plan)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.plan.bf16):
            logits = self.net(inputs)
        value = loss(logits.float(), labels, self.plan.cross_entropy_weight)
        self._optimiser.zero_grad(set_to_none=True)
        value.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self._optimiser.step()
        self._follow()
        return float(value.detach())

    def _follow(self) -> None:
        keep = min(self.plan.average_over, (1.0 + self.step) / (10.0 + self.step))
        for name, value in self.net.state_dict().items():
            if value.is_floating_point():
                self.average[name].lerp_(value, 1.0 - keep)
            else:
                self.average[name].copy_(value)

    def _save(self, file: Path) -> None:
        tensors = {f"net.{name}": value for name, value in self.net.state_dict().items()}
        tensors |= {f"average.{name}": value for name, value in self.average.items()}
        for number, state in self._optimiser.state_dict()["state"].items():
            tensors |= {f"adam.{number}.{name}": value for name, value in state.items()}
        tensors = {name: value.detach().contiguous().clone() for name, value in tensors.items()}
        with whole(file) as draft:
            save_file(tensors, draft, {"step": str(self.step), "history": json.dumps(self.history)})

    def _resume(self, file: Path) -> None:
        if not file.is_file():
            return
        adam: dict[int, dict[str, Tensor]] = {}
        net: dict[str, Tensor] = {}
        with safe_open(file, "pt") as saved:
            self.step = int(saved.metadata()["step"])
            self.history = json.loads(saved.metadata()["history"])
            for key in saved.keys():  # noqa: SIM118 - safe_open is no dict
                kind, name = key.split(".", 1)
                if kind == "adam":
                    number, field = name.split(".")
                    adam.setdefault(int(number), {})[field] = saved.get_tensor(key)
                else:
                    (net if kind == "net" else self.average)[name] = saved.get_tensor(key)
        self.net.load_state_dict(net)
        self._optimiser.load_state_dict(self._optimiser.state_dict() | {"state": adam})


def _pace(step: int, plan: Plan) -> float:
    """Share of the full learning rate at ``step``."""
    if step < plan.warmup_steps:
        return (step + 1) / plan.warmup_steps
    done = min(1.0, (step - plan.warmup_steps) / max(plan.cosine_steps - plan.warmup_steps, 1))
    left = min(1.0, (plan.steps - step) / max(plan.cooldown_steps, 1))
    return 0.5 * (1.0 + math.cos(math.pi * done)) * left
