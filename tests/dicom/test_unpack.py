"""Uncompressed pixels of every width, byte order and arrangement."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import dcmread, dcmwrite
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian

from medviewer.core.study import Header
from medviewer.dicom.header import read_header
from medviewer.dicom.pixels.codecs import decode
from medviewer.dicom.pixels.encapsulated import Refused
from medviewer.dicom.pixels.unpack import Layout, unpack
from tests.dicom.files import ramp, slice_file


def raw_file(path: Path, value: bytes, rows: int, columns: int, bits: int, **fields: Any) -> Header:
    """Return the header of a file whose pixel data are ``value``; ``fields`` replace the header's own."""
    header = read_header(slice_file(path, np.zeros((rows, columns), "uint8")))
    data = path.read_bytes()[: header.pixels_at] + value
    path.write_bytes(data)
    known = {"bits_allocated": bits, "bits_stored": bits, "pixels_bytes": len(value)}
    return replace(header, **{**known, **fields})


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64"])
@pytest.mark.parametrize("big", [False, True])
def test_whole_numbers_of_every_width_and_order(tmp_path: Path, dtype: str, big: bool) -> None:
    big = big and dtype not in ("uint8", "int8")  # pairs of bytes have a test of their own
    pixels = (ramp(rows=6, columns=5, dtype="int64") * 7 - (40 if dtype[0] == "i" else 0)).astype(dtype)
    stored = pixels.astype(pixels.dtype.newbyteorder(">" if big else "<"))
    syntax = "1.2.840.10008.1.2.2" if big else "1.2.840.10008.1.2.1"
    header = raw_file(
        tmp_path / "a.dcm", stored.tobytes(), 6, 5, pixels.itemsize * 8, signed=dtype[0] == "i", transfer_syntax=syntax
    )
    decoded = decode(header).stored
    assert decoded.dtype == pixels.dtype
    assert np.array_equal(decoded, pixels)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_floating_values_stay_what_they_are(tmp_path: Path, dtype: str) -> None:
    pixels = (ramp(rows=6, columns=5) / 7.0 - 2.5).astype(dtype)
    header = raw_file(tmp_path / "a.dcm", pixels.tobytes(), 6, 5, pixels.itemsize * 8, float_pixels=True)
    assert np.array_equal(decode(header).stored, pixels)


@pytest.mark.parametrize("columns", [8, 5])
def test_single_bits_are_unpacked_even_where_a_frame_begins_inside_a_byte(tmp_path: Path, columns: int) -> None:
    frames = np.random.default_rng(1).integers(0, 2, (3, 3, columns), "uint8")
    packed = np.packbits(frames.ravel(), bitorder="little").tobytes()
    header = raw_file(tmp_path / "a.dcm", packed, 3, columns, 1, frames=3)
    for k in range(3):
        assert np.array_equal(decode(replace(header, frame=k)).stored, frames[k])


@pytest.mark.parametrize("columns", [4, 5])
def test_12_bits_packed_without_gaps_are_unpacked(columns: int) -> None:
    frames = np.random.default_rng(2).integers(0, 4096, (2, 3, columns), "uint16")
    bits = (frames.ravel()[:, None] >> np.arange(12)) & 1
    packed = np.packbits(bits.astype("uint8").ravel(), bitorder="little").tobytes()
    layout = Layout(3, columns, 1, 12)
    for k in range(2):
        start, stop = layout.span(k)
        assert np.array_equal(unpack(packed[start:stop], layout, k), frames[k])


def test_values_of_24_bits_are_read() -> None:
    values = np.array([[1, 1 << 16, 0xABCDEF]], "uint32")
    little = b"".join(int(v).to_bytes(3, "little") for v in values[0])
    big = b"".join(int(v).to_bytes(3, "big") for v in values[0])
    assert np.array_equal(unpack(little, Layout(1, 3, 1, 24), 0), values)
    assert np.array_equal(unpack(big, Layout(1, 3, 1, 24, big=True), 0), values)


@pytest.mark.parametrize("rows", [4, 3])
def test_bytes_swapped_in_pairs_by_big_endian_writers_are_put_back(rows: int) -> None:
    frames = np.arange(2 * rows * 5, dtype="uint8").reshape(2, rows, 5)
    flat = frames.tobytes()
    swapped = b"".join(flat[k + 1 : k + 2] + flat[k : k + 1] for k in range(0, len(flat), 2))
    layout = Layout(rows, 5, 1, 8, big=True, words=True)
    for k in range(2):
        start, stop = layout.span(k)
        assert np.array_equal(unpack(swapped[start:stop], layout, k), frames[k])


def test_values_that_start_at_a_higher_bit_are_shifted_down(tmp_path: Path) -> None:
    pixels = ramp(rows=6, columns=5, dtype="uint16")
    header = raw_file(tmp_path / "a.dcm", (pixels << 4).tobytes(), 6, 5, 16, bits_stored=12, shift=4)
    assert np.array_equal(decode(header).stored, pixels)


def test_overlays_in_the_spare_bits_do_not_show(tmp_path: Path) -> None:
    pixels = ramp(rows=6, columns=5, dtype="uint16")
    header = raw_file(tmp_path / "a.dcm", (pixels | 0x9000).tobytes(), 6, 5, 16, bits_stored=12)
    assert np.array_equal(decode(header).stored, pixels)


def test_a_deflated_file_of_many_frames_is_read(tmp_path: Path) -> None:
    frames: NDArray[Any] = np.stack([ramp(k) for k in range(3)])
    path = slice_file(tmp_path / "a.dcm", frames, Rows=48, Columns=40, NumberOfFrames=3)
    image = dcmread(path)
    image.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    image.save_as(path)
    header = read_header(path)
    assert header.frames == 3
    for k in range(3):
        assert np.array_equal(decode(replace(header, frame=k)).stored, frames[k])


def test_a_big_endian_file_is_read(tmp_path: Path) -> None:
    path = slice_file(tmp_path / "a.dcm", ramp())
    image = dcmread(path)
    image.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    image.PixelData = ramp().astype(">i2").tobytes()
    dcmwrite(path, image, implicit_vr=False, little_endian=False, force_encoding=True)
    assert np.array_equal(decode(read_header(path)).stored, ramp())


@pytest.mark.parametrize("bits", [0, 9, 128])
def test_widths_that_nobody_writes_are_refused(tmp_path: Path, bits: int) -> None:
    with pytest.raises(Refused, match="bits each"):
        decode(raw_file(tmp_path / "a.dcm", bytes(60), 6, 5, bits))


def test_pixel_data_far_longer_than_the_header_says_are_refused(tmp_path: Path) -> None:
    header = raw_file(tmp_path / "a.dcm", bytes(60), 6, 5, 8, signed=False)
    with pytest.raises(Refused, match="more pixels"):
        decode(header)
    assert decode(replace(header, pixels_bytes=40)).stored.shape == (6, 5)  # some padding is common


def test_pixel_data_that_end_early_are_refused(tmp_path: Path) -> None:
    header = raw_file(tmp_path / "a.dcm", bytes(29), 6, 5, 8)
    with pytest.raises(Refused, match="cut short"):
        decode(header)
    with pytest.raises(Refused, match="cut short"):
        decode(replace(header, pixels_bytes=30))
