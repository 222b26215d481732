"""The recipe of ``nodule-detection``: a U-Net that marks nodules anywhere, judged together with the reduction net."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from medviewer import paths
from medviewer.ai import bundle as bundles
from medviewer.ai.bundle import Bundle
from medviewer.ai.calibrate import Band, bands
from medviewer.ai.loaded import Loaded, net_of
from medviewer.ai.nets.unet import NET
from medviewer.ai.nodules.first_look import SEEN
from medviewer.ai.nodules.looking import REACH_MM
from medviewer.ai.nodules.reducing import ALL_VIEWS, chance, from_crop, logits, temperature
from medviewer.ai.nodules.scoring import NAMES, combined, logit
from medviewer.ai.prepare import stacked
from medviewer.core.job import Job
from medviewer.i18n import _
from medviewer.train import Recipe
from medviewer.train.augment import Change
from medviewer.train.crops import CHEST_CT, LIDC, LIDC_WEIGHTS, Crops, load, soft_labels, summary
from medviewer.train.fields import WANTED_MM, WANTED_READERS, Fields, at_threshold, curve, detect, threshold_for
from medviewer.train.fit import CHECKPOINT, Fit, Plan
from medviewer.train.marking import Marking, detection_loss
from medviewer.train.publish import averaged, drawn_stacks, publish, write_card
from medviewer.train.scan_truth import cases
from medviewer.train.scans import judge_scans
from medviewer.train.stacks import Stacks

ID, VERSION = "nodule-detection", "1.0.0"
OPTIONS = {"channels": 5, "widths": [16, 32, 64, 128, 160]}
PLAN = Plan(steps=8000, batch=24, learning_rate=2e-3, average_over=0.999)
CHANGE = Change(size=80, shift=0.5, zoom=1.3, roaming=0.35, roam=0.85)
PATCH = 128
PARTS = {"outline": "nodule-segmentation", "reduce": "nodule-reducer", "describe": "nodule-characterisation"}
REDUCTION_WEIGHTS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
FALSE_POSITIVES_PER_FIELD = 0.3  # the score threshold is the lowest one with no more than this on the val split
SCANS, SEEDS = "scans", range(1, 7)
CURVE = tuple(round(0.05 * n, 2) for n in range(1, 20))
DESCRIPTION: dict[str, Any] = {
    "id": ID,
    "version": VERSION,
    "title": "Lung nodule reader",
    "task": "nodules",
    "net": NET.id,
    "options": OPTIONS,
    "input": {
        **CHEST_CT,
        "pixel_mm": [0.45, 1.0],
        "slice_mm": [0.45, 5.0],
        "window": "minimum to maximum of 128 x 128 pixels of each native slice, in 256 steps; three slices",
        "patch": [PATCH, PATCH],
        "gap_mm": 1.0,
        "field_mm": [230, 500],
        "min_slices": 20,
        "min_extent_mm": 150,
        "age_years": [18, 120],
        "kernels": ["soft", "lung", "bone"],
        "contrast": ["with", "without"],
        "image_types": ["original", "derived"],
        "lossless": True,
        "patients_only": True,
        "refuse": ["age_years"],
    },
    "parts": PARTS,
    "use": {
        "intended": "Pointing a radiologist to possible lung nodules on chest CT, with an outline to correct.",
        "not_for": "Ruling nodules out, screening without a reader, any picture but axial CT of the chest.",
        "licence": LIDC_WEIGHTS,
        "references": [LIDC],
    },
}


def train(data: Path, out: Path, job: Job, *, plan: Plan = PLAN) -> Path:
    """Train on split ``train`` of ``data``, choose what is to be chosen on ``val``, write the bundle into ``out`` / id.

    Its parts are the bundles in ``out``, else those installed.
    """
    out.mkdir(parents=True, exist_ok=True)
    lesson = Marking.of(load(data, ("train",), job.part(0.0, 0.02)), CHANGE, detection_loss, reach_mm=REACH_MM)
    torch.manual_seed(plan.seed)
    Fit(NET.make(OPTIONS), plan).run(lesson, out, job.part(0.02, 0.9))
    return finish(data, out, job.part(0.9, 1.0))


def finish(data: Path, out: Path, job: Job) -> Path:
    """Make the bundle from the checkpoint in ``out``: score, threshold and calibration on ``val``, metrics, card."""
    net = averaged(NET.make(OPTIONS), out / CHECKPOINT)
    crops = load(data, ("val",), job.part(0.0, 0.2))
    job.step(0.2, _("Choosing thresholds"))
    alone = detect(chances_of(Loaded(net), crops), crops, soft_labels(crops), SEEN)
    also = reductions(_part(out, PARTS["reduce"]), alone, crops)
    weighed = _weights(alone, also)
    fields = alone.scored(combined({"score": weighed}, alone.scores()[0], also))
    output = _output(fields) | {"score": weighed}
    bundle = publish(out / ID, {**DESCRIPTION, "output": output}, net.state_dict(), "", drawn_stacks(PATCH))
    write_card(bundle, judge(bundle, crops, alone, fields, "val"))
    job.step(1.0)
    return bundle.folder


def _part(out: Path, name: str) -> Bundle:
    """The bundle of a part, made beside this one, else the installed one."""
    return bundles.load(out / name if (out / name).is_dir() else paths.models() / name)


def chances_of(net: Loaded, crops: Crops, batch: int = 16) -> NDArray[np.float16]:
    """Return the chance of each pixel of each crop (n, h, w)."""
    stacks, spacing_mm = Stacks.of(crops, REACH_MM, fill=False), crops.numbers("pixel_spacing")
    found = np.empty(crops.images.shape, np.float16)
    for start in range(0, len(crops), batch):
        rows = np.arange(start, min(start + batch, len(crops)))
        stack, _there = stacks.whole(rows)
        spacing, step = (torch.from_numpy(v[rows]).float() for v in (spacing_mm, stacks.step_mm))
        found[rows] = net.chances(stacked(stack, spacing, step))
    return found


def reductions(part: Bundle, fields: Fields, crops: Crops) -> NDArray[np.float32]:
    """Return what the reduction net thinks of everything found in fields, (n,) 0 to 1."""
    crop = np.array([found.crop for found in fields.found], np.int64)
    rows, columns = (np.rint([getattr(found, name) for found in fields.found]) for name in ("row", "column"))
    inputs = from_crop(crops.images[crop], rows, columns)
    return chance(logits(Loaded(net_of(part)), inputs, ALL_VIEWS, Job()), temperature(part))


def _weights(alone: Fields, also: NDArray[np.float32]) -> dict[str, float]:
    """Return the logistic regression that makes one score of both nets' answers.

    A field's false positives lie beside nodules, where the reduction net adds nothing; in a scan nearly all lie
    elsewhere. So it gets as much weight as it can have without missing more in fields, and the rest is fitted.
    """
    scores = alone.scores()[0]
    tried = [_fitted(alone, also, weight) for weight in REDUCTION_WEIGHTS]

    def sensitivity(weights: dict[str, float]) -> float:
        fields = alone.scored(combined({"score": weights}, scores, also))
        report = at_threshold(fields, threshold_for(fields, FALSE_POSITIVES_PER_FIELD))
        return float(report[f"sensitivity_{WANTED_READERS}_or_more_readers"]["mean"] or 0.0)

    alike = [weights for weights in tried if sensitivity(weights) >= sensitivity(tried[0])]
    return alike[-1]


def _fitted(alone: Fields, also: NDArray[np.float32], reducing: float) -> dict[str, float]:
    """Fit bias and detection weight for a given weight of the reduction net."""
    from scipy.optimize import minimize

    scores, truths = alone.scores()
    own, shift = logit(scores), reducing * logit(also)
    signs = np.where(truths, 1.0, -1.0)

    def loss(weights: NDArray[np.float64]) -> float:
        return float(np.logaddexp(0.0, -signs * (weights[0] + weights[1] * own + shift)).mean())

    bias, detecting = minimize(loss, np.array([0.0, 0.5]), method="L-BFGS-B").x
    return dict(zip(NAMES, (round(float(bias), 4), round(float(detecting), 4), reducing), strict=True))


def _output(fields: Fields) -> dict[str, Any]:
    """Choose the threshold by false positives; measure the score's bands and what other thresholds would give."""
    threshold = threshold_for(fields, FALSE_POSITIVES_PER_FIELD)
    patients = len(set(fields.patients.tolist()))
    return {
        "label": "Nodule",
        "code": ["SCT", "27925004", "Nodule"],
        "threshold": threshold,
        "mask_threshold": SEEN,
        "measured_of": f"nodules of {WANTED_MM:g} mm and more that {WANTED_READERS} or more readers drew",
        "measured_on": f"LIDC-IDRI, val split, {patients} patients, crops as fields",
        "trained_diameter_mm": [3.0, 30.0],
        "calibration": [_row(band) for band in _bands(fields, threshold)],
        "operating_points": [_point(row) for row in curve(fields, CURVE)],
    }


def _point(row: dict[str, Any]) -> dict[str, Any]:
    hit, false = row[f"sensitivity_{WANTED_READERS}_or_more_readers_6_mm"], row["false_positives_per_field"]
    names = {"": "mean", "_low": "low", "_high": "high"}
    return {
        "threshold": row["threshold"],
        **{f"sensitivity{end}": hit[name] for end, name in names.items()},
        **{f"false_positives{end}": false[name] for end, name in names.items()},
        "per": "field",
    }


def _bands(fields: Fields, threshold: float) -> tuple[Band, ...]:
    scores, truths = fields.scores()
    kept = scores >= threshold
    return bands(scores[kept], truths[kept]) if kept.any() else ()


def _row(band: Band) -> dict[str, Any]:
    return {"score_from": band.score_from, "wording": band.wording, "ppv": band.ppv, "count": band.count}


def evaluate(folder: Path, data: Path, split: str, job: Job) -> dict[str, Any]:
    """Judge the bundle in ``folder`` on a split of ``data``; JSON-ready.

    Split "scans" are the whole scans of known truth beside the crops, and virtual chests.
    """
    bundle = bundles.load(folder)
    if split == SCANS:
        return judge_scans(bundle, cases(data, SEEDS, job.part(0.0, 0.05)), job.part(0.05, 1.0))
    crops = load(data, (split,), job.part(0.0, 0.3))
    job.step(0.3, _("Reading the crops"))
    alone = detect(chances_of(Loaded(net_of(bundle)), crops), crops, soft_labels(crops), bundle.mask_threshold)
    job.step(0.8, _("Measuring"))
    also = reductions(bundle.parts["reduce"], alone, crops)
    fields = alone.scored(combined(bundle.output, alone.scores()[0], also))
    return judge(bundle, crops, alone, fields, split)


def judge(bundle: Bundle, crops: Crops, alone: Fields, fields: Fields, split: str) -> dict[str, Any]:
    """Return all metrics of what was found in fields, beside those of the detection net ``alone``."""
    falses = float(at_threshold(fields, bundle.threshold)["false_positives_per_field"]["mean"] or 0.0)
    return {
        "model": {"id": bundle.id, "version": bundle.version, "sha256": bundle.sha256},
        "split": summary(crops, split),
        "fields": {"threshold": bundle.threshold, **at_threshold(fields, bundle.threshold)},
        "without_the_reduction_net_at_as_many_false_positives": at_threshold(alone, threshold_for(alone, falses)),
        "free_response": curve(fields, CURVE),
        "calibration": [_row(band) for band in _bands(fields, bundle.threshold)],
    }


RECIPE = Recipe(ID, train, evaluate)
