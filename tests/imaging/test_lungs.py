"""The lung mask holds the lungs, what sits in and at them, and nothing else."""

from collections.abc import Callable
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray

from medviewer.core.grid import Grid
from medviewer.core.job import Job
from medviewer.core.problem import Cancelled
from medviewer.imaging.lungs import Place, Side, Zone, lung_mask, place
from medviewer.imaging.turn import Turn

Voxels = NDArray[np.int16]
Bools = NDArray[np.bool_]
GRID = Grid((30, 128, 160), (-199.0, -159.0, -116.0), (8.0, 2.5, 2.5))


class Chest:
    """A box-shaped world of 400 × 320 × 240 mm around (0, 0, 0): body, two lungs, windpipe, a table with air inside."""

    def __init__(self, grid: Grid = GRID) -> None:
        self.grid = grid
        self.x, self.y, self.z = np.moveaxis(grid.to_lps(np.moveaxis(np.indices(grid.shape_kji), 0, -1)), -1, 0)
        self.hu = np.full(grid.shape_kji, -1000, np.int16)
        self.hu[(self.x / 170) ** 2 + (self.y / 120) ** 2 < 1] = 40
        self.right, self.left = (
            ((self.x - x) / 55) ** 2 + (self.y / 85) ** 2 + (self.z / 100) ** 2 < 1 for x in (-80.0, 80.0)
        )
        self.hu[self.right | self.left] = -850
        self.windpipe = (self.x**2 + self.y**2 < 9**2) & (self.z > 20)
        self.hu[self.windpipe] = -1000
        table = (np.abs(self.x) < 150) & (np.abs(self.y - 140) < 14)
        self.hu[table] = 100
        self.hu[table & (np.abs(self.y - 140) < 10) & (np.abs(self.x) < 146)] = -950

    def ball(self, x: float, y: float, z: float, radius_mm: float) -> Bools:
        inside: Bools = (self.x - x) ** 2 + (self.y - y) ** 2 + (self.z - z) ** 2 < radius_mm**2
        return inside

    def mask(self) -> Bools:
        return lung_mask(self.hu, self.grid)


def share_of(part: Bools, mask: Bools) -> float:
    """How much of ``part`` lies in ``mask``."""
    return float(np.count_nonzero(part & mask) / np.count_nonzero(part))


def test_both_lungs_are_in_and_windpipe_table_and_air_are_not() -> None:
    chest = Chest()
    mask = chest.mask()
    assert share_of(chest.right, mask) > 0.98
    assert share_of(chest.left, mask) > 0.98
    assert share_of(mask, chest.right | chest.left) > 0.95
    assert share_of(chest.windpipe, mask) == 0.0


def test_nodules_and_vessels_inside_are_in() -> None:
    chest = Chest()
    nodule, vessel = chest.ball(-80, 0, 0, 15), (np.hypot(chest.x - 80, chest.y) < 4) & chest.left
    chest.hu[nodule | vessel] = 50
    mask = chest.mask()
    assert share_of(nodule, mask) == 1.0
    assert share_of(vessel, mask) == 1.0


def test_a_nodule_on_the_pleura_is_in() -> None:
    chest = Chest(Grid((12, 214, 267), (-199.0, -159.0, -22.0), (4.0, 1.5, 1.5)))
    nodule = chest.ball(-130, 0, 0, 8) & chest.right
    chest.hu[nodule] = 50
    assert share_of(nodule, chest.mask()) > 0.9


def test_a_mass_of_40_mm_at_the_chest_wall_is_largely_in() -> None:
    chest = Chest()
    mass = chest.ball(-120, 0, 0, 20) & chest.right
    chest.hu[mass] = 50
    assert share_of(mass, chest.mask()) > 0.8


def test_a_mass_of_40_mm_at_the_mediastinum_is_largely_in() -> None:
    chest = Chest()
    mass = chest.ball(-45, 0, 0, 20) & chest.right
    chest.hu[mass] = 50
    assert share_of(mass, chest.mask()) > 0.8


def test_lungs_that_touch_in_front_are_told_apart_and_closed_each() -> None:
    chest = Chest()
    bridge = (np.abs(chest.x) < 40) & (np.abs(chest.y + 30) < 3) & (np.abs(chest.z) < 20)
    chest.hu[bridge] = -850
    mask = chest.mask()
    assert share_of(chest.right | chest.left, mask) > 0.97
    assert share_of((np.abs(chest.x) < 15) & (np.abs(chest.y) < 15), mask) == 0.0


def test_one_lung_alone_is_found() -> None:
    chest = Chest()
    chest.hu[chest.left] = 30
    mask = chest.mask()
    assert share_of(chest.right, mask) > 0.98
    assert share_of(chest.left, mask) < 0.01


@pytest.mark.parametrize("spacing", [(8.0, 1.0, 1.0), (2.0, 2.5, 2.5), (8.0, 1.5, 0.7)])
def test_thin_and_thick_slices_and_fine_pixels_give_the_same_lungs(spacing: tuple[float, float, float]) -> None:
    shape = tuple(int(size / step) for size, step in zip((240, 320, 400), spacing, strict=True))
    chest = Chest(Grid((shape[0], shape[1], shape[2]), (-199.0, -159.0, -119.0), spacing))
    mask = chest.mask()
    assert mask.shape == shape
    assert share_of(chest.right | chest.left, mask) > 0.96
    assert share_of(mask, chest.right | chest.left) > 0.93


def test_the_array_may_lie_any_way_in_the_patient() -> None:
    straight = Chest().mask()
    axes = ((1.0, 0.0, 0.0), (0.0, 0.0, -1.0), (0.0, 1.0, 0.0))
    grid = Grid((160, 30, 128), (-199.0, -159.0, 116.0), (2.5, 8.0, 2.5), axes)
    chest = Chest(grid)
    assert np.array_equal(Turn.of(grid).apply(chest.mask()), straight)


def bowel_gas(chest: Chest) -> None:
    chest.hu[chest.right | chest.left] = 30
    chest.hu[chest.ball(0, 0, -60, 40)] = -1000


def no_air(chest: Chest) -> None:
    chest.hu[chest.hu < 40] = 40


def nothing(chest: Chest) -> None:
    chest.hu[:] = -1000


def a_head(chest: Chest) -> None:
    chest.hu[:] = -1000
    chest.hu[chest.ball(0, 0, 0, 90)] = 40
    chest.hu[chest.ball(0, -40, -20, 20)] = -900


@pytest.mark.parametrize("change", [bowel_gas, no_air, nothing, a_head])
def test_a_picture_without_lungs_gives_an_empty_mask(change: Callable[[Chest], None]) -> None:
    chest = Chest()
    change(chest)
    assert not chest.mask().any()


def test_padding_outside_the_field_of_view_is_only_air() -> None:
    chest = Chest()
    chest.hu[np.hypot(chest.x, chest.y) > 190] = -3024
    assert share_of(chest.right | chest.left, chest.mask()) > 0.97


def test_a_single_slice_does_not_crash() -> None:
    chest = Chest(Grid((1, 160, 200), (-199.0, -159.0, 0.0), (5.0, 2.0, 2.0)))
    assert chest.mask().shape == (1, 160, 200)


def test_cancel_is_heard() -> None:
    job = Job()
    job.cancel()
    with pytest.raises(Cancelled):
        lung_mask(Chest().hu, GRID, job)


def test_the_share_done_only_grows() -> None:
    class Listening(Job):
        shares: list[float] = []  # noqa: RUF012 - one job in one test

        def step(self, share: float, text: str = "") -> None:
            super().step(share, text)
            self.shares.append(share)

    lung_mask(Chest().hu, GRID, job := Listening())
    assert job.shares == sorted(job.shares)
    assert len(job.shares) > 5


def test_places_are_told_by_side_and_thirds_in_the_patient() -> None:
    chest = Chest()
    lungs = chest.right | chest.left
    for x, side in ((-80.0, "right"), (80.0, "left")):
        for z, zone in ((80.0, "upper"), (0.0, "middle"), (-80.0, "lower")):
            assert place(GRID, lungs, (x, 0.0, z)) == Place(cast(Side, side), cast(Zone, zone))


def test_the_place_does_not_depend_on_the_way_the_array_lies() -> None:
    chest = Chest()
    backwards = Grid(GRID.shape_kji, (199.0, -159.0, 116.0), GRID.spacing_kji_mm, ((0, 0, -1), (0, 1, 0), (-1, 0, 0)))
    lungs = (chest.right | chest.left)[::-1, :, ::-1]
    assert place(backwards, lungs, (-80.0, 0.0, 80.0)) == Place("right", "upper")


def test_a_place_without_lungs_has_no_name() -> None:
    assert place(GRID, np.zeros(GRID.shape_kji, bool), (0.0, 0.0, 0.0)) == Place("", "")


def real_ct(folder: Path, every: int = 1) -> tuple[Voxels, Grid]:
    """Read each ``every``-th slice of a straightforward axial CT with pydicom alone."""
    import pydicom

    heads = [pydicom.dcmread(path, stop_before_pixels=True) for path in folder.rglob("*.dcm")]
    chosen = sorted(heads, key=lambda one: float(one.ImagePositionPatient[2]))[::every]
    images = [pydicom.dcmread(cast(str, head.filename)) for head in chosen]
    hu = [one.pixel_array * float(one.RescaleSlope) + float(one.RescaleIntercept) for one in images]
    x, y, z = (float(v) for v in images[0].ImagePositionPatient)
    row_mm, column_mm = (float(v) for v in images[0].PixelSpacing)
    step_mm = (float(images[-1].ImagePositionPatient[2]) - z) / (len(images) - 1)
    voxels = np.stack(hu).astype(np.int16)
    rows, columns = voxels.shape[1:]
    return voxels, Grid((len(images), rows, columns), (x, y, z), (step_mm, row_mm, column_mm))


@pytest.mark.data
def test_a_real_chest_has_two_lungs_with_the_marked_nodule_in(shared_data: Path) -> None:
    voxels, grid = real_ct(shared_data / "dicom" / "chest-ct-1mm-LIDC-IDRI-0314-jls", every=5)
    mask = lung_mask(voxels, grid)
    assert 2_500_000 < mask.sum() * grid.voxel_mm3 < 3_500_000
    assert mask[31:34, 238:250, 177:189].all()  # the middle of what four LIDC readers outlined, slices 152 to 168
    assert place(grid, mask, grid.to_lps((32, 243, 183))).side == "right"


@pytest.mark.data
def test_a_real_chest_with_thick_slices_has_two_lungs_with_the_lesion_in(shared_data: Path) -> None:
    voxels, grid = real_ct(shared_data / "dicom" / "chest-ct-8mm-Lung_Dx-A0002")
    mask = lung_mask(voxels, grid)
    assert 2_000_000 < mask.sum() * grid.voxel_mm3 < 4_000_000
    lesion = mask[13, 285:335, 140:190]
    assert lesion.mean() > 0.9
    assert place(grid, mask, grid.to_lps((13, 310, 165))).side == "right"


@pytest.mark.data
def test_a_head_has_no_lungs(shared_data: Path) -> None:
    voxels, grid = real_ct(shared_data / "dicom" / "head-ct-gantry-tilt-phantom-jls")
    assert not lung_mask(voxels, grid).any()
