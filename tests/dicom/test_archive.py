"""ZIPs are opened member by member, under names of our own, within limits, with a password where one is needed."""

import os
import random
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from medviewer import paths
from medviewer.core.job import Job
from medviewer.core.problem import Cancelled
from medviewer.core.study import Header, Unreadable
from medviewer.dicom.pixels.encapsulated import Refused
from medviewer.dicom.scan import scan
from medviewer.dicom.sources import archive, salvage, scratch
from medviewer.dicom.sources.files import LostMember
from medviewer.dicom.sources.zips import CHUNK, DAMAGED, UNKNOWN, open_zip, shown_name, spellings, zip_members
from tests.dicom.files import ramp, slice_file
from tests.dicom.packed import aes_zipped, image, old_zipped, zipped


@pytest.fixture(autouse=True)
def _nothing_left() -> Iterator[None]:
    archive.close_all()
    yield
    archive.close_all()


def _kinds(found: list[Header | Unreadable]) -> list[str]:
    return ["image" if isinstance(one, Header) else one.reason for one in found]


def test_the_images_of_a_zip_are_read_in_its_order(tmp_path: Path) -> None:
    packed = zipped(tmp_path / "ct.zip", {f"CT/IM{k}": image(tmp_path / "x", k) for k in (2, 0, 1)})
    found = list(scan(packed, Job()))
    assert [one.sop_uid for one in found if isinstance(one, Header)] == ["1.2.3.4.3", "1.2.3.4.1", "1.2.3.4.2"]
    assert all(Path(one.path).is_file() for one in found)


def test_a_zip_is_known_by_its_signature_when_its_name_says_nothing(tmp_path: Path) -> None:
    zipped(tmp_path / "archive", {"a": image(tmp_path / "x")}).rename(tmp_path / "export")
    assert _kinds(list(scan(tmp_path / "export", Job()))) == ["image"]


def test_programs_that_are_zips_inside_are_no_archives(tmp_path: Path) -> None:
    zipped(tmp_path / "viewer.jar", {"a": image(tmp_path / "x")})
    assert _kinds(list(scan(tmp_path / "viewer.jar", Job()))) == ["This is not a DICOM file."]
    packed = zipped(tmp_path / "cd.zip", {"viewer.jar": (tmp_path / "viewer.jar").read_bytes()})
    assert _kinds(list(scan(packed, Job()))) == ["This is not a DICOM file."]


def test_the_first_header_is_there_before_the_second_member_is_out(tmp_path: Path) -> None:
    packed = zipped(tmp_path / "ct.zip", {f"{k}.dcm": image(tmp_path / "x", k) for k in range(3)})
    first = next(scan(packed, Job()))
    assert [name for name in os.listdir(Path(first.path).parent) if name.endswith(".dcm")] == ["0000000.dcm"]


def test_member_names_are_shown_but_never_used_as_paths(tmp_path: Path) -> None:
    names = ("../../evil.dcm", "/etc/evil.dcm", "C:\\evil.dcm", "a\x00b.dcm", "../notes\u202etxt.exe", "x" * 5000)
    content = dict.fromkeys(names, b"neither image nor text \xff") | {"../../../good.dcm": image(tmp_path / "x")}
    (tmp_path / "home").mkdir()
    packed = zipped(tmp_path / "home" / "bad.zip", content)
    before = {str(path) for path in tmp_path.rglob("*")}
    found = list(scan(packed, Job()))
    assert {str(path) for path in tmp_path.rglob("*")} == before
    shown = [one.path for one in found if isinstance(one, LostMember)]
    assert len(shown) == 6
    assert f"{packed} › ../../evil.dcm" in shown
    assert not any("\u202e" in name or "\x00" in name for name in shown)
    assert max(map(len, shown)) < 300 + len(str(packed))
    (good,) = (one for one in found if isinstance(one, Header))
    assert Path(good.path).is_relative_to(paths.user_data())
    assert Path(good.path).name == "0000006.dcm"


def test_the_unpacked_files_are_private_and_go_with_the_program(tmp_path: Path) -> None:
    packed = zipped(tmp_path / "ct.zip", {"a.dcm": image(tmp_path / "x")})
    (header,) = scan(packed, Job())
    place = Path(header.path).parent
    assert stat.S_IMODE(place.stat().st_mode) == stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    assert archive.origin(header.path) == str(packed)
    assert archive.origin("/elsewhere/a.dcm") == "/elsewhere/a.dcm"
    archive.close_all()
    assert not place.parent.exists()
    assert list((paths.user_data() / "unpacked").iterdir()) == []


def test_what_a_killed_program_left_is_swept_but_not_what_another_one_uses(tmp_path: Path) -> None:
    packed = zipped(tmp_path / "ct.zip", {"a.dcm": image(tmp_path / "x")})
    code = (
        "import os, signal, sys\nfrom medviewer.core.job import Job\nfrom medviewer.dicom.scan import scan\n"
        "print(next(scan(sys.argv[1], Job())).path, flush=True)\nos.kill(os.getpid(), signal.SIGKILL)\n"
    )
    told = subprocess.run([sys.executable, "-c", code, str(packed)], capture_output=True, text=True, check=False)
    left = Path(told.stdout.strip()).parent.parent
    assert left.is_dir()
    (ours,) = scan(packed, Job())
    assert not left.exists()
    scratch.sweep()
    assert Path(ours.path).exists()


def test_where_the_own_data_may_only_be_read_the_system_lends_a_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a file").write_bytes(b"")
    (tmp_path / "temporary").mkdir()
    packed = zipped(tmp_path / "ct.zip", {"a": image(tmp_path / "x")})
    monkeypatch.setenv("MEDVIEWER_HOME", str(tmp_path / "a file" / "home"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (found,) = scan(packed, Job())
    assert isinstance(found, Header)
    assert Path(found.path).is_relative_to(tmp_path / "temporary")
    archive.close_all()
    assert not list((tmp_path / "temporary").iterdir())


def test_an_archive_opened_again_is_not_unpacked_again(tmp_path: Path) -> None:
    packed = old_zipped(tmp_path / "ct.zip", {"a.dcm": image(tmp_path / "x")}, b"secret")
    first = list(scan(packed, Job(), password=lambda *_: "secret"))
    again = list(scan(packed, Job(), password=lambda *_: pytest.fail("asked again")))
    assert again == first


@pytest.mark.parametrize("lock", ["aes", "old"])
def test_a_locked_archive_asks_until_the_password_is_right(tmp_path: Path, lock: str) -> None:
    members = {f"{k}.dcm": image(tmp_path / "x", k) for k in range(3)}
    if lock == "aes":
        packed = aes_zipped(tmp_path / "ct.zip", members, "geheim")
    else:
        packed = old_zipped(tmp_path / "ct.zip", members, b"geheim")
    asked: list[tuple[str, bool]] = []

    def answer(name: str, wrong_before: bool) -> str:
        asked.append((name, wrong_before))
        return "geheim" if len(asked) == 3 else f"guess {len(asked)}"

    assert _kinds(list(scan(packed, Job(), password=answer))) == ["image"] * 3
    assert asked == [("ct.zip", False), ("ct.zip", True), ("ct.zip", True)]


def test_a_wrong_password_that_passes_the_first_check_is_still_found_out(tmp_path: Path) -> None:
    packed = old_zipped(tmp_path / "ct.zip", {"a.dcm": image(tmp_path / "x")}, b"geheim")
    member = zip_members(open_zip(str(packed)))[0]
    opening = archive.Opening(Job(), ask=None)
    lucky = []
    for n in range(3000):  # one in 256 passes the check of one byte
        try:
            next(member.chunks(f"{n}".encode()))
        except Refused as refused:
            if refused.reason is DAMAGED:
                lucky.append(f"{n}".encode())
    assert lucky
    assert not any(opening._opens([member], password) for password in lucky)


def test_without_the_password_the_other_members_are_read_and_the_rest_is_one_sentence(tmp_path: Path) -> None:
    packed = aes_zipped(tmp_path / "ct.zip", {f"{k}.dcm": image(tmp_path / "x", k) for k in range(2)}, "geheim")
    with zipfile.ZipFile(packed, "a") as more:
        more.writestr("open.dcm", image(tmp_path / "x", 5))
    for password in (None, lambda *_: None):
        found = list(scan(packed, Job(), password=password))
        assert _kinds(found) == ["This archive needs a password; 2 of its files were not opened.", "image"]


def test_a_password_may_be_spelled_in_the_charsets_of_other_computers() -> None:
    assert "密码".encode("gb18030") in spellings("密码")
    assert "密码".encode() in spellings("密码")
    assert spellings("plain") == (b"plain",)


def test_names_in_old_archives_are_shown_in_the_script_they_were_written_in() -> None:
    assert shown_name("胸部CT.dcm".encode("gb18030").decode("cp437"), False) == "胸部CT.dcm"
    assert shown_name("胸部CT.dcm".encode().decode("cp437"), False) == "胸部CT.dcm"
    assert shown_name("胸部CT.dcm", True) == "胸部CT.dcm"


def test_an_archive_inside_an_archive_is_opened_and_no_deeper(tmp_path: Path) -> None:
    deepest = zipped(tmp_path / "3.zip", {"c.dcm": image(tmp_path / "x", 2)}).read_bytes()
    inner = zipped(tmp_path / "2.zip", {"b.dcm": image(tmp_path / "x", 1), "deep.zip": deepest}).read_bytes()
    packed = zipped(tmp_path / "1.zip", {"a.dcm": image(tmp_path / "x", 0), "inner.zip": inner})
    found = list(scan(packed, Job()))
    assert _kinds(found) == ["image", "image", "An archive inside an archive inside an archive is not opened."]
    assert found[-1].path == f"{packed} › inner.zip › deep.zip"
    assert archive.origin(found[1].path) == str(packed)


def test_the_password_of_the_outer_archive_is_tried_on_the_inner_one(tmp_path: Path) -> None:
    inner = old_zipped(tmp_path / "in.zip", {"a.dcm": image(tmp_path / "x")}, b"geheim").read_bytes()
    packed = aes_zipped(tmp_path / "out.zip", {"in.zip": inner}, "geheim")
    asked: list[str] = []

    def answer(name: str, _wrong_before: bool) -> str:
        asked.append(name)
        return "geheim"

    found = list(scan(packed, Job(), password=answer))
    assert (_kinds(found), asked) == (["image"], ["out.zip"])


def test_a_bomb_is_refused_by_its_claims_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "AT_LEAST_BELIEVED", 1 << 20)
    bomb = zipped(tmp_path / "bomb.zip", {"a.dcm": bytes(128) + b"DICM" + bytes(16 << 20)})
    assert _kinds(list(scan(bomb, Job()))) == [str(archive.TOO_MUCH)]
    assert not list((paths.user_data() / "unpacked").rglob("*.dcm"))


def test_bombs_inside_share_the_limit_of_the_archive_around_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "AT_LEAST_BELIEVED", 6 << 20)
    monkeypatch.setattr(archive, "MOST_TIMES", 1)
    bomb = zipped(tmp_path / "bomb.zip", {"a.dcm": bytes(128) + b"DICM" + bytes(4 << 20)}).read_bytes()
    packed = zipped(tmp_path / "all.zip", {f"{n}.zip": bomb for n in range(5)})
    reasons = _kinds(list(scan(packed, Job())))
    assert reasons.count(str(archive.TOO_MUCH)) == 4


def test_sizes_are_enforced_while_unpacking_not_only_as_claimed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "AT_LEAST_BELIEVED", 1 << 20)
    bomb = zipped(tmp_path / "bomb.zip", {"a.dcm": bytes(128) + b"DICM" + bytes(24 << 20)})
    data = bomb.read_bytes()
    bomb.write_bytes(data[: data.rindex(b"PK\1\2")])  # without a directory nothing is claimed
    found = _kinds(list(scan(bomb, Job())))
    assert found[-1] == str(archive.TOO_MUCH)
    assert not list((paths.user_data() / "unpacked").rglob("*.part"))


def test_a_bomb_of_bzip2_is_unpacked_in_small_pieces(tmp_path: Path) -> None:
    packed = zipped(tmp_path / "bomb.zip", {"a.dcm": bytes(128) + b"DICM" + bytes(24 << 20)}, zipfile.ZIP_BZIP2)
    with open_zip(str(packed)) as opened:
        pieces = [len(piece) for piece in zip_members(opened)[0].chunks(b"")]
    assert max(pieces) <= CHUNK
    assert sum(pieces) == 132 + (24 << 20)


def test_bzip2_is_read_and_its_damage_told(tmp_path: Path) -> None:
    packed = zipped(tmp_path / "a.zip", {"a.dcm": image(tmp_path / "x")}, zipfile.ZIP_BZIP2)
    assert _kinds(list(scan(packed, Job()))) == ["image"]
    data = bytearray(packed.read_bytes())
    data[200:260] = bytes(60)
    (tmp_path / "b.zip").write_bytes(data)
    assert _kinds(list(scan(tmp_path / "b.zip", Job()))) == [str(DAMAGED)]


def test_lzma_whose_memory_its_data_decide_is_not_unpacked(tmp_path: Path) -> None:
    packed = zipped(tmp_path / "a.zip", {"a.dcm": image(tmp_path / "x")}, zipfile.ZIP_LZMA)
    assert _kinds(list(scan(packed, Job()))) == [str(UNKNOWN)]


def test_too_many_members_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_MEMBERS", 3)
    packed = zipped(tmp_path / "many.zip", {f"{n}.dcm": b"x" for n in range(4)})
    assert _kinds(list(scan(packed, Job()))) == [str(archive.TOO_MUCH)]


def test_a_full_disk_is_one_clear_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scratch, "free_bytes", lambda: archive.KEEP_FREE + 3_000_000)
    packed = zipped(tmp_path / "ct.zip", {"a.dcm": bytes(128) + b"DICM" + bytes(9_000_000)})
    (lost,) = _kinds(list(scan(packed, Job())))
    assert lost.startswith("Unpacking needs 10 MB, but only 3 MB are free on the disk.")


def test_what_a_damaged_member_costs_is_that_member(tmp_path: Path) -> None:
    packed = zipped(tmp_path / "ct.zip", {f"{k}.dcm": image(tmp_path / "x", k) for k in range(3)})
    data = bytearray(packed.read_bytes())
    with zipfile.ZipFile(packed) as sound:
        at = sound.infolist()[1].header_offset
    data[at + 400 : at + 420] = bytes(20)
    packed.write_bytes(data)
    found = list(scan(packed, Job()))
    assert _kinds(found) == ["image", "This file is damaged inside its archive.", "image"]
    assert found[1].path == f"{packed} › 1.dcm"


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_zip_cut_short_gives_what_is_whole_in_it(tmp_path: Path, method: int) -> None:
    packed = zipped(tmp_path / "ct.zip", {f"{k}.dcm": image(tmp_path / "x", k) for k in range(4)}, method)
    with zipfile.ZipFile(packed) as sound:
        at = sound.infolist()[3].header_offset
    packed.write_bytes(packed.read_bytes()[: at + 900])
    reasons = _kinds(list(scan(packed, Job())))
    assert reasons[0] == "This archive is damaged; what can still be read of it is shown."
    assert reasons[1:] == ["image"] * 3 + ["This file is damaged inside its archive."]


def test_a_zip_written_to_a_pipe_and_cut_short_is_salvaged_too(tmp_path: Path) -> None:
    class Pipe:
        def __init__(self) -> None:
            self.data = bytearray()

        def write(self, more: bytes) -> int:
            self.data += more
            return len(more)

        def flush(self) -> None:
            pass

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive_file:  # type: ignore[call-overload]
        for k in range(3):
            archive_file.writestr(f"{k}.dcm", image(tmp_path / "x", k))
    (tmp_path / "ct.zip").write_bytes(pipe.data[: pipe.data.index(b"PK\1\2")])
    assert _kinds(list(scan(tmp_path / "ct.zip", Job())))[1:] == ["image"] * 3


@pytest.mark.parametrize("content", [b"PK\3\4", b"PK\3\4" + bytes(500), b"PK\5\6" + bytes(18), b"PK\3\4" * 300])
def test_what_only_begins_like_a_zip_is_harmless(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "odd.zip").write_bytes(content)
    assert all(isinstance(one, Unreadable) for one in scan(tmp_path / "odd.zip", Job()))


def test_random_damage_never_raises(tmp_path: Path) -> None:
    packed = zipped(tmp_path / "ct.zip", {f"{k}.dcm": image(tmp_path / "x", k)[:1500] for k in range(3)})
    sound, chance = packed.read_bytes(), random.Random(3)
    for _turn in range(150):
        data = bytearray(sound)
        for _change in range(chance.randint(1, 6)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        packed.write_bytes(data[: chance.randint(4, len(data))] if chance.random() < 0.3 else data)
        assert all(isinstance(one, (Header, Unreadable)) for one in scan(packed, Job()))


def test_cancel_is_heard_in_the_middle_of_a_member(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 4000, (1600, 1600)).astype("int16")
    big = slice_file(tmp_path / "big.dcm", noise).read_bytes()
    packed = zipped(tmp_path / "ct.zip", {"0.dcm": image(tmp_path / "x"), "big.dcm": big}, zipfile.ZIP_STORED)
    job = Job()
    found = scan(packed, job)
    place = Path(next(found).path).parent
    checks = []

    def check() -> None:
        checks.append(1)
        if len(checks) > 3:
            raise Cancelled

    job.check = check  # type: ignore[method-assign]
    with pytest.raises(Cancelled):
        next(found)
    assert sorted(path.name for path in place.iterdir()) == ["0000000.dcm"]


def test_a_disc_with_an_archive_that_is_pulled_out_says_so(tmp_path: Path) -> None:
    disc = tmp_path / "disc"
    disc.mkdir()
    zipped(disc / "a.zip", {"0.dcm": image(tmp_path / "x", 0)})
    zipped(disc / "b.zip", {"1.dcm": image(tmp_path / "x", 1)})
    found = scan(disc, Job())
    kinds = _kinds([next(found)])
    for path in disc.iterdir():
        path.unlink()
    disc.rmdir()
    assert kinds + _kinds(list(found)) == ["image", "The disc or folder is gone; what was read before is kept."]


def test_readable_and_unreadable_members_are_told_apart_for_the_list_of_losses(tmp_path: Path) -> None:
    members = {"README": b"words", "IM1": b"\0\1\2", "a.dcm": b"words", "b.exe": b"MZ", "c.dcm": image(tmp_path / "x")}
    slice_file(tmp_path / "short.dcm", ramp())
    members["cut"] = (tmp_path / "short.dcm").read_bytes()[:133]
    packed = zipped(tmp_path / "ct.zip", members)
    lost = {one.path.rpartition(" ")[2]: one.image for one in scan(packed, Job()) if isinstance(one, LostMember)}
    assert lost == {"README": False, "IM1": True, "a.dcm": True, "b.exe": False, "cut": True}


def test_a_disk_that_fills_while_unpacking_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = zipped(tmp_path / "ct.zip", {f"{k}.dcm": image(tmp_path / "x", k) for k in range(3)})
    found = scan(packed, Job())
    first = next(found)
    monkeypatch.setattr(scratch, "free_bytes", lambda: archive.KEEP_FREE - 1)
    assert _kinds([first, *found]) == ["image", str(archive.DISK_FULL)]


def test_two_scans_of_one_archive_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    packed = zipped(tmp_path / "ct.zip", {f"{k}.dcm": image(tmp_path / "x", k) for k in range(40)})
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _n: _kinds(list(scan(packed, Job()))), range(4)))
    assert found == [["image"] * 40] * 4


def test_what_is_looked_for_is_found_across_the_pieces_it_is_read_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(salvage, "CHUNK", 8)
    (tmp_path / "x").write_bytes(bytes(6) + b"PK\3\4" + bytes(9) + b"PK\3\4")
    with (tmp_path / "x").open("rb") as file:
        data = salvage.Bytes(file)
        assert [data.find(b"PK\3\4", at) for at in (0, 7, 20)] == [6, 19, -1]
