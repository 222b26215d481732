"""How a film was taken is read from the word or the code that its file has."""

from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from medviewer.dicom.header import read_header
from tests.dicom.files import slice_file


def code(value: str, meaning: str = "a view") -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "SCT", meaning
    return item


def film(folder: Path, **tags: object) -> Path:
    path = slice_file(folder / "film.dcm", np.zeros((4, 4), np.int16))
    image = pydicom.dcmread(path)
    for keyword, value in tags.items():
        setattr(image, keyword, value)
    image.save_as(path)
    return path


@pytest.mark.parametrize(
    ("tags", "view"),
    [
        ({}, ""),
        ({"ViewPosition": "mlo"}, "MLO"),
        ({"ViewPosition": "", "ViewCodeSequence": [code("399162004", "cranio-caudal")]}, "CC"),
        ({"ViewCodeSequence": [code("R-10226")]}, "MLO"),
        ({"ViewPosition": "LL", "ViewCodeSequence": [code("399162004")]}, "LL"),
        ({"ViewCodeSequence": [code("no such code")]}, ""),
        ({"ViewCodeSequence": []}, ""),
        ({"ViewCodeSequence": [Dataset()]}, ""),
    ],
)
def test_the_view_of_a_film(tmp_path: Path, tags: dict[str, object], view: str) -> None:
    assert read_header(film(tmp_path, **tags)).view_position == view


def test_the_directions_at_the_edges_of_a_film(tmp_path: Path) -> None:
    header = read_header(film(tmp_path, PatientOrientation=["A", "FR"], ImageLaterality="L"))
    assert (header.right_bottom, header.laterality) == ("A\\FR", "L")
    assert read_header(film(tmp_path, PatientOrientation=None)).right_bottom == ""
