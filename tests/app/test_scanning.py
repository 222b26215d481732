"""Files that ought to be images are told from a disc's programs and texts."""

from pathlib import Path

import pytest

from medviewer.app.scanning import damaged, scan_into
from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.core.study import Unreadable
from medviewer.dicom.catalogue import Catalogue
from medviewer.dicom.sources.archive import close_all
from medviewer.dicom.sources.files import LostMember
from tests.dicom.files import series_files
from tests.dicom.packed import aes_zipped, image

MAGIC = bytes(128) + b"DICM"


@pytest.mark.parametrize(
    ("name", "content", "image"),
    [
        ("IM0001", b"\x00\x01garbage", True),
        ("a.dcm", b"not an image", True),
        ("a.DCM", b"", True),
        ("1.2.840.3", b"garbage", True),
        ("readme.txt", b"hello", False),
        ("odd.txt", MAGIC, True),
        ("LICENSE", b"Some words\n", False),
        ("empty", b"", True),
        ("viewer.exe", b"MZ\x00", False),
    ],
)
def test_what_ought_to_be_an_image(tmp_path: Path, name: str, content: bytes, image: bool) -> None:
    (tmp_path / name).write_bytes(content)
    file = Unreadable(str(tmp_path / name), "no")
    assert damaged([file]) == ([file] if image else [])


def test_a_file_that_cannot_even_be_opened_is_told() -> None:
    gone = Unreadable("/nowhere/a.txt", "no")
    assert damaged([gone]) == [gone]


def test_a_folder_without_images_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(Problem, match="There is no DICOM image"):
        scan_into(Catalogue(), tmp_path, Job())


@pytest.mark.parametrize(
    ("name", "image"), [("a.nii", True), ("A.NII.GZ", True), ("b.nrrd", True), ("c.zip", True), ("d.txt.gz", False)]
)
def test_images_of_other_formats_and_archives_ought_to_be_images_too(tmp_path: Path, name: str, image: bool) -> None:
    (tmp_path / name).write_bytes(b"\x00\x01garbage")
    file = Unreadable(str(tmp_path / name), "no")
    assert damaged([file]) == ([file] if image else [])


@pytest.mark.parametrize("image", [True, False])
def test_a_member_of_an_archive_says_itself_whether_it_is_a_loss(image: bool) -> None:
    member = LostMember("/nowhere/ct.zip › notes.txt", "no", image)
    assert damaged([member]) == ([member] if image else [])


def test_several_paths_go_into_one_catalogue_and_the_password_is_asked_for(tmp_path: Path) -> None:
    series_files(tmp_path / "a", n=2)
    packed = aes_zipped(tmp_path / "b.zip", {f"{k}.dcm": image(tmp_path / "x", k) for k in (4, 5)}, "geheim")
    catalogue = Catalogue()
    assert scan_into(catalogue, [tmp_path / "a", packed], Job(), password=lambda *_: "geheim") == []
    assert len(catalogue.studies()[0].series[0].headers) == 4
    close_all()
