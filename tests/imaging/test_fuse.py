"""Two series in one picture: each pixel's colour worked out by hand, and the other series where it belongs."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from medviewer.core.grid import Grid, triple
from medviewer.core.job import Job
from medviewer.core.look import Window
from medviewer.core.shared import SharedArray
from medviewer.core.study import Header, Series
from medviewer.core.volume import FAILED, PENDING, READY, Volume
from medviewer.imaging import fuse, reslice
from medviewer.imaging.colours import colour_map
from medviewer.imaging.curved import curved_geometry
from medviewer.imaging.fuse import NOTHING, Mode, Tint

UPRIGHT = Window(50.0, 100.0, "LINEAR_EXACT")  # 0 to 100
# A head lying on its side in another scanner: a quarter turn about the long axis, and a shift.
TURNED = np.array([[0.0, -1.0, 0.0, 30.0], [1.0, 0.0, 0.0, -10.0], [0.0, 0.0, 1.0, 5.0], [0.0, 0.0, 0.0, 1.0]])


def parts(words: NDArray[np.uint32]) -> list[list[int]]:
    """Return 0xffRRGGBB as red, green, blue of each pixel."""
    return [[int(word) >> 16 & 255, int(word) >> 8 & 255, int(word) & 255] for word in words.reshape(-1)]


def laid(base: int, voxel: int, tint: Tint) -> list[int]:
    """Return the colour of one pixel: ``voxel`` over a grey ``base``."""
    under = np.array([[0xFF000000 | base * 0x010101]], np.uint32)
    return parts(fuse.over(under, np.array([[voxel]], np.int16), tint, 1.0, 0.0))[0]


@pytest.fixture
def made() -> Iterator[list[Volume]]:
    volumes: list[Volume] = []
    yield volumes
    for volume in volumes:
        volume.close()


def volume_of(grid: Grid, voxels: NDArray[np.int16], made: list[Volume]) -> Volume:
    block, state = SharedArray.make(grid.shape_kji, "int16"), SharedArray.make((grid.shape_kji[0],), "uint8")
    block.array[...], state.array[...] = voxels, READY
    headers = tuple(Header("", f"1.{k}", "", "1", "2") for k in range(grid.shape_kji[0]))
    made.append(Volume(Series("2", headers, (), grid), grid, block, state, unit="SUVbw"))
    return made[-1]


def marker(grid: Grid, at_kji: tuple[int, int, int], made: list[Volume]) -> Volume:
    """Return a volume that is 0 but for one voxel."""
    voxels = np.zeros(grid.shape_kji, np.int16)
    voxels[at_kji] = 1000
    return volume_of(grid, voxels, made)


# ---- colours over greys ----


def test_half_of_a_colour_and_half_of_the_grey_are_added() -> None:
    # Value 100 is the top of the window: hot iron's white. 120 / 2 + 255 / 2 = 187.5.
    assert laid(120, 100, Tint(UPRIGHT, "hot-iron", 0.5)) == pytest.approx([187] * 3, abs=1)


def test_the_colour_is_the_maps_own_at_the_values_place_in_its_window() -> None:
    # Value 25 of 0 to 100 is level 64, hot iron (128, 0, 0); a quarter of it over three quarters of 80.
    red, green, blue = laid(80, 25, Tint(UPRIGHT, "hot-iron", 0.25))
    assert red == pytest.approx(0.75 * 80 + 0.25 * 128, abs=1.01)
    assert [green, blue] == pytest.approx([60, 60], abs=1.01)


def test_nothing_of_the_colours_leaves_the_greys_as_they_are() -> None:
    assert laid(77, 60, Tint(UPRIGHT, "pet", 0.0)) == [77, 77, 77]


def test_all_of_the_colours_covers_the_greys() -> None:
    assert laid(77, 100, Tint(UPRIGHT, "red", 1.0)) == pytest.approx([255, 0, 0], abs=1)


def test_values_at_the_windows_floor_leave_the_greys_clear_only_where_wanted() -> None:
    assert laid(90, 0, Tint(UPRIGHT, "grey-inverse", 1.0)) == [90, 90, 90]
    assert laid(90, -40, Tint(UPRIGHT, "grey-inverse", 1.0)) == [90, 90, 90]
    covered = laid(90, 0, Tint(UPRIGHT, "grey-inverse", 1.0, clear_below=False))
    assert covered == pytest.approx([255] * 3, abs=1)


def test_colours_come_up_over_the_lowest_tenth_of_the_window() -> None:
    # Value 5 is half way up that tenth: half of the share counts. Level 13 of green.
    assert laid(100, 5, Tint(UPRIGHT, "green", 1.0)) == pytest.approx([50, 50 + 6, 50], abs=2)


def test_places_without_the_other_series_stay_grey() -> None:
    assert laid(64, NOTHING, Tint(UPRIGHT, "grey-inverse", 1.0, clear_below=False)) == [64, 64, 64]


def test_no_part_ever_runs_over_into_the_next() -> None:
    base = np.full((1, 101), 0xFFFFFFFF, np.uint32)
    values = np.arange(101, dtype=np.int16)[None]
    for share in np.linspace(0.0, 1.0, 11):
        for colours in ("grey-inverse", "hot-iron", "pet", "cool"):
            found = np.array(parts(fuse.over(base, values, Tint(UPRIGHT, colours, float(share), False), 1.0, 0.0)))
            table = colour_map(colours).table[np.rint(values[0] * 2.55).astype(int)]
            # Two neighbouring levels of a map are four apart at most; a part that ran over would be off by a hundred.
            assert np.abs(found - (255 * (1 - share) + table * share)).max() < 6.5


def test_the_other_series_own_scale_is_used() -> None:
    found = fuse.over(np.zeros((1, 1), np.uint32), np.array([[1000]], np.int16), Tint(UPRIGHT, "red", 1.0), 0.1, -50.0)
    assert parts(found)[0] == pytest.approx([128, 0, 0], abs=2)  # 1000 * 0.1 - 50 is the middle of 0 to 100


# ---- one against the other ----


def compare(one: int, other: int, mode: Mode, voxel: int = 1) -> list[int]:
    greys = [np.array([[value]], np.uint8) for value in (one, other)]
    return parts(fuse.compared(greys[0], greys[1], np.array([[voxel]], np.int16), mode, (1.0, 1.0)))[0]


def test_two_colours_are_grey_where_the_series_agree() -> None:
    assert compare(90, 90, "two-colours") == [90, 90, 90]
    assert compare(90, 10, "two-colours") == [90, 10, 90]
    assert compare(10, 90, "two-colours") == [10, 90, 10]


def test_the_difference_is_middle_grey_where_they_agree() -> None:
    assert compare(200, 200, "difference") == [128] * 3
    assert compare(0, 255, "difference") == [255] * 3
    assert compare(255, 0, "difference") == [0] * 3


def test_where_there_is_only_one_series_that_one_is_seen() -> None:
    assert compare(90, 10, "two-colours", NOTHING) == [90] * 3
    assert compare(90, 10, "squares", NOTHING) == [90] * 3
    assert compare(90, 10, "difference", NOTHING) == [45] * 3


def test_squares_take_turns_and_are_square_in_millimetres() -> None:
    one, other = np.zeros((60, 60), np.uint8), np.full((60, 60), 255, np.uint8)
    found = fuse.compared(one, other, np.ones((60, 60), np.int16), "squares", (2.0, 1.0)) & np.uint32(255)
    assert (found[0, 23], found[0, 24], found[0, 48]) == (0, 255, 0)  # 24 mm are 24 columns of 1 mm
    assert (found[11, 0], found[12, 0], found[24, 0]) == (0, 255, 0)  # and 12 rows of 2 mm
    assert found[12, 24] == 0


# ---- where the other series is ----


@pytest.mark.parametrize("orientation", reslice.ORIENTATIONS)
def test_a_marker_lands_where_the_patient_has_it(orientation: reslice.Orientation, made: list[Volume]) -> None:
    fine = Grid((20, 40, 50), (-20.0, -30.0, -40.0), (3.0, 1.5, 1.25))
    coarse = Grid((15, 16, 17), (-25.0, -35.0, -45.0), (4.0, 5.0, 4.5))
    other = marker(coarse, (6, 8, 7), made)
    at_lps_mm = coarse.to_lps((6, 8, 7))
    index = reslice.index_at(fine, orientation, at_lps_mm)
    where = reslice.geometry(fine, orientation, index)
    found = fuse.sampling(other, where, np.eye(4))(None)
    x, y = (round(float(v)) for v in where.to_xy(at_lps_mm))
    hottest = np.unravel_index(int(found.argmax()), found.shape)
    assert np.abs(np.array(hottest) - (y, x)).max() <= 1
    weight = np.where(found == NOTHING, 0, found).astype(float)
    rows, columns = np.indices(found.shape)
    middle = [float((weight * axis).sum() / weight.sum()) for axis in (columns, rows)]
    assert middle == pytest.approx(where.to_xy(at_lps_mm).tolist(), abs=0.2)


def test_a_registered_series_is_sampled_through_its_relation(made: list[Volume]) -> None:
    grid = Grid((20, 20, 20))
    at_lps_mm = np.array([12.0, 7.0, 3.0])
    there = (TURNED @ [*at_lps_mm, 1.0])[:3]
    moved = Grid((20, 20, 20), triple(there - 9.0))  # its voxel (9, 9, 9) is the place
    other = marker(moved, (9, 9, 9), made)
    where = reslice.geometry(grid, "axial", 3)
    found = fuse.sampling(other, where, TURNED)(None)
    assert found[7, 12] == 1000
    assert np.count_nonzero(found > 0) == 1


def test_a_carried_plane_has_the_same_pixels_in_the_other_space() -> None:
    where = reslice.turned(
        reslice.geometry(Grid((9, 30, 40), spacing_kji_mm=(3.0, 0.7, 0.9)), "coronal", 5), 20, "down"
    )
    there = fuse.carried(where, TURNED)
    points = where.to_lps([[0, 0], [11, 3], [39, 8]])
    assert there.to_lps([[0, 0], [11, 3], [39, 8]]) == pytest.approx(points @ TURNED[:3, :3].T + TURNED[:3, 3])
    assert there.shape == where.shape


@pytest.mark.parametrize("state", [PENDING, FAILED])
def test_slices_that_were_not_read_hold_nothing(state: int, made: list[Volume]) -> None:
    other = volume_of(Grid((4, 6, 6)), np.full((4, 6, 6), 7, np.int16), made)
    other.state[2] = state
    found = fuse.sampling(other, reslice.geometry(other.grid, "coronal", 3), np.eye(4))(None)
    head_first = found[:, 0].tolist()[::-1]
    assert head_first == [7, 7, NOTHING, 7]


def test_outside_the_other_series_there_is_nothing(made: list[Volume]) -> None:
    other = volume_of(Grid((4, 6, 6), (10.0, 0.0, 0.0)), np.full((4, 6, 6), 7, np.int16), made)
    found = fuse.sampling(other, reslice.geometry(Grid((4, 6, 20)), "axial", 1), np.eye(4))(None)
    assert [n for n, value in enumerate(found[0]) if value == 7] == list(range(10, 16))
    assert set(np.unique(found)) == {7, NOTHING}


def test_a_bent_plane_is_fused_along_its_line_through_the_relation(made: list[Volume]) -> None:
    """The other scanner's values grow by 10 a millimetre towards its own left, which is the first one's front."""
    grid = Grid((20, 60, 60))
    ramp = np.broadcast_to(np.arange(90) * 10, (40, 90, 90)).astype(np.int16)
    other = volume_of(Grid((40, 90, 90), (-40.0, -20.0, -5.0)), ramp, made)
    where = curved_geometry(grid, [(10.0, 10.0, 9.0), (25.0, 30.0, 9.0), (40.0, 20.0, 9.0)])
    found = fuse.sampling(other, where, TURNED)(None)
    row = round(where.first_row)
    left_mm = (where.line @ TURNED[:3, :3].T + TURNED[:3, 3])[:, 0]
    assert found[row].tolist() == pytest.approx(((left_mm + 40.0) * 10).tolist(), abs=1)


def test_a_slab_blends_the_layers_of_the_other_series(made: list[Volume]) -> None:
    other = marker(Grid((9, 9, 9)), (4, 4, 4), made)
    where = reslice.geometry(other.grid, "axial", 2)
    assert fuse.sampling(other, where, np.eye(4))(None)[4, 4] == 0
    assert fuse.sampling(other, where, np.eye(4), slab_mm=4.0, blend="max")(None)[4, 4] == 1000


def test_the_value_at_a_place_is_the_other_series_own(made: list[Volume]) -> None:
    other = marker(Grid((9, 9, 9), (0.0, 0.0, 0.0), (2.0, 2.0, 2.0)), (3, 4, 5), made)
    assert fuse.value_at(other, (10.4, 8.3, 5.7), np.eye(4)) == 1000.0
    assert fuse.value_at(other, (12.4, 8.3, 5.7), np.eye(4)) == 0.0
    assert fuse.value_at(other, (100.0, 8.0, 6.0), np.eye(4)) is None
    other.state[3] = PENDING
    assert fuse.value_at(other, (10.0, 8.0, 6.0), np.eye(4)) is None


# ---- a patient ----


def _read(folder: Path) -> Volume:
    from medviewer.dicom.catalogue import Catalogue
    from medviewer.dicom.load import load_volume
    from medviewer.dicom.scan import scan

    catalogue = Catalogue()
    catalogue.add(scan(folder, Job()))
    return load_volume(catalogue.studies()[0].series[0], Job())


@pytest.fixture
def patient(shared_data: Path, made: list[Volume]) -> tuple[Volume, Volume]:
    """CT and PET of one patient, of unlike grids in one frame of reference."""
    folder = shared_data / "dicom" / "pet-ct-mr-STS_001"
    made.extend(_read(folder / name / "image") for name in ("CT", "PET"))
    assert made[0].grid.shape_kji != made[1].grid.shape_kji
    return made[0], made[1]


def _suv(
    ct: Volume, pet: Volume, orientation: reslice.Orientation, at_lps_mm: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return SUV on the CT's plane through a place, and where its pixels are in the patient."""
    where = reslice.geometry(ct.grid, orientation, reslice.index_at(ct.grid, orientation, at_lps_mm))
    voxels = fuse.sampling(pet, where, np.eye(4))(None)
    columns, rows = np.meshgrid(np.arange(where.shape[1]), np.arange(where.shape[0]))
    suv = np.where(voxels == NOTHING, 0.0, voxels * pet.slope + pet.intercept)
    return suv, where.to_lps(np.stack([columns, rows], axis=-1))


@pytest.mark.data
def test_the_hottest_place_lies_at_the_same_place_of_the_patient_in_all_three_planes(
    patient: tuple[Volume, Volume],
) -> None:
    ct, pet = patient
    hottest_kji = np.unravel_index(int(pet.voxels.argmax()), pet.voxels.shape)
    hottest_lps_mm = pet.grid.to_lps(hottest_kji)
    for orientation in reslice.ORIENTATIONS:
        suv, points = _suv(ct, pet, orientation, hottest_lps_mm)
        y, x = np.unravel_index(int(suv.argmax()), suv.shape)
        assert points[y, x] == pytest.approx(hottest_lps_mm, abs=2.5)  # half a voxel of the PET
        assert suv[y, x] == pytest.approx(25.41, rel=0.05)
        assert fuse.value_at(pet, triple(points[y, x]), np.eye(4)) == pytest.approx(25.41, abs=0.01)


@pytest.mark.data
def test_the_pet_glows_in_the_tumour_that_was_drawn_on_the_ct(
    shared_data: Path, patient: tuple[Volume, Volume]
) -> None:
    """The structure set knows the CT alone: the PET, sampled on the CT's planes, must be hot inside it."""
    from medviewer.dicom.catalogue import Catalogue
    from medviewer.dicom.objects import load_layers
    from medviewer.dicom.scan import scan

    (ct, pet), folder = patient, shared_data / "dicom" / "pet-ct-mr-STS_001" / "CT"
    catalogue = Catalogue()
    catalogue.add(scan(folder, Job()))
    structures = next(series for series in catalogue.studies()[0].series if series.kind == "contours")
    (layer,), _told = load_layers(structures, ct, Job())
    drawn = np.concatenate([contour.points_lps_mm for contour in layer.contours])
    low, high = drawn.min(axis=0), drawn.max(axis=0)
    for orientation in reslice.ORIENTATIONS:
        suv, points = _suv(ct, pet, orientation, (low + high) / 2)
        inside = np.all((points >= low) & (points <= high), axis=-1)
        below_pelvis = ~inside & (points[..., 2] < high[2])  # urine is hotter than any tumour
        assert suv[inside].max() > 1.5 * suv[below_pelvis].max()
        assert suv[inside].mean() > 2.0 * suv[below_pelvis].mean()
