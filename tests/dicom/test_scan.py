"""A folder is scanned file by file; what cannot be read is named with its reason and stops nothing."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.fileset import FileSet

from medviewer.core.job import Job
from medviewer.core.problem import Cancelled, Problem
from medviewer.core.study import Header, Unreadable
from medviewer.dicom import scan as module
from medviewer.dicom.header import read_header
from medviewer.dicom.scan import natural, scan
from tests.dicom.files import ramp, series_files, slice_file


def _names(found: list[Header | Unreadable]) -> list[str]:
    return [Path(one.path).name for one in found]


def test_files_come_in_the_order_a_person_counts(tmp_path: Path) -> None:
    for name in ("IM10", "IM2", "IM1", "im3"):
        slice_file(tmp_path / name, ramp())
    (tmp_path / "series 2").mkdir()
    (tmp_path / "series 10").mkdir()
    slice_file(tmp_path / "series 10" / "a", ramp())
    slice_file(tmp_path / "series 2" / "b", ramp())
    assert _names(list(scan(tmp_path, Job()))) == ["IM1", "IM2", "im3", "IM10", "b", "a"]
    assert natural("x/9") < natural("x/10")


def test_the_first_header_is_there_before_the_second_file_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    def noted(name: str) -> Header:
        opened.append(name)
        return read_header(name)

    monkeypatch.setattr(module, "read_header", noted)
    series_files(tmp_path)
    next(iter(scan(tmp_path, Job())))
    assert len(opened) == 1


def test_a_single_file_is_scanned_too(tmp_path: Path) -> None:
    assert _names(list(scan(slice_file(tmp_path / "a.dcm", ramp()), Job()))) == ["a.dcm"]


def test_bad_files_among_good_ones_are_named_with_their_reason(tmp_path: Path) -> None:
    series_files(tmp_path, n=3)
    (tmp_path / "notes.txt").write_text("not an image, only notes about one")
    (tmp_path / "zero.dcm").write_bytes(b"")
    (tmp_path / ".hidden").write_text("passed over")
    found = list(scan(tmp_path, Job()))
    assert sum(isinstance(one, Header) for one in found) == 3
    reasons = {Path(one.path).name: one.reason for one in found if isinstance(one, Unreadable)}
    assert reasons == {"notes.txt": "This is not a DICOM file.", "zero.dcm": "The file is empty."}


def test_the_directory_file_of_a_disc_is_passed_over_whatever_its_name(tmp_path: Path) -> None:
    disc = FileSet()
    disc.add(pydicom.dcmread(slice_file(tmp_path / "a.dcm", ramp(), StudyTime="120000")))
    disc.write(tmp_path / "disc")
    shutil.copy(tmp_path / "disc" / "DICOMDIR", tmp_path / "disc" / "renamed")
    found = list(scan(tmp_path / "disc", Job()))
    assert [isinstance(one, Header) for one in found] == [True]


def test_a_folder_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="no file or folder 'gone'"):
        next(iter(scan(tmp_path / "gone", Job())))


def test_rings_of_links_and_pipes_do_not_trap_the_scan(tmp_path: Path) -> None:
    slice_file(tmp_path / "a.dcm", ramp())
    (tmp_path / "ring").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    assert _names(list(scan(tmp_path, Job()))) == ["a.dcm"]


def test_a_disc_pulled_out_leaves_what_was_read(tmp_path: Path) -> None:
    disc = tmp_path / "disc"
    series_files(disc)
    found: list[Header | Unreadable] = []
    for one in scan(disc, Job()):
        found.append(one)
        if len(found) == 2:
            shutil.rmtree(disc)
    assert [isinstance(one, Header) for one in found] == [True, True, False]
    assert "disc or folder is gone" in found[-1].reason  # type: ignore[union-attr]


def test_a_folder_that_cannot_be_listed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    series_files(tmp_path / "good", n=2)
    (tmp_path / "shut").mkdir()
    listing = module._listing

    def refuse(folder: str) -> tuple[list[str], list[str]]:
        if folder.endswith("shut"):
            raise PermissionError(13, "Permission denied")
        return listing(folder)

    monkeypatch.setattr(module, "_listing", refuse)
    found = list(scan(tmp_path, Job()))
    assert [type(one) for one in found] == [Header, Header, Unreadable]
    assert "no permission" in found[-1].reason  # type: ignore[union-attr]


def test_the_scan_can_be_cancelled_and_tells_how_far_it_is(tmp_path: Path) -> None:
    told: list[tuple[float, str]] = []
    series_files(tmp_path, n=4)
    list(scan(tmp_path, Job(report=lambda job: told.append((job.share, job.text)))))
    assert told[-1] == (1.0, "4 files")
    job = Job()
    found = scan(tmp_path, job)
    next(found)
    job.cancel()
    with pytest.raises(Cancelled):
        next(found)


@pytest.mark.data
@pytest.mark.parametrize("folder", ["malformed-fuzz", "conformance-pydicom-data", "nifti-orientations"])
def test_hostile_and_foreign_files_only_ever_become_headers_or_sentences(shared_data: Path, folder: str) -> None:
    found = list(scan(shared_data / "dicom" / folder, Job()))
    assert len(found) > 10
    assert all(isinstance(one, Header) or one.reason.endswith(".") for one in found)


def test_several_paths_are_one_scan_and_what_is_in_two_of_them_comes_once(tmp_path: Path) -> None:
    series_files(tmp_path / "a", n=3)
    series_files(tmp_path / "b", n=2)
    single = slice_file(tmp_path / "single.dcm", ramp(8), 8)
    (tmp_path / "link").symlink_to(tmp_path / "a")
    chosen = [tmp_path / "b", single, tmp_path / "a" / "001.dcm", tmp_path / "a", tmp_path / "link", single]
    told: list[str] = []
    found = list(scan(chosen, Job(report=lambda job: told.append(job.text))))
    assert _names(found) == ["000.dcm", "001.dcm", "single.dcm", "000.dcm", "001.dcm", "002.dcm"]
    assert told[-1] == "6 files"


def test_a_file_and_the_directory_that_names_it_give_it_once(tmp_path: Path) -> None:
    disc = FileSet()
    disc.add(pydicom.dcmread(slice_file(tmp_path / "a.dcm", ramp(), StudyTime="120000")))
    disc.write(tmp_path / "disc")
    (image,) = (path for path in (tmp_path / "disc").rglob("IM*"))
    assert len(list(scan([image, tmp_path / "disc" / "DICOMDIR"], Job()))) == 1


def test_what_is_missing_of_several_paths_is_told_and_the_rest_is_read(tmp_path: Path) -> None:
    series_files(tmp_path / "a", n=2)
    found = list(scan([tmp_path / "gone", tmp_path / "a"], Job()))
    assert [type(one) for one in found] == [Unreadable, Header, Header]
    with pytest.raises(Problem, match="'gone'"):
        list(scan([tmp_path / "gone", tmp_path / "gone too"], Job()))
    with pytest.raises(Problem, match="No file or folder"):
        list(scan([], Job()))


def test_a_disc_pulled_out_ends_only_its_own_part_of_the_scan(tmp_path: Path) -> None:
    series_files(tmp_path / "disc", n=4)
    series_files(tmp_path / "other", n=2)
    found: list[Header | Unreadable] = []
    for one in scan([tmp_path / "disc", tmp_path / "other"], Job()):
        found.append(one)
        if len(found) == 1:
            shutil.rmtree(tmp_path / "disc")
    assert [type(one) for one in found] == [Header, Unreadable, Header, Header]


def test_a_file_with_several_images_gives_each_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def three(header: Header) -> tuple[Header, ...]:
        return tuple(replace(header, frame=n) for n in range(header.frames))

    monkeypatch.setattr("medviewer.dicom.headers.frames.frames_of", three)
    slice_file(tmp_path / "a.dcm", np.stack([ramp()] * 3).reshape(-1, 40), NumberOfFrames=3, Rows=48)
    slice_file(tmp_path / "b.dcm", ramp())
    found = list(scan(tmp_path, Job()))
    assert [(Path(one.path).name, one.frame) for one in found if isinstance(one, Header)] == [
        ("a.dcm", 0), ("a.dcm", 1), ("a.dcm", 2), ("b.dcm", 0),
    ]  # fmt: skip


def test_an_ordinary_file_is_not_looked_at_for_frames_nor_archives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("medviewer.dicom.headers.frames.frames_of", lambda _header: pytest.fail("looked for frames"))
    monkeypatch.setattr(module, "is_zip", lambda _name: pytest.fail("looked for an archive"))
    assert len(list(scan(series_files(tmp_path, n=3)[0].parent, Job()))) == 3
