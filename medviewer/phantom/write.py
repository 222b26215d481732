"""A virtual patient on disk: current and prior CT as DICOM, and the truth beside them."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.core.study import Patient
from medviewer.dicom.write.ct import CtSeries, derived_uid, sop_uid, write_ct
from medviewer.i18n import _
from medviewer.phantom import thorax
from medviewer.phantom.build import Build, build
from medviewer.phantom.virtual import Point, VirtualCT

DATES = {False: "20260115", True: "20250110"}  # of the current study and of the prior
_DRAWN = 0.85  # share of the work that is not writing files
Truth = dict[str, Any]


def write(
    folder: Path,
    seed: int,
    *,
    prior: bool = False,
    job: Job | None = None,
    shape_kji: tuple[int, int, int] = thorax.SHAPE_KJI,
) -> Truth:
    """Write the patient of ``seed`` into ``folder``: current/*.dcm, prior/*.dcm where wanted, truth.json.

    Returns what truth.json holds. Raises Problem where the folder cannot be written.
    """
    job = job or Job()
    _make_folder(folder)
    half = 0.5 if prior else 1.0
    current = _write_one(folder / "current", seed, False, job.part(0.0, half), shape_kji)
    before = _write_one(folder / "prior", seed, True, job.part(half, 1.0), shape_kji) if prior else None
    truth = _truth(seed, current, before)
    try:
        (folder / "truth.json").write_text(json.dumps(truth, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise _unwritable(folder) from error
    job.step(1.0)
    return truth


def headers(seed: int, *, prior: bool = False) -> CtSeries:
    """Return what the headers of the patient of ``seed`` say."""
    who = build(seed)
    date = DATES[prior]
    study = derived_uid("phantom", seed, date)
    return CtSeries(
        patient=Patient(f"PHANTOM-{seed}", f"Phantom^Seed {seed}", _birth_date(who), "F" if who.female else "M"),
        age_years=who.age_years - int(prior),
        study_date=date,
        study_uid=study,
        series_uid=derived_uid(study, "chest"),
        frame_of_reference_uid=derived_uid(study, "frame of reference"),
        study_id=f"{seed}-{date[:4]}",
        accession_number=f"P{seed}{date[2:]}"[:16],
        study_description="CT chest with contrast",
        series_description="Virtual chest",
        contrast="Iodinated contrast",
    )


def _birth_date(who: Build) -> str:
    """A birthday in June that makes the patient as old as the build says at both examinations."""
    return f"{2026 - who.age_years - 1:04d}0615"


def _write_one(folder: Path, seed: int, prior: bool, job: Job, shape_kji: tuple[int, int, int]) -> VirtualCT:
    ct = thorax.make(seed, prior=prior, shape_kji=shape_kji, job=job.part(0.0, _DRAWN))
    write_ct(folder, ct.voxels, ct.grid, headers(seed, prior=prior), job=job.part(_DRAWN, 1.0))
    return ct


def _truth(seed: int, current: VirtualCT, before: VirtualCT | None) -> Truth:
    nodules = []
    for nodule in current.truth:
        entry = nodule.to_dict()
        entry["sop_uid"] = _sop_at(current, seed, False, nodule.center_lps_mm)
        place = nodule.prior_center_lps_mm
        entry["prior_sop_uid"] = _sop_at(before, seed, True, place) if before is not None and place else None
        nodules.append(entry)
    traps = [
        {
            "id": trap.id,
            "kind": trap.kind,
            "center_lps_mm": trap.center_lps_mm,
            "diameter_mm": trap.diameter_mm,
            "side": trap.side,
            "lobe": trap.lobe,
            "sop_uid": _sop_at(current, seed, False, trap.center_lps_mm),
        }
        for trap in current.traps
    ]
    return {
        "seed": seed,
        **_exam(seed, current, prior=False),
        "nodules": nodules,
        "traps": traps,
        "prior": None if before is None else _exam(seed, before, prior=True),
    }


def _exam(seed: int, ct: VirtualCT, *, prior: bool) -> Truth:
    says = headers(seed, prior=prior)
    return {
        "study_uid": says.study_uid,
        "series_uid": says.series_uid,
        "study_date": says.study_date,
        "folder": "prior" if prior else "current",
        "shape_kji": list(ct.grid.shape_kji),
        "spacing_kji_mm": list(ct.grid.spacing_kji_mm),
        "origin_lps_mm": list(ct.grid.origin_lps_mm),
        "shift_lps_mm": list(ct.shift_lps_mm),
    }


def _sop_at(ct: VirtualCT, seed: int, prior: bool, center_lps_mm: Point) -> str:
    """SOP instance UID of the slice nearest to a place."""
    k = int(np.rint(ct.grid.to_kji(center_lps_mm)[0]))
    return sop_uid(headers(seed, prior=prior).series_uid, k)


def _make_folder(folder: Path) -> None:
    """Find out before a long drawing whether the folder can be made and written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".medviewer-probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise _unwritable(folder) from error


def _unwritable(folder: Path) -> Problem:
    return Problem(
        _("The folder '{folder}' cannot be written to.").format(folder=folder),
        _("Choose another folder, or ask for the right to write there."),
    )
