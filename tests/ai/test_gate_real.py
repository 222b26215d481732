"""What the gate says of real series; ``medviewer scan ../shared/data/dicom --models`` prints it for what is bundled."""

from pathlib import Path

import pytest

from medviewer.ai.gate import refusals
from medviewer.ai.limits import Limits
from medviewer.app.scanning import scan_into
from medviewer.core.job import Job
from medviewer.core.study import Series
from medviewer.dicom.catalogue import Catalogue

LIMITS = Limits.of(
    "Lung nodule reader",
    {
        "modality": "CT", "body_parts": ["CHEST", "THORAX", "LUNG"], "orientation": "axial",
        "pixel_mm": [0.45, 1.0], "slice_mm": [0.45, 5.0], "gap_mm": 1.0, "field_mm": [230, 500],
        "min_slices": 20, "min_extent_mm": 150, "age_years": [18, 120], "kernels": ["soft", "lung", "bone"],
        "contrast": ["with", "without"], "image_types": ["original", "derived"], "lossless": True,
        "patients_only": True, "refuse": ["age_years"],
    },
)  # fmt: skip
BEYOND = {"model-slice-distance": "warning", "model-slice-thickness": "warning"}
OTHER, LOW, FEW = {"model-body-part": "warning"}, {"model-extent": "warning"}, {"model-few-slices": "stop"}
NARROW, ALONE = {"model-field": "warning"}, {"model-single-image": "stop"}
# Folder or file, modality, and what is said of its largest series.
REAL: list[tuple[str, str, dict[str, str]]] = [
    ("chest-ct-1mm-LIDC-IDRI-0314-jls", "CT", {}),
    ("chest-ct-8mm-Lung_Dx-A0002", "CT", BEYOND),
    ("ct-totalseg/example_ct_dicom", "CT", OTHER | LOW),
    ("ct-totalseg/example_ct.nii.gz", "OT", {"model-modality": "stop"}),
    ("pet-ct-mr-STS_001/CT", "CT", OTHER | NARROW),
    ("pet-ct-mr-STS_001/PET", "PT", {"model-modality": "stop"}),
    ("pet-ct-mr-STS_001/MR_T1", "MR", {"model-modality": "stop"}),
    ("head-ct-gantry-tilt-phantom-jls", "CT", {"model-gantry-tilt": "stop"} | OTHER | LOW),
    ("seg-dcmqi/segmentations/ct-3slice", "CT", FEW | OTHER | LOW),
    ("ct-4d-tiny-panimg", "CT", FEW | OTHER | LOW | NARROW | {"model-pixel-size": "warning"}),
    ("cxr-panimg", "CR", {"model-modality": "stop"}),
    ("conformance-pydicom/test_files/dicomdirtests/77654033/CT2", "CT",
     {"model-missing-slices": "stop"} | FEW | OTHER | LOW | NARROW),
    ("conformance-pydicom/test_files/dicomdirtests/98892001/CT2N", "CT", ALONE | OTHER | {"model-image-type": "stop"}),
    ("conformance-pydicom/test_files/J2K_pixelrep_mismatch.dcm", "CT",
     ALONE | OTHER | {"model-kernel": "warning"}),
    ("conformance-pydicom-data/693_J2KR.dcm", "CT", ALONE | OTHER),
]  # fmt: skip


def largest(path: Path) -> Series:
    catalogue = Catalogue()
    scan_into(catalogue, path, Job())
    images = [series for study in catalogue.studies() for series in study.series if series.kind == "image"]
    return max(images, key=lambda series: len(series.headers))


@pytest.mark.data
@pytest.mark.parametrize(("path", "modality", "expected"), REAL, ids=[path for path, _m, _e in REAL])
def test_real_series_are_read_warned_of_or_refused_as_they_should(
    shared_data: Path, path: str, modality: str, expected: dict[str, str]
) -> None:
    series = largest(shared_data / "dicom" / path)
    checks = refusals(LIMITS, series)
    assert series.modality == modality
    assert {check.code: check.severity for check in checks} == expected
    assert len({str(check.text) for check in checks}) == len(checks)
    assert all(str(check.text).endswith(".") and "{" not in str(check.text) for check in checks)
