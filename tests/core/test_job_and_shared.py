"""Jobs report and cancel; shared voxels are seen by other processes."""

import errno
import multiprocessing
import os
import subprocess
import sys
import types
from pathlib import Path

import numpy as np
import pytest

from medviewer import core
from medviewer.core import shared
from medviewer.core.discover import discover
from medviewer.core.job import Job
from medviewer.core.problem import Cancelled, Problem
from medviewer.core.shared import Handle, SharedArray


def test_a_cancelled_job_stops_at_its_next_step() -> None:
    job = Job("reading")
    job.step(0.5)
    job.cancel()
    with pytest.raises(Cancelled):
        job.step(0.6)


def test_progress_is_reported_at_most_ten_times_a_second_and_at_the_end() -> None:
    seen: list[float] = []
    job = Job("scan", lambda j: seen.append(j.share))
    for n in range(1, 1001):
        job.step(n / 1000)
    assert seen[-1] == 1.0
    assert len(seen) < 50


def test_part_of_a_job_counts_as_its_part_and_is_cancelled_with_it() -> None:
    job = Job("both")
    second = job.part(0.5, 1.0)
    second.step(0.5, "second half")
    assert job.share == pytest.approx(0.75)
    assert job.text == "second half"
    job.cancel()
    with pytest.raises(Cancelled):
        second.step(0.6)


def test_the_time_left_is_unknown_before_anything_is_done() -> None:
    job = Job("scan")
    assert job.remaining_s is None
    job.step(0.5)
    assert job.remaining_s is not None


def _double(handle: Handle) -> None:
    seen = SharedArray.see(handle)
    seen.array *= 2
    seen.close()


def test_another_process_sees_and_changes_the_same_voxels() -> None:
    block = SharedArray.make((3, 4, 5), "int16")
    block.array[...] = 21
    child = multiprocessing.get_context("spawn").Process(target=_double, args=(block.handle,))
    child.start()
    child.join(60)
    assert child.exitcode == 0
    assert np.all(block.array == 42)
    block.close()
    with pytest.raises(FileNotFoundError):
        SharedArray.see(block.handle)


def test_a_picture_still_shown_outlives_its_closed_block_and_then_frees_it() -> None:
    block = SharedArray.make((100, 100), "int16")
    block.array[...] = 7
    shown = block.array[40]
    block.close()
    assert np.all(shown == 7)
    assert block._block in shared._still_seen
    del shown
    SharedArray.make((1,), "uint8").close()
    assert block._block not in shared._still_seen


def test_a_program_that_ends_without_closing_leaves_no_block_and_no_complaint(tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text(
        "from medviewer.core.shared import SharedArray\n"
        "block = SharedArray.make((9, 9), 'int16'); shown = block.array[3]; print(block.handle.name)\n"
    )
    env = {**os.environ, "PYTHONPATH": str(Path(core.__file__).parents[2])}
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, env=env, check=True)
    assert done.stderr == ""
    with pytest.raises(FileNotFoundError):
        SharedArray.see(Handle(done.stdout.strip(), (9, 9), "int16"))


def test_a_series_too_big_for_the_computer_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    full = types.SimpleNamespace(free=1000)
    monkeypatch.setattr("shutil.disk_usage", lambda _path: full)
    monkeypatch.setattr("medviewer.core.shared._LINUX_HOME", Path("/"))
    with pytest.raises(Problem, match="more than this computer has free"):
        SharedArray.make((1000, 512, 512), "int16")


def test_what_is_written_is_seen_in_its_place_only() -> None:
    block = SharedArray.make((3, 50, 40), "int16")  # slices share a page of memory
    values = np.arange(2000, dtype=np.int16).reshape(50, 40)
    block.write(1, values)
    block.write(2, values[::-1].astype(np.float64))
    assert np.array_equal(block.array[1], values)
    assert np.array_equal(block.array[2], values[::-1])
    assert not block.array[0].any()
    block.claim(0)
    block.array[0] = 5
    assert np.array_equal(block.array[1], values)
    block.close()


def test_it_is_written_elsewhere_than_on_linux_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("medviewer.core.shared._LINUX_HOME", tmp_path / "none")
    block = SharedArray.make((2, 4), "uint8")
    block.claim(1)
    block.write(1, np.full(4, 9, np.uint8))
    assert block.array.tolist() == [[0] * 4, [9] * 4]
    block.close()


def test_a_full_computer_says_so_instead_of_ending_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: object) -> int:
        raise OSError(errno.ENOSPC, "full")

    block = SharedArray.make((2, 4), "int16")
    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(Problem, match="no memory left for this image"):
        block.write(0, np.zeros(4, np.int16))
    block.close()


def test_discovering_nothing_is_an_error() -> None:
    with pytest.raises(LookupError, match="no Handle found"):
        discover(core, Handle)
