"""The recipe of ``nodule-reducer``: a small network that tells nodules from other candidates, and how it is judged."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from medviewer.ai import bundle as bundles
from medviewer.ai.bundle import Bundle
from medviewer.ai.calibrate import bands
from medviewer.ai.loaded import Loaded, net_of
from medviewer.ai.nets.patch_resnet import NET
from medviewer.ai.nodules.reducing import ALL_VIEWS, SIZE, chance, logits, own_range, scaled, temperature, turned
from medviewer.core.job import Job
from medviewer.i18n import _
from medviewer.train import Recipe
from medviewer.train.augment import Change, moved, recoloured
from medviewer.train.crops import CHEST_CT, LIDC
from medviewer.train.fit import CHECKPOINT, Fit, Plan
from medviewer.train.judge_patches import areas, best_temperature, contrast, sensitivities
from medviewer.train.patches import Patches, of_split, read
from medviewer.train.publish import averaged, example, publish, write_card

ID, VERSION = "nodule-reducer", "1.0.0"
OPTIONS = {"channels": 1, "widths": [16, 32, 64, 96], "blocks": [1, 1, 1], "dropout": 0.2}
PLAN = Plan(steps=800, batch=64, learning_rate=2e-3, epoch_steps=50, weight_decay=2e-2)
CHANGE = Change(size=SIZE, shift=0.08, zoom=1.2)
NODULES = 0.35  # share of patches drawn that hold one
MOVED = 0.5  # share that is shifted and turned between pixels; the others are seen in one of eight views
OTHER_GREYS = 0.5  # share whose grey range is unknown, as in crops without Hounsfield units
SMOOTHING = 0.01  # LUNA16's reference has errors of its own
LUNA = "Setio AAA et al. LUNA16, Med Image Anal 2017, doi:10.1016/j.media.2017.06.015, CC BY 4.0"
DESCRIPTION: dict[str, Any] = {
    "id": ID,
    "version": VERSION,
    "title": "Nodule candidate network",
    "task": "nodule-reduction",
    "part_of": "nodule-detection",
    "net": NET.id,
    "options": OPTIONS,
    "input": {
        **CHEST_CT,
        "pixel_mm": [0.46, 0.98],
        "slice_mm": [0.6, 2.5],
        "window": "-1000 to 400 HU of the native slice",
        "patch": [SIZE, SIZE],
    },
    "use": {
        "intended": "Telling lung nodules from vessels and other candidates of a detection network on chest CT.",
        "not_for": "Finding nodules by itself, ruling them out, benign or malignant.",
        "licence": "Apache-2.0 (weights); trained on LUNA16, CC BY 4.0, derived from LIDC-IDRI, CC BY 3.0",
        "references": [LUNA, LIDC],
    },
}


@dataclass(frozen=True, eq=False)
class Telling:
    """Draws patches with and without a nodule, and judges logits."""

    patches: Patches

    def draw(self, count: int, random: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw input (count, 1, 50, 50) and truth (count, 1), 0 or 1."""
        held = round(NODULES * count)
        rows = np.concatenate([self._some(True, held, random), self._some(False, count - held, random)])
        images = torch.from_numpy(self.patches.images[rows]).float().unsqueeze(1) / 255.0
        views = torch.randint(0, ALL_VIEWS, (count,), generator=random)
        seen = torch.stack([turned(images[n : n + 1], int(view))[0] for n, view in enumerate(views)])
        seen = torch.where(_share(count, MOVED, random), moved(images, CHANGE, random)[0], seen)
        other = _share(count, OTHER_GREYS, random)
        seen = torch.where(other, recoloured(seen, random), _jittered(seen, random))
        return seen, torch.from_numpy(self.patches.nodule[rows]).float().unsqueeze(1)

    def _some(self, nodule: bool, count: int, random: torch.Generator) -> NDArray[np.int64]:
        rows = np.flatnonzero(self.patches.nodule == nodule)
        picked: NDArray[np.int64] = rows[torch.randint(0, len(rows), (count,), generator=random).numpy()]
        return picked

    def loss(self, outputs: Tensor, truth: Tensor) -> Tensor:
        """Cross-entropy, with a little doubt about the reference."""
        return binary_cross_entropy_with_logits(outputs, truth * (1.0 - 2.0 * SMOOTHING) + SMOOTHING)


def _share(count: int, share: float, random: torch.Generator) -> Tensor:
    return torch.rand(count, 1, 1, 1, generator=random) < share


def _jittered(images: Tensor, random: torch.Generator) -> Tensor:
    """Change Hounsfield units by what scanners differ: some tens, and noise of about 14."""
    gain, offset = torch.rand(2, len(images), 1, 1, 1, generator=random) - 0.5
    changed: Tensor = images * (1.0 + 0.06 * gain) + 0.06 * offset
    return changed + 0.01 * torch.randn(images.shape, generator=random)


def train(data: Path, out: Path, job: Job, *, plan: Plan = PLAN) -> Path:
    """Train on split ``train`` of ``data``, calibrate on ``val``, write the bundle into ``out`` / id."""
    out.mkdir(parents=True, exist_ok=True)
    lesson = Telling(of_split(read(data), "train"))
    torch.manual_seed(plan.seed)
    Fit(NET.make(OPTIONS), plan).run(lesson, out, job.part(0.0, 0.95))
    return finish(data, out, job.part(0.95, 1.0))


def finish(data: Path, out: Path, job: Job) -> Path:
    """Make the bundle from the checkpoint in ``out``: temperature and bands from ``val``, its metrics in the card."""
    net = averaged(NET.make(OPTIONS), out / CHECKPOINT)
    patches = of_split(read(data), "val")
    seen = logits(Loaded(net), _inputs(patches), ALL_VIEWS, job.part(0.0, 0.4))
    divided_by = round(best_temperature(seen.astype(np.float64), patches.nodule), 3)
    measured = bands(chance(seen, divided_by), patches.nodule)
    output = {"temperature": divided_by, "calibration": [vars(band) for band in measured]}
    bundle = publish(out / ID, {**DESCRIPTION, "output": output}, net.state_dict(), "", scaled(example(SIZE)))
    write_card(bundle, judge(bundle, patches, "val", job.part(0.4, 1.0)))
    job.step(1.0)
    return bundle.folder


def evaluate(folder: Path, data: Path, split: str, job: Job) -> dict[str, Any]:
    """Judge the bundle in ``folder`` on a split of ``data``: train, val, test or reserved; JSON-ready."""
    return judge(bundles.load(folder), of_split(read(data), split), split, job)


def judge(bundle: Bundle, patches: Patches, split: str, job: Job) -> dict[str, Any]:
    """Return all metrics on patches: areas under the curve beside a baseline, sensitivities, calibration.

    ``own_range`` is what is left where patches carry no Hounsfield units, as crops of LIDC-IDRI.
    """
    net, inputs = Loaded(net_of(bundle)), _inputs(patches)
    views = logits(net, inputs, ALL_VIEWS, job.part(0.0, 0.4))
    one = logits(net, inputs, 1, job.part(0.4, 0.5))
    own = logits(net, own_range(inputs), ALL_VIEWS, job.part(0.5, 0.9))
    job.step(0.9, _("Measuring"))
    columns = np.stack([views, one, own, contrast(patches.images)], 1)
    names = ("network", "network_one_view", "network_own_range", "baseline_middle_minus_ring")
    chances = chance(views, temperature(bundle)).astype(np.float64)
    return {
        "model": {"id": bundle.id, "version": bundle.version, "sha256": bundle.sha256},
        "split": {
            "name": split,
            "patches": len(patches),
            "nodules": int(patches.nodule.sum()),
            "blocks": len(np.unique(patches.block)),
        },
        "auc": dict(zip(names, areas(columns, patches), strict=True)),
        "sensitivity": sensitivities(chances, patches),
        "brier": round(float(np.mean((chances - patches.nodule) ** 2)), 4),
        "cpm": _("not computable: the patches hold a part of LUNA16's candidates"),
    }


def _inputs(patches: Patches) -> Tensor:
    return torch.from_numpy(patches.images).float().unsqueeze(1) / 255.0


RECIPE = Recipe(ID, train, evaluate)
