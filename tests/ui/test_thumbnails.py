"""Small pictures of series."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QImage

from medviewer.core.job import Job
from medviewer.core.study import Series
from medviewer.ui.thumbnails import SIDE_PX, thumbnail
from tests.dicom.shown import header_for, image_file, lut_item

BRIGHT_LEFT = np.repeat(np.where(np.arange(12) < 6, 1000, 100)[None], 8, axis=0).astype(np.uint16)


def series_of(path: Path, **said: object) -> Series:
    data = path.read_bytes()
    at = data.rfind(BRIGHT_LEFT.tobytes())
    pixels = {"pixels_at": at, "pixels_bytes": BRIGHT_LEFT.nbytes} if at > 0 else {}
    return Series("1", (header_for(path, **(pixels | said)),))


def left_and_right(image: QImage | None) -> tuple[int, int]:
    assert image is not None
    assert (image.width(), image.height()) == (SIDE_PX, SIDE_PX)
    return image.pixelColor(10, 50).red(), image.pixelColor(SIDE_PX - 10, 50).red()


def test_a_thumbnail_is_square_and_in_the_first_window(tmp_path: Path) -> None:
    path = image_file(tmp_path / "a.dcm", BRIGHT_LEFT)
    assert left_and_right(thumbnail(series_of(path, modality="DX"), Job())) == (255, 0)


def test_monochrome1_is_the_right_way_round(tmp_path: Path) -> None:
    path = image_file(tmp_path / "a.dcm", BRIGHT_LEFT)
    assert left_and_right(thumbnail(series_of(path, modality="DX", photometric="MONOCHROME1"), Job())) == (0, 255)


def test_the_table_of_the_file_is_used(tmp_path: Path) -> None:
    table = lut_item(100, [255] + [0] * 900, 8)
    path = image_file(tmp_path / "a.dcm", BRIGHT_LEFT, VOILUTSequence=[table])
    assert left_and_right(thumbnail(series_of(path, modality="DX", voi_lut=True), Job())) == (0, 255)


def test_what_is_no_image_or_cannot_be_read_has_none(tmp_path: Path) -> None:
    path = image_file(tmp_path / "a.dcm", BRIGHT_LEFT)
    good = series_of(path)
    assert thumbnail(Series("1", good.headers, kind="report"), Job()) is None
    path.unlink()
    assert thumbnail(good, Job()) is None


@pytest.mark.data
def test_colours_stay_colours(shared_data: Path) -> None:
    from medviewer.dicom.header import read_header

    path = shared_data / "dicom/conformance-pydicom/test_files/examples_palette.dcm"
    image = thumbnail(Series("1", (read_header(path),)), Job())
    assert image is not None
    seen = [image.pixelColor(x, y) for x in range(0, SIDE_PX, 4) for y in range(0, SIDE_PX, 4)]
    assert max(abs(colour.red() - colour.blue()) for colour in seen) > 20
