"""CT series from voxels: one file per slice, CT Image Storage, explicit VR little endian."""

import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from medviewer import __version__
from medviewer.core.grid import Grid
from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.core.study import Patient
from medviewer.i18n import _

if TYPE_CHECKING:
    from pydicom.dataset import FileDataset

_HOME = uuid.UUID("5b0f6a3e-6c1b-4f0e-9d0a-6d6564766965")  # of all names made into UIDs here
_CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2"
_EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"


def derived_uid(*names: object) -> str:
    """Return the UID that always belongs to ``names``, under the UUID root 2.25."""
    return f"2.25.{uuid.uuid5(_HOME, '/'.join(str(name) for name in names)).int}"


def sop_uid(series_uid: str, k: int) -> str:
    """Return the SOP instance UID that ``write_ct`` gives slice ``k`` of a series."""
    return derived_uid(series_uid, "slice", k)


@dataclass(frozen=True)
class CtSeries:
    """What the headers of a written series say; UIDs left empty are derived from patient, date and series number.

    ``window`` is centre and width in HU; ``thickness_mm`` None means the distance between slices; dates are YYYYMMDD.
    """

    patient: Patient = field(default_factory=lambda: Patient("PHANTOM", "Phantom^Anonymous", "19600101", "O"))
    age_years: int | None = None
    study_date: str = "20260115"
    study_time: str = "093000"
    study_uid: str = ""
    series_uid: str = ""
    frame_of_reference_uid: str = ""
    study_id: str = "1"
    accession_number: str = ""
    study_description: str = "CT chest"
    series_description: str = "Chest"
    series_number: int = 2
    body_part: str = "CHEST"
    modality_model: str = "Virtual CT"
    kernel: str = "B50f"
    kvp: float = 120.0
    contrast: str = ""
    window: tuple[float, float] = (-600.0, 1500.0)
    slope: float = 1.0
    intercept: float = -1024.0
    signed: bool = False
    thickness_mm: float | None = None


def write_ct(
    folder: Path,
    voxels_hu: NDArray[np.int16],
    grid: Grid,
    series: CtSeries | None = None,
    *,
    job: Job | None = None,
) -> list[Path]:
    """Write ``voxels_hu`` (k, j, i) at ``grid`` as a CT series into ``folder``; return the files in the order of k.

    Instance numbers and file names run from the last slice to the first (head to foot in a normal axial CT). Raises
    Problem where the folder cannot be written, ValueError where a value does not fit 16 bits at this slope.
    """
    series, job = series or CtSeries(), job or Job()
    stored, bits = _stored(voxels_hu, series)
    dataset = _common(series, grid, bits)
    paths = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for k, plane in enumerate(stored):
            instance = len(stored) - k
            _place(dataset, series, grid, k, instance)
            dataset.PixelData = plane.tobytes()
            dataset["PixelData"].VR = "OW"
            paths.append(folder / f"IM{instance:04d}.dcm")
            dataset.save_as(paths[-1], enforce_file_format=True)
            job.step((k + 1) / len(stored))
    except OSError as error:
        raise Problem(
            _("The folder '{folder}' cannot be written to.").format(folder=folder),
            _("Choose another folder, or ask for the right to write there."),
        ) from error
    return paths


def _stored(voxels_hu: NDArray[np.int16], series: CtSeries) -> tuple[NDArray[np.generic], int]:
    """Return the values as they are stored, little endian, and how many bits of 16 they use."""
    values = np.rint((voxels_hu.astype(np.float32) - series.intercept) / series.slope)
    low, high = (-32768, 32767) if series.signed else (0, 65535)
    if values.min() < low or values.max() > high:
        raise ValueError(f"values {values.min():.0f} to {values.max():.0f} do not fit 16 bits")
    bits = 16 if series.signed or values.max() > 4095 else 12
    return values.astype("<i2" if series.signed else "<u2"), bits


def _common(series: CtSeries, grid: Grid, bits: int) -> "FileDataset":
    """Return the dataset with everything that is the same in all slices."""
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import UID

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = UID(_CT_IMAGE)
    meta.TransferSyntaxUID = UID(_EXPLICIT_LITTLE)
    meta.ImplementationClassUID = UID(derived_uid("implementation"))
    meta.ImplementationVersionName = "MEDVIEWER"
    dataset = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID = _CT_IMAGE
    _describe(dataset, series)
    _acquisition(dataset, series, grid)
    _pixels(dataset, series, grid, bits)
    return dataset


def _describe(dataset: "FileDataset", series: CtSeries) -> None:
    """Fill in patient, study, series and equipment."""
    from pydicom.uid import UID

    who = series.patient
    study = series.study_uid or derived_uid("study", who.id, series.study_date)
    dataset.PatientName, dataset.PatientID = who.name, who.id
    dataset.PatientBirthDate, dataset.PatientSex = who.birth_date, who.sex
    if series.age_years is not None:
        dataset.PatientAge = f"{series.age_years:03d}Y"
    dataset.StudyInstanceUID = UID(study)
    dataset.SeriesInstanceUID = UID(series.series_uid or derived_uid(study, "series", series.series_number))
    dataset.FrameOfReferenceUID = UID(series.frame_of_reference_uid or derived_uid(study, "frame of reference"))
    dataset.PositionReferenceIndicator = ""
    dataset.StudyDate = dataset.SeriesDate = dataset.AcquisitionDate = dataset.ContentDate = series.study_date
    dataset.StudyTime = dataset.SeriesTime = dataset.AcquisitionTime = dataset.ContentTime = series.study_time
    dataset.StudyID, dataset.AccessionNumber = series.study_id, series.accession_number
    dataset.ReferringPhysicianName = ""
    dataset.StudyDescription, dataset.SeriesDescription = series.study_description, series.series_description
    dataset.Modality, dataset.SeriesNumber = "CT", series.series_number
    dataset.BodyPartExamined, dataset.PatientPosition = series.body_part, "HFS"
    dataset.Manufacturer, dataset.ManufacturerModelName = "MedViewer", series.modality_model
    dataset.SoftwareVersions = __version__


def _acquisition(dataset: "FileDataset", series: CtSeries, grid: Grid) -> None:
    """Fill in how the scan was made."""
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    dataset.AcquisitionNumber = 1
    dataset.KVP = _decimal(series.kvp)
    dataset.ConvolutionKernel = series.kernel
    dataset.GantryDetectorTilt = "0"
    spacing_mm = grid.spacing_kji_mm
    dataset.SliceThickness = _decimal(spacing_mm[0] if series.thickness_mm is None else series.thickness_mm)
    dataset.ReconstructionDiameter = _decimal(max(grid.shape_kji[2] * spacing_mm[2], grid.shape_kji[1] * spacing_mm[1]))
    if series.contrast:
        dataset.ContrastBolusAgent = series.contrast


def _pixels(dataset: "FileDataset", series: CtSeries, grid: Grid, bits: int) -> None:
    """Fill in how pixels are stored, where they are within the slice and how to show them."""
    _slices, dataset.Rows, dataset.Columns = grid.shape_kji
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, bits, bits - 1
    dataset.PixelRepresentation = int(series.signed)
    dataset.RescaleSlope, dataset.RescaleIntercept = _decimal(series.slope), _decimal(series.intercept)
    dataset.RescaleType = "HU"
    dataset.WindowCenter, dataset.WindowWidth = (_decimal(value) for value in series.window)
    dataset.PixelSpacing = [_decimal(grid.spacing_kji_mm[1]), _decimal(grid.spacing_kji_mm[2])]
    dataset.ImageOrientationPatient = [_decimal(v) for axis in (2, 1) for v in grid.axes_kji_lps[axis]]


def _place(dataset: "FileDataset", series: CtSeries, grid: Grid, k: int, instance: int) -> None:
    """Fill in what is slice ``k``'s own."""
    from pydicom.uid import UID

    uid = UID(sop_uid(dataset.SeriesInstanceUID, k))
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = uid
    dataset.InstanceNumber = instance
    position = grid.to_lps((k, 0, 0))
    dataset.ImagePositionPatient = [_decimal(v) for v in position]
    dataset.SliceLocation = _decimal(float(position @ np.asarray(grid.axes_kji_lps[0])))


def _decimal(value: float) -> str:
    """A decimal string of at most 16 characters, as exact as fits; rounding noise below 1e-9 is dropped."""
    from pydicom.valuerep import format_number_as_ds

    return str(format_number_as_ds(round(float(value), 9) + 0.0))
