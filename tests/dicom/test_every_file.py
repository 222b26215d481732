"""Every real file there is either opens whole or says in a sentence why not; none may take the program with it."""

from pathlib import Path

import numpy as np
import pytest

from medviewer.dicom.decode import DecodePool
from tests.dicom.every_file import Outcome, outcomes, table
from tests.dicom.files import ramp, slice_file
from tests.dicom.streams import CODINGS, coded_file, texture

NO_DICOM = {".txt", ".md", ".xml", ".json", ".dump", ".icc", ".png", ".jpg", ".jpeg", ".gz", ".dat"}
NO_DICOM_NAMES = {"LICENSE", "README"}
# Files that are no images although they look like it, and the reason that must be given.
KNOWN = {
    "conformance-pydicom/charset_files/chrJapMulti.dcm": "no pixel data",
    "conformance-pydicom/charset_files/chrJapMultiExplicitIR6.dcm": "no pixel data",
    "conformance-pydicom/charset_files/chrKoreanMulti.dcm": "no pixel data",
    "conformance-pydicom/charset_files/chrSQEncoding.dcm": "does not say what it holds",
    "conformance-pydicom/charset_files/chrSQEncoding1.dcm": "does not say what it holds",
    "conformance-pydicom/test_files/JPEG2000-embedded-sequence-delimiter.dcm": "another size",
    "conformance-pydicom/test_files/MR_truncated.dcm": "cut short",
    "conformance-pydicom/test_files/UN_sequence.dcm": "does not say what it holds",
    "conformance-pydicom/test_files/badVR.dcm": "more pixels than its header says",
    "conformance-pydicom/test_files/empty_charset_LEI.dcm": "does not say what it holds",
    "conformance-pydicom/test_files/meta_missing_tsyntax.dcm": "does not say what it holds",
    "conformance-pydicom/test_files/nested_priv_SQ.dcm": "does not say what it holds",
    "conformance-pydicom/test_files/no_meta.dcm": "",
    "conformance-pydicom/test_files/no_meta_group_length.dcm": "does not say what it holds",
    "conformance-pydicom/test_files/priv_SQ.dcm": "does not say what it holds",
    "conformance-pydicom-data/emri_small_jpeg_2k_lossless_too_short.dcm": "cut short",
}
LEAST_OPENED, LEAST_MALFORMED_OPENED = 1000, 120
MUST_SHOW = {  # how many images, and of what size
    "conformance-pydicom-data/emri_small.dcm": "64×64 MONOCHROME2, 10 images",
    "conformance-pydicom-data/liver.dcm": "512×512 MONOCHROME2, 3 images",
    "conformance-pydicom/test_files/rtdose.dcm": "10×10 MONOCHROME2, 15 images",
    "conformance-pydicom/test_files/examples_ybr_color.dcm": "320×240 YBR_FULL_422, 30 images",
    "conformance-pydicom-data/parametric_map_float.dcm": "128×128 MONOCHROME2",
    "transfer-syntaxes-cs3d/TestPattern_Palette_16.dcm": "640×400 PALETTE COLOR",
}


@pytest.mark.data
def test_every_file_opens_or_says_why_not(shared_data: Path) -> None:
    pool = DecodePool(workers=2)
    pids: set[int] = set()
    rows: dict[str, Outcome] = {}
    for row in outcomes(shared_data / "dicom", pool):
        rows[row.path] = row
        pids.update(pool.pids)
    pool.close()
    assert {path: row.faults for path, row in rows.items() if row.faults} == {}
    assert len(pids) <= 2  # no worker had to be replaced
    assert _not_opened_without_need(rows) == {}
    opened = [path for path, row in rows.items() if row.sign == "opened"]
    assert len(opened) >= LEAST_OPENED
    assert sum(path.startswith("malformed-fuzz") for path in opened) >= LEAST_MALFORMED_OPENED
    for path, what in MUST_SHOW.items():
        assert (rows[path].sign, rows[path].what) == ("opened", what)


def _not_opened_without_need(rows: dict[str, Outcome]) -> dict[str, str]:
    """Return the sound files that are neither opened nor listed, or that are not for another reason than known."""
    return {
        path: row.reason
        for path, row in rows.items()
        if row.reason
        and not path.startswith("malformed-fuzz")
        and Path(path).suffix not in NO_DICOM
        and Path(path).name not in NO_DICOM_NAMES
        and not (path in KNOWN and KNOWN[path] in row.reason)
    }


def test_the_table_says_what_became_of_each_file(tmp_path: Path) -> None:
    slice_file(tmp_path / "a.dcm", ramp())
    coding = CODINGS["jpeg-ls"]
    whole = coding.encode(texture())
    coded_file(tmp_path / "b.dcm", texture(), coding.syntax, whole, whole[:100], InstanceNumber=9)
    (tmp_path / "c.txt").write_text("nothing")
    slice_file(tmp_path / "d.dcm", np.zeros((4, 4, 3), "uint8"), SamplesPerPixel=3, PhotometricInterpretation="RGB")
    pool = DecodePool(workers=1)
    rows = list(outcomes(tmp_path, pool))
    pool.close()
    assert [row.sign for row in rows] == ["opened", "1 of 2", "not", "opened"]
    assert rows[1].what == "40×48 MONOCHROME2, 2 images"
    assert "| b.dcm | 1 of 2 | 40×48 MONOCHROME2, 2 images | The pixel data are cut short. |" in table(rows)
    assert table(rows).startswith("2 opened, 1 in part, 1 not")
    assert not any(row.faults for row in rows)


def test_a_table_calls_a_fault_a_fault() -> None:
    from tests.dicom.every_file import _no_sentence

    assert list(_no_sentence("")) == ["no sentence: ''"]
    assert list(_no_sentence("The file is empty.")) == []
