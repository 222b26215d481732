"""Read a whole chest CT for lung nodules: lungs, two looks, measures, description."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.ai.bundle import Bundle
from medviewer.ai.calibrate import wording
from medviewer.ai.nodules.candidates import common, largest_diameter_mm
from medviewer.ai.nodules.density import density
from medviewer.ai.nodules.describing import describe
from medviewer.ai.nodules.first_look import Scan
from medviewer.ai.nodules.looking import Looker, Seen, enlarged, with_masses, without_doubles
from medviewer.ai.nodules.plausible import check_hounsfield
from medviewer.ai.oriented import Back, upright
from medviewer.ai.protocol import Answered, Meta, Report, Task
from medviewer.core.finding import Finding
from medviewer.core.grid import Grid
from medviewer.core.job import Job
from medviewer.core.problem import Unsuitable
from medviewer.i18n import N_, _
from medviewer.imaging.lungs import lung_mask, place
from medviewer.imaging.measure import Measures, measure

TITLE = N_("Lung nodule reader")  # the bundle's title, here so that translators see it
LABEL = N_("Nodule")
MASS_MM = 25.0  # LIDC-IDRI ends at 30 mm: larger ones are sought in pixels twice as wide
CANDIDATES = 30  # at most so many under the threshold are kept, the surest


def run(bundle: Bundle, voxels: NDArray[np.int16], grid: Grid, meta: Meta, report: Report) -> Answered:
    """Return the nodules of a chest CT, int16 voxels (k, j, i), the surest first; Problem where there are no lungs."""
    hu = voxels if (meta.slope, meta.intercept) == (1.0, 0.0) else _hounsfield(voxels, meta)
    check_hounsfield(hu)
    view, stands, back = upright(hu, grid)
    told = back.meta(meta)
    with report.timed("lungs"):
        lungs = lung_mask(view, stands, report.part(0.0, 0.1))
    if not lungs.any():
        raise Unsuitable(_("No lungs were found in this series."), _("The nodule network reads CT of the chest only."))
    reading = _Reading(Looker.of(bundle, report), Scan(view, stands, lungs, told.failed_slices), told, report, back)
    with report.timed("nodules"):
        seen = reading.look(report.part(0.1, 0.75))
    with report.timed("masses"):
        seen = with_masses(seen, reading.masses(report.part(0.75, 0.9)))
    with report.timed("measuring"):
        answered = reading.answered(seen, report.part(0.9, 1.0))
    report.step(1.0)
    return answered


def _hounsfield(voxels: NDArray[np.int16], meta: Meta) -> NDArray[np.int16]:
    real = voxels * np.float32(meta.slope) + np.float32(meta.intercept)
    hu: NDArray[np.int16] = np.clip(np.rint(real), -32768, 32767).astype(np.int16)
    return hu


@dataclass(frozen=True, eq=False)
class _Reading:
    """A scan being read, upright, and the way ``back`` to how it is stored."""

    looker: Looker
    scan: Scan
    meta: Meta
    report: Report
    back: Back

    @property
    def bundle(self) -> Bundle:
        return self.looker.bundle

    def look(self, job: Job) -> list[Seen]:
        """Look at the scan, the slice on the screen first; tell what is sure at once."""
        seen: list[Seen] = []
        for one in self.looker.look(self.scan, job, self._attention):
            if one.score >= self.bundle.threshold and not any(common(one.mask, other.mask) for other in seen):
                self.report.found([self._finding(one, {})])
            seen.append(one)
        return without_doubles(seen)

    def _attention(self) -> int | None:
        stored = self.report.attention_k
        return None if stored is None else self.back.slice(stored)

    def masses(self, job: Job) -> list[Seen]:
        """Return what is larger than the net was trained on, in the scan's own pixels."""
        coarse = self.scan.halved()
        seen = without_doubles(list(self.looker.look(coarse, job)))
        large = [one for one in seen if largest_diameter_mm(one.mask, coarse.grid.spacing_kji_mm) >= MASS_MM]
        return [enlarged(one, 2) for one in large]

    def answered(self, seen: Sequence[Seen], job: Job) -> Answered:
        """Measure and describe what was seen: findings, and candidates under the threshold."""
        sure = [one for one in seen if one.score >= self.bundle.threshold]
        unsure = [one for one in seen if one.score < self.bundle.threshold][:CANDIDATES]
        found = []
        for number, one in enumerate((*sure, *unsure)):
            job.step(number / (len(sure) + len(unsure)), _("Measuring"))
            found.append(self._finding(one, self._described(one)))
        return Answered(found[: len(sure)], found[len(sure) :])

    def _described(self, one: Seen) -> dict[str, Any]:
        part = self.bundle.parts.get("describe")
        if part is None:
            return {}
        scan, report = self.scan, self.report
        return describe(part, scan.hu, scan.grid, one.mask, device=report.device, bf16=report.bf16)

    def _finding(self, one: Seen, described: dict[str, Any]) -> Finding:
        scan, bundle = self.scan, self.bundle
        measures = measure(scan.hu, scan.grid, one.mask, rim=one.rim)
        where = place(scan.grid, scan.lungs, measures.center_lps_mm)
        attributes = described | density(scan.hu, scan.grid, one.mask).attributes()
        finding = Finding(
            id=f"{bundle.id}-{_name(measures)}",
            label=LABEL.msgid,
            code=bundle.code,
            series_uid=self.meta.series_uid,
            sop_uid=_image(self.meta, measures),
            center_lps_mm=measures.center_lps_mm,
            box_lps_mm=measures.box_lps_mm,
            long_axis_mm=measures.long_axis_mm,
            short_axis_mm=measures.short_axis_mm,
            volume_mm3=measures.volume_mm3,
            mean_hu=measures.mean_hu,
            score=round(one.score, 3),
            wording=wording(bundle.calibration, one.score),
            attributes=attributes | {"side": where.side, "zone": where.zone},
            model=bundle.ref,
            mask=one.mask,
        )
        return self.back.finding(finding)


def _name(measures: Measures) -> str:
    """A name by place, in tenths of mm: the same finding has the same one whenever it is told."""
    return ".".join(f"{round(10 * mm)}" for mm in measures.center_lps_mm)


def _image(meta: Meta, measures: Measures) -> str:
    """The image on which the nodule is largest, where the files say."""
    return meta.sop_uids[measures.best_k] if measures.best_k < len(meta.sop_uids) else ""


TASK = Task("nodules", run)
