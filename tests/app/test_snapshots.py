"""Pictures become files that hold the picture and nothing else, or no file at all."""

import os
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from medviewer.app.snapshots import encoded, file_stem, save_picture
from medviewer.core.problem import Problem
from medviewer.core.study import Header, Patient

PICTURE = np.arange(7 * 5 * 3, dtype=np.uint8).reshape(7, 5, 3)
PERSON = Header(
    "/p", "1", "", "2", "3", "CT", patient=Patient("P-7", "Doe^Jane"), study_date="20260115", series_number=4,
    series_description="Lung 1.0 / MIP",
)  # fmt: skip


def chunks(png: bytes) -> list[str]:
    """The kinds of the chunks of a PNG file."""
    at, found = 8, []
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        found.append(png[at + 4 : at + 8].decode())
        at += 12 + length
    return found


def test_a_png_is_exact_and_holds_no_texts_dates_or_profiles(tmp_path: Path) -> None:
    path = save_picture(PICTURE, tmp_path / "a.png")
    assert (np.asarray(Image.open(path)) == PICTURE).all()
    assert set(chunks(path.read_bytes())) == {"IHDR", "IDAT", "IEND"}


def test_a_jpeg_is_near_and_holds_no_exif_or_comment(tmp_path: Path) -> None:
    smooth = np.repeat(np.linspace(0, 255, 64).astype(np.uint8)[None, :, None], 48, 0).repeat(3, 2)
    path = save_picture(smooth, tmp_path / "a.JPG")
    with Image.open(path) as image:
        assert image.format == "JPEG"
        assert not image.getexif()
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert np.abs(np.asarray(image).astype(int) - smooth).max() <= 6


def test_other_names_and_places_are_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(Problem, match=r"PNG or JPEG"):
        save_picture(PICTURE, tmp_path / "a.bmp")
    with pytest.raises(Problem, match=r"'a\.png' could not be written: No such file or directory\."):
        save_picture(PICTURE, tmp_path / "nowhere" / "a.png")


def test_a_full_disk_leaves_the_old_picture_and_no_half_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"old")

    def full(_fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Problem, match="No space left on device"):
        save_picture(PICTURE, path)
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["a.png"]


def test_the_name_offered_says_whose_it_is_only_where_that_is_wanted() -> None:
    assert file_stem(PERSON, 12, True) == "P-7_20260115_CT4_Lung-1.0-MIP_0012"
    assert file_stem(PERSON, 12, False) == "CT4_Lung-1.0-MIP_0012"
    assert file_stem(PERSON, None, False) == "CT4_Lung-1.0-MIP"
    assert file_stem(Header("/p", "1", "", "2", "3"), None, True) == "image"
    assert file_stem(Header("/p", "1", "", "2", "3", series_description="../../x"), None, True) == "x"


def test_bytes_for_a_report_are_the_same_file() -> None:
    assert encoded(PICTURE, "png")[:8] == b"\x89PNG\r\n\x1a\n"


def test_the_name_offered_fits_every_disk_in_every_script() -> None:
    header = Header("", "1.1", "", "1.2", "1.3", modality="CT", series_description="肺" * 200)
    stem = file_stem(header, None, named=False)
    assert stem.startswith("CT_肺肺")
    assert 110 < len(stem.encode()) <= 120
