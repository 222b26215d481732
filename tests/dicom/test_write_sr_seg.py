"""Findings leave as SR and SEG that other systems understand."""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import highdicom
import numpy as np
import pydicom
import pytest

from medviewer.core.finding import Finding
from medviewer.core.grid import Grid
from medviewer.core.mask import Mask
from medviewer.core.problem import Problem
from medviewer.core.study import Series
from medviewer.dicom.write.seg import segment_numbers, write_seg
from medviewer.dicom.write.sr import write_sr
from tests.cases import finding
from tests.dicom.files import series_files, series_of


@pytest.fixture
def series(tmp_path: Path) -> Series:
    return series_of(series_files(tmp_path / "ct", n=8))


def _grid(series: Series) -> Grid:
    assert series.grid is not None
    return series.grid


def _masked(series: Series, name: str, at_kji: tuple[int, int, int]) -> Finding:
    voxels = np.ones((2, 3, 4), dtype=np.bool_)
    voxels[0, 0, 0] = False
    return replace(
        finding(name, sop_uid=series.headers[at_kji[0]].sop_uid), label=f"Nodule {name}", mask=Mask(at_kji, voxels)
    )


def _errors(path: Path) -> list[str]:
    if shutil.which("dciodvfy") is None:
        pytest.skip("dciodvfy (package dicom3tools) is not installed")
    done = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True, check=False)
    return [line for line in (done.stdout + done.stderr).splitlines() if line.startswith("Error")]


def _segment(
    path: Path, number: int, shape: tuple[int, int, int], series: Series
) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    seg = highdicom.seg.segread(path)
    uids = [header.sop_uid for header in series.headers]
    pixels = seg.get_pixels_by_source_instance(
        uids, segment_numbers=[number], assert_missing_frames_are_empty=True, ignore_spatial_locations=True
    )
    assert pixels.shape[:3] == shape
    return pixels[..., 0] > 0


def test_every_outline_comes_back_from_the_segmentation(tmp_path: Path, series: Series) -> None:
    found = [_masked(series, "a", (1, 2, 3)), finding("b"), _masked(series, "c", (5, 9, 1))]
    path = write_seg(tmp_path / "seg.dcm", series, _grid(series), found)
    assert segment_numbers(found) == {"a": 1, "c": 2}
    for n, one in ((1, found[0]), (2, found[2])):
        assert one.mask is not None
        assert np.array_equal(_segment(path, n, (8, 48, 40), series), one.mask.full((8, 48, 40)))


def test_outlines_that_overlap_are_both_kept_whole(tmp_path: Path, series: Series) -> None:
    found = [_masked(series, "a", (1, 2, 3)), _masked(series, "b", (2, 3, 4))]
    path = write_seg(tmp_path / "seg.dcm", series, _grid(series), found)
    for n, one in enumerate(found, start=1):
        assert one.mask is not None
        assert np.array_equal(_segment(path, n, (8, 48, 40), series), one.mask.full((8, 48, 40)))


def test_without_an_outline_there_is_no_segmentation(tmp_path: Path, series: Series) -> None:
    with pytest.raises(Problem, match="no outline"):
        write_seg(tmp_path / "seg.dcm", series, _grid(series), [finding()])


def test_the_report_holds_measures_model_and_verdict_of_each_finding(tmp_path: Path, series: Series) -> None:
    found = [
        _masked(series, "a", (1, 2, 3)),
        finding("b", status="rejected"),
        finding("c", model=None, sop_uid="1.2.3.4.7"),
    ]
    seg = write_seg(tmp_path / "seg.dcm", series, _grid(series), found)
    path = write_sr(tmp_path / "sr.dcm", series.headers, found, observer="Doe^Jane", segmentation=seg)
    report = highdicom.sr.srread(path)
    content: Any = report.content
    (roi,) = content.get_volumetric_roi_measurement_groups()
    assert roi.tracking_identifier == "Nodule a"
    assert {str(m.name.meaning): (float(m.value), m.unit.value) for m in roi.get_measurements()} == {
        "Long axis": (8.0, "mm"),
        "Short axis": (8.0, "mm"),
        "Volume": (268.0, "mm3"),
        "Attenuation Coefficient": (31.0, "[hnsf'U]"),
    }
    said = {e.name.meaning: e.value.meaning for e in roi.get_qualitative_evaluations()}
    assert said == {"Review status": "accepted", "Certainty of the algorithm": "likely", "Nodule type": "solid"}
    assert "lung-nodules" in str(pydicom.dcmread(tmp_path / "sr.dcm"))
    rejected, image_group = content.get_image_measurement_groups()
    assert next(e.value.meaning for e in rejected.get_qualitative_evaluations()) == "rejected"
    assert image_group.source_images[0].referenced_sop_instance_uid == "1.2.3.4.7"


def test_both_objects_speak_of_a_finding_by_the_same_tracking_uid(tmp_path: Path, series: Series) -> None:
    found = [_masked(series, "a", (1, 2, 3))]
    seg = write_seg(tmp_path / "seg.dcm", series, _grid(series), found)
    report = highdicom.sr.srread(write_sr(tmp_path / "sr.dcm", series.headers, found, observer="", segmentation=seg))
    content: Any = report.content
    (roi,) = content.get_volumetric_roi_measurement_groups()
    assert roi.tracking_uid == pydicom.dcmread(seg).SegmentSequence[0].TrackingUID


def test_a_report_without_findings_says_that_none_is_reported(tmp_path: Path, series: Series) -> None:
    path = write_sr(tmp_path / "sr.dcm", series.headers, [], observer="")
    assert b"No finding reported" in path.read_bytes()
    assert _errors(path) == []


def test_the_standards_own_checker_finds_no_error(tmp_path: Path, series: Series) -> None:
    found = [_masked(series, "a", (1, 2, 3)), finding("c", model=None, sop_uid="1.2.3.4.7")]
    seg = write_seg(tmp_path / "seg.dcm", series, _grid(series), found)
    assert _errors(seg) == []
    assert _errors(write_sr(tmp_path / "sr.dcm", series.headers, found, observer="Doe^Jane", segmentation=seg)) == []


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path: Path, series: Series) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Problem, match=r"sr.dcm could not be saved: Not a directory"):
        write_sr(tmp_path / "file" / "sr.dcm", series.headers, [finding(sop_uid="1.2.3.4.2")], observer="")
    assert not list(tmp_path.glob("*.part"))


def test_source_images_that_went_away_are_one_sentence(tmp_path: Path, series: Series) -> None:
    Path(series.headers[1].path).unlink()
    with pytest.raises(Problem, match="can no longer be read"):
        write_seg(tmp_path / "seg.dcm", series, _grid(series), [_masked(series, "a", (1, 2, 3))])


@pytest.mark.data
def test_slices_that_each_name_their_own_frame_of_reference_can_still_be_written(
    shared_data: Path, tmp_path: Path
) -> None:
    folder = shared_data / "dicom" / "chest-ct-1mm-LIDC-IDRI-0314-jls"
    series = series_of(sorted(folder.glob("*.dcm"))[:6])
    found = [_masked(series, "a", (1, 100, 100))]
    seg = write_seg(tmp_path / "seg.dcm", series, _grid(series), found)
    assert _errors(seg) == []
    assert _errors(write_sr(tmp_path / "sr.dcm", series.headers, found, observer="", segmentation=seg)) == []
