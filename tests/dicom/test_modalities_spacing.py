"""What a pixel measures is told by ultrasound regions and by the rules for projections, and only where they hold."""

from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset

from medviewer.core.study import Header
from medviewer.dicom.header import read_header
from tests.dicom.files import ramp, slice_file

ROWS, COLUMNS = 48, 40
TISSUE = {
    "RegionSpatialFormat": 1, "RegionDataType": 1, "PhysicalUnitsXDirection": 3, "PhysicalUnitsYDirection": 3,
    "RegionLocationMinX0": 0, "RegionLocationMinY0": 4, "RegionLocationMaxX1": COLUMNS, "RegionLocationMaxY1": 44,
    "PhysicalDeltaX": 0.02, "PhysicalDeltaY": 0.03,
}  # fmt: skip
ECG = TISSUE | {"RegionSpatialFormat": 4, "RegionDataType": 10, "PhysicalUnitsXDirection": 4, "PhysicalDeltaX": 0.1}
DOPPLER = TISSUE | {"RegionSpatialFormat": 3, "RegionDataType": 3, "PhysicalUnitsYDirection": 7}
FLOW = TISSUE | {"RegionDataType": 2, "RegionLocationMinX0": 10, "RegionLocationMaxX1": 30}


def _item(values: dict[str, Any]) -> Dataset:
    item = Dataset()
    for keyword, value in values.items():
        setattr(item, keyword, value)
    return item


def _file(path: Path, modality: str, **tags: Any) -> Header:
    standard: dict[str, Any] = {
        "Modality": modality, "PixelSpacing": None, "ImagePositionPatient": None, "ImageOrientationPatient": None,
    }  # fmt: skip
    return read_header(slice_file(path, ramp(rows=ROWS, columns=COLUMNS), **(standard | tags)))


def _regions(path: Path, *regions: dict[str, Any]) -> tuple[Any, str]:
    found = _file(path, "US", SequenceOfUltrasoundRegions=[_item(region) for region in regions])
    return found.pixel_spacing_mm, found.spacing_kind


@pytest.mark.parametrize("regions", [(TISSUE,), (TISSUE, ECG), (TISSUE, FLOW)])
def test_one_tissue_region_gives_the_spacing(tmp_path: Path, regions: tuple[dict[str, Any], ...]) -> None:
    assert _regions(tmp_path / "a.dcm", *regions) == ((pytest.approx(0.3), pytest.approx(0.2)), "region")


@pytest.mark.parametrize(
    "regions",
    [
        (),
        (TISSUE, TISSUE | {"PhysicalDeltaX": 0.05}),
        (TISSUE, DOPPLER),
        (TISSUE, FLOW | {"PhysicalDeltaX": 0.05}),
        (FLOW,),
        (TISSUE | {"PhysicalUnitsXDirection": 4},),
        (TISSUE | {"PhysicalDeltaX": 0.0},),
        (TISSUE | {"PhysicalDeltaY": float("nan")},),
        (TISSUE | {"RegionLocationMaxX1": 10},),  # a small part of the picture
        (TISSUE | {"RegionLocationMaxX1": 2 * COLUMNS},),  # the picture was shrunk afterwards
    ],
)
def test_regions_that_do_not_speak_for_the_image_give_none(tmp_path: Path, regions: tuple[dict[str, Any], ...]) -> None:
    assert _regions(tmp_path / "a.dcm", *regions) == (None, "")


@pytest.mark.parametrize(
    ("modality", "tags", "spacing_mm", "kind", "magnification"),
    [
        ("DX", {"ImagerPixelSpacing": [0.2, 0.1]}, (0.2, 0.1), "detector", None),
        ("CR", {"ImagerPixelSpacing": [0.2, 0.2], "EstimatedRadiographicMagnificationFactor": 1.1}, (0.2, 0.2),
         "detector", 1.1),
        ("DX", {"ImagerPixelSpacing": [0.2, 0.2], "PixelSpacing": [0.2, 0.2]}, (0.2, 0.2), "detector", None),
        ("CR", {"PixelSpacing": [0.2, 0.2]}, (0.2, 0.2), "detector", None),
        ("XA", {"ImagerPixelSpacing": [0.2, 0.2], "PixelSpacing": [0.15, 0.15]}, (0.15, 0.15), "calibrated", None),
        ("MG", {"PixelSpacing": [0.1, 0.1], "PixelSpacingCalibrationType": "GEOMETRY"}, (0.1, 0.1), "calibrated", None),
        ("RTIMAGE", {"ImagePlanePixelSpacing": [0.4, 0.4]}, (0.4, 0.4), "detector", None),
        ("OT", {"NominalScannedPixelSpacing": [0.3, 0.3]}, (0.3, 0.3), "nominal", None),
        ("OT", {"PixelSpacing": [0.3, 0.3]}, (0.3, 0.3), "nominal", None),
        ("OT", {"PixelSpacing": [0.3, 0.3], "PixelSpacingCalibrationType": "FIDUCIAL"}, (0.3, 0.3), "calibrated", None),
        ("CT", {"PixelSpacing": [0.7, 0.7], "ImagerPixelSpacing": [1.0, 1.0]}, (0.7, 0.7), "plane", None),
        ("MG", {"PixelSpacing": [0.1, 0.1], "ImageOrientationPatient": [1, 0, 0, 0, 1, 0]}, (0.1, 0.1), "plane", None),
        ("MR", {"ImagerPixelSpacing": [0.2, 0.2]}, (0.2, 0.2), "detector", None),
        ("DX", {"ImagerPixelSpacing": [0.2, 0.2], "EstimatedRadiographicMagnificationFactor": 0}, (0.2, 0.2),
         "detector", None),
        ("CT", {"PixelSpacing": [0, 0]}, None, "", None),
        ("CT", {"PixelSpacing": [1e9, 1e9]}, None, "", None),
        ("CT", {"PixelSpacing": [-1, 1]}, None, "", None),
        ("SC", {}, None, "", None),
    ],
)  # fmt: skip
def test_a_spacing_is_what_the_file_makes_of_it(
    tmp_path: Path,
    modality: str,
    tags: dict[str, Any],
    spacing_mm: tuple[float, float] | None,
    kind: str,
    magnification: float | None,
) -> None:
    found = _file(tmp_path / "a.dcm", modality, **tags)
    assert (found.pixel_spacing_mm, found.spacing_kind, found.magnification) == (spacing_mm, kind, magnification)


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "spacing_mm", "kind"),
    [
        ("JPGLosslessP14SV1_1s_1f_8b.dcm", (0.25476696592378157, 0.25476696592378157), "region"),
        ("examples_ybr_color.dcm", None, ""),  # shrunk to 320 columns; its region ends at 595
        ("dx_image.dcm", (1.2, 1.201199999999), "detector"),
        ("chrJapMulti.dcm", (0.15, 0.15), "detector"),
    ],
)
def test_real_images_have_the_spacing_they_say(
    shared_data: Path, name: str, spacing_mm: tuple[float, float] | None, kind: str
) -> None:
    found = read_header(next((shared_data / "dicom").rglob(name)))
    assert (found.pixel_spacing_mm, found.spacing_kind) == (spacing_mm, kind)
