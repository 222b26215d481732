"""A header comes back out of the index exactly as it went in."""

import json
import zlib
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from medviewer.app.library import pack as library_pack
from medviewer.app.library.pack import UNKNOWN, Filed, look_at, pack, unpack
from medviewer.core.study import Header, Patient
from tests.app.studies import header, images

SAMPLES: dict[str, Any] = {"patient": Patient("1", "Dö^Jäne", "19600101", "O"), "path": "/a/\udcff\n\u2028名.dcm"}


def odd(number: int) -> Header:
    """A header in which no field has its default, and every field differs from that of another number."""
    said: dict[str, Any] = {}
    for field in fields(Header):
        kind = str(field.type)
        length = kind.count("float")
        if field.name in SAMPLES:
            said[field.name] = SAMPLES[field.name]
        elif "tuple" in kind:
            said[field.name] = tuple(0.1 * number + 1e-17 * k for k in range(length))
        elif kind.startswith("float"):
            said[field.name] = number / 3
        elif kind.startswith("int"):
            said[field.name] = 100 + number
        elif kind == "bool":
            said[field.name] = number % 2 == 0
        else:
            said[field.name] = f"{field.name} {number} é"
    return Header(**said)


def test_every_field_of_a_header_comes_back() -> None:
    files = [Filed(odd(number), number, -number) for number in range(3)]
    assert unpack(pack(files)) == files
    again = unpack(pack(files))
    assert again is not None
    assert [type(getattr(again[1].header, f.name)) for f in fields(Header)] == [
        type(getattr(files[1].header, f.name)) for f in fields(Header)
    ]


def test_absent_values_and_columns_of_tuples_come_back() -> None:
    base = header("a")
    files = [Filed(base, 1, 1), Filed(replace(base, position_lps_mm=None, orientation=(1, 0, 0, 0, 1, 0)), 2, 2)]
    assert unpack(pack(files)) == files


def test_no_headers_are_no_bytes() -> None:
    assert pack([]) == b""
    assert unpack(b"") == []


def test_equal_headers_make_equal_blobs(tmp_path: Path) -> None:
    assert pack(look_at(images(tmp_path, 4))) == pack(look_at(images(tmp_path, 4)))


def test_three_hundred_slices_take_little_room(tmp_path: Path) -> None:
    assert len(pack([Filed(header(f"/d/{k}.dcm", k), 526_000, 17 * k) for k in range(300)])) < 10_000


def test_a_field_more_or_less_means_another_scan() -> None:
    whole = json.loads(zlib.decompress(pack([Filed(header("a"), 1, 1)])))
    for same in (
        {**whole["same"], "colour_of_the_scanner": "blue"},
        {k: v for k, v in whole["same"].items() if k != "shift"},
    ):
        assert unpack(zlib.compress(json.dumps({**whole, "same": same}).encode())) is None


@pytest.mark.parametrize(
    "blob",
    [b"nonsense", zlib.compress(b"{}"), zlib.compress(b"[" * 100_000), zlib.compress(b'{"same": 1, "each": 2}')],
    ids=["no zlib", "empty", "deep", "wrong kinds"],
)
def test_a_damaged_blob_means_another_scan(blob: bytes) -> None:
    assert unpack(blob) is None


def test_each_file_is_asked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def state_of(path: str) -> tuple[int, int]:
        asked.append(path)
        return 1, 2

    monkeypatch.setattr(library_pack, "state_of", state_of)
    look_at([header("a", frame=n) for n in range(5)] + [header("b")])
    assert asked == ["a", "b"]


def test_a_file_that_is_not_there_is_said_to_be_unknown() -> None:
    assert [(file.file_bytes, file.mtime_ns) for file in look_at([header("/no/where"), header("a\0b")])] == [
        (UNKNOWN, UNKNOWN)
    ] * 2
