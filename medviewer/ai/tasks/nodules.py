"""Read a whole chest CT for lung nodules: lungs, network, grouping in 3-D, outline, measures."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from medviewer.ai.bundle import Bundle
from medviewer.ai.calibrate import wording
from medviewer.ai.candidates import Candidate, largest_diameter_mm, with_masses
from medviewer.ai.density import density
from medviewer.ai.loaded import loaded
from medviewer.ai.looking import Scan, look
from medviewer.ai.protocol import Meta, Report, Task
from medviewer.ai.sliding import Slider
from medviewer.core.finding import Finding
from medviewer.core.grid import Grid
from medviewer.core.job import Job
from medviewer.core.problem import Unsuitable
from medviewer.i18n import N_, _
from medviewer.imaging.lungs import lung_mask, place
from medviewer.imaging.measure import Measures, measure

TITLE = N_("Lung nodule network")  # the bundle's title, here so that translators see it
LABEL = N_("Nodule")
MASS_MM = 25.0  # LIDC-IDRI ends at 30 mm: larger ones are sought in pixels twice as wide


def run(bundle: Bundle, voxels: NDArray[np.int16], grid: Grid, meta: Meta, report: Report) -> Sequence[Finding]:
    """Return the nodules of a chest CT, int16 voxels (k, j, i), the surest first; Problem where there are no lungs."""
    hu = voxels if (meta.slope, meta.intercept) == (1.0, 0.0) else _hounsfield(voxels, meta)
    with report.timed("lungs"):
        lungs = lung_mask(hu, grid, report.part(0.0, 0.1))
    if not lungs.any():
        raise Unsuitable(_("No lungs were found in this series."), _("The nodule network reads CT of the chest only."))
    net = loaded(bundle, report.device, report.bf16)
    slider = Slider.make(net, hu, max(grid.spacing_kji_mm[1:]), bundle.patch[0], report)
    scan = Scan(hu, grid, lungs, slider, bundle.threshold, bundle.mask_threshold, meta.failed_slices)
    with report.timed("nodules"):
        candidates = look(scan, report.part(0.1, 0.85))
    with report.timed("masses"):
        candidates = with_masses(candidates, _masses(scan, report.part(0.85, 0.98)))
    with report.timed("measuring"):
        findings = [_finding(bundle, scan, meta, candidate, n) for n, candidate in enumerate(candidates, start=1)]
    report.step(1.0)
    return findings


def _hounsfield(voxels: NDArray[np.int16], meta: Meta) -> NDArray[np.int16]:
    real = voxels * np.float32(meta.slope) + np.float32(meta.intercept)
    hu: NDArray[np.int16] = np.clip(np.rint(real), -32768, 32767).astype(np.int16)
    return hu


def _masses(scan: Scan, job: Job) -> list[Candidate]:
    """Return what is larger than the net was trained on, in the scan's own pixels."""
    coarse = scan.halved()
    found = [one for one in look(coarse, job) if largest_diameter_mm(one.mask, coarse.grid.spacing_kji_mm) >= MASS_MM]
    return [one.enlarged(2) for one in found]


def _finding(bundle: Bundle, scan: Scan, meta: Meta, candidate: Candidate, number: int) -> Finding:
    measures = measure(scan.hu, scan.grid, candidate.mask)
    where = place(scan.grid, scan.lungs, measures.center_lps_mm)
    attributes = density(scan.hu, scan.grid, candidate.mask).attributes()
    return Finding(
        id=f"{bundle.id}-{number}",
        label=LABEL.msgid,
        code=bundle.code,
        series_uid=meta.series_uid,
        sop_uid=_image(meta, measures),
        center_lps_mm=measures.center_lps_mm,
        box_lps_mm=measures.box_lps_mm,
        long_axis_mm=measures.long_axis_mm,
        short_axis_mm=measures.short_axis_mm,
        volume_mm3=measures.volume_mm3,
        mean_hu=measures.mean_hu,
        score=round(candidate.score, 3),
        wording=wording(bundle.calibration, candidate.score),
        attributes=attributes | {"side": where.side, "zone": where.zone},
        model=bundle.ref,
        mask=candidate.mask,
    )


def _image(meta: Meta, measures: Measures) -> str:
    """The image on which the nodule is largest, where the files say."""
    return meta.sop_uids[measures.best_k] if measures.best_k < len(meta.sop_uids) else ""


TASK = Task("nodules", run)
