"""A small CT as DICOM files, to be damaged by tests."""

from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, MRImageStorage

STUDY, SERIES = "1.2.826.0.1.3680043.10.1", "1.2.826.0.1.3680043.10.1.1"
BALL_KJI = (6, 32, 32)


def small_ct(folder: Path, slices: int = 12, modality: str = "CT", **changes: object) -> list[Path]:
    """Write a CT of 64 x 64, 2 mm slices: air with a ball of 100 HU in the middle; ``changes`` are DICOM elements."""
    folder.mkdir(parents=True, exist_ok=True)
    return [_write(folder / f"{k:03d}.dcm", k, modality, changes) for k in range(slices)]


def _write(path: Path, k: int, modality: str, changes: dict[str, object]) -> Path:
    image = Dataset()
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    image.SOPClassUID = CTImageStorage if modality == "CT" else MRImageStorage
    image.SOPInstanceUID = f"{SERIES}.{k + 1}"
    image.StudyInstanceUID, image.SeriesInstanceUID = STUDY, SERIES
    image.Modality, image.SeriesNumber, image.InstanceNumber = modality, 1, k + 1
    image.PatientName, image.PatientID, image.PatientSex = "Doe^Jane", "1", "F"
    image.PatientBirthDate, image.StudyDate, image.StudyTime, image.PatientAge = "19600101", "20260101", "", "066Y"
    image.BodyPartExamined, image.FrameOfReferenceUID = "CHEST", f"{STUDY}.9"
    image.StudyID, image.AccessionNumber, image.ReferringPhysicianName = "", "", ""
    image.ImagePositionPatient = [0.0, 0.0, 2.0 * k]
    image.ImageOrientationPatient = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]
    image.PixelSpacing, image.SliceThickness = [0.7, 0.7], 2.0
    image.Rows = image.Columns = 64
    image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME2"
    image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelRepresentation = 16, 16, 15, 1
    image.RescaleSlope, image.RescaleIntercept, image.RescaleType = 1, 0, "HU"
    image.PixelData = _slice(k).tobytes()
    for name, value in changes.items():
        setattr(image, name, value)
    image.save_as(path, enforce_file_format=True)
    return path


def _slice(k: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    j, i = np.mgrid[:64, :64]
    k0, j0, i0 = BALL_KJI
    inside = (2.0 * (k - k0)) ** 2 + (0.7 * (j - j0)) ** 2 + (0.7 * (i - i0)) ** 2 <= 5.0**2
    return np.where(inside, 100, -900).astype(np.int16)
