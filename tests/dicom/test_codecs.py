"""One image in every transfer syntax: the same values, the same refusals, never half an image shown as whole."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread

from medviewer.core.study import Header
from medviewer.dicom.decode import DecodePool
from medviewer.dicom.decode_worker import answer
from medviewer.dicom.header import read_header
from medviewer.dicom.pixels.codecs import decode
from medviewer.dicom.pixels.encapsulated import Refused
from medviewer.dicom.pixels.extent import Extent
from medviewer.dicom.pixels.streams import look
from tests.dicom.files import ramp, slice_file
from tests.dicom.streams import CODINGS, JPEG, Coding, coded_file, texture

EVERY = pytest.mark.parametrize("coding", CODINGS.values(), ids=CODINGS)
CS3D = "dicom/transfer-syntaxes-cs3d"


def header_with(folder: Path, coding: Coding, stream: bytes | None = None) -> Header:
    pixels = texture(coding.dtype)
    return read_header(coded_file(folder / "a.dcm", pixels, coding.syntax, stream or coding.encode(pixels)))


@EVERY
def test_every_transfer_syntax_gives_back_the_image(tmp_path: Path, coding: Coding) -> None:
    stored = decode(header_with(tmp_path, coding)).stored.astype(int)
    assert stored.shape == (48, 40)
    assert np.abs(stored - texture(coding.dtype)).max() <= coding.within


@EVERY
@pytest.mark.parametrize("share", [0.3, 0.5, 0.9, 0.99])
def test_a_stream_cut_inside_its_item_is_refused(tmp_path: Path, coding: Coding, share: float) -> None:
    whole = coding.encode(texture(coding.dtype))
    with pytest.raises(Refused) as refused:
        decode(header_with(tmp_path, coding, whole[: int(len(whole) * share)]))
    words = "damaged" if coding.syntax == JPEG + "110" else "cut short"  # JPEG XL's decoder does not tell
    assert words in str(refused.value.reason)


@EVERY
@pytest.mark.parametrize("share", [0.5, 0.9])
def test_a_stream_filled_up_with_zeros_is_refused(tmp_path: Path, coding: Coding, share: float) -> None:
    whole = coding.encode(texture(coding.dtype))
    kept = whole[: int(len(whole) * share)]
    with pytest.raises(Refused):
        decode(header_with(tmp_path, coding, kept.ljust(len(whole), b"\0")))


@EVERY
def test_a_file_cut_anywhere_is_said_to_be_cut_short(tmp_path: Path, coding: Coding) -> None:
    header = header_with(tmp_path, coding)
    data = Path(header.path).read_bytes()
    for share in (0.5, 0.9, 0.99):
        Path(header.path).write_bytes(data[: header.pixels_at + int((len(data) - header.pixels_at) * share)])
        with pytest.raises(Refused, match="cut short"):
            decode(header)


@pytest.mark.parametrize("name", ["jpeg-8", "jpeg-12", "jpeg-lossless"])
@pytest.mark.parametrize("share", [0.5, 0.9, 0.97])
def test_a_jpeg_cut_short_and_closed_again_is_found_out(tmp_path: Path, name: str, share: float) -> None:
    coding = CODINGS[name]
    whole = coding.encode(texture(coding.dtype))
    with pytest.raises(Refused, match="cut short"):
        decode(header_with(tmp_path, coding, whole[: int(len(whole) * share)] + b"\xff\xd9"))


def test_bytes_behind_the_end_of_a_jpeg_do_no_harm(tmp_path: Path) -> None:
    coding = CODINGS["jpeg-8"]
    header = header_with(tmp_path, coding, coding.encode(texture("uint8")) + b"\0" * 100)
    assert decode(header).stored.shape == (48, 40)


def test_a_jpeg_2000_without_its_end_marker_is_whole(tmp_path: Path) -> None:
    coding = CODINGS["jpeg-2000"]
    whole = coding.encode(texture())
    assert whole.endswith(b"\xff\xd9")
    assert np.array_equal(decode(header_with(tmp_path, coding, whole[:-2])).stored, texture())


@EVERY
def test_a_stream_of_another_size_than_the_header_is_refused(tmp_path: Path, coding: Coding) -> None:
    header = header_with(tmp_path, coding)
    lies = [{"rows": 96}, {"columns": 20}, {"rows": 40, "columns": 48}]
    for lie in lies[: 2 if coding is CODINGS["rle"] else 3]:  # run lengths say how much, not how wide
        with pytest.raises(Refused):
            decode(replace(header, **lie))  # type: ignore[arg-type]


def test_what_a_stream_is_counts_not_what_the_file_says(tmp_path: Path) -> None:
    header = header_with(tmp_path, CODINGS["jpeg-ls"])
    for said in (JPEG + "90", JPEG + "50", "1.2.840.10008.1.2.1"):
        assert np.array_equal(decode(replace(header, transfer_syntax=said)).stored, texture())


def test_plain_pixels_in_a_file_that_says_compressed_are_read(tmp_path: Path) -> None:
    header = read_header(slice_file(tmp_path / "a.dcm", ramp()))
    assert np.array_equal(decode(replace(header, transfer_syntax=JPEG + "90")).stored, ramp())


def test_signed_values_come_back_signed_from_every_lossless_codec(tmp_path: Path) -> None:
    pixels = texture().astype("int16") - 2000
    for name in ("jpeg-lossless", "jpeg-ls", "rle"):
        coding = CODINGS[name]
        path = coded_file(tmp_path / name, pixels, coding.syntax, coding.encode(pixels.view("uint16")))
        assert np.array_equal(decode(read_header(path)).stored, pixels), name


def test_a_run_length_bomb_is_refused(tmp_path: Path) -> None:
    bomb = (1).to_bytes(4, "little") + (64).to_bytes(4, "little") + b"\0" * 56 + b"\x81\x00" * 4000
    path = coded_file(tmp_path / "a.dcm", texture("uint8"), CODINGS["rle"].syntax, bomb)
    with pytest.raises(Refused):
        decode(read_header(path))


def test_a_jpeg_that_claims_gigabytes_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    stream = bytearray(CODINGS["jpeg-8"].encode(texture("uint8")))
    at = stream.find(b"\xff\xc0")
    stream[at + 5 : at + 9] = b"\xff\xff\xff\xff"
    seen = look(bytes(stream))
    assert seen is not None
    assert (seen.rows, seen.columns) == (65535, 65535)
    with pytest.raises(Refused, match="another size"):
        decode(header_with(tmp_path, CODINGS["jpeg-8"], bytes(stream)))


@pytest.mark.parametrize("junk", [b"", b"\xff\xd8", b"\xff\xd8\xff", b"\xff\xd8\xff\xc0\0", b"\xff\x4f\xff\x51\0\1"])
def test_a_header_of_a_stream_that_ends_at_once_is_refused(junk: bytes) -> None:
    if not junk.startswith((b"\xff\xd8\xff", b"\xff\x4f\xff\x51")):
        assert look(junk) is None
    else:
        with pytest.raises(Refused):
            look(junk)


@pytest.mark.data
def test_binary_run_lengths_that_end_gdcm_end_nothing_here(shared_data: Path, tmp_path: Path) -> None:
    """python-gdcm aborts the whole process on these, so they never reach it."""
    plain = next((shared_data / "dicom").rglob("liver_1frame.dcm"))
    image = dcmread(plain)
    packed = np.frombuffer(image.PixelData, np.uint8)[: image.Rows * image.Columns // 8]
    path = coded_file(
        tmp_path / "a.dcm", packed.reshape(-1, 1), CODINGS["rle"].syntax, CODINGS["rle"].encode(packed.reshape(-1, 1)),
        Rows=image.Rows, Columns=image.Columns, BitsAllocated=1, BitsStored=1, HighBit=0,
    )  # fmt: skip
    pool = DecodePool(workers=1)
    pids: set[int] = set()
    given = pool.submit(Extent((read_header(path),), "")).result()
    pids.update(pool.pids)
    again = pool.submit(Extent((read_header(plain),), "")).result()
    assert pids == set(pool.pids)
    pool.close()
    assert again == (0.0, 1.0)
    assert given in (None, (0.0, 1.0))


@pytest.mark.data
@pytest.mark.parametrize("name", ["2_4", "6_8", "10_12"])
def test_lossy_jpeg_of_12_bits_is_near_its_plain_twin(shared_data: Path, name: str) -> None:
    plain = decode(read_header(shared_data / CS3D / "CTImage.dcm")).stored.astype(int)
    path = next((shared_data / CS3D).glob(f"*JPEGProcess{name}T*"))
    header = read_header(path)
    values = decode(header).stored * header.slope + header.intercept
    first = read_header(shared_data / CS3D / "CTImage.dcm")
    off = np.abs(values - (plain * first.slope + first.intercept))
    inside = plain > -2000  # padding is lost in 12 bits
    assert np.median(off[inside]) < 4
    assert np.percentile(off[inside], 99) < 16


@pytest.mark.data
def test_a_12_bit_jpeg_of_another_maker_opens(shared_data: Path) -> None:
    stored = decode(read_header(next((shared_data / "dicom").rglob("JPGExtended.dcm")))).stored
    assert stored.shape == (1024, 256)
    assert (stored.min(), stored.max()) == (0, 264)


def test_work_that_a_damaged_file_ends_is_answered_with_a_sentence(tmp_path: Path) -> None:
    path = coded_file(tmp_path / "a.dcm", texture("uint8"), JPEG + "50", os.urandom(3000))
    with pytest.raises(Refused, match="damaged"):
        decode(read_header(path))
    assert answer(Extent((read_header(path),), "")) is None
