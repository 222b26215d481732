"""The small header parser and pydicom say the same of every file, and neither falls over damaged ones."""

import random
from dataclasses import fields
from io import BytesIO
from pathlib import Path
from typing import Any

import pydicom
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from medviewer.core.problem import Problem
from medviewer.core.study import Header
from medviewer.dicom import header as module
from medviewer.dicom.header import DEFLATED, build, read_header
from medviewer.dicom.headers.elements import Short, Unusual, Wish
from medviewer.dicom.headers.frames import frames_of
from medviewer.dicom.headers.lenient import elements_by_pydicom
from medviewer.dicom.headers.wanted import WANTED
from tests.dicom.files import ramp, slice_file


def _both(path: Path) -> tuple[Header, Header] | None:
    """Return the header by the fast parser and by pydicom; None where one of them gives the file up."""
    name, wish = str(path), Wish(WANTED)
    try:
        fast, syntax, _size = module._fast(name, wish)
        found = build(name, fast, syntax)
        said, syntax = elements_by_pydicom(name, wish)
        return found, build(name, said, syntax)
    except (Unusual, Short, Problem):
        return None


def _differences(path: Path) -> dict[str, tuple[Any, Any]]:
    pair = _both(path)
    if pair is None:
        return {}
    found, said = pair
    deflated = found.transfer_syntax == DEFLATED  # pydicom does not tell where the pixels are in what it inflated
    names = [each.name for each in fields(Header) if not (deflated and each.name.startswith("pixels_"))]
    return {n: (getattr(found, n), getattr(said, n)) for n in names if getattr(found, n) != getattr(said, n)}


@pytest.mark.data
def test_every_real_file_is_read_as_pydicom_reads_it(shared_data: Path) -> None:
    paths = [path for path in sorted((shared_data / "dicom").rglob("*")) if path.is_file()]
    differing = {path.name: found for path in paths if (found := _differences(path))}
    assert differing == {}
    assert sum(_both(path) is not None for path in paths[::7]) > 100


_WORDS = st.text("ABC xyz019^=\\", max_size=12)
_NUMBERS = st.floats(-1e4, 1e4).map(lambda value: f"{value:.4g}")
_CODES = st.builds(lambda meaning: _item(CodeMeaning=meaning), _WORDS)


def _item(**values: Any) -> Dataset:
    item = Dataset()
    for keyword, value in values.items():
        setattr(item, keyword, value)
    return item


def _regions(deltas: list[float]) -> list[Dataset]:
    return [
        _item(
            RegionSpatialFormat=1, RegionDataType=1, PhysicalUnitsXDirection=3, PhysicalUnitsYDirection=3,
            RegionLocationMinX0=0, RegionLocationMinY0=0, RegionLocationMaxX1=7, RegionLocationMaxY1=7,
            PhysicalDeltaX=delta, PhysicalDeltaY=delta,
        )
        for delta in deltas
    ]  # fmt: skip


_DATASETS = st.fixed_dictionaries(
    {"StudyInstanceUID": st.just("1.2.3"), "SeriesInstanceUID": st.just("1.2.4"), "SOPInstanceUID": st.just("1.2.5")},
    optional={
        "PatientName": _WORDS,
        "SeriesDescription": _WORDS,
        "Modality": st.sampled_from(["CT", "MR", "PT", "US", "DX", "RTDOSE", ""]),
        "ImagePositionPatient": st.lists(_NUMBERS, min_size=3, max_size=3),
        "PixelSpacing": st.lists(_NUMBERS, min_size=2, max_size=2),
        "ImagerPixelSpacing": st.lists(_NUMBERS, min_size=2, max_size=2),
        "RescaleSlope": _NUMBERS,
        "RescaleIntercept": _NUMBERS,
        "WindowCenter": st.lists(_NUMBERS, min_size=1, max_size=3),
        "DiffusionBValue": st.floats(0, 5000),
        "BitsStored": st.integers(0, 16),
        "HighBit": st.integers(0, 15),
        "Units": st.sampled_from(["BQML", "GML", "CNTS"]),
        "PatientWeight": _NUMBERS,
        "ProcedureCodeSequence": st.lists(_CODES, max_size=2),
        "SequenceOfUltrasoundRegions": st.lists(st.floats(0.001, 1), max_size=2).map(_regions),
    },
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=_DATASETS, implicit=st.booleans(), undefined=st.booleans())
def test_made_up_files_are_read_as_pydicom_reads_them(
    tmp_path: Path, values: dict[str, Any], implicit: bool, undefined: bool
) -> None:
    path = _written(tmp_path / "a.dcm", values, implicit, undefined)
    pair = _both(path)
    assert _differences(path) == {}
    if pair and values.get("PatientName", "").isalpha():
        assert pair[0].patient.name == values["PatientName"]


def _written(path: Path, values: dict[str, Any], implicit: bool, undefined: bool) -> Path:
    image = _item(Rows=8, Columns=8, BitsAllocated=16, **values)
    image.PixelData = bytes(128)
    for element in image:
        if element.VR == "SQ":
            element.is_undefined_length = undefined
            for item in element.value:
                item.is_undefined_length_sequence_item = undefined
    image.file_meta = FileMetaDataset()
    image.file_meta.MediaStorageSOPClassUID, image.file_meta.MediaStorageSOPInstanceUID = CTImageStorage, UID("1.2.5")
    image.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian
    image["PixelData"].VR = "OW"
    with pydicom.config.disable_value_validation():
        image.save_as(path, enforce_file_format=True)
    return path


def _sound(path: Path) -> None:
    """A header, its frames, or a Problem; anything else fails the test."""
    try:
        found = read_header(path)
        assert len(frames_of(found)) <= max(1, path.stat().st_size)
    except Problem:
        pass


def _mutated(good: bytes, dice: random.Random) -> bytes:
    data = bytearray(good)
    for _time in range(dice.randint(1, 8)):
        at = dice.randrange(132, len(data))
        data[at : at + dice.choice((1, 2, 4))] = dice.choice(
            (b"\xff\xff\xff\xff", b"\0\0\0\0", b"\xfe\xff\x00\xe0", b"SQ", b"UN", dice.randbytes(2), b"")
        )
    return bytes(data[: dice.randint(200, len(data))] if dice.random() < 0.2 else data)


@pytest.mark.parametrize("implicit", [True, False])
def test_damaged_files_give_a_header_or_a_problem(tmp_path: Path, implicit: bool) -> None:
    regions = _regions([0.1, 0.2])
    values = {"Modality": "US", "StudyInstanceUID": "1.2", "NumberOfFrames": 3, "SequenceOfUltrasoundRegions": regions}
    values["PerFrameFunctionalGroupsSequence"] = [
        _item(PlanePositionSequence=[_item(ImagePositionPatient=[0, 0, z])]) for z in range(3)
    ]
    good = _written(tmp_path / "a.dcm", values, implicit, undefined=True).read_bytes()
    dice = random.Random(3)
    for _round in range(250):
        (tmp_path / "b.dcm").write_bytes(_mutated(good, dice))
        _sound(tmp_path / "b.dcm")


@pytest.mark.data
def test_damaged_real_files_give_a_header_or_a_problem(shared_data: Path, tmp_path: Path) -> None:
    dice = random.Random(4)
    names = ("mf.dcm", "rtdose.dcm", "emri_small.dcm", "color-px.dcm", "chrH32.dcm", "parametric_map_float.dcm")
    goods = [path.read_bytes() for name in names for path in sorted((shared_data / "dicom").rglob(name))]
    assert len(goods) >= 5
    for good in goods:
        for _round in range(25):
            (tmp_path / "b.dcm").write_bytes(_mutated(good, dice))
            _sound(tmp_path / "b.dcm")


@pytest.mark.data
def test_hostile_files_give_a_header_or_a_problem(shared_data: Path) -> None:
    paths = [path for path in sorted((shared_data / "dicom" / "malformed-fuzz").rglob("*")) if path.is_file()]
    for path in paths:
        _sound(path)
    assert len(paths) > 150


@pytest.mark.parametrize("explicit", [True, False])
def test_sequences_without_end_do_not_recurse_without_bound(tmp_path: Path, explicit: bool) -> None:
    path = slice_file(tmp_path / "a.dcm", ramp())
    good = path.read_bytes()
    if not explicit:
        good = good.replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2\0\0\0")
    head = b"\x08\x00\x15\x11" + (b"SQ\0\0" if explicit else b"") + b"\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
    at = good.index(b"\x08\x00\x16\x00")
    path.write_bytes(good[:at] + head * 20_000 + good[at:])
    _sound(path)


def test_a_sequence_that_was_written_without_being_known_is_read(tmp_path: Path) -> None:
    buffer = BytesIO()
    item = _item(SequenceOfUltrasoundRegions=_regions([0.1]))
    pydicom.dcmwrite(buffer, item, implicit_vr=True, little_endian=True, enforce_file_format=False)
    items = buffer.getvalue()[8:]
    path = _written(tmp_path / "a.dcm", {"Modality": "US", "StudyInstanceUID": "1.2"}, False, False)
    data = path.read_bytes()
    at = data.index(b"\x20\x00\x0d\x00")
    unknown = b"\x18\x00\x11\x60UN\0\0" + len(items).to_bytes(4, "little") + items
    path.write_bytes(data[:at] + unknown + data[at:])
    assert read_header(path).pixel_spacing_mm == (1.0, 1.0)
