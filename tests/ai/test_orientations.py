"""The reading of a scan finds the same in the patient however the voxels are stored, tilted or with uneven spacing."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates
from torch import Tensor

from medviewer import paths
from medviewer.ai.bundle import Bundle, load
from medviewer.ai.loaded import Loaded
from medviewer.ai.nodules import looking
from medviewer.ai.protocol import Meta, Report
from medviewer.ai.tasks.nodules import run
from medviewer.core.finding import Finding
from medviewer.core.grid import Grid, triple
from medviewer.core.job import Job
from medviewer.dicom.catalogue import Catalogue
from medviewer.dicom.load import load_volume
from medviewer.dicom.scan import scan
from medviewer.phantom import small
from tests.ai.orders import ALL_48, Order, name_of, stored, tilted

GRID = Grid((24, 104, 112), (-90.0, -80.0, -120.0), (3.0, 1.6, 1.9))
LEFT_KJI, RIGHT_KJI = (9.0, 52.0, 80.0), (17.0, 40.0, 31.0)  # upper third of one lung, middle of the other
FINE = Grid((20, 192, 224), (-90.0, -80.0, -120.0), (3.0, 0.85, 0.95))
FINE_KJI = (9.0, 90.0, 165.0)
UPRIGHT: Order = ((0, 1, 2), (False, False, False))
SOME: list[Order] = [
    ((0, 1, 2), (True, False, False)),  # feet first
    ((0, 1, 2), (False, True, True)),  # turned by 180 degrees within the slice
    ((0, 1, 2), (True, True, True)),
    ((0, 2, 1), (False, False, True)),  # rows and columns changed
    ((2, 0, 1), (False, True, False)),  # sagittal slices
    ((1, 2, 0), (True, False, True)),  # coronal slices
]
REAL = "chest-ct-1mm-LIDC-IDRI-0314-jls"
SHOWN, NODULE_KJI = slice(148, 172), (160, 243, 183)
TILT_DEG = (6.0, -5.0, 8.0)
Voxels = NDArray[np.int16]


class Bright(Loaded):
    """A net that marks what is brighter than half of its window."""

    def __init__(self) -> None:
        self.device = "cpu"

    def answers(self, inputs: Tensor) -> Tensor:
        return torch.where(inputs[:, 1:2] > 0.5, 2.0, -6.0)


@pytest.fixture(scope="module")
def shipped() -> Bundle:
    return load(paths.models() / "nodule-detection")


@pytest.fixture
def bright(shipped: Bundle, monkeypatch: pytest.MonkeyPatch) -> Bundle:
    """The shipped description with nets that only see brightness."""
    monkeypatch.setattr(looking, "loaded", lambda *_which: Bright())
    output = {name: value for name, value in shipped.output.items() if name != "score"}
    parts = {role: part for role, part in shipped.parts.items() if role == "outline"}
    return replace(shipped, parts=parts, output=output, threshold=0.5)


def chest(grid: Grid = GRID) -> Voxels:
    """A box of a chest with a nodule of 14 mm in the left lung and one of 9 mm in the right."""
    ct = small.make(14.0, grid=grid, center_kji=LEFT_KJI)
    share = small.sphere_share(grid, RIGHT_KJI, 9.0)
    both: Voxels = np.rint(ct.voxels + share * (40.0 - ct.voxels)).astype(np.int16)
    return both


def on(grid: Grid, voxels: Voxels, own: Grid) -> Voxels:
    """Sample ``voxels`` of grid ``own`` on another grid; air beyond."""
    at = own.to_kji(grid.to_lps(np.moveaxis(np.indices(grid.shape_kji), 0, -1)))
    sampled = map_coordinates(voxels.astype(np.float32), np.moveaxis(at, -1, 0), order=1, cval=-1000.0)
    rounded: Voxels = np.rint(sampled).astype(np.int16)
    return rounded


def read(bundle: Bundle, voxels: Voxels, grid: Grid) -> list[Finding]:
    meta = Meta("1.9", tuple(f"1.9.{k}" for k in range(len(voxels))), "CT")
    return list(run(bundle, voxels, grid, meta, Report()).findings)


def told(finding: Finding) -> list[float]:
    """Place, box, axes, volume, density and score as numbers."""
    return [
        *finding.center_lps_mm, *np.ravel(finding.box_lps_mm), finding.long_axis_mm, finding.short_axis_mm,
        finding.volume_mm3, finding.mean_hu, finding.score or 0.0,
    ]  # fmt: skip


def assert_same(found: Sequence[Finding], like: Sequence[Finding]) -> None:
    assert len(found) == len(like) > 0
    for one, other in zip(found, like, strict=True):
        assert told(one) == pytest.approx(told(other), abs=1e-6)
        assert one.attributes == other.attributes


@pytest.fixture(scope="module")
def expected(shipped: Bundle) -> list[Finding]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(looking, "loaded", lambda *_which: Bright())
        plain = replace(shipped, parts={"outline": shipped.parts["outline"]}, threshold=0.5)
        return read(plain, chest(), GRID)


def test_both_nodules_are_found_where_they_are(expected: list[Finding]) -> None:
    left, right = sorted(expected, key=lambda finding: -finding.center_lps_mm[0])
    assert len(expected) == 2
    assert np.linalg.norm(np.subtract(left.center_lps_mm, GRID.to_lps(LEFT_KJI))) < 1.0
    assert np.linalg.norm(np.subtract(right.center_lps_mm, GRID.to_lps(RIGHT_KJI))) < 1.0
    assert [finding.attributes["side"] for finding in (left, right)] == ["left", "right"]
    assert left.long_axis_mm == pytest.approx(14.0, abs=2.0)
    assert right.long_axis_mm == pytest.approx(9.0, abs=2.0)


@pytest.mark.parametrize("order", ALL_48, ids=name_of)
def test_each_of_the_48_orders_gives_the_same_findings_in_the_patient(
    order: Order, bright: Bundle, expected: list[Finding]
) -> None:
    voxels, grid = stored(chest(), GRID, order)
    found = read(bright, voxels, grid)
    assert_same(found, expected)
    for finding, like in zip(found, expected, strict=True):
        assert finding.mask is not None
        assert like.mask is not None
        inside = np.argwhere(finding.mask.voxels) + finding.mask.offset_kji
        assert len(inside) == like.mask.count
        assert grid.to_lps(inside).mean(axis=0) == pytest.approx(finding.center_lps_mm, abs=1e-6)
        if finding.sop_uid:  # the image on which the nodule is largest
            at = float(grid.to_kji(finding.center_lps_mm)[0])
            assert abs(int(finding.sop_uid.rpartition(".")[2]) - at) <= 1.5


@pytest.mark.parametrize("order", [UPRIGHT, *SOME], ids=name_of)
def test_a_tilted_volume_gives_the_same_findings_within_a_voxel(
    order: Order, bright: Bundle, expected: list[Finding]
) -> None:
    slanted = tilted(GRID, TILT_DEG)
    voxels, grid = stored(on(slanted, chest(), GRID), slanted, order)
    found = read(bright, voxels, grid)
    assert len(found) == len(expected)
    for finding in found:
        (like,) = [one for one in expected if one.attributes["side"] == finding.attributes["side"]]
        away_mm = np.subtract(finding.center_lps_mm, like.center_lps_mm)
        assert np.linalg.norm(away_mm) < max(GRID.spacing_kji_mm)
        assert finding.long_axis_mm == pytest.approx(like.long_axis_mm, abs=2.5)
        assert finding.short_axis_mm == pytest.approx(like.short_axis_mm, abs=2.5)
        assert finding.attributes["zone"] == like.attributes["zone"]


def test_the_shipped_networks_find_the_same_in_every_order(shipped: Bundle) -> None:
    ct = small.make(12.0, grid=FINE, center_kji=FINE_KJI, noise_hu=20.0)
    expected = read(shipped, ct.voxels, FINE)
    assert min(np.linalg.norm(np.subtract(f.center_lps_mm, ct.truth[0].center_lps_mm)) for f in expected) < 3.0
    for order in SOME[2:5]:  # all flipped, rows and columns changed, sagittal: 12 s of one core each
        assert_same(read(shipped, *stored(ct.voxels, FINE, order)), expected)


@pytest.mark.data
def test_a_real_nodule_is_found_at_the_same_place_when_the_scan_is_stored_feet_first(
    shipped: Bundle, shared_data: Path
) -> None:
    catalogue = Catalogue()
    catalogue.add(list(scan(shared_data / "dicom" / REAL, Job())))
    whole = catalogue.studies()[0].series[0]
    assert whole.grid is not None
    shape = (SHOWN.stop - SHOWN.start, *whole.grid.shape_kji[1:])
    grid = replace(whole.grid, shape_kji=shape, origin_lps_mm=triple(whole.grid.to_lps((SHOWN.start, 0, 0))))
    volume = load_volume(replace(whole, headers=whole.headers[SHOWN], grid=grid), Job())
    voxels = volume.voxels.copy()
    volume.close()
    expected = read(shipped, voxels, grid)
    assert min(np.linalg.norm(np.subtract(f.center_lps_mm, whole.grid.to_lps(NODULE_KJI))) for f in expected) < 5.0
    found = read(shipped, *stored(voxels, grid, ((0, 1, 2), (True, False, True))))
    assert_same(found, expected)
    for one, like in zip(found, expected, strict=True):
        assert one.mask is not None
        assert like.mask is not None
        assert one.mask.box[0] == slice(len(voxels) - like.mask.box[0].stop, len(voxels) - like.mask.box[0].start)
