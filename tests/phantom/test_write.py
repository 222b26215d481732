"""A virtual patient on disk."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest

from medviewer.core.problem import Problem
from medviewer.phantom import thorax
from medviewer.phantom.write import write

SHAPE_KJI = (28, 64, 64)
Written = tuple[Path, dict[str, Any]]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    folder = tmp_path_factory.mktemp("phantom")
    return folder, write(folder, 7, prior=True, shape_kji=SHAPE_KJI)


def _slices(folder: Path) -> list[pydicom.Dataset]:
    files = [pydicom.dcmread(path) for path in folder.glob("*.dcm")]
    return sorted(files, key=lambda ds: float(ds.ImagePositionPatient[2]))


def test_current_prior_and_truth_are_where_they_should_be(written: Written) -> None:
    folder, truth = written
    assert sorted(path.name for path in folder.iterdir()) == ["current", "prior", "truth.json"]
    assert len([*(folder / "current").iterdir()]) == len([*(folder / "prior").iterdir()]) == SHAPE_KJI[0]
    assert json.loads((folder / "truth.json").read_text()) == json.loads(json.dumps(truth))


@pytest.mark.parametrize("prior", [False, True])
def test_the_files_hold_the_same_hu_and_geometry_as_the_drawing(written: Written, prior: bool) -> None:
    ct = thorax.make(7, prior=prior, shape_kji=SHAPE_KJI)
    for k, ds in enumerate(_slices(written[0] / ("prior" if prior else "current"))):
        hu = ds.pixel_array * float(ds.RescaleSlope) + float(ds.RescaleIntercept)
        assert np.array_equal(hu, ct.voxels[k])
        assert ds.ImagePositionPatient == pytest.approx(ct.grid.to_lps((k, 0, 0)), abs=1e-6)
        assert list(ds.ImageOrientationPatient) == [1, 0, 0, 0, 1, 0]
        assert ds.PixelSpacing == pytest.approx(ct.grid.spacing_kji_mm[1:])


def test_truth_names_the_slice_that_shows_each_nodule(written: Written) -> None:
    folder, truth = written
    for name, place_key, uid_key in (
        ("current", "center_lps_mm", "sop_uid"),
        ("prior", "prior_center_lps_mm", "prior_sop_uid"),
    ):
        slices = _slices(folder / name)
        by_uid = {str(ds.SOPInstanceUID): ds for ds in slices}
        half = float(slices[1].ImagePositionPatient[2] - slices[0].ImagePositionPatient[2]) / 2
        for nodule in truth["nodules"]:
            z = float(by_uid[nodule[uid_key]].ImagePositionPatient[2])
            assert abs(z - nodule[place_key][2]) <= half + 1e-3


def test_current_and_prior_are_two_studies_of_one_patient(written: Written) -> None:
    folder, truth = written
    now, before = (_slices(folder / name)[0] for name in ("current", "prior"))
    assert now.PatientID == before.PatientID == "PHANTOM-7"
    assert str(now.PatientName) == "Phantom^Seed 7"
    assert (now.StudyDate, before.StudyDate) == ("20260115", "20250110")
    assert now.StudyInstanceUID == truth["study_uid"]
    assert before.StudyInstanceUID == truth["prior"]["study_uid"] != truth["study_uid"]
    assert now.FrameOfReferenceUID != before.FrameOfReferenceUID
    assert now.PatientBirthDate == before.PatientBirthDate
    for ds in (now, before):
        assert int(ds.PatientAge[:3]) == int(ds.StudyDate[:4]) - int(ds.PatientBirthDate[:4]) - 1


def test_the_same_seed_writes_the_same_bytes(written: Written, tmp_path: Path) -> None:
    write(tmp_path, 7, shape_kji=SHAPE_KJI)
    for path in (tmp_path / "current").iterdir():
        assert path.read_bytes() == (written[0] / "current" / path.name).read_bytes()


def test_without_prior_none_is_written_but_growth_is_still_told(tmp_path: Path) -> None:
    truth = write(tmp_path, 7, shape_kji=SHAPE_KJI)
    assert not (tmp_path / "prior").exists()
    assert truth["prior"] is None
    assert sum(nodule["grew"] for nodule in truth["nodules"]) == 2


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dciodvfy (dicom3tools) is not installed")
@pytest.mark.parametrize("name", ["current", "prior"])
def test_dciodvfy_finds_no_error(written: Written, name: str) -> None:
    for path in sorted((written[0] / name).iterdir())[::9]:
        told = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True, check=False)
        lines = (told.stdout + told.stderr).splitlines()
        assert "CTImage" in lines
        assert not [line for line in lines if line.startswith("Error")]


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(Problem) as told:
        write(tmp_path / "file" / "below", 1)
    assert "cannot be written" in told.value.text
    assert told.value.hint
