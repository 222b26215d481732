"""The directory of a disc: its order, what it names but is not there, and nothing outside the disc."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.fileset import FileSet

from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.core.study import Header, Unreadable
from medviewer.dicom.scan import scan
from medviewer.dicom.sources.dicomdir import is_directory_name, read_directory
from tests.dicom.files import ramp, slice_file

pytestmark = pytest.mark.filterwarnings("ignore:.*for VR CS")  # written on purpose


def _disc(folder: Path, n: int = 4) -> Path:
    """Write a disc of ``n`` images and return its DICOMDIR."""
    files = FileSet()
    for k in range(n):
        files.add(pydicom.dcmread(slice_file(folder.parent / f"of-{k}.dcm", ramp(k), k, StudyTime="120000")))
    files.write(folder)
    return folder / "DICOMDIR"


def _change(directory: Path, change: Callable[[list[Dataset]], None]) -> None:
    """Rewrite the image records of a DICOMDIR."""
    disc = pydicom.dcmread(directory)
    change([record for record in disc.DirectoryRecordSequence if "ReferencedFileID" in record])
    disc.save_as(directory)


def _kinds(found: list[Header | Unreadable]) -> list[str]:
    return ["image" if isinstance(one, Header) else one.reason for one in found]


def test_a_directory_opened_itself_gives_the_images_it_names_in_its_order(tmp_path: Path) -> None:
    directory = _disc(tmp_path / "disc")
    _change(directory, lambda images: setattr(images[0], "ReferencedFileID", images[-1].ReferencedFileID))
    slice_file(tmp_path / "disc" / "unnamed.dcm", ramp(9), 9)
    found = [one for one in scan(directory, Job()) if isinstance(one, Header)]
    assert [one.sop_uid for one in found] == ["1.2.3.4.4", "1.2.3.4.2", "1.2.3.4.3"]


def test_files_that_are_named_but_not_there_are_one_sentence(tmp_path: Path) -> None:
    directory = _disc(tmp_path / "disc")
    names = list(read_directory(directory).files())
    os.remove(names[1])
    os.remove(names[2])
    said = "Images named in the disc's directory that are not on the disc: 2."
    assert _kinds(list(scan(directory, Job()))) == ["image", "image", said]
    assert _kinds(list(scan(tmp_path / "disc", Job()))) == ["image", "image", said]


def test_a_disc_opened_as_a_folder_gives_all_its_files_also_those_that_are_not_named(tmp_path: Path) -> None:
    _disc(tmp_path / "disc")
    slice_file(tmp_path / "disc" / "unnamed.dcm", ramp(9), 9)
    assert _kinds(list(scan(tmp_path / "disc", Job()))) == ["image"] * 5


def test_names_are_found_whatever_the_driver_made_of_their_case_and_version(tmp_path: Path) -> None:
    directory = _disc(tmp_path / "disc", n=2)
    for number, name in enumerate(list(read_directory(directory).files())):
        os.rename(name, Path(name).with_name(Path(name).name.lower() + (".;1", ";1")[number]))
    (tmp_path / "disc" / "PT000000").rename(tmp_path / "disc" / "pt000000")
    shutil.move(directory, tmp_path / "disc" / "dicomdir;1")
    assert is_directory_name("/media/cd/dicomdir.;1")
    assert not is_directory_name("DICOMDIR2")
    assert _kinds(list(scan(tmp_path / "disc" / "dicomdir;1", Job()))) == ["image", "image"]


@pytest.mark.parametrize(
    "evil",
    [
        ["..", "secret.dcm"],
        ["SUB", "..", "..", "secret.dcm"],
        ["", "secret.dcm"],
        ["C:", "secret.dcm"],
        ["../secret.dcm"],
        ["LINK", "secret.dcm"],
        ["LINKED.DCM"],
    ],
)
def test_a_name_that_leads_out_of_the_disc_is_refused(tmp_path: Path, evil: list[str]) -> None:
    directory = _disc(tmp_path / "disc", n=2)
    slice_file(tmp_path / "secret.dcm", ramp(7), 7)
    (tmp_path / "disc" / "LINK").symlink_to(tmp_path)
    (tmp_path / "disc" / "LINKED.DCM").symlink_to(tmp_path / "secret.dcm")
    (tmp_path / "disc" / "SUB").mkdir()
    _change(directory, lambda images: setattr(images[0], "ReferencedFileID", evil))
    found = list(scan(directory, Job()))
    assert _kinds(found) == ["image", "Images named in the disc's directory outside the disc, not opened: 1."]
    assert "secret" not in "".join(one.path for one in found)


def test_an_absolute_name_never_reaches_the_file_it_names(tmp_path: Path) -> None:
    directory = _disc(tmp_path / "disc", n=1)
    secret = slice_file(tmp_path / "secret.dcm", ramp(7), 7)
    _change(directory, lambda images: setattr(images[0], "ReferencedFileID", str(secret).split("/")))
    assert [one for one in scan(directory, Job()) if isinstance(one, Header)] == []


def test_records_in_a_ring_do_not_trap_the_reader(tmp_path: Path) -> None:
    directory = _disc(tmp_path / "disc")
    disc = pydicom.dcmread(directory)
    for record in disc.DirectoryRecordSequence:
        record.OffsetOfTheNextDirectoryRecord = 400
        record.OffsetOfReferencedLowerLevelDirectoryEntity = 400
    disc.save_as(directory)
    assert _kinds(list(scan(directory, Job()))) == ["image"] * 4


def test_deleted_records_and_those_named_twice_are_passed_over(tmp_path: Path) -> None:
    directory = _disc(tmp_path / "disc")

    def change(images: list[Dataset]) -> None:
        images[0].RecordInUseFlag = 0
        images[1].ReferencedFileID = images[2].ReferencedFileID

    _change(directory, change)
    assert _kinds(list(scan(directory, Job()))) == ["image", "image"]


@pytest.mark.parametrize("damage", ["cut", "zeros", "empty", "text"])
def test_with_a_damaged_directory_the_folder_is_looked_through_instead_and_it_is_said(
    tmp_path: Path, damage: str
) -> None:
    directory = _disc(tmp_path / "disc")
    data = directory.read_bytes()
    ruin = {"cut": data[:700], "zeros": data[:400] + bytes(len(data) - 400), "empty": b"", "text": b"hello" * 99}
    directory.write_bytes(ruin[damage])
    reasons = _kinds(list(scan(directory, Job())))
    assert reasons[0].endswith("All files beside it were looked through instead.")
    assert reasons[1:] == ["image"] * 4
    whole = _kinds(list(scan(tmp_path / "disc", Job())))
    assert whole[:4] == ["image"] * 4
    assert len(whole) == 5
    assert whole[4].startswith("The directory of this disc")


def test_a_directory_that_may_inflate_to_anything_is_not_read(tmp_path: Path) -> None:
    directory = _disc(tmp_path / "disc", n=1)
    disc = pydicom.dcmread(directory)
    disc.file_meta.TransferSyntaxUID = pydicom.uid.DeflatedExplicitVRLittleEndian
    disc.save_as(directory)
    with pytest.raises(Problem, match="damaged"):
        read_directory(directory)


@pytest.mark.data
@pytest.mark.parametrize("name", ["", "-nopatient", "-implicit", "-nooffset", "-reordered", "-bigEnd"])
def test_real_directories_name_files_that_are_there(shared_data: Path, name: str) -> None:
    folder = shared_data / "dicom" / "conformance-pydicom" / "test_files" / "dicomdirtests"
    found = list(scan(folder / f"DICOMDIR{name}", Job()))
    assert _kinds(found) == ["image"] * 31


@pytest.mark.data
def test_a_directory_that_names_nothing_says_so(shared_data: Path) -> None:
    folder = shared_data / "dicom" / "conformance-pydicom" / "test_files" / "dicomdirtests"
    found = list(scan(folder / "DICOMDIR-empty.dcm", Job()))
    assert isinstance(found[0], Unreadable)
    assert found[0].reason.startswith("The directory of this disc names no images.")
    assert sum(isinstance(one, Header) for one in found) == 31 + 50
