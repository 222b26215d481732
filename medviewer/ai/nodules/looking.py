"""From a scan to outlined nodules: the first look's suspects, judged, outlined, sifted, one by one as they are seen."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from medviewer.ai.bundle import Bundle
from medviewer.ai.loaded import Loaded, loaded
from medviewer.ai.nodules.candidates import Candidate, common, largest_diameter_mm, share_in_air, share_inside
from medviewer.ai.nodules.first_look import FirstLook, Scan
from medviewer.ai.nodules.outlining import FLIPS, Outliner
from medviewer.ai.nodules.reducing import chances as reduced
from medviewer.ai.nodules.scoring import combined
from medviewer.ai.nodules.second_look import Outline, Pen, outline
from medviewer.ai.nodules.sift import SMALLEST_MM, keeps
from medviewer.ai.protocol import Report
from medviewer.ai.sliding import BATCH, Slider
from medviewer.core.job import Job
from medviewer.core.mask import Mask
from medviewer.core.problem import Problem
from medviewer.i18n import _
from medviewer.imaging.subvoxel import Rim

REACH_MM = 2.5  # how far before and after a slice the detection net sees, as in its training
LEAST_IN_LUNG = 0.5
LEAST_IN_AIR = 0.4  # of its surroundings: less is hilum or mediastinum
LARGE_MM, LEAST_IN_AIR_LARGE = 15.0, 0.6  # vessels at the hilum are large; every large nodule of the val split has more
FLOOR = 0.1  # score under which something is not even a candidate


@dataclass(frozen=True, eq=False)
class Seen:
    """An outlined nodule: its mask and score 0..1; ``rim`` for measures finer than a voxel, None where unknown."""

    mask: Mask
    score: float
    rim: Rim | None


@dataclass(frozen=True, eq=False)
class Looker:
    """The networks of a reader bundle, ready to look at scans."""

    bundle: Bundle
    net: Loaded
    outliner: Outliner
    report: Report

    @staticmethod
    def of(bundle: Bundle, report: Report) -> "Looker":
        """Load the networks on the report's device; Problem where the bundle has no part that outlines."""
        outlining = bundle.parts.get("outline")
        if outlining is None:
            raise Problem(
                _("The model '{name}' lacks the part that outlines nodules.").format(name=bundle.id),
                _("Install MedViewer again, or restore the model's folder."),
            )
        outliner = Outliner(loaded(outlining, report.device, report.bf16), outlining.patch[0])
        return Looker(bundle, loaded(bundle, report.device, report.bf16), outliner, report)

    @property
    def floor(self) -> float:
        """The score from which on something is a candidate."""
        return min(FLOOR, self.bundle.threshold)

    def look(self, scan: Scan, job: Job, attention: Callable[[], int | None] = lambda: None) -> Iterator[Seen]:
        """Yield what is seen in ``scan`` as soon as it is sure, in no order and with doubles."""
        first = FirstLook(scan, self._slider(scan), attention)
        for suspects, rest in first.slabs(job):
            for number, suspect in enumerate(suspects):
                rest.step(number / len(suspects), _("Outlining nodules"))
                seen = self._examined(scan, suspect, rest)
                if seen is not None:
                    yield seen

    def _slider(self, scan: Scan) -> Slider:
        batch = BATCH.get(self.report.device.partition(":")[0], BATCH["cpu"])
        reach = max(1, round(REACH_MM / scan.step_mm))
        return Slider(
            self.net,
            scan.hu,
            scan.pixel_mm,
            scan.step_mm,
            self.bundle.patch[0],
            max(1, int(batch * self.report.tile_scale)),
            reach,
            scan.failed,
        )

    def _examined(self, scan: Scan, suspect: Candidate, job: Job) -> Seen | None:
        job.check()
        if not _worth_a_look(suspect.mask, scan):
            return None
        score = self._score(scan, suspect)
        if score < self.floor:
            return None
        views = len(FLIPS) if score >= self.bundle.threshold else 1  # what is only a candidate gets a quick outline
        pen = Pen(self.outliner, self.bundle.parts["outline"].mask_threshold, views)
        found = outline(scan, suspect.mask, pen, job)
        return Seen(found.mask, score, found.rim) if found is not None and _holds(found, scan) else None

    def _score(self, scan: Scan, suspect: Candidate) -> float:
        """What both networks together say of a suspect, seen at the middle of its largest slice."""
        if "reduce" not in self.bundle.parts:
            return float(combined(self.bundle.output, [suspect.score], None)[0])
        device, bf16 = self.report.device, self.report.bf16
        also = reduced(
            self.bundle.parts["reduce"],
            scan.hu,
            [middle(suspect.mask)],
            slice_mm=scan.step_mm,
            device=device,
            bf16=bf16,
            job=Job(),  # these few patches are no step of their own
        )
        return float(combined(self.bundle.output, [suspect.score], also)[0])


def middle(mask: Mask) -> tuple[float, float, float]:
    """Return the middle (k, j, i) of the mask's largest slice."""
    areas = mask.voxels.sum(axis=(1, 2))
    largest = np.flatnonzero(areas == areas.max())
    k = int(largest[len(largest) // 2])
    j, i = np.argwhere(mask.voxels[k]).mean(axis=0)
    return mask.offset_kji[0] + float(k), mask.offset_kji[1] + float(j), mask.offset_kji[2] + float(i)


def _worth_a_look(mask: Mask, scan: Scan) -> bool:
    wide = largest_diameter_mm(mask, scan.grid.spacing_kji_mm) >= SMALLEST_MM / 2
    return wide and share_inside(mask, scan.lungs) >= LEAST_IN_LUNG / 2


def _holds(found: Outline, scan: Scan) -> bool:
    mask, spacing = found.mask, scan.grid.spacing_kji_mm
    if not keeps(mask, spacing):
        return False
    least = LEAST_IN_AIR_LARGE if largest_diameter_mm(mask, spacing) >= LARGE_MM else LEAST_IN_AIR
    return share_inside(mask, scan.lungs) >= LEAST_IN_LUNG and share_in_air(mask, scan.hu) >= least


def without_doubles(seen: list[Seen]) -> list[Seen]:
    """Return what is left when of two that share voxels only the surer one stays, the surest first."""
    kept: list[Seen] = []
    for one in sorted(seen, key=lambda one: (-one.score, one.mask.offset_kji)):
        if not any(common(one.mask, other.mask) for other in kept):
            kept.append(one)
    return kept


def with_masses(fine: list[Seen], coarse: list[Seen]) -> list[Seen]:
    """Put what only a coarse look saw as a whole in the place of its pieces; the surest first.

    What the fine look saw of at least half of the coarse one's voxels is the better outline of the same thing.
    """
    kept = list(fine)
    for mass in coarse:
        pieces = [one for one in kept if common(one.mask, mass.mask)]
        if all(one.mask.count < 0.5 * mass.mask.count for one in pieces):
            kept = [one for one in kept if one not in pieces] + [mass]
    return sorted(kept, key=lambda one: (-one.score, one.mask.offset_kji))


def enlarged(seen: Seen, times: int) -> Seen:
    """Return what was seen in coarse pixels in those ``times`` smaller, rows and columns."""
    k, j, i = seen.mask.offset_kji
    voxels = seen.mask.voxels.repeat(times, axis=1).repeat(times, axis=2)
    return replace(seen, mask=Mask((k, j * times, i * times), voxels), rim=None)
