"""The training loop of the small nets: averaged weights, a checkpoint without pickle, the same run after a stop."""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.core.whole import whole
from medviewer.i18n import _

CHECKPOINT = "checkpoint.safetensors"


@dataclass(frozen=True)
class Plan:
    """Everything that decides a training run beside the lesson; ``epoch_steps`` is how often the state is saved.

    The learning rate rises for ``warmup_steps`` and goes down to nothing along half a cosine.
    """

    steps: int
    batch: int
    learning_rate: float
    epoch_steps: int = 200
    weight_decay: float = 1e-2
    warmup_steps: int = 200
    average_over: float = 0.998
    seed: int = 1
    bf16: bool = True


class Lesson(Protocol):
    """What is learnt: where input and truth come from, and how far an answer is from the truth."""

    def draw(self, count: int, random: torch.Generator) -> tuple[Tensor, Any]:
        """Draw network input (count, ...) and its truth."""

    def loss(self, outputs: Any, truth: Any) -> Tensor:
        """Return one number, the smaller the better; the outputs are float32."""


class Fit:
    """A net being trained: its state, its averaged twin, and how it is saved and resumed."""

    def __init__(self, net: nn.Module, plan: Plan) -> None:
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.net = net.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.plan, self.step, self.history = plan, 0, list[float]()
        self.average = {name: value.detach().clone() for name, value in net.state_dict().items()}
        self._optimiser = torch.optim.AdamW(net.parameters(), plan.learning_rate, weight_decay=plan.weight_decay)

    def run(self, lesson: Lesson, out: Path, job: Job) -> list[float]:
        """Train to the end of the plan, saving into ``out`` every epoch; return the mean loss of each epoch.

        Problem where the checkpoint in ``out`` is of another plan or another net.
        """
        self._resume(out / CHECKPOINT)
        self.net.train()
        losses: list[float] = []
        while self.step < self.plan.steps:
            losses.append(self._one(lesson))
            self.step += 1
            job.step(self.step / self.plan.steps, _("Training, loss {loss:.3f}").format(loss=losses[-1]))
            if self.step % self.plan.epoch_steps == 0 or self.step == self.plan.steps:
                self.history.append(float(np.mean(losses)))
                losses.clear()
                self._save(out / CHECKPOINT)
        return self.history

    def _one(self, lesson: Lesson) -> float:
        # Seeded by the step, so that a resumed run draws what an unbroken one would have drawn.
        random = torch.Generator().manual_seed(self.plan.seed * 1_000_003 + self.step)
        inputs, truth = lesson.draw(self.plan.batch, random)
        for group in self._optimiser.param_groups:
            group["lr"] = self.plan.learning_rate * pace(self.step, self.plan)
        with torch.autocast(self.device, torch.bfloat16, enabled=self.plan.bf16):
            outputs = self.net(inputs.to(self.device, memory_format=torch.channels_last))
        value = lesson.loss(outputs.float(), truth.to(self.device))
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
        tensors = {name: value.detach().cpu().contiguous().clone() for name, value in tensors.items()}
        notes = {"step": str(self.step), "history": json.dumps(self.history), "plan": repr(self.plan)}
        with whole(file) as draft:
            save_file(tensors, draft, notes)

    def _resume(self, file: Path) -> None:
        if not file.is_file():
            return
        adam: dict[int, dict[str, Tensor]] = {}
        net: dict[str, Tensor] = {}
        with safe_open(file, "pt") as saved:
            notes = saved.metadata()
            if notes.get("plan") != repr(self.plan):
                raise Problem(
                    _("The checkpoint in {folder} belongs to another training run.").format(folder=file.parent),
                    _("Choose an empty folder, or delete the checkpoint to start anew."),
                )
            self.step, self.history = int(notes["step"]), json.loads(notes["history"])
            for key in saved.keys():  # noqa: SIM118 - safe_open is no dict
                kind, name = key.split(".", 1)
                if kind == "adam":
                    number, field = name.split(".")
                    adam.setdefault(int(number), {})[field] = saved.get_tensor(key)
                else:
                    (net if kind == "net" else self.average)[name] = saved.get_tensor(key).to(self.device)
        self.net.load_state_dict(net)
        self._optimiser.load_state_dict(self._optimiser.state_dict() | {"state": adam})


def pace(step: int, plan: Plan) -> float:
    """Share of the full learning rate at ``step``."""
    if step < plan.warmup_steps:
        return (step + 1) / plan.warmup_steps
    done = (step - plan.warmup_steps) / max(plan.steps - plan.warmup_steps, 1)
    return 0.5 * (1.0 + math.cos(math.pi * min(done, 1.0)))
