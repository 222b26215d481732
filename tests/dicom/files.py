"""Little DICOM files for tests, written by pydicom."""

from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian

from medviewer.core.grid import Grid
from medviewer.core.study import Header, Patient, Series

SPACING_MM = (2.0, 0.8, 0.8)


def slice_file(path: Path, stored: NDArray[Any], k: int = 0, syntax: str = ExplicitVRLittleEndian, **tags: Any) -> Path:
    """Write a CT image of ``stored`` values (row, column) at slice ``k``; ``tags`` by keyword, None leaves out."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = UID(f"1.2.3.4.{k + 1}")
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    image = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    rows, columns = stored.shape[:2]
    standard: dict[str, Any] = {
        "SOPClassUID": CTImageStorage, "SOPInstanceUID": f"1.2.3.4.{k + 1}", "StudyInstanceUID": "1.2.3",
        "SeriesInstanceUID": "1.2.3.4", "FrameOfReferenceUID": "1.2.3.9", "Modality": "CT", "PatientName": "Test^Case",
        "PatientID": "T1", "PatientBirthDate": "19600101", "PatientSex": "F", "StudyDate": "20250601", "StudyTime": "",
        "StudyID": "1", "AccessionNumber": "", "ReferringPhysicianName": "", "SeriesNumber": 1, "InstanceNumber": k + 1,
        "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"], "BodyPartExamined": "CHEST", "SliceThickness": 2.0,
        "ImagePositionPatient": [-10.0, -20.0, 2.0 * k], "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
        "PixelSpacing": [0.8, 0.8], "Rows": rows, "Columns": columns, "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2", "BitsAllocated": stored.dtype.itemsize * 8,
        "BitsStored": stored.dtype.itemsize * 8, "HighBit": stored.dtype.itemsize * 8 - 1,
        "PixelRepresentation": int(stored.dtype.kind == "i"), "RescaleSlope": 1, "RescaleIntercept": -1024,
        "KVP": 120, "Manufacturer": "Test", "PatientPosition": "HFS", "PositionReferenceIndicator": "",
        "AcquisitionNumber": 1,
    }  # fmt: skip
    for keyword, value in (standard | tags).items():
        if value is not None:
            setattr(image, keyword, value)
    image.PixelData = stored.tobytes()
    if syntax != ExplicitVRLittleEndian:
        image.compress(syntax)
    image.save_as(path, enforce_file_format=True)
    return path


def ramp(k: int = 0, dtype: str = "int16", rows: int = 48, columns: int = 40) -> NDArray[Any]:
    """Return stored values (row, column) that differ in every pixel and slice."""
    return (np.arange(rows * columns).reshape(rows, columns) + 100 * k).astype(dtype)


def series_files(folder: Path, n: int = 6, syntax: str = ExplicitVRLittleEndian, **tags: Any) -> list[Path]:
    """Write ``n`` slices of ``ramp``; the files' order is not the slices' order."""
    folder.mkdir(parents=True, exist_ok=True)
    return [slice_file(folder / f"{(k * 5) % n:03d}.dcm", ramp(k), k, syntax, **tags) for k in range(n)]


def header_of(path: Path) -> Header:
    """Return the header of a file by pydicom alone, so that loading is tested without the scan."""
    image = pydicom.dcmread(path)
    at = path.read_bytes().rfind(image.PixelData) if "PixelData" in image else 0
    x_mm, y_mm, z_mm = (float(v) for v in image.ImagePositionPatient)
    return Header(
        path=str(path),
        sop_uid=image.SOPInstanceUID,
        sop_class=image.SOPClassUID,
        study_uid=image.StudyInstanceUID,
        series_uid=image.SeriesInstanceUID,
        modality=image.Modality,
        transfer_syntax=image.file_meta.TransferSyntaxUID,
        patient=Patient("T1", "Test^Case"),
        rows=image.Rows,
        columns=image.Columns,
        samples=image.SamplesPerPixel,
        bits_allocated=image.BitsAllocated,
        bits_stored=image.BitsStored,
        signed=bool(image.PixelRepresentation),
        slope=float(image.get("RescaleSlope", 1)),
        intercept=float(image.get("RescaleIntercept", 0)),
        position_lps_mm=(x_mm, y_mm, z_mm),
        pixel_spacing_mm=(0.8, 0.8),
        pixels_at=at,
        pixels_bytes=len(image.PixelData),
    )


def series_of(paths: list[Path]) -> Series:
    """Return the series of ``paths`` in slice order, with its grid."""
    headers = sorted((header_of(path) for path in paths), key=lambda header: (header.position_lps_mm or (0, 0, 0))[2])
    shape = (len(headers), headers[0].rows, headers[0].columns)
    return Series("1.2.3.4", tuple(headers), (), Grid(shape, (-10.0, -20.0, 0.0), SPACING_MM))
