"""Measurements as CSV: right numbers, nothing about the patient, whole or not at all."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from medviewer.app.marks_csv import Row, table, write_csv
from medviewer.core.problem import Problem
from medviewer.core.study import Patient
from medviewer.core.volume import Volume
from medviewer.imaging.marks.measure import measure
from tests.marks import on_slice, volume

SECRETS = ("Doe", "P-7", "19650102", "1.2.3.4")


@pytest.fixture
def shown() -> Volume:
    patient = Patient("P-7", "Doe^Jane", "19650102", "F")
    ramp = np.tile(10 * np.arange(12, dtype=np.int16), (2, 12, 1))
    return volume(ramp, patient=patient, study_date="20260115", instance_number=7, series_number=3)


def rows(shown: Volume) -> list[Row]:
    marks = [
        on_slice(shown, "length", [(0, 0), (3, 4)], name="target"),
        on_slice(shown, "rectangle", [(1.5, 1.5), (4.5, 4.5)], k=1, name='=HYPERLINK("x")'),
        on_slice(shown, "text", [(1, 1)], text="see, here"),
    ]
    return [Row(mark, measure(mark, shown.series, shown), shown.series) for mark in marks]


def read(text: str, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text), delimiter=delimiter))


def test_each_mark_is_a_row_with_its_numbers_and_units(shown: Volume) -> None:
    length, region, text = read(table(rows(shown)))
    assert (length["number"], length["name"], length["kind"]) == ("1", "target", "length")
    assert (float(length["length"]), length["length_unit"]) == (5.0, "mm")
    assert (length["series"], length["image"], length["modality"]) == ("3", "7", "CT")
    assert (float(region["mean"]), region["value_unit"]) == (30.0, "HU")
    assert (float(region["area"]), region["area_unit"], region["length"]) == (9.0, "mm²", "")
    assert text["text"] == "see, here"


def test_nothing_about_the_patient_is_in_it_unless_wanted(shown: Volume) -> None:
    text = table(rows(shown))
    assert not any(secret in text for secret in SECRETS)
    named = read(table(rows(shown), with_patient=True))[0]
    assert (named["patient_id"], named["patient_name"], named["study_date"]) == ("P-7", "Doe^Jane", "20260115")


def test_a_name_that_looks_like_a_formula_stays_a_text(shown: Volume) -> None:
    assert read(table(rows(shown)))[1]["name"] == '\'=HYPERLINK("x")'


def test_negative_numbers_stay_numbers(shown: Volume) -> None:
    made = on_slice(shown, "probe", [(1, 1)])
    shown.voxels[...] = -50
    cells = read(table([Row(made, measure(made, shown.series, shown), shown.series)]))[0]
    assert float(cells["value"]) == -50.0


def test_a_mark_of_a_series_that_is_not_here_keeps_its_row(shown: Volume) -> None:
    row = rows(shown)[0]
    assert read(table([replace(row, series=None)]))[0]["image"] == ""


def test_the_clipboard_gets_tabs(shown: Volume) -> None:
    assert read(table(rows(shown), delimiter="\t"), "\t")[0]["name"] == "target"


def test_the_file_is_written_whole_and_read_by_spreadsheets(shown: Volume, tmp_path: Path) -> None:
    write_csv(tmp_path / "m.csv", rows(shown))
    assert (tmp_path / "m.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert [path.name for path in tmp_path.iterdir()] == ["m.csv"]


def test_a_full_disk_is_one_sentence_and_the_old_file_stays(
    shown: Volume, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "m.csv").write_text("old")

    def full(*_given: object, **_named: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(Problem, match="No space left"):
        write_csv(tmp_path / "m.csv", rows(shown))
    assert (tmp_path / "m.csv").read_bytes() == b"old"
