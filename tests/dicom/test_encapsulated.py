"""Frames in encapsulated pixel data are found whatever their items and tables look like."""

import struct
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import pytest

from medviewer.core.study import Header
from medviewer.dicom.pixels import encapsulated
from medviewer.dicom.pixels.encapsulated import Refused, frame

START = b"\xff\xd8\xff"


def item(value: bytes) -> bytes:
    return struct.pack("<HHI", 0xFFFE, 0xE000, len(value)) + value


def header_with(folder: Path, frames: int, *fragments: bytes, table: bytes = b"", end: bool = True) -> Header:
    path = folder / "a.bin"
    tail = struct.pack("<HHI", 0xFFFE, 0xE0DD, 0) if end else b""
    path.write_bytes(b"head" + item(table) + b"".join(map(item, fragments)) + tail)
    return Header(str(path), "1", "1", "1", "1", frames=frames, pixels_at=4, pixels_bytes=-1)


def frames_of(header: Header) -> list[bytes]:
    return [frame(replace(header, frame=k)) for k in range(header.frames)]


def test_one_fragment_a_frame(tmp_path: Path) -> None:
    assert frames_of(header_with(tmp_path, 3, b"aa", b"bbbb", b"cc")) == [b"aa", b"bbbb", b"cc"]


def test_one_frame_in_many_fragments(tmp_path: Path) -> None:
    assert frames_of(header_with(tmp_path, 1, START + b"a", b"bbbb", b"cc")) == [START + b"abbbbcc"]


def test_fragments_are_shared_out_by_the_table(tmp_path: Path) -> None:
    table = struct.pack("<II", 0, 20)
    header = header_with(tmp_path, 2, b"aa", b"bb", b"cc", b"dd", table=table)
    assert frames_of(header) == [b"aabb", b"ccdd"]


def test_fragments_are_shared_out_where_streams_begin_without_a_table(tmp_path: Path) -> None:
    header = header_with(tmp_path, 2, START + b"a", b"bb", START + b"c", b"dd", b"ee")
    assert frames_of(header) == [START + b"abb", START + b"cddee"]


@pytest.mark.parametrize("table", [b"", struct.pack("<II", 0, 7), struct.pack("<II", 10, 20), struct.pack("<I", 0)])
def test_fragments_that_nobody_can_share_out_are_refused(tmp_path: Path, table: bytes) -> None:
    with pytest.raises(Refused, match="as many frames"):
        frame(header_with(tmp_path, 2, b"aa", b"bb", b"cc", table=table))


def test_more_frames_than_the_header_says_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="as many frames"):
        frame(header_with(tmp_path, 1, START + b"a", START + b"b"))


def test_items_that_end_early_are_said_to_be_cut_short(tmp_path: Path) -> None:
    header = header_with(tmp_path, 2, b"aa", b"bb")
    data = Path(header.path).read_bytes()
    for size in range(6, len(data) - 1):
        Path(header.path).write_bytes(data[:size])
        with pytest.raises(Refused, match="cut short"):
            frame(header)


def test_something_else_among_the_items_is_damage(tmp_path: Path) -> None:
    header = header_with(tmp_path, 1, b"aa", end=False)
    with Path(header.path).open("ab") as file:
        file.write(b"\x10\0\x10\0LO\2\0ab")
    with pytest.raises(Refused, match="damaged"):
        frame(header)


def test_a_file_of_thousands_of_frames_is_walked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    header = header_with(tmp_path, 2000, *(b"%04d" % k for k in range(2000)))
    walks: list[int] = []
    walk = encapsulated._walk

    def counted(file: BinaryIO, at: int, size: int) -> encapsulated.Index:
        walks.append(at)
        return walk(file, at, size)

    monkeypatch.setattr(encapsulated, "_walk", counted)
    assert frames_of(header)[::500] == [b"0000", b"0500", b"1000", b"1500"]
    assert len(walks) == 1
    Path(header.path).write_bytes(Path(header.path).read_bytes() + b"\0\0")
    assert frame(replace(header, frame=1999)) == b"1999"
    assert len(walks) == 2


def test_what_is_kept_of_such_files_is_bounded(tmp_path: Path) -> None:
    for k in range(20):
        (tmp_path / str(k)).mkdir()
        frame(header_with(tmp_path / str(k), 2, b"aa", b"bb"))
    assert len(encapsulated._indexes) <= 8
