"""Uncompressed images read straight into the volume are what the workers would have decoded."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from medviewer.dicom.header import read_header
from medviewer.dicom.pixels.codecs import decode
from medviewer.dicom.pixels.native import is_native, read_native
from medviewer.dicom.pixels.values import put, rule_of, scale_of
from tests.dicom.files import ramp, slice_file


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "uint32", "int32"])
@pytest.mark.parametrize(("slope", "intercept"), [(1, -1024), (1, 0), (2, 100), (0.25, 3.5)])
def test_both_ways_give_the_same_voxels(tmp_path: Path, dtype: str, slope: float, intercept: float) -> None:
    path = slice_file(tmp_path / "a.dcm", ramp(dtype=dtype), RescaleSlope=slope, RescaleIntercept=intercept)
    header = read_header(path)
    rule = rule_of(header, scale_of([header], (0.0, 4000.0)))
    straight, decoded = np.zeros((48, 40), "int16"), np.zeros((48, 40), "int16")
    assert is_native(header)
    assert read_native(header, rule, straight) is None
    put(decode(header).stored, header, rule, decoded)
    assert np.array_equal(straight, decoded)
    assert straight.std() > 0


def test_each_frame_is_read_from_its_place(tmp_path: Path) -> None:
    frames = np.stack([ramp(k) for k in range(3)])
    header = read_header(slice_file(tmp_path / "a.dcm", frames, Rows=48, Columns=40, NumberOfFrames=3))
    for k in range(3):
        voxels = np.zeros((48, 40), "int16")
        assert read_native(replace(header, frame=k), rule_of(header, scale_of([header])), voxels) is None
        assert np.array_equal(voxels, frames[k] - 1024)


@pytest.mark.parametrize(
    "unlike",
    [
        {"samples": 3},
        {"photometric": "PALETTE COLOR"},
        {"float_pixels": True},
        {"modality_lut": True},
        {"pixels_bytes": -1},
        {"bits_allocated": 12},
        {"transfer_syntax": "1.2.840.10008.1.2.2"},
    ],
)
def test_what_takes_more_than_reading_is_left_to_the_workers(tmp_path: Path, unlike: dict[str, Any]) -> None:
    header = read_header(slice_file(tmp_path / "a.dcm", ramp()))
    assert is_native(header)
    assert not is_native(replace(header, **unlike))


@pytest.mark.parametrize(
    ("lie", "words"),
    [
        ({"pixels_at": 0}, "no pixel data"),
        ({"rows": 49}, "cut short"),
        ({"rows": 24}, "more pixels"),
        ({"frames": 2, "frame": 1}, "cut short"),
        ({"rows": 1 << 14, "pixels_bytes": 80 << 14}, "cut short"),
        ({"path": "/nowhere/a.dcm"}, "no longer there"),
    ],
)
def test_lies_are_answered_with_a_sentence(tmp_path: Path, lie: dict[str, Any], words: str) -> None:
    header = replace(read_header(slice_file(tmp_path / "a.dcm", ramp())), **lie)
    voxels = np.zeros((header.rows, header.columns), "int16")
    reason = read_native(header, rule_of(header, scale_of([header])), voxels)
    assert reason is not None
    assert words in str(reason)


def test_a_file_cut_behind_its_header_is_said_to_be_cut_short(tmp_path: Path) -> None:
    header = read_header(slice_file(tmp_path / "a.dcm", ramp()))
    path = Path(header.path)
    path.write_bytes(path.read_bytes()[:-2])
    reason = read_native(header, rule_of(header, scale_of([header])), np.zeros((48, 40), "int16"))
    assert "cut short" in str(reason)
