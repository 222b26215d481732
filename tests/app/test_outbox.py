"""Files appear in the folder together, or none does."""

from pathlib import Path

import pytest

from medviewer.app.outbox import ensure_writable, outbox
from medviewer.core.problem import Problem


def test_files_appear_at_the_end_and_the_desk_goes(tmp_path: Path) -> None:
    out = tmp_path / "new" / "out"
    with outbox(out) as desk:
        (desk / "a.txt").write_text("a")
        assert not (out / "a.txt").exists()
    assert [path.name for path in out.iterdir()] == ["a.txt"]


def fail_half_way(out: Path) -> None:
    with outbox(out) as desk:
        (desk / "a.txt").write_text("half")
        raise ZeroDivisionError


def test_a_folder_made_for_nothing_goes_again(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        fail_half_way(tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "mine").mkdir()
    with pytest.raises(ZeroDivisionError):
        fail_half_way(tmp_path / "mine")
    assert (tmp_path / "mine").is_dir()


def test_older_files_stay_until_the_new_ones_are_whole(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("old")
    with pytest.raises(ZeroDivisionError):
        fail_half_way(tmp_path)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("a.txt", "old")]
    with outbox(tmp_path) as desk:
        (desk / "a.txt").write_text("new")
    assert (tmp_path / "a.txt").read_text() == "new"


def test_a_folder_below_a_file_is_refused_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Problem, match="Nothing can be written to"):
        ensure_writable(tmp_path / "file" / "out")


def test_a_full_disk_while_writing_is_one_sentence(tmp_path: Path) -> None:
    def write() -> None:
        with outbox(tmp_path), open("/dev/full", "wb", buffering=0) as full:
            full.write(b"x")

    with pytest.raises(Problem, match="No space left on device"):
        write()


def test_faults_with_other_files_are_not_blamed_on_the_folder(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), outbox(tmp_path):
        Path("/nowhere/input").read_bytes()
