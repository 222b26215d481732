"""A file's header is read fast, as pydicom would read it, and without trusting the file."""

import contextlib
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian

from medviewer.core.problem import Problem
from medviewer.core.study import Header
from medviewer.dicom import header as module
from medviewer.dicom.header import STAND_IN, read_header
from medviewer.dicom.headers.elements import Elements, walk
from tests.dicom.files import ramp, slice_file


def _again(path: Path, **tags: Any) -> Path:
    """Write a file once more with other tags; pydicom does the encoding."""
    image = pydicom.dcmread(path)
    for keyword, value in tags.items():
        if value is None:
            delattr(image, keyword)
        else:
            setattr(image, keyword, value)
    image.save_as(path)
    return path


def _encoded(path: Path, syntax: str) -> Path:
    image = pydicom.dcmread(path)
    image.file_meta.TransferSyntaxUID = pydicom.uid.UID(syntax)
    if syntax == ExplicitVRBigEndian:
        image.PixelData = np.frombuffer(image.PixelData, "<i2").astype(">i2").tobytes()
    implicit, little = syntax == ImplicitVRLittleEndian, syntax != ExplicitVRBigEndian
    pydicom.dcmwrite(path, image, implicit_vr=implicit, little_endian=little, force_encoding=True)
    return path


def _no_pydicom(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str, _wish: object) -> None:
        raise AssertionError(f"the fast parser gave {Path(name).name} away")

    monkeypatch.setattr("medviewer.dicom.headers.lenient.elements_by_pydicom", refuse)


def test_a_header_says_what_the_file_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _no_pydicom(monkeypatch)
    found = read_header(slice_file(tmp_path / "a.dcm", ramp(3), 3, WindowCenter=[40, 400], WindowWidth=[350, 1500]))
    assert (found.modality, found.patient.name, found.patient.sex, found.study_uid) == ("CT", "Test^Case", "F", "1.2.3")
    assert (found.rows, found.columns, found.bits_stored, found.signed) == (48, 40, 16, True)
    assert (found.position_lps_mm, found.pixel_spacing_mm) == ((-10.0, -20.0, 6.0), (0.8, 0.8))
    assert (found.slope, found.intercept, found.window_center, found.window_width) == (1.0, -1024.0, 40.0, 350.0)
    assert found.age_years == 65.0
    assert Path(found.path).read_bytes()[found.pixels_at :] == ramp(3).tobytes()
    assert found.pixels_bytes == 48 * 40 * 2


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian])
def test_every_way_of_encoding_gives_the_same_header(tmp_path: Path, syntax: str) -> None:
    plain = read_header(slice_file(tmp_path / "a.dcm", ramp()))
    other = read_header(_encoded(slice_file(tmp_path / "b.dcm", ramp()), syntax))
    same = [f for f in Header.__slots__ if f not in ("path", "transfer_syntax", "pixels_at", "file_bytes")]
    assert [getattr(other, f) for f in same] == [getattr(plain, f) for f in same]
    assert other.transfer_syntax == syntax


def test_a_file_without_preamble_is_read(tmp_path: Path) -> None:
    path = slice_file(tmp_path / "a.dcm", ramp())
    path.write_bytes(path.read_bytes()[132:])
    assert read_header(path).sop_uid == "1.2.3.4.1"


def test_a_header_longer_than_the_first_look_is_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = slice_file(tmp_path / "a.dcm", ramp())
    image = pydicom.dcmread(path)
    image.private_block(0x0019, "MAKER", create=True).add_new(1, "OB", b"\0" * (5 * module.FIRST_CHUNK))
    image.save_as(path)
    _no_pydicom(monkeypatch)
    assert read_header(path).rows == 48


def test_sequences_are_passed_over_however_they_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = pydicom.Dataset()
    inner.Rows, inner.PatientID = 7, "inner"
    outer = pydicom.Dataset()
    outer.ReferencedImageSequence = [inner, inner]
    for undefined in (False, True):
        path = _again(slice_file(tmp_path / "a.dcm", ramp()), ReferencedStudySequence=[outer, outer])
        image = pydicom.dcmread(path)
        image["ReferencedStudySequence"].is_undefined_length = undefined
        for item in image.ReferencedStudySequence:
            item.is_undefined_length_sequence_item = undefined
        image.save_as(path)
        _no_pydicom(monkeypatch)
        assert (read_header(path).rows, read_header(path).patient.id) == (48, "T1")


def test_names_are_decoded_by_their_character_set(tmp_path: Path) -> None:
    for charset, name in (
        ("ISO_IR 192", "王^小东"),
        ("GB18030", "王^小东"),
        ("ISO_IR 100", "Äneas^Rüdiger"),
        (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎"),
        (["", "ISO 2022 IR 149"], "Hong^Gildong=洪^吉洞=홍^길동"),
    ):
        path = _again(slice_file(tmp_path / "a.dcm", ramp()), SpecificCharacterSet=charset, PatientName=name)
        assert read_header(path).patient.name == name


def test_bytes_that_are_no_text_do_not_stop_the_reading(tmp_path: Path) -> None:
    path = slice_file(tmp_path / "a.dcm", ramp())
    path.write_bytes(path.read_bytes().replace(b"Test^Case", b"\xfe\xff^\xc3\x28\x81\x82\x83\x84"))
    assert read_header(path).rows == 48


@pytest.mark.parametrize(
    ("tags", "age_years"),
    [
        ({"PatientAge": "061Y"}, 61.0),
        ({"PatientAge": "006M"}, 0.5),
        ({"PatientBirthDate": "19600602"}, 64.0),
        ({"PatientBirthDate": "1960"}, None),
        ({"PatientAge": "abcY", "PatientBirthDate": ""}, None),
    ],
)
def test_age_comes_from_the_file_or_from_the_dates(
    tmp_path: Path, tags: dict[str, Any], age_years: float | None
) -> None:
    with pydicom.config.disable_value_validation():
        assert read_header(slice_file(tmp_path / "a.dcm", ramp(), **tags)).age_years == age_years


def test_signs_that_only_look_like_digits_do_not_stop_the_reading(tmp_path: Path) -> None:
    path = slice_file(tmp_path / "a.dcm", ramp(), PatientBirthDate="19600101", SpecificCharacterSet="ISO_IR 100")
    path.write_bytes(path.read_bytes().replace(b"19600101", b"1\xb9600101"))
    assert read_header(path).age_years is None


def test_whole_numbers_beyond_all_measure_count_as_missing(tmp_path: Path) -> None:
    path = slice_file(tmp_path / "a.dcm", ramp(), SeriesNumber=123456, InstanceNumber=123457)
    path.write_bytes(path.read_bytes().replace(b"123456", b"1e300 ").replace(b"123457", b"-1e300"))
    found = read_header(path)
    assert (found.series_number, found.instance_number) == (0, 0)


def test_zeros_where_elements_should_be_do_not_hold_up_the_scan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.dcm").write_bytes(bytes(128) + b"DICM" + bytes(1 << 16))
    monkeypatch.setattr("medviewer.dicom.headers.lenient.MOST_READS", 1000)
    with pytest.raises(Problem, match="header of this file is damaged"):
        read_header(tmp_path / "a.dcm")


def test_numbers_that_are_none_count_as_missing(tmp_path: Path) -> None:
    path = slice_file(tmp_path / "a.dcm", ramp(), PixelSpacing=[1.25, 1.25], RescaleIntercept="-1000")
    data = path.read_bytes().replace(b"1.25\\1.25", b"nan\\1e999").replace(b"-1000 ", b"ABCDE ")
    path.write_bytes(data)
    found = read_header(path)
    assert (found.pixel_spacing_mm, found.intercept) == (None, 0.0)


def test_files_without_study_and_series_are_kept_together_by_folder(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        for k in (0, 1):
            slice_file(tmp_path / folder / f"{k}.dcm", ramp(k), k, StudyInstanceUID="", SeriesInstanceUID="")
    one, two = (read_header(tmp_path / "a" / f"{k}.dcm") for k in (0, 1))
    other = read_header(tmp_path / "b" / "0.dcm")
    assert one.series_uid.startswith(STAND_IN)
    assert len(one.series_uid) <= 64
    assert (one.study_uid, one.series_uid) == (two.study_uid, two.series_uid)
    assert one.study_uid != other.study_uid


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b"%PDF-1.7 is no image at all, whatever its name", "This is not a DICOM file."),
        (b"\0" * 128 + b"DICM", "not a DICOM"),
        (b"\0" * 128 + b"DICM" + b"\xff" * 500, "damaged|not a DICOM|does not say"),
    ],
)
def test_what_is_no_dicom_file_is_refused_in_a_sentence(tmp_path: Path, content: bytes, sentence: str) -> None:
    (tmp_path / "a.dcm").write_bytes(content)
    with pytest.raises(Problem, match=sentence):
        read_header(tmp_path / "a.dcm")


def test_a_file_that_is_gone_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="no longer there"):
        read_header(tmp_path / "gone.dcm")


def test_lengths_that_lie_neither_hang_nor_crash(tmp_path: Path) -> None:
    path = slice_file(tmp_path / "a.dcm", ramp())
    good = path.read_bytes()
    for at in range(132, good.index(b"\x28\x00\x10\x00"), 7):
        for lie in (b"\xff\xff\xff\xff", b"\x00\x00\x00\x00", struct.pack("<I", 0xFFFFFFFE)):
            path.write_bytes(good[:at] + lie + good[at + 4 :])
            with contextlib.suppress(Problem):
                assert read_header(path).path == str(path)


def test_a_bomb_of_deflated_zeros_is_inflated_only_to_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _encoded(slice_file(tmp_path / "a.dcm", ramp()), DeflatedExplicitVRLittleEndian)
    data = path.read_bytes()
    meta = data[: data.index(b"1.2.840.10008.1.2.1.99") + 22]
    squeeze = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    path.write_bytes(meta + squeeze.compress(b"\0" * (4 << 20)) + squeeze.flush())
    monkeypatch.setattr(module, "LARGEST_CHUNK", 1 << 20)
    inflated: list[int] = []

    def measured(data: bytes, *rest: Any) -> Elements:
        inflated.append(len(data))
        return walk(data, *rest)

    monkeypatch.setattr(module, "walk", measured)
    _no_pydicom(monkeypatch)
    with pytest.raises(AssertionError, match=r"gave a\.dcm away"):
        read_header(path)
    assert max(inflated) == 1 << 20


_TEXTS = {
    "modality": "Modality", "study_date": "StudyDate", "series_description": "SeriesDescription",
    "study_description": "StudyDescription", "manufacturer": "Manufacturer", "body_part": "BodyPartExamined",
    "sop_uid": "SOPInstanceUID", "sop_class": "SOPClassUID", "study_uid": "StudyInstanceUID",
    "series_uid": "SeriesInstanceUID", "photometric": "PhotometricInterpretation",
}  # fmt: skip
_NUMBERS = {
    "rows": "Rows", "columns": "Columns", "samples": "SamplesPerPixel", "bits_allocated": "BitsAllocated",
    "bits_stored": "BitsStored", "slope": "RescaleSlope", "intercept": "RescaleIntercept",
    "instance_number": "InstanceNumber", "thickness_mm": "SliceThickness", "frames": "NumberOfFrames",
}  # fmt: skip
_LISTS = {
    "position_lps_mm": "ImagePositionPatient", "orientation": "ImageOrientationPatient",
    "pixel_spacing_mm": "PixelSpacing",
}  # fmt: skip


def _differences(found: Header, image: pydicom.Dataset) -> list[str]:
    """Return the fields in which a header is not what pydicom reads from the same file."""
    wrong = []
    for name, keyword in _TEXTS.items():
        said = str(image.get(keyword) or "").replace("\0", "").strip()
        if said and said[:60] != str(getattr(found, name))[:60]:
            wrong.append(name)
    if image.get("PatientName") and str(image.PatientName).strip() != found.patient.name:
        wrong.append("patient.name")
    for name, keyword in _NUMBERS.items():
        said = image.get(keyword)
        if isinstance(said, int | float) and said and float(said) != float(getattr(found, name) or 0):
            wrong.append(name)
    for name, keyword in _LISTS.items():
        said = image.get(keyword)
        if said and getattr(found, name) is not None and [float(v) for v in said] != list(getattr(found, name)):
            wrong.append(name)
    return wrong


@pytest.mark.data
@pytest.mark.parametrize(
    "folder",
    [
        "chest-ct-8mm-Lung_Dx-A0002", "head-ct-gantry-tilt-phantom-jls", "pet-ct-mr-STS_001", "ct-totalseg",
        "conformance-pydicom", "conformance-pydicom-data", "transfer-syntaxes-cs3d", "seg-dcmqi", "seg-sr-highdicom",
    ],
)  # fmt: skip
def test_real_files_are_read_as_pydicom_reads_them(
    shared_data: Path, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared, wrong = 0, {}
    for path in sorted((shared_data / "dicom" / folder).rglob("*")):
        try:
            found = read_header(path) if path.is_file() else None
            image = pydicom.dcmread(path, stop_before_pixels=True, force=True) if found else None
            differences = _differences(found, image) if found and image is not None else []
        except (Problem, ValueError, TypeError, NotImplementedError, LookupError):
            continue  # one of the two does not read it, or pydicom refuses a value
        compared += found is not None
        if differences:
            wrong[path.name] = differences
    assert compared > 10
    assert wrong == {}
