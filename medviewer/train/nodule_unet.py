"""The recipe of ``nodule-unet``: a small U-Net on the LIDC-IDRI crops, and how it is judged."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from medviewer.ai import bundle as bundles
from medviewer.ai.bundle import Bundle
from medviewer.ai.calibrate import Band, bands
from medviewer.ai.loaded import Loaded, net_of
from medviewer.ai.nets.unet import NET
from medviewer.core.job import Job
from medviewer.i18n import _
from medviewer.train import Recipe
from medviewer.train.crops import Crops, load, soft_labels
from medviewer.train.evaluate import axis_errors, between_readers, central, interval, largest_slices, otsu, overlaps
from medviewer.train.fields import Fields, at_threshold, detect, threshold_for
from medviewer.train.fit import CHECKPOINT, Fit, Plan, Samples
from medviewer.train.publish import average_of, chances_of, publish

ID, VERSION = "nodule-unet", "1.0.0"
OPTIONS = {"channels": 2, "widths": [16, 32, 64, 128, 160]}
MASK_THRESHOLDS = (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5)
FALSE_POSITIVES_PER_FIELD = 0.25  # the score threshold is the lowest one with no more than this on the val split
LIDC = "Armato SG et al. LIDC-IDRI, TCIA 2015, doi:10.7937/K9/TCIA.2015.LO9QL9SX, CC BY 3.0; doi:10.1118/1.3528204"
DESCRIPTION: dict[str, Any] = {
    "id": ID,
    "version": VERSION,
    "title": "Lung nodule network",
    "task": "nodules",
    "net": NET.id,
    "options": OPTIONS,
    "input": {
        "modality": "CT",
        "body_parts": ["CHEST", "THORAX", "LUNG"],
        "orientation": "axial",
        "pixel_mm": [0.45, 1.0],
        "slice_mm": [0.5, 5.0],
        "window": "minimum to maximum of each window of the native slice, in 256 steps",
        "patch": [128, 128],
    },
    "use": {
        "intended": "Pointing a radiologist to possible lung nodules on chest CT, with an outline to correct.",
        "not_for": "Ruling nodules out, screening without a reader, any picture but axial CT of the chest.",
        "licence": "Apache-2.0 (weights); trained on LIDC-IDRI, CC BY 3.0",
        "references": [LIDC],
    },
}


def train(data: Path, out: Path, job: Job, *, plan: Plan | None = None) -> Path:
    """Train on split ``train`` of ``data``, choose thresholds on ``val``, write the bundle into ``out`` / id."""
    out.mkdir(parents=True, exist_ok=True)
    plan = plan or Plan()
    learnt = samples(load(data, ("train",), job.part(0.0, 0.02)))
    torch.manual_seed(plan.seed)
    Fit(NET.make(OPTIONS), plan).run(learnt, out, job.part(0.02, 0.9))
    return finish(data, out, job.part(0.9, 1.0))


def finish(data: Path, out: Path, job: Job) -> Path:
    """Make the bundle from the checkpoint in ``out``: thresholds and calibration on ``val``, metrics, card."""
    weights = average_of(out / CHECKPOINT)
    net = NET.make(OPTIONS)
    net.load_state_dict(weights)
    crops = load(data, ("val",), job.part(0.0, 0.2))
    job.step(0.2, _("Choosing thresholds"))
    chances = chances_of(Loaded(net), crops.images, crops.numbers("pixel_spacing"))
    output = _output(chances, crops)
    bundle = publish(out / ID, {**DESCRIPTION, "output": output}, weights, f"# {DESCRIPTION['title']}\n")
    metrics = json.dumps(judge(bundle, crops, chances, "val"), indent=1)
    card = f"# {DESCRIPTION['title']}\n\nTrained by its recipe. {LIDC}.\n\nOn val:\n\n```json\n{metrics}\n```\n"
    (bundle.folder / bundles.CARD).write_text(card, encoding="utf-8")
    job.step(1.0)
    return bundle.folder


def samples(crops: Crops) -> Samples:
    """Return what is learnt from: a nodule on many slices counts as the square root of their number."""
    return Samples(crops.images, soft_labels(crops), crops.numbers("pixel_spacing"), _weights(crops.nodule))


def _weights(nodule: NDArray[np.int64]) -> NDArray[np.float64]:
    counts = np.bincount(nodule)
    weights: NDArray[np.float64] = 1.0 / np.sqrt(counts[nodule].astype(np.float64))
    return weights


def _output(chances: NDArray[np.float16], crops: Crops) -> dict[str, Any]:
    """Choose the outline's threshold by Dice and the candidates' by false positives; measure the score's bands.

    Dice of the nodule in the middle favours wide outlines, Dice of all marked in the crop narrow ones: so their sum.
    """
    dices = [_dice(central(chances >= level), crops) + _dice(chances >= level, crops) for level in MASK_THRESHOLDS]
    mask_threshold = MASK_THRESHOLDS[int(np.argmax(dices))]
    fields = detect(chances, crops, soft_labels(crops), mask_threshold)
    threshold = threshold_for(fields, FALSE_POSITIVES_PER_FIELD)
    return {
        "label": "Nodule",
        "code": ["SCT", "27925004", "Nodule"],
        "threshold": threshold,
        "mask_threshold": mask_threshold,
        "calibration": [_row(band) for band in _bands(fields, threshold)],
    }


def _dice(masks: NDArray[np.bool_], crops: Crops) -> float:
    return float(overlaps(masks, crops)["slices_of_two_or_more_readers"]["mean"] or 0.0)


def _bands(fields: Fields, threshold: float) -> tuple[Band, ...]:
    scores, truths = fields.scores()
    kept = scores >= threshold
    return bands(scores[kept], truths[kept]) if kept.any() else ()


def _row(band: Band) -> dict[str, Any]:
    return {"score_from": band.score_from, "wording": band.wording, "ppv": band.ppv, "count": band.count}


def evaluate(folder: Path, data: Path, split: str, job: Job) -> dict[str, Any]:
    """Judge the bundle in ``folder`` on a split of ``data``; JSON-ready."""
    bundle = bundles.load(folder)
    crops = load(data, (split,), job.part(0.0, 0.3))
    job.step(0.3, _("Reading the crops"))
    chances = chances_of(Loaded(net_of(bundle)), crops.images, crops.numbers("pixel_spacing"))
    job.step(0.8, _("Measuring"))
    return judge(bundle, crops, chances, split)


def judge(bundle: Bundle, crops: Crops, chances: NDArray[np.float16], split: str) -> dict[str, Any]:
    """Return all metrics of chances (n, h, w) seen on crops: outlines, long axis, fields; beside readers and Otsu."""
    masks, plain = central(chances >= bundle.mask_threshold), otsu(crops.images)
    fields = detect(chances, crops, soft_labels(crops), bundle.mask_threshold)
    on = largest_slices(crops)
    patients = crops.column("pid")
    return {
        "model": {"id": bundle.id, "version": bundle.version, "sha256": bundle.sha256},
        "split": {
            "name": split,
            "patients": len(set(patients)),
            "nodules": len(set(crops.nodule.tolist())),
            "slices": len(crops),
        },
        "dice": {
            "network": overlaps(masks, crops),
            "network_everything_in_the_crop": overlaps(chances >= bundle.mask_threshold, crops),
            "otsu": overlaps(plain, crops),
            "between_readers": interval(between_readers(crops), patients),
        },
        "long_axis": {"network": axis_errors(masks, crops, on), "otsu": axis_errors(plain, crops, on)},
        "fields": {"threshold": bundle.threshold, **at_threshold(fields, bundle.threshold)},
        "calibration": [_row(band) for band in _bands(fields, bundle.threshold)],
    }


RECIPE = Recipe(ID, train, evaluate)
