"""The recipe of ``nodule-segmentation``: a U-Net that outlines a nodule it is pointed to, and how it is judged."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from medviewer.ai import bundle as bundles
from medviewer.ai.bundle import Bundle
from medviewer.ai.loaded import Loaded, net_of
from medviewer.ai.nets.unet import NET
from medviewer.ai.nodules.outlining import Outliner
from medviewer.core.job import Job
from medviewer.i18n import _
from medviewer.train import Recipe
from medviewer.train.augment import Change
from medviewer.train.crops import CHEST_CT, LIDC, LIDC_WEIGHTS, Crops, load, summary
from medviewer.train.evaluate import between_readers, central, consensus, interval, otsu, overlaps
from medviewer.train.fit import CHECKPOINT, Fit, Plan
from medviewer.train.lengths import axis_errors, largest_slices, volume_errors
from medviewer.train.marking import Marking, outline_loss
from medviewer.train.publish import averaged, drawn_stacks, publish, write_card
from medviewer.train.stacks import Stacks

ID, VERSION = "nodule-segmentation", "1.0.0"
OPTIONS = {"channels": 5, "widths": [24, 48, 96, 160, 192]}
PLAN = Plan(steps=8000, batch=16, learning_rate=2e-3, average_over=0.999)
SECOND = Plan(steps=5000, batch=32, learning_rate=1e-3, average_over=0.999, seed=2)  # goes on from PLAN's average
CHANGE = Change(size=80, shift=0.12, zoom=1.25, roaming=0.25, roam=0.6)
FIRST, LAST = "first", "last"
SIDE = 80  # of the window looked at, as in training; nodules of 30 mm are 65 pixels at the finest spacing
MASK_THRESHOLDS = (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6)
ALIKE = 0.002  # Dice that does not decide between thresholds
DESCRIPTION: dict[str, Any] = {
    "id": ID,
    "version": VERSION,
    "title": "Lung nodule outlines",
    "task": "nodule-outline",
    "part_of": "nodule-detection",
    "net": NET.id,
    "options": OPTIONS,
    "input": {
        **CHEST_CT,
        "pixel_mm": [0.45, 1.0],
        "slice_mm": [0.45, 5.0],
        "window": "minimum to maximum of 128 x 128 pixels of each native slice, in 256 steps; three slices",
        "patch": [SIDE, SIDE],
    },
    "use": {
        "intended": "Outlining a lung nodule of 3 to 30 mm that a reader or a network has pointed to on chest CT.",
        "not_for": "Finding nodules, outlining anything but lung nodules, growth without a reader's correction.",
        "licence": LIDC_WEIGHTS,
        "references": [LIDC],
    },
}


def train(data: Path, out: Path, job: Job, *, plan: Plan = PLAN, second: Plan = SECOND) -> Path:
    """Train on split ``train`` of ``data``, choose the threshold on ``val``, write the bundle into ``out`` / id.

    First every nodule counts, then every slice, as outlines are judged slice by slice.
    """
    crops = load(data, ("train",), job.part(0.0, 0.02))
    for stage, course, part in ((FIRST, plan, job.part(0.02, 0.45)), (LAST, second, job.part(0.45, 0.9))):
        (out / stage).mkdir(parents=True, exist_ok=True)
        lesson = Marking.of(crops, CHANGE, outline_loss, by_slice=stage == LAST)
        torch.manual_seed(course.seed)
        net = NET.make(OPTIONS) if stage == FIRST else averaged(NET.make(OPTIONS), out / FIRST / CHECKPOINT)
        Fit(net, course).run(lesson, out / stage, part)
    return finish(data, out, job.part(0.9, 1.0))


def finish(data: Path, out: Path, job: Job) -> Path:
    """Make the bundle from the checkpoint in ``out``: threshold chosen on ``val``, its metrics in the card."""
    net = averaged(NET.make(OPTIONS), out / LAST / CHECKPOINT)
    crops = load(data, ("val",), job.part(0.0, 0.2))
    job.step(0.2, _("Choosing thresholds"))
    chances = chances_of(Outliner(Loaded(net), SIDE), crops)
    output = {"mask_threshold": _threshold(chances, crops)}
    bundle = publish(out / ID, {**DESCRIPTION, "output": output}, net.state_dict(), "", drawn_stacks(SIDE))
    write_card(bundle, judge(bundle, crops, chances, "val"))
    job.step(1.0)
    return bundle.folder


def _threshold(chances: NDArray[np.float16], crops: Crops) -> float:
    """The highest threshold whose mean Dice on slices of two and more readers is as good as the best.

    The best ones hardly differ, and the higher, the nearer volumes are to the readers'.
    """

    def dice(level: float) -> float:
        found = overlaps(central(chances >= level), crops)["slices_of_two_or_more_readers"]["mean"]
        return float(found or 0.0)

    dices = {level: dice(level) for level in MASK_THRESHOLDS}
    return max(level for level in MASK_THRESHOLDS if dices[level] >= max(dices.values()) - ALIKE)


def chances_of(outliner: Outliner, crops: Crops, batch: int = 16) -> NDArray[np.float16]:
    """Return the chance of each pixel of each crop (n, h, w); 0 outside the window in the middle."""
    stacks, spacing_mm = Stacks.of(crops, fill=False), crops.numbers("pixel_spacing")
    found = np.zeros(crops.images.shape, np.float16)
    edge = (crops.images.shape[1] - outliner.side) // 2
    inner = slice(edge, edge + outliner.side)
    for start in range(0, len(crops), batch):
        rows = np.arange(start, min(start + batch, len(crops)))
        stack, _there = stacks.whole(rows)
        spacing, step = (torch.from_numpy(v[rows]).float() for v in (spacing_mm, stacks.step_mm))
        found[rows, inner, inner] = outliner.chances(stack, spacing, step)
    return found


def evaluate(folder: Path, data: Path, split: str, job: Job) -> dict[str, Any]:
    """Judge the bundle in ``folder`` on a split of ``data``; JSON-ready."""
    bundle = bundles.load(folder)
    crops = load(data, (split,), job.part(0.0, 0.3))
    job.step(0.3, _("Reading the crops"))
    chances = chances_of(Outliner(Loaded(net_of(bundle)), bundle.patch[0]), crops)
    job.step(0.8, _("Measuring"))
    return judge(bundle, crops, chances, split)


def judge(bundle: Bundle, crops: Crops, chances: NDArray[np.float16], split: str) -> dict[str, Any]:
    """Return all metrics of chances (n, h, w) on crops, beside the readers with each other and Otsu's threshold."""
    level = bundle.mask_threshold
    masks, plain = central(chances >= level), otsu(crops.images)
    on, readers = largest_slices(crops), between_readers(crops)
    return {
        "model": {"id": bundle.id, "version": bundle.version, "sha256": bundle.sha256},
        "split": summary(crops, split),
        "mask_threshold": level,
        "dice": {
            "network": overlaps(masks, crops),
            "otsu": overlaps(plain, crops),
            "between_readers": interval(readers, crops.column("pid")),
            "reader_with_what_most_others_drew": consensus(crops),
            "between_readers_by_pairs": overlaps(masks, crops, readers)["by_pairs_of_readers"],
        },
        "long_axis": {
            "network": axis_errors(chances, masks, level, crops, on),
            "otsu": axis_errors(plain.astype(np.float16), plain, 0.5, crops, on),
        },
        "volume": volume_errors(chances, masks, level, crops),
    }


RECIPE = Recipe(ID, train, evaluate)
