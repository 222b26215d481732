"""Structure sets over their images."""

from pathlib import Path

import numpy as np
import pydicom
import pytest

from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.core.study import Study
from medviewer.dicom.objects import load_layers, target
from tests.dicom.objects.cases import SHAPE, images, layers_over, lps, region, rtstruct_file, series_of, volume_over


@pytest.fixture
def ct(tmp_path: Path) -> list[Path]:
    return images(tmp_path / "ct")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "rs.dcm"


# row, column; no mirror image of it is the same
WEDGE = ((5.0, 4.0), (30.0, 4.0), (30.0, 20.0))


def test_a_closed_contour_lies_on_its_slice_with_name_colour_and_type(ct: list[Path], out: Path) -> None:
    series = series_of(ct)
    file = rtstruct_file(out, [region(("CLOSED_PLANAR", lps(series.headers[1], *WEDGE)), colour=(1, 200, 3))])
    (layer,), told = layers_over(series, file, "contours")
    (contour,) = layer.contours
    assert told == []
    assert (layer.kind, layer.title, layer.colour_rgb) == ("contour", "region 1", (1, 200, 3))
    assert (layer.meaning, layer.algorithm) == ("gross tumour volume", "drawn by hand")
    assert (contour.form, contour.k) == ("closed", 1)
    assert contour.points_lps_mm == pytest.approx(np.array(lps(series.headers[1], *WEDGE)))


def test_the_voxels_inside_are_those_whose_centres_are(ct: list[Path], out: Path) -> None:
    series = series_of(ct)
    corners = ((4.5, 3.5), (20.5, 3.5), (20.5, 11.5), (4.5, 11.5))
    file = rtstruct_file(out, [region(("CLOSED_PLANAR", lps(series.headers[2], *corners)))])
    (layer,), _told = layers_over(series, file, "contours")
    truth = np.zeros(SHAPE, np.bool_)
    truth[2, 5:21, 4:12] = True
    assert layer.mask is not None
    assert np.array_equal(layer.mask.full(SHAPE), truth)
    assert series.grid is not None
    assert layer.volume_ml(series.grid) == pytest.approx(16 * 8 * 0.8 * 0.8 * 2.0 / 1000)


HOLE = ((10.5, 8.5), (10.5, 14.5), (16.5, 14.5), (16.5, 8.5))
OUTER = ((4.5, 3.5), (24.5, 3.5), (24.5, 20.5), (4.5, 20.5))


@pytest.mark.parametrize("way", ["a contour inside", "a channel"])
def test_holes_are_left_out_however_they_are_drawn(ct: list[Path], out: Path, way: str) -> None:
    series = series_of(ct)
    header = series.headers[0]
    lines = [("CLOSED_PLANAR", lps(header, *OUTER)), ("CLOSED_PLANAR", lps(header, *HOLE))]
    if way == "a channel":
        lines = [("CLOSED_PLANAR", lps(header, *OUTER, OUTER[0], *HOLE, HOLE[0], OUTER[0]))]
    (layer,), _told = layers_over(series, rtstruct_file(out, [region(*lines)]), "contours")
    truth = np.zeros(SHAPE, np.bool_)
    truth[0, 5:25, 4:21] = True
    truth[0, 11:17, 9:15] = False
    assert layer.mask is not None
    assert np.array_equal(layer.mask.full(SHAPE), truth)


def test_open_lines_and_points_have_no_inside(ct: list[Path], out: Path) -> None:
    series = series_of(ct)
    file = rtstruct_file(
        out,
        [
            region(("OPEN_PLANAR", lps(series.headers[3], *WEDGE))),
            region(("POINT", lps(series.headers[4], (7.0, 9.0)))),
        ],
    )
    (line, point), _told = layers_over(series, file, "contours")
    assert [line.contours[0].form, point.contours[0].form] == ["open", "point"]
    assert line.mask is None
    assert point.mask is None
    assert point.center_lps_mm == pytest.approx(lps(series.headers[4], (7.0, 9.0))[0])


def test_contours_between_slices_beside_them_or_across_them_are_told(ct: list[Path], out: Path) -> None:
    series = series_of(ct)
    inside = lps(series.headers[1], *WEDGE)
    near = [[x, y, z + 0.9] for x, y, z in inside]  # slices are 2 mm apart
    far = [[x, y, z - 50.0] for x, y, z in inside]
    across = [[x, y, z + n] for n, (x, y, z) in enumerate(inside)]
    file = rtstruct_file(out, [region(*(("CLOSED_PLANAR", points) for points in (near, far, across)))])
    (layer,), told = layers_over(series, file, "contours")
    assert [contour.k for contour in layer.contours] == [1]
    assert [str(one) for one in told] == ["2 contours lie outside these images or not in their planes."]


def test_damaged_contours_cost_themselves_only(ct: list[Path], out: Path) -> None:
    series = series_of(ct)
    good = lps(series.headers[0], *WEDGE)
    drawn = region(*(("CLOSED_PLANAR", good) for _n in range(4)), ("SPIRAL", good))
    contours = drawn.ContourSequence
    contours[1].ContourData = ["1", "2"]
    del contours[2].ContourData
    contours[3].ContourData = ["1", "1e999", "3"]
    (layer,), told = layers_over(series, rtstruct_file(out, [drawn]), "contours")
    assert len(layer.contours) == 1
    assert [str(one) for one in told] == ["4 contours are damaged, too many, or of a kind that cannot be drawn."]


def test_another_frame_of_reference_is_not_believed(ct: list[Path], out: Path) -> None:
    series = series_of(ct)
    file = rtstruct_file(out, [region(("CLOSED_PLANAR", lps(series.headers[1], *WEDGE)))])
    structures = pydicom.dcmread(file)
    structures.StructureSetROISequence[0].ReferencedFrameOfReferenceUID = "9.9"
    structures.save_as(file)
    layers, told = layers_over(series, file, "contours")
    assert layers == []
    assert "1 regions have no contour on these images." in [str(one) for one in told]


def test_a_structure_set_without_contours_is_a_sentence(ct: list[Path], out: Path) -> None:
    with pytest.raises(Problem, match="holds no contours"):
        layers_over(series_of(ct), rtstruct_file(out, []), "contours")


@pytest.mark.data
@pytest.mark.parametrize("name", ["CT", "MR_T1", "PET"])
def test_three_structure_sets_of_one_patient_find_their_own_images(shared_data: Path, name: str) -> None:
    folder = shared_data / "dicom/pet-ct-mr-STS_001"
    every = {part: series_of(sorted((folder / part / "image").iterdir())) for part in ("CT", "MR_T1", "PET")}
    structures = series_of([folder / name / "mask/RS.dcm"], "contours")
    found = target(Study("1", (*every.values(), structures)), structures)
    assert found is every[name]
    with volume_over(found) as volume:
        (layer,), told = load_layers(structures, volume, Job())
        assert told == ()
        assert layer.title == f"GTV_Mass_{name}"
        assert len(layer.contours) == 32
        assert layer.volume_ml(volume.grid) == pytest.approx(365.5, rel=0.005)  # the same tumour in all three
