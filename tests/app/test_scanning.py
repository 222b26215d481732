"""Files that ought to be images are told from a disc's programs and texts."""

from pathlib import Path

import pytest

from medviewer.app.scanning import damaged, scan_into
from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.core.study import Unreadable
from medviewer.dicom.catalogue import Catalogue

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
