"""CT series as files: what is written is what was meant, whatever the geometry and the storage."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pydicom
import pytest

from medviewer.core.grid import Grid
from medviewer.core.job import Job
from medviewer.core.problem import Cancelled, Problem
from medviewer.core.study import Patient
from medviewer.dicom.write.ct import CtSeries, derived_uid, sop_uid, write_ct
from medviewer.phantom import small

SLANTED = Grid(
    (5, 6, 7),
    (-12.5, 30.25, 1000.125),
    (2.5, 0.8, 0.7),
    ((0.6, 0.0, 0.8), (0.0, 1.0, 0.0), (0.8, 0.0, -0.6)),
)


def _ramp(grid: Grid) -> np.ndarray:
    return (np.arange(np.prod(grid.shape_kji)).reshape(grid.shape_kji) * 7 - 1000).astype(np.int16)


def test_any_orientation_comes_back_as_it_was(tmp_path: Path) -> None:
    voxels = _ramp(SLANTED)
    for k, path in enumerate(write_ct(tmp_path, voxels, SLANTED)):
        ds = pydicom.dcmread(path)
        assert np.array_equal(ds.pixel_array.astype(int) - 1024, voxels[k])
        assert list(ds.ImageOrientationPatient) == pytest.approx([0.8, 0, -0.6, 0, 1, 0])
        assert list(ds.ImagePositionPatient) == pytest.approx(list(SLANTED.to_lps((k, 0, 0))))
        assert list(ds.PixelSpacing) == [0.8, 0.7]
        assert float(ds.SliceThickness) == 2.5


@pytest.mark.parametrize(
    ("options", "bits"),
    [
        (CtSeries(), 12),
        (CtSeries(signed=True, intercept=0.0), 16),
        (CtSeries(slope=0.5, intercept=-1000.0), 12),
        (CtSeries(slope=0.1, intercept=-1000.0), 16),
    ],
)
def test_hu_survive_every_way_of_storing_them(tmp_path: Path, options: CtSeries, bits: int) -> None:
    voxels = np.clip(_ramp(SLANTED), -1000, 900)
    for k, path in enumerate(write_ct(tmp_path, voxels, SLANTED, options)):
        ds = pydicom.dcmread(path)
        assert (ds.BitsStored, ds.HighBit, ds.PixelRepresentation) == (bits, bits - 1, int(options.signed))
        hu = ds.pixel_array * float(ds.RescaleSlope) + float(ds.RescaleIntercept)
        assert np.abs(hu - voxels[k]).max() <= options.slope / 2


def test_values_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="do not fit"):
        write_ct(tmp_path, _ramp(SLANTED), SLANTED, CtSeries(intercept=0.0))


def test_headers_say_what_was_asked_for(tmp_path: Path) -> None:
    asked = CtSeries(
        patient=Patient("ID-1", "张^三", "19610203", "F"),
        age_years=64,
        study_date="20251231",
        study_uid="2.25.1",
        series_uid="2.25.2",
        frame_of_reference_uid="2.25.3",
        series_number=7,
        kernel="FC51",
        contrast="Iohexol",
        window=(40.0, 400.0),
        thickness_mm=1.25,
    )
    ds = pydicom.dcmread(write_ct(tmp_path, _ramp(SLANTED), SLANTED, asked)[0])
    assert str(ds.PatientName) == "张^三"
    assert (ds.PatientID, ds.PatientBirthDate, ds.PatientSex, ds.PatientAge) == ("ID-1", "19610203", "F", "064Y")
    assert (ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.FrameOfReferenceUID) == ("2.25.1", "2.25.2", "2.25.3")
    assert (ds.StudyDate, ds.SeriesNumber, ds.ConvolutionKernel) == ("20251231", 7, "FC51")
    assert (ds.ContrastBolusAgent, ds.WindowCenter, ds.WindowWidth, ds.SliceThickness) == ("Iohexol", 40, 400, 1.25)
    assert ds.file_meta.TransferSyntaxUID == pydicom.uid.ExplicitVRLittleEndian


def test_files_run_from_the_last_slice_to_the_first_so_that_names_tell_no_order(tmp_path: Path) -> None:
    paths = write_ct(tmp_path, _ramp(SLANTED), SLANTED)
    assert [path.name for path in paths] == [f"IM{n:04d}.dcm" for n in (5, 4, 3, 2, 1)]
    numbers = [pydicom.dcmread(path).InstanceNumber for path in paths]
    assert numbers == [5, 4, 3, 2, 1]


def test_uids_are_derived_and_never_shared(tmp_path: Path) -> None:
    datasets = [pydicom.dcmread(path) for path in write_ct(tmp_path, _ramp(SLANTED), SLANTED)]
    uids = [str(ds.SOPInstanceUID) for ds in datasets]
    assert len(set(uids)) == len(uids)
    assert uids == [sop_uid(str(datasets[0].SeriesInstanceUID), k) for k in range(len(uids))]
    assert [ds.file_meta.MediaStorageSOPInstanceUID for ds in datasets] == uids
    assert all(uid.startswith("2.25.") and len(uid) <= 64 and pydicom.uid.UID(uid).is_valid for uid in uids)
    assert derived_uid("a", 1) == derived_uid("a", 1) != derived_uid("a", 2)


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dciodvfy (dicom3tools) is not installed")
@pytest.mark.parametrize("options", [CtSeries(), CtSeries(signed=True, age_years=60, contrast="Iohexol")])
def test_dciodvfy_finds_no_error(tmp_path: Path, options: CtSeries) -> None:
    ct = small.make()
    path = write_ct(tmp_path, ct.voxels, ct.grid, options)[3]
    told = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True, check=False)
    assert [line for line in (told.stdout + told.stderr).splitlines() if line.startswith("Error")] == []


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Problem, match="cannot be written"):
        write_ct(tmp_path / "file" / "below", _ramp(SLANTED), SLANTED)


def test_writing_can_be_cancelled(tmp_path: Path) -> None:
    job = Job()
    job.cancel()
    with pytest.raises(Cancelled):
        write_ct(tmp_path, _ramp(SLANTED), SLANTED, job=job)
    assert len([*tmp_path.iterdir()]) <= 1
