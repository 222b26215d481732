"""The reading of a whole scan, by the shipped network, on drawn chests of known truth."""

from dataclasses import replace

import numpy as np
import pytest

from medviewer import paths
from medviewer.ai import tasks
from medviewer.ai.bundle import Bundle, load
from medviewer.ai.protocol import Meta, Report, Task
from medviewer.ai.tasks.nodules import TASK, run
from medviewer.core.discover import discover
from medviewer.core.finding import Finding
from medviewer.core.grid import Grid
from medviewer.core.problem import Cancelled, Problem
from medviewer.phantom import small
from medviewer.phantom.virtual import VirtualCT

GRID = Grid((24, 192, 224), (-90.0, -80.0, -120.0), (3.0, 0.85, 0.85))
CENTER_KJI = (11.0, 90.0, 165.0)
META = Meta("1.9", tuple(f"1.9.{k}" for k in range(24)), "CT")


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return load(paths.models() / "nodule-detection")


def chest(diameter_mm: float, hu: float = 40.0, grid: Grid = GRID) -> VirtualCT:
    return small.make(diameter_mm, hu=hu, grid=grid, center_kji=CENTER_KJI, noise_hu=20.0)


def read(bundle: Bundle, ct: VirtualCT, meta: Meta = META, report: Report | None = None) -> list[Finding]:
    return list(run(bundle, ct.voxels, ct.grid, meta, report or Report()).findings)


def at_truth(found: list[Finding], ct: VirtualCT) -> list[Finding]:
    center = ct.truth[0].center_lps_mm
    return [f for f in found if np.linalg.norm(np.subtract(f.center_lps_mm, center)) <= 4.0]


@pytest.fixture(scope="module")
def solid(bundle: Bundle) -> tuple[VirtualCT, list[Finding], Report]:
    ct, report = chest(12.0), Report()
    return ct, read(bundle, ct, report=report), report


def test_the_task_is_found_by_the_name_bundles_use(bundle: Bundle) -> None:
    assert discover(tasks, Task)[bundle.task] is TASK


def test_a_solid_nodule_is_found_and_measured(solid: tuple[VirtualCT, list[Finding], Report]) -> None:
    ct, found, _report = solid
    (nodule,) = at_truth(found, ct)
    assert nodule.long_axis_mm == pytest.approx(12.0, abs=3.0)
    assert nodule.volume_mm3 == pytest.approx(ct.truth[0].volume_mm3, rel=0.6)
    assert nodule.attributes["nodule_type"] == "solid"
    assert nodule.attributes["side"] == "left"
    assert nodule.attributes["zone"] in ("upper", "middle", "lower")


def test_a_finding_says_who_found_it_how_sure_and_on_which_image(
    bundle: Bundle, solid: tuple[VirtualCT, list[Finding], Report]
) -> None:
    nodule = at_truth(solid[1], solid[0])[0]
    assert nodule.model == bundle.ref
    assert bundle.threshold <= (nodule.score or 0.0) <= 1.0
    assert nodule.wording in {band.wording for band in bundle.calibration}
    assert nodule.sop_uid in {f"1.9.{k}" for k in range(9, 14)}
    assert (nodule.series_uid, nodule.code, nodule.status) == ("1.9", bundle.code, "unreviewed")
    assert nodule.mask is not None
    assert nodule.mask.voxels.dtype == np.bool_


def test_findings_come_surest_first_with_ids_of_their_own(solid: tuple[VirtualCT, list[Finding], Report]) -> None:
    found = solid[1]
    assert [f.score for f in found] == sorted((f.score for f in found), key=lambda s: -(s or 0.0))
    assert len({f.id for f in found}) == len(found)


def test_a_sure_finding_is_told_before_the_end_under_the_name_it_keeps(bundle: Bundle) -> None:
    told: list[Finding] = []
    ct = chest(12.0)
    (nodule,) = at_truth(read(bundle, ct, report=Report(found=told.extend)), ct)
    early = next(f for f in told if f.id == nodule.id)
    assert early.center_lps_mm == nodule.center_lps_mm
    assert early.mask is not None


def test_what_stays_under_the_threshold_is_a_candidate_and_no_finding(bundle: Bundle) -> None:
    ct = chest(12.0)
    strict = replace(bundle, threshold=1.01)
    answered = run(strict, ct.voxels, ct.grid, META, Report())
    assert at_truth(list(answered.findings), ct) == []
    (nodule,) = at_truth(list(answered.candidates), ct)
    assert nodule.attributes["side"] == "left"


def test_where_the_reader_looks_changes_nothing_in_the_answer(
    bundle: Bundle, solid: tuple[VirtualCT, list[Finding], Report]
) -> None:
    report = Report()
    report.attention_k = 20
    assert [f.to_dict() for f in read(bundle, solid[0], report=report)] == [f.to_dict() for f in solid[1]]


def test_a_reader_without_its_outlining_part_is_refused(bundle: Bundle) -> None:
    with pytest.raises(Problem, match="lacks the part that outlines"):
        read(replace(bundle, parts={}), chest(12.0))


def test_time_is_told_by_part(solid: tuple[VirtualCT, list[Finding], Report]) -> None:
    assert list(solid[2].timings_s) == ["lungs", "nodules", "masses", "measuring"]
    assert solid[2].share == 1.0


def test_reading_twice_gives_the_same(bundle: Bundle, solid: tuple[VirtualCT, list[Finding], Report]) -> None:
    again = read(bundle, solid[0])
    assert [f.to_dict() for f in again] == [f.to_dict() for f in solid[1]]


def test_bfloat16_finds_the_same_nodule(bundle: Bundle, solid: tuple[VirtualCT, list[Finding], Report]) -> None:
    (here,) = at_truth(solid[1], solid[0])
    (there,) = at_truth(read(bundle, solid[0], report=Report(bf16=True)), solid[0])
    assert there.long_axis_mm == pytest.approx(here.long_axis_mm, abs=1.0)
    assert there.score == pytest.approx(here.score, abs=0.02)


def test_smaller_batches_change_nothing_that_matters(
    bundle: Bundle, solid: tuple[VirtualCT, list[Finding], Report]
) -> None:
    (nodule,) = at_truth(read(bundle, solid[0], report=Report(tile_scale=0.25)), solid[0])
    assert nodule.volume_mm3 == pytest.approx(at_truth(solid[1], solid[0])[0].volume_mm3, rel=0.02)


def test_a_chest_without_a_nodule_has_none_where_one_was(bundle: Bundle) -> None:
    ct = chest(12.0, hu=-850.0)
    assert at_truth(read(bundle, ct), ct) == []


def test_stored_values_are_turned_into_hu_first(bundle: Bundle, solid: tuple[VirtualCT, list[Finding], Report]) -> None:
    raw = replace(solid[0], voxels=(solid[0].voxels + 1024).astype(np.int16))
    (nodule,) = at_truth(read(bundle, raw, replace(META, intercept=-1024.0)), raw)
    assert nodule.mean_hu == pytest.approx(at_truth(solid[1], solid[0])[0].mean_hu, abs=1.0)


def test_a_picture_without_lungs_is_refused_in_one_sentence(bundle: Bundle) -> None:
    ct = chest(12.0)
    belly = np.full_like(ct.voxels, -1000)
    belly[:, 30:-30, 30:-30] = 40
    with pytest.raises(Problem, match="No lungs were found"):
        read(bundle, replace(ct, voxels=belly))


def test_cancel_is_heard_between_batches(bundle: Bundle) -> None:
    report = Report()
    report.cancel()
    with pytest.raises(Cancelled):
        read(bundle, chest(12.0), report=report)


def test_slices_that_could_not_be_read_are_passed_over(bundle: Bundle) -> None:
    ct = chest(12.0)
    ct.voxels[18] = -1000
    assert at_truth(read(bundle, ct, replace(META, failed_slices=(18,))), ct)


def test_a_mass_larger_than_any_nodule_of_the_training_is_one_finding(bundle: Bundle) -> None:
    ct = chest(40.0)
    (mass,) = at_truth(read(bundle, ct), ct)
    assert mass.long_axis_mm == pytest.approx(40.0, abs=5.0)
    assert mass.volume_mm3 == pytest.approx(ct.truth[0].volume_mm3, rel=0.4)
