"""The recipe of ``nodule-characterisation``: what readers would say of a nodule, and how that is judged."""

import hashlib
import math
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from medviewer.ai import bundle as bundles
from medviewer.ai.bundle import Bundle
from medviewer.ai.loaded import Loaded, net_of
from medviewer.ai.nets.describer import NET
from medviewer.ai.nodules.describing import WINDOW, by_size, described, largest, logits_of, parts, shares_of
from medviewer.core.characters import SCALES
from medviewer.core.job import Job
from medviewer.i18n import _
from medviewer.train import Recipe
from medviewer.train import judge_characters as judge
from medviewer.train.characters import Describing, Nodules
from medviewer.train.crops import CHEST_CT, LIDC, LIDC_WEIGHTS, load, summary
from medviewer.train.fit import CHECKPOINT, Fit, Plan
from medviewer.train.judge_characters import Described
from medviewer.train.publish import averaged, publish, write_card

ID, VERSION = "nodule-characterisation", "1.0.0"
OPTIONS = {
    "pictures": 5, "mask": 3, "values": 4, "widths": [16, 32, 64, 128], "hidden": 96, "drop": 0.3,
    "outputs": sum(scale.steps for scale in SCALES),
}  # fmt: skip
PLAN = Plan(
    steps=3000, batch=32, learning_rate=2e-3, epoch_steps=100, weight_decay=2e-2, warmup_steps=100, average_over=0.998
)
COVERED = 0.9  # of readers' ratings, by the conformal sets
BATCH = 64
SIZE_POWERS = 3
DESCRIPTION: dict[str, Any] = {
    "id": ID,
    "version": VERSION,
    "title": "Lung nodule descriptions",
    "task": "nodule-description",
    "part_of": "nodule-detection",
    "net": NET.id,
    "options": OPTIONS,
    "input": {
        **CHEST_CT,
        "pixel_mm": [0.45, 1.0],
        "slice_mm": [0.5, 5.0],
        "window": "minimum to maximum of each window of the native slice, in 256 steps",
        "patch": [WINDOW, WINDOW],
    },
    "use": {
        "intended": "Suggesting how readers would describe an outlined lung nodule, for a radiologist to correct.",
        "not_for": "Telling whether a nodule is cancer, deciding on biopsy or follow-up, anything but axial chest CT.",
        "licence": LIDC_WEIGHTS,
        "references": [LIDC],
    },
}


def train(data: Path, out: Path, job: Job, *, plan: Plan = PLAN) -> Path:
    """Train on split ``train`` of ``data``, calibrate on half of ``val``, write the bundle into ``out`` / id."""
    out.mkdir(parents=True, exist_ok=True)
    nodules = Nodules.of(load(data, ("train",), job.part(0.0, 0.02)))
    torch.manual_seed(plan.seed)
    Fit(NET.make(OPTIONS), plan).run(Describing.of(nodules), out, job.part(0.02, 0.95))
    return finish(nodules, data, out, job.part(0.95, 1.0))


def finish(nodules: Nodules, data: Path, out: Path, job: Job) -> Path:
    """Make the bundle from the checkpoint in ``out``: baseline and ranges of train, calibration on half of val."""
    net = averaged(NET.make(OPTIONS), out / CHECKPOINT)
    held = Nodules.of(load(data, ("val",), job.part(0.0, 0.3)))
    rows, logits = nodule_logits(Loaded(net), held, job.part(0.3, 0.9))
    half = _calibrates([held.crops.rows[row]["pid"] for row in rows])
    counts = [held.ratings.steps(n)[rows][half] for n in range(len(SCALES))]
    temperatures = [_temperature(logits[half][:, part], each) for part, each in zip(parts(), counts, strict=True)]
    shares = shares_of(logits[half], temperatures)
    output = {
        "scales": [scale.id for scale in SCALES],
        "temperatures": temperatures,
        "set_covers": COVERED,
        "set_least": [_least(one, each) for one, each in zip(shares, counts, strict=True)],
        **_of_training(nodules),
    }
    folder = out / ID
    bundle = publish(
        folder, {**DESCRIPTION, "output": output}, net.state_dict(), f"# {DESCRIPTION['title']}\n", example()
    )
    write_card(bundle, evaluate(folder, data, "val", Job()))
    job.step(1.0)
    return bundle.folder


def example() -> Tensor:
    """Draw a solid and a ground-glass ball as network input (2, 9, 64, 64): no patient's picture."""
    noise = np.random.default_rng(7).normal(0.0, 0.01, (2, 3, WINDOW, WINDOW))
    row, column = np.mgrid[:WINDOW, :WINDOW] - (WINDOW - 1) / 2.0
    ball = (np.hypot(row, column) < 8.0).astype(np.float64)
    images = np.stack([0.1 + level * ball for level in (0.55, 0.25)])[:, None] + noise
    masks = torch.from_numpy(np.stack([ball, ball])[:, None]).float()
    mm = torch.full((2,), 0.7)
    sizes = torch.full((2, 2), 11.2)
    return described(torch.from_numpy(images).float().clamp(0.0, 1.0), masks, mm, torch.full((2,), 1.25), sizes)


def nodule_logits(net: Loaded, nodules: Nodules, job: Job) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the table's rows of all nodules somebody outlined, and the net's mean logits of each, (n, all steps)."""
    own = nodules.crops.nodule
    chosen = {nodule: np.flatnonzero(own == nodule) for nodule in np.unique(own) if nodules.sizes[nodule] is not None}
    chosen = {nodule: rows[largest(nodules.area[rows])] for nodule, rows in chosen.items()}
    rows = np.concatenate(list(chosen.values()))
    answers = []
    for start in range(0, len(rows), BATCH):
        job.step(start / len(rows), _("Describing"))
        answers.append(logits_of(net, nodules.plain(rows[start : start + BATCH])).numpy())
    weights = nodules.area[rows].astype(np.float64)
    place = np.searchsorted(np.array(list(chosen)), own[rows])
    total = np.zeros((len(chosen), answers[0].shape[1]))
    np.add.at(total, place, np.concatenate(answers) * weights[:, None])
    return np.array(list(chosen)), total / np.bincount(place, weights)[:, None]


def _of_training(nodules: Nodules) -> dict[str, Any]:
    """What is told of the training nodules: the opinion by size alone, mean of each scale, the middle 98 % of sizes."""
    known = np.array([row for row, sizes in enumerate(nodules.sizes) if sizes is not None])
    long_mm = np.array([sizes.long_axis_mm for sizes in nodules.sizes if sizes is not None])
    means = [judge.means(nodules.ratings.steps(n)[known]) for n in range(len(SCALES))]
    opinion = means[-1]
    rated = ~np.isnan(opinion)
    powers = np.polynomial.polynomial.polyfit(np.log(long_mm[rated]), opinion[rated], SIZE_POWERS)
    first = {nodule: crop for crop, nodule in reversed(list(enumerate(nodules.crops.nodule.tolist())))}
    crops = np.array([first[row] for row in known.tolist()])
    measured = {
        "long_axis_mm": long_mm,
        "pixel_mm": nodules.crops.numbers("pixel_spacing")[crops],
        "slice_step_mm": nodules.stacks.step_mm[crops],
    }
    return {
        "by_size": [round(float(power), 5) for power in powers],
        "train_means": [round(float(np.nanmean(mean)), 3) for mean in means],
        "range": [_range(name, values) for name, values in measured.items()],
    }


def _range(name: str, values: NDArray[np.float64]) -> dict[str, Any]:
    low, middle, high = (round(float(value), 2) for value in np.percentile(values, [1, 50, 99]))
    return {"name": name, "low": low, "middle": middle, "high": high}


def _calibrates(patients: list[str]) -> NDArray[np.bool_]:
    """Return which patients calibrate, about half: the same ones in any folder, on any machine."""
    return np.array([hashlib.sha256(name.encode()).digest()[0] % 2 == 0 for name in patients], dtype=np.bool_)


def _temperature(logits: NDArray[np.float64], counts: NDArray[np.float64]) -> float:
    """Return what logits (n, steps) are divided by so that the ratings (n, steps) are the likeliest (Guo 2017)."""
    from scipy.optimize import minimize_scalar
    from scipy.special import log_softmax

    found = minimize_scalar(
        lambda log: -float((counts * log_softmax(logits / math.exp(log), axis=1)).sum()),
        bounds=(-1.0, 1.5),
        method="bounded",
    )
    return round(math.exp(float(found.x)), 4)


def _least(shares: NDArray[np.float64], counts: NDArray[np.float64]) -> float:
    """Return the least share a step needs to be in the set, so that COVERED of ratings are (split conformal).

    Vovk 2005; sets of least size, Sadinle 2019, doi:10.1080/01621459.2017.1395341.
    """
    given = np.sort(np.repeat(shares.ravel(), counts.ravel().astype(int)))
    place = math.floor((1.0 - COVERED) * (len(given) + 1)) - 1
    return math.floor(float(given[place]) * 1e5) / 1e5 if place >= 0 else 0.0


def evaluate(folder: Path, data: Path, split: str, job: Job) -> dict[str, Any]:
    """Judge the bundle in ``folder`` on a split of ``data``; JSON-ready.

    Calibration and sets of ``val`` are judged on the patients that did not calibrate.
    """
    bundle = bundles.load(folder)
    nodules = Nodules.of(load(data, (split,), job.part(0.0, 0.3)))
    rows, logits = nodule_logits(Loaded(net_of(bundle)), nodules, job.part(0.3, 0.9))
    job.step(0.9, _("Measuring"))
    found = described_nodules(bundle, nodules, rows, logits)
    fresh = found.only(~_calibrates(found.patients.tolist())) if split == "val" else found
    return {
        "model": {"id": bundle.id, "version": bundle.version, "sha256": bundle.sha256},
        "split": summary(nodules.crops, split) | {"described": len(rows)},
        "malignancy_auc": {
            "three_or_more_readers": judge.classic(found, 3),
            "any_readers": judge.classic(found, 1),
        },
        "diagnosis_auc": judge.diagnosed(found),
        "mean_error_steps": judge.agreement(found, bundle.output["train_means"]),
        "signs_auc": judge.signs(found),
        "type": judge.types(found),
        "fresh_patients": len(set(fresh.patients)),
        "calibration_error": judge.calibration(fresh),
        "spiculation_words": judge.words(fresh),
        "sets": judge.coverage(fresh, bundle.output["set_least"]),
    }


def described_nodules(
    bundle: Bundle, nodules: Nodules, rows: NDArray[np.int64], logits: NDArray[np.float64]
) -> Described:
    """Put beside each other what readers and the bundle's net say of the nodules ``rows`` of the table."""

    def column(name: str) -> NDArray[np.float64]:
        return np.array([float(nodules.crops.rows[row].get(name) or "nan") for row in rows])

    long_mm = np.array([sizes.long_axis_mm for row in rows if (sizes := nodules.sizes[row]) is not None])
    return Described(
        patients=np.array([nodules.crops.rows[row]["pid"] for row in rows]),
        counts=tuple(nodules.ratings.steps(n)[rows] for n in range(len(SCALES))),
        shares=tuple(shares_of(logits, bundle.output["temperatures"])),
        raw_shares=tuple(shares_of(logits, [1.0] * len(SCALES))),
        size=column("diam_mm"),
        by_size=by_size(bundle.output["by_size"], long_mm),
        median=column("mal_median"),
        diagnosis=np.nan_to_num(column("diagnosis")).astype(np.int64),
    )


RECIPE = Recipe(ID, train, evaluate)
