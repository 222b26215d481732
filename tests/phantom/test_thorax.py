"""The virtual patient: is it a thorax, is it always the same one, and is its truth true."""

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from medviewer.core.job import Job
from medviewer.core.problem import Cancelled
from medviewer.phantom import thorax
from medviewer.phantom.virtual import TrueNodule, VirtualCT

TINY_KJI = (14, 64, 64)


def _around(ct: VirtualCT, nodule: TrueNodule, reach_mm: float) -> tuple[NDArray[np.int16], NDArray[np.float64]]:
    """Voxels of a cube around a nodule, and their distance from its centre in mm."""
    center = ct.grid.to_kji(nodule.center_lps_mm)
    half = np.ceil(reach_mm / np.asarray(ct.grid.spacing_kji_mm)).astype(int)
    low, high = np.rint(center).astype(int) - half, np.rint(center).astype(int) + half + 1
    k, j, i = (np.arange(a, b) for a, b in zip(low, high, strict=True))
    index = np.stack(np.meshgrid(k, j, i, indexing="ij"), axis=-1)
    apart = np.linalg.norm(ct.grid.to_lps(index) - nodule.center_lps_mm, axis=-1)
    return ct.voxels[low[0] : high[0], low[1] : high[1], low[2] : high[2]], apart


def _nodule(ct: VirtualCT, kind: str) -> TrueNodule:
    return next(nodule for nodule in ct.truth if nodule.id == kind)


def test_the_default_has_enough_slices_and_is_anisotropic(chest: VirtualCT) -> None:
    assert chest.voxels.shape == chest.grid.shape_kji == thorax.SHAPE_KJI
    assert chest.voxels.dtype == np.int16
    assert chest.grid.shape_kji[0] >= 120
    assert chest.grid.spacing_kji_mm == pytest.approx((2.0, 0.9, 0.9))


def test_the_same_seed_gives_the_same_patient() -> None:
    first = thorax.make(1, shape_kji=TINY_KJI)
    thorax._scene.cache_clear()
    other = thorax.make(1, shape_kji=TINY_KJI)
    assert np.array_equal(first.voxels, other.voxels)
    assert (first.truth, first.traps, first.grid) == (other.truth, other.traps, other.grid)


def test_another_seed_gives_another_patient() -> None:
    first, second = (thorax.make(seed, shape_kji=TINY_KJI) for seed in (1, 7))
    assert not np.array_equal(first.voxels, second.voxels)
    assert first.grid.origin_lps_mm != second.grid.origin_lps_mm
    assert first.truth != second.truth


def test_every_type_of_nodule_exists(chest: VirtualCT) -> None:
    types = [nodule.type for nodule in chest.truth]
    assert types.count("solid") >= 4
    assert {"part-solid", "ground-glass"} < set(types)
    for mark in ("calcified", "on_pleura", "spiculated", "lobulated"):
        assert sum(getattr(nodule, mark) for nodule in chest.truth) == 1, mark
    assert _nodule(chest, "part-solid").solid_part_mm == pytest.approx(7.0)
    assert [trap.kind for trap in chest.traps] == ["vessel crossing"]


@pytest.mark.parametrize(
    ("kind", "long_mm"),
    [("spiculated", 9), ("lobulated", 14), ("part-solid", 16), ("ground-glass", 12), ("calcified", 6), ("pleural", 8)],
)
def test_nodules_have_the_size_they_are_meant_to_have(chest: VirtualCT, kind: str, long_mm: float) -> None:
    nodule = _nodule(chest, kind)
    assert nodule.long_axis_mm == pytest.approx(long_mm, abs=0.2)
    assert 0.4 * long_mm < nodule.short_axis_mm <= nodule.long_axis_mm
    assert nodule.volume_mm3 < np.pi / 6 * (long_mm + 0.2) ** 3


@pytest.mark.parametrize("kind", ["spiculated", "lobulated", "calcified"])
def test_the_true_volume_and_centre_are_those_of_a_threshold_half_way_to_lung(chest: VirtualCT, kind: str) -> None:
    nodule = _nodule(chest, kind)
    voxels, apart = _around(chest, nodule, nodule.long_axis_mm)
    inner = float(np.median(voxels[apart < 0.2 * nodule.long_axis_mm]))
    labels, _ = ndimage.label((voxels > (inner - 840.0) / 2.0) & (apart < 0.75 * nodule.long_axis_mm))
    mask = labels == labels[tuple(np.array(labels.shape) // 2)]
    volume = float(mask.sum()) * chest.grid.voxel_mm3
    low = np.rint(chest.grid.to_kji(nodule.center_lps_mm)) - np.array(mask.shape) // 2
    center = chest.grid.to_lps(np.argwhere(mask).mean(axis=0) + low)
    assert volume == pytest.approx(nodule.volume_mm3, rel=0.2)
    assert np.linalg.norm(center - nodule.center_lps_mm) < 0.8


def test_densities_are_those_of_their_kind(chest: VirtualCT) -> None:
    core = {}
    for nodule in chest.truth:
        voxels, apart = _around(chest, nodule, nodule.long_axis_mm)
        core[nodule.id] = float(voxels[apart < 1.5].mean())
    assert core["calcified"] > 300
    assert -100 < core["spiculated"] < 120
    assert -50 < core["lobulated"] < 120
    assert core["ground-glass"] == pytest.approx(-590, abs=40)
    means = {nodule.id: nodule.mean_hu for nodule in chest.truth}
    assert means["ground-glass"] == pytest.approx(-610, abs=40)
    assert means["ground-glass"] < means["part-solid"] < means["lobulated"] < means["calcified"]


def test_nodules_lie_in_the_lung_and_one_on_the_pleura(chest: VirtualCT) -> None:
    for nodule in chest.truth:
        voxels, apart = _around(chest, nodule, nodule.long_axis_mm)
        shell = voxels[(apart > 0.62 * nodule.long_axis_mm) & (apart < 0.62 * nodule.long_axis_mm + 2.0)]
        aerated = float(np.mean(shell < -600))
        assert (0.2 < aerated < 0.8) if nodule.on_pleura else aerated > 0.85, nodule.id


def test_nodules_and_traps_keep_apart_and_are_on_both_sides(chest: VirtualCT) -> None:
    places = [nodule.center_lps_mm for nodule in chest.truth] + [trap.center_lps_mm for trap in chest.traps]
    assert min(float(np.linalg.norm(np.subtract(a, b))) for a, b in combinations(places, 2)) > 15.0
    assert {nodule.side for nodule in chest.truth} == {"right", "left"}
    assert len({nodule.lobe for nodule in chest.truth}) >= 3


def test_sides_are_told_in_lps(chest: VirtualCT) -> None:
    middle = chest.grid.to_lps((0, 0, (chest.grid.shape_kji[2] - 1) / 2))[0]
    for nodule in chest.truth:
        assert (nodule.center_lps_mm[0] > middle) == (nodule.side == "left")
        assert nodule.side in nodule.lobe


def test_left_and_right_cannot_be_confused(chest: VirtualCT) -> None:
    k, j, i = chest.grid.shape_kji
    belly = chest.voxels[k // 8, j // 2 - 60 : j // 2]
    liver, stomach = belly[:, 80 : i // 2], belly[:, i // 2 : -80]
    assert np.mean(liver > 60) > 0.7
    assert np.mean(stomach > 60) < 0.5
    heart = chest.voxels[int(k * 0.37), j // 2 - 80 : j // 2 + 40] > 60
    inner = heart[:, 90:-90].sum(axis=0)
    assert inner[len(inner) // 2 :].sum() > 1.2 * inner[: len(inner) // 2].sum()


def test_lungs_are_aerated_denser_at_the_back_and_of_human_size(chest: VirtualCT) -> None:
    inside = (chest.voxels < -700) & (chest.voxels > -960)
    labels, count = ndimage.label(ndimage.binary_opening(inside[:, ::2, ::2], iterations=2))
    sizes = ndimage.sum_labels(np.ones_like(labels), labels, range(1, count + 1))
    litres = float(np.sort(sizes)[-2:].sum()) * 4 * chest.grid.voxel_mm3 / 1e6
    assert 2.0 < litres < 6.0
    rows = np.nonzero(labels == 1 + int(np.argmax(sizes)))
    hu = chest.voxels[:, ::2, ::2][rows]
    front, back = np.percentile(rows[1], [20, 80])
    assert -890 < hu[rows[1] < front].mean() < hu[rows[1] > back].mean() - 10 < -790


def test_noise_is_that_of_a_ct(chest: VirtualCT) -> None:
    j = chest.grid.shape_kji[1]
    liver = chest.voxels[8:20, j // 2 - 35 : j // 2 - 15, 110:140].astype(float)
    liver -= ndimage.uniform_filter(liver, (0, 15, 15))
    beside = float((liver[:, :, 1:] * liver[:, :, :-1]).mean() / liver.var())
    further = float((liver[:, :, 4:] * liver[:, :, :-4]).mean() / liver.var())
    assert 17.0 < liver.std() < 33.0
    assert 0.2 < beside < 0.7
    assert abs(further) < 0.2


def test_the_prior_is_the_same_patient_with_two_smaller_nodules(coarse: VirtualCT, coarse_prior: VirtualCT) -> None:
    grown = []
    for now, before in zip(coarse.truth, coarse_prior.truth, strict=True):
        assert now.id == before.id
        assert before.volume_mm3 == now.prior_volume_mm3
        assert before.long_axis_mm == now.prior_long_axis_mm
        assert before.center_lps_mm == now.prior_center_lps_mm
        if now.grew:
            grown.append(now.id)
            assert before.volume_mm3 < 0.6 * now.volume_mm3
        else:
            assert before.volume_mm3 == now.volume_mm3
    assert sorted(grown) == ["part-solid", "spiculated"]
    assert all(nodule.prior_volume_mm3 is None for nodule in coarse_prior.truth)


def test_the_prior_patient_lies_where_the_shift_says(coarse: VirtualCT, coarse_prior: VirtualCT) -> None:
    assert coarse.shift_lps_mm == (0.0, 0.0, 0.0)
    assert coarse.grid == coarse_prior.grid
    assert 0.5 < np.linalg.norm(coarse_prior.shift_lps_mm) < 12.0
    for now, before in zip(coarse.truth, coarse_prior.truth, strict=True):
        if not now.grew:
            moved = np.subtract(before.center_lps_mm, now.center_lps_mm)
            assert moved == pytest.approx(coarse_prior.shift_lps_mm, abs=0.01)
    shift_kji = np.asarray(coarse_prior.shift_lps_mm)[::-1] / coarse.grid.spacing_kji_mm
    back = ndimage.shift(coarse_prior.voxels.astype(np.float32), -shift_kji, order=1, mode="nearest")
    inner = (slice(6, -6), slice(20, -20), slice(20, -20))
    aligned = np.abs(back - coarse.voxels)[inner].mean()
    as_is = np.abs(coarse_prior.voxels.astype(np.float32) - coarse.voxels)[inner].mean()
    assert aligned < 0.6 * as_is


def test_drawing_can_be_cancelled() -> None:
    job = Job()
    job.cancel()
    with pytest.raises(Cancelled):
        thorax.make(1, shape_kji=TINY_KJI, job=job)


def test_progress_runs_to_the_end() -> None:
    shares: list[float] = []
    job = Job(report=lambda j: shares.append(j.share))
    thorax.make(1, shape_kji=TINY_KJI, job=job)
    assert shares[-1] == 1.0
    assert shares == sorted(shares)
