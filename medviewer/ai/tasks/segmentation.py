"""Let a network that somebody brought outline what it knows: one finding for each connected region of each label."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage
from torch import Tensor

from medviewer.ai.bundle import Bundle
from medviewer.ai.foreign.plan import Label, Plan
from medviewer.ai.foreign.runtime import network
from medviewer.ai.foreign.sliding import Prepared, slide
from medviewer.ai.protocol import Answered, Meta, Report, Task
from medviewer.core.finding import Finding, ModelRef
from medviewer.core.grid import Grid
from medviewer.core.mask import Mask
from medviewer.i18n import _
from medviewer.imaging.measure import measure

MOST = 50  # regions of one label that become findings: more is noise, and nobody can review it
Floats = NDArray[np.float32]
Region = tuple[Mask, float]


def run(bundle: Bundle, voxels: NDArray[np.int16], grid: Grid, meta: Meta, report: Report) -> Answered:
    """Return the regions that the bundle's network outlines in ``voxels`` (k, j, i), the largest first by label."""
    with report.timed("loading"):
        report.step(0.0, _("Loading the network"))
        net = network(bundle, report.device)
    with report.timed("preparing"):
        prepared = Prepared.make(voxels, grid, meta.slope, meta.intercept, net.plan)
    with report.timed("network"):
        words = _("The network outlines")
        chances = slide(net, prepared.image, report.part(0.05, 0.85), text=words, scale=report.tile_scale)
    with report.timed("measuring"):
        findings = Outlining(bundle, net.plan, prepared, chances).findings(Place(voxels, grid, meta), report)
    report.step(1.0)
    return Answered(findings)


@dataclass(frozen=True, eq=False)
class Place:
    """The volume that findings are measured in."""

    voxels: NDArray[np.int16]
    grid: Grid
    meta: Meta


@dataclass(frozen=True, eq=False)
class Outlining:
    """What a network answered: ``chances`` (channels, ...) along its own axes."""

    bundle: Bundle
    plan: Plan
    prepared: Prepared
    chances: Tensor

    def findings(self, place: Place, report: Report) -> list[Finding]:
        """Return the regions of each label as findings, each label's shown as soon as they are measured."""
        winner = _winner(self.prepared, self.chances, report) if self.plan.activation == "softmax" else None
        findings: list[Finding] = []
        for number, label in enumerate(self.plan.labels):
            report.step(0.9 + 0.1 * number / len(self.plan.labels))
            chance: Floats = self.prepared.native(self.chances[label.channel].float()).numpy()
            inside = chance >= self.plan.threshold if winner is None else winner == label.channel
            inside[list(place.meta.failed_slices)] = False
            found = regions(inside, chance, self.plan.least_mm3 / place.grid.voxel_mm3)
            ids = (f"{self.bundle.id}-{label.channel}-{n}" for n in range(1, len(found) + 1))
            new = [
                _finding(self.bundle.ref, label, region, place, name) for region, name in zip(found, ids, strict=False)
            ]
            report.found(new)
            findings += new
        return findings


def _winner(prepared: Prepared, chances: Tensor, report: Report) -> NDArray[np.uint8]:
    """Return the channel of the highest chance at each voxel (k, j, i) of the volume."""
    best = prepared.native(chances[0].float())
    winner = torch.zeros(best.shape, dtype=torch.uint8)
    for channel in range(1, len(chances)):
        report.step(0.85 + 0.05 * channel / len(chances))
        chance = prepared.native(chances[channel].float())
        winner[chance > best] = channel
        best = torch.maximum(best, chance)
    found: NDArray[np.uint8] = winner.numpy()
    return found


def regions(inside: NDArray[np.bool_], chance: Floats, least_voxels: float) -> list[Region]:
    """Return the connected regions of ``inside`` (k, j, i) with their mean ``chance``, the largest first.

    Voxels that touch at a corner are connected; regions of fewer than ``least_voxels`` are left out.
    """
    numbers, count = ndimage.label(inside, np.ones((3, 3, 3)))
    if not count:
        return []
    sizes = np.bincount(numbers.ravel(), minlength=count + 1)[1:]
    boxes = ndimage.find_objects(numbers)
    largest = [int(n) for n in np.argsort(-sizes, kind="stable")[:MOST] if sizes[n] >= max(1.0, least_voxels)]
    found = []
    for n in largest:
        box = boxes[n]
        region = np.ascontiguousarray(numbers[box] == n + 1)
        score = float(chance[box][region].mean())
        found.append((Mask((box[0].start, box[1].start, box[2].start), region), min(max(score, 0.0), 1.0)))
    return found


def _finding(model: ModelRef, label: Label, region: Region, place: Place, identity: str) -> Finding:
    meta, (mask, score) = place.meta, region
    measures = measure(place.voxels, place.grid, mask, meta.slope, meta.intercept)
    return Finding(
        id=identity,
        label=label.name,
        code=label.code,
        series_uid=meta.series_uid,
        sop_uid=meta.sop_uids[measures.best_k] if measures.best_k < len(meta.sop_uids) else "",
        center_lps_mm=measures.center_lps_mm,
        box_lps_mm=measures.box_lps_mm,
        long_axis_mm=measures.long_axis_mm,
        short_axis_mm=measures.short_axis_mm,
        volume_mm3=measures.volume_mm3,
        mean_hu=measures.mean_hu,
        score=round(score, 3),
        model=model,
        mask=mask,
    )


TASK = Task("segmentation", run)
