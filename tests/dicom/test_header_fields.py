"""The fields of a header beyond who and where: bits, tables, overlays, times, units, and values that cannot be."""

from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRBigEndian, ImplicitVRLittleEndian

from medviewer.core.problem import Problem
from medviewer.core.study import Header
from medviewer.dicom import header as module
from medviewer.dicom.header import read_header
from tests.dicom.files import ramp, slice_file


def _header(path: Path, **tags: Any) -> Header:
    return read_header(slice_file(path, ramp(), **tags))


@pytest.mark.parametrize(
    ("stored", "high_bit", "shift"), [(12, 11, 0), (12, 15, 4), (1, 15, 15), (16, 15, 0), (16, 11, 0), (0, 15, 0)]
)
def test_a_value_starts_where_the_highest_bit_says(tmp_path: Path, stored: int, high_bit: int, shift: int) -> None:
    found = _header(tmp_path / "a.dcm", BitsStored=stored, HighBit=high_bit)
    assert (found.bits_stored, found.shift) == (stored, shift)


@pytest.mark.parametrize(("stored", "high_bit"), [(12, 16), (17, 16), (17, 11), (16, 255)])
def test_more_bits_than_there_are_are_refused(tmp_path: Path, stored: int, high_bit: int) -> None:
    with pytest.raises(Problem, match="more bits"):
        _header(tmp_path / "a.dcm", BitsStored=stored, HighBit=high_bit)


def test_the_size_of_the_file_is_known(tmp_path: Path) -> None:
    found = _header(tmp_path / "a.dcm")
    assert found.file_bytes == (tmp_path / "a.dcm").stat().st_size == found.pixels_at + found.pixels_bytes


@pytest.mark.parametrize("keyword", ["FloatPixelData", "DoubleFloatPixelData"])
@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian, pydicom.uid.ExplicitVRLittleEndian])
def test_float_pixels_are_found_and_named(tmp_path: Path, keyword: str, syntax: pydicom.uid.UID) -> None:
    kind = "<f4" if keyword == "FloatPixelData" else "<f8"
    image = pydicom.dcmread(slice_file(tmp_path / "a.dcm", ramp(), BitsAllocated=32 if kind == "<f4" else 64))
    values = ramp().astype(kind).tobytes()
    del image.PixelData
    setattr(image, keyword, values)
    image.file_meta.TransferSyntaxUID = syntax
    options = {"implicit_vr": syntax.is_implicit_VR, "little_endian": syntax.is_little_endian}
    pydicom.dcmwrite(tmp_path / "b.dcm", image, **options, force_encoding=True)
    found = read_header(tmp_path / "b.dcm")
    assert (found.float_pixels, found.pixels_bytes) == (True, len(values))
    assert (tmp_path / "b.dcm").read_bytes()[found.pixels_at :] == values
    assert not _header(tmp_path / "c.dcm").float_pixels


def _table() -> Dataset:
    item = Dataset()
    item.LUTDescriptor, item.LUTData, item.ModalityLUTType = [4, 0, 16], bytes(8), "US"
    return item


@pytest.mark.parametrize("undefined", [True, False])
def test_tables_are_known_to_be_there_however_they_are_written(tmp_path: Path, undefined: bool) -> None:
    image = pydicom.dcmread(slice_file(tmp_path / "a.dcm", ramp(), VOILUTSequence=[_table()]))
    image.ModalityLUTSequence = []
    for keyword in ("VOILUTSequence", "ModalityLUTSequence"):
        image[keyword].is_undefined_length = undefined
    image.save_as(tmp_path / "b.dcm")
    found = read_header(tmp_path / "b.dcm")
    assert (found.voi_lut, found.modality_lut) == (True, False)  # a sequence without items is none
    assert _header(tmp_path / "c.dcm", ModalityLUTSequence=[_table()]).modality_lut
    assert not _header(tmp_path / "d.dcm").voi_lut


@pytest.mark.parametrize("group", [0x6000, 0x6002, 0x601E])
def test_overlays_are_known_to_be_there_and_not_kept(tmp_path: Path, group: int) -> None:
    image = pydicom.dcmread(slice_file(tmp_path / "a.dcm", ramp()))
    image.add_new((group << 16) | 0x3000, "OW", bytes(np.full(200_000, 7, "uint8")))
    image.save_as(tmp_path / "a.dcm")
    module._shared.cache_clear()
    assert read_header(tmp_path / "a.dcm").overlays
    assert not _header(tmp_path / "b.dcm").overlays


def test_times_units_and_marks_are_read(tmp_path: Path) -> None:
    found = _header(
        tmp_path / "a.dcm", AcquisitionNumber=3, TemporalPositionIdentifier=4, AcquisitionTime="101112.5",
        TriggerTime=33.5, EchoTime=12, DiffusionBValue=800.0, BurnedInAnnotation="YES", VOILUTFunction="SIGMOID",
        RescaleType="HU",
    )  # fmt: skip
    assert (found.acquisition_number, found.temporal_position, found.acquisition_time) == (3, 4, "101112.5")
    assert (found.trigger_time_ms, found.echo_time_ms, found.b_value) == (33.5, 12, 800)
    assert (found.burned_in, found.voi_function, found.rescale_type, found.unit) == ("YES", "SIGMOID", "HU", "")
    assert _header(tmp_path / "b.dcm", AcquisitionDateTime="20250601101112").acquisition_time == "101112"
    dose = _header(tmp_path / "c.dcm", Modality="RTDOSE", RescaleSlope=None, DoseGridScaling=1e-5, DoseUnits="GY")
    assert (dose.slope, dose.unit) == (1e-5, "GY")
    assert _header(tmp_path / "d.dcm", Modality="PT", Units="BQML").unit == "BQML"


@pytest.mark.parametrize(
    ("tags", "field", "value"),
    [
        ({"RescaleSlope": 0}, "slope", 1.0),
        ({"RescaleSlope": "1e30"}, "slope", 1.0),
        ({"RescaleIntercept": "-1e30"}, "intercept", 0.0),
        ({"SliceThickness": 0}, "thickness_mm", None),
        ({"SliceThickness": "1e12"}, "thickness_mm", None),
        ({"GantryDetectorTilt": 400}, "gantry_tilt_deg", 0.0),
        ({"ImagePositionPatient": ["1e30", 0, 0]}, "position_lps_mm", None),
        ({"ImagePositionPatient": [1, 2]}, "position_lps_mm", None),
        ({"ImageOrientationPatient": [0, 0, 0, 0, 0, 0]}, "orientation", None),
        ({"ImageOrientationPatient": [1, 0, 0, 1, 0, 0]}, "orientation", None),
        ({"ImageOrientationPatient": [9, 0, 0, 0, 9, 0]}, "orientation", None),
        ({"ImageOrientationPatient": [0.71, 0.71, 0, 0, 0, -1]}, "orientation", (0.71, 0.71, 0, 0, 0, -1)),
        ({"WindowWidth": 0}, "window_width", None),
        ({"WindowWidth": -5}, "window_width", None),
        ({"FrameTime": "1e12"}, "frame_time_ms", None),
    ],
)
def test_values_that_cannot_be_count_as_missing(tmp_path: Path, tags: dict[str, Any], field: str, value: Any) -> None:
    with pydicom.config.disable_value_validation():
        assert getattr(_header(tmp_path / "a.dcm", **tags), field) == value


def test_one_slice_takes_nothing_from_another(tmp_path: Path) -> None:
    """What the files of a series share is decoded once: a difference must not be lost in it."""
    one = _header(tmp_path / "a.dcm", EchoTime=10, AcquisitionNumber=1, TriggerTime=5, VOILUTSequence=[_table()])
    two = _header(tmp_path / "b.dcm", EchoTime=20, AcquisitionNumber=2)
    assert (one.echo_time_ms, one.acquisition_number, one.trigger_time_ms, one.voi_lut) == (10, 1, 5, True)
    assert (two.echo_time_ms, two.acquisition_number, two.trigger_time_ms, two.voi_lut) == (20, 2, None, False)
