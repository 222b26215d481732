"""The tags of a file as text: complete, readable, bounded, whatever the file is."""

from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import DeflatedExplicitVRLittleEndian, ImplicitVRLittleEndian

from medviewer.core.job import Job
from medviewer.core.problem import Cancelled, Problem
from medviewer.dicom.tags import DEEPEST, LONGEST_TEXT, MOST_ROWS, TagRow, rows
from tests.dicom.files import ramp, slice_file


def named(path: Path) -> dict[str, TagRow]:
    return {row.name: row for row in rows(path)}


def test_every_element_has_tag_name_kind_and_value(tmp_path: Path) -> None:
    found = named(
        slice_file(tmp_path / "a.dcm", ramp(), PatientName="Doe^Jane=道^珍", SpecificCharacterSet="ISO_IR 192")
    )
    assert found["Patient's Name"] == TagRow(0, "(0010,0010)", "PN", "Patient's Name", "Doe^Jane=道^珍")
    assert found["Image Type"].value == "ORIGINAL\\PRIMARY\\AXIAL"
    assert found["Rows"].value == "48"
    assert found["Transfer Syntax UID"].tag == "(0002,0010)"
    assert "Pixel Data" not in found


def test_a_name_of_an_impossible_kind_costs_its_row_only(tmp_path: Path) -> None:
    path = slice_file(tmp_path / "a.dcm", ramp(), PatientName="Doe^Jane")
    path.write_bytes(path.read_bytes().replace(b"\x10\0\x10\0PN", b"\x10\0\x10\0P\0"))
    assert "Study Date" in named(path)


def test_rows_keep_the_order_of_the_file(tmp_path: Path) -> None:
    found = [row.tag for row in rows(slice_file(tmp_path / "a.dcm", ramp()))]
    assert found == sorted(found)


def test_sequences_are_set_in_and_nesting_ends(tmp_path: Path) -> None:
    inner = Dataset()
    inner.CodeMeaning = "deepest"
    for _level in range(DEEPEST + 4):
        outer = Dataset()
        outer.ConceptNameCodeSequence = Sequence([inner])
        inner = outer
    found = rows(slice_file(tmp_path / "a.dcm", ramp(), ProcedureCodeSequence=Sequence([inner])))
    levels = [row.level for row in found if row.vr == "SQ"]
    assert levels == list(range(DEEPEST + 1))
    assert [row.value for row in found if row.level == DEEPEST] == ["nested too deeply to be shown"]
    assert next(row for row in found if row.vr == "SQ").value == "1 item"


def test_private_elements_say_so(tmp_path: Path) -> None:
    path = slice_file(tmp_path / "a.dcm", ramp())
    image = pydicom.dcmread(path)
    block = image.private_block(0x0029, "MedViewer test", create=True)
    block.add_new(1, "LO", "secret")
    block.add_new(2, "OB", b"\0" * 100)
    image.save_as(path)
    private = [row for row in rows(path) if row.private]
    assert [row.value for row in private] == ["MedViewer test", "secret", "100 bytes"]


def test_long_values_are_cut(tmp_path: Path) -> None:
    path = slice_file(tmp_path / "a.dcm", ramp(), ImageComments="x" * 5000, SliceLocationVector=[0.125] * 9000)
    found = named(path)
    assert len(found["Image Comments"].value) == LONGEST_TEXT
    assert found["Image Comments"].value.endswith("x…")
    path = slice_file(tmp_path / "b.dcm", ramp(), EncapsulatedDocument=b"x" * 120000)
    assert named(path)["Encapsulated Document"].value == "120000 bytes"
    path = slice_file(tmp_path / "c.dcm", ramp(), ContourData=["1.5"] * 3000)
    assert named(path)["Contour Data"].value.startswith("1.5\\1.5\\1.5")


def test_the_list_ends_and_says_so(tmp_path: Path) -> None:
    many = [Dataset() for _item in range(MOST_ROWS)]
    for item in many:
        item.CodeMeaning = "one"
    found = rows(slice_file(tmp_path / "a.dcm", ramp(), ProcedureCodeSequence=Sequence(many)))
    assert len(found) == MOST_ROWS + 1
    assert found[-1].value == "Only the first 5000 rows are shown."


def test_control_characters_do_not_reach_the_screen(tmp_path: Path) -> None:
    found = named(slice_file(tmp_path / "a.dcm", ramp(), StudyDescription="a\x07b\x1fc"))
    assert found["Study Description"].value == "a b c"


def test_names_in_a_wrongly_declared_character_set_are_repaired_as_in_the_scan(tmp_path: Path) -> None:
    path = slice_file(tmp_path / "a.dcm", ramp(), PatientName="Wang^XiaoDong^AB", SpecificCharacterSet="ISO_IR 100")
    raw, name = path.read_bytes(), b"Wang^XiaoDong^AB"
    assert raw.count(name) == 1
    path.write_bytes(raw.replace(name, "王^小东".encode("gb18030").ljust(len(name))))
    assert named(path)["Patient's Name"].value == "王^小东"


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian])
def test_other_encodings_give_the_same_rows(tmp_path: Path, syntax: str) -> None:
    plain = slice_file(tmp_path / "a.dcm", ramp())
    image = pydicom.dcmread(plain)
    image.file_meta.TransferSyntaxUID = pydicom.uid.UID(syntax)
    image.save_as(tmp_path / "b.dcm", implicit_vr=syntax == ImplicitVRLittleEndian, little_endian=True)
    body = [row for row in rows(plain) if not row.tag.startswith("(0002")]
    assert [row for row in rows(tmp_path / "b.dcm") if not row.tag.startswith("(0002")] == body


def test_a_file_without_preamble_is_read_too(tmp_path: Path) -> None:
    path = slice_file(tmp_path / "a.dcm", ramp())
    path.write_bytes(path.read_bytes()[132:])
    assert named(path)["Modality"].value == "CT"


@pytest.mark.parametrize("content", [b"", b"no DICOM at all, only a text that is long enough" * 9])
def test_what_is_no_dicom_is_a_problem(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(Problem, match="not a DICOM file"):
        rows(tmp_path / "x")


def test_a_file_that_is_gone_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="no longer there"):
        rows(tmp_path / "gone")


def test_reading_stops_when_the_reader_cancels(tmp_path: Path) -> None:
    job = Job()
    job.cancel()
    with pytest.raises(Cancelled):
        rows(slice_file(tmp_path / "a.dcm", ramp()), job)


@pytest.mark.data
def test_no_malformed_file_does_harm(shared_data: Path) -> None:
    files = [path for path in (shared_data / "dicom/malformed-fuzz").rglob("*") if path.is_file()]
    assert len(files) > 100
    for path in files:
        try:
            found = rows(path)
        except Problem:
            continue
        assert len(found) <= MOST_ROWS + 1
        assert all(len(row.value) <= LONGEST_TEXT and row.level <= DEEPEST for row in found)
