"""A series that needs more memory than there is says so before it takes any."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from medviewer.core.grid import Grid
from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.core.study import Header, Series
from medviewer.dicom import load, room
from medviewer.dicom.room import TooLarge, budget_bytes, free_bytes, needed_bytes, size_text, thinned
from tests.dicom.files import ramp, series_files, series_of

MB = 1_000_000


def series(slices: int, rows: int = 512, columns: int = 512, **more: object) -> Series:
    one = Header("x", "1", "1", "1", "1", rows=rows, columns=columns, file_bytes=rows * columns * 2, **more)  # type: ignore[arg-type]
    headers = tuple(replace(one, path=f"{k}.dcm") for k in range(slices))
    return Series("1", headers, (), Grid((slices, rows, columns), (1.0, 2.0, 3.0), (0.5, 0.7, 0.7)))


@pytest.fixture
def four_gb_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "free_bytes", lambda: 4_000 * MB)


def test_a_volume_needs_two_bytes_a_voxel_and_three_more_in_colour() -> None:
    assert needed_bytes(series(3000)) == 3000 * (512 * 512 * 2 + 1)
    assert needed_bytes(series(500, 768, 1024, samples=3)) == 500 * (768 * 1024 * 5 + 1)
    assert needed_bytes(series(1, 10, 10, photometric="PALETTE COLOR")) == 501


def test_three_thousand_slices_fit_where_four_gigabytes_are_free(four_gb_free: None) -> None:
    room.check_room(series(3000))
    with pytest.raises(TooLarge):
        room.check_room(series(6000))


def test_what_is_free_is_a_sensible_number() -> None:
    assert 50 * MB < free_bytes() < 1 << 50
    assert budget_bytes() < free_bytes() + 1000 * MB
    assert budget_bytes(123) == 123


def test_too_large_is_said_in_numbers_with_a_way_out() -> None:
    with pytest.raises(TooLarge, match=r"needs 3\.1 GB of memory, and 700 MB may be used") as raised:
        room.check_room(series(6000), 700 * MB)
    assert (raised.value.needed_bytes, raised.value.budget_bytes) == (6000 * (512 * 512 * 2 + 1), 700 * MB)
    assert raised.value.every == 5
    room.check_room(thinned(series(6000), raised.value.every), 700 * MB)


def test_nothing_is_taken_before_the_question(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_args: object) -> None:
        raise AssertionError

    monkeypatch.setattr("medviewer.dicom.load.SharedArray.make", never)
    with pytest.raises(TooLarge):
        load.allocate(series(100), budget_bytes=MB)
    assert issubclass(TooLarge, Problem)


def test_a_thinned_series_has_every_nth_slice_where_it_was_and_says_so(tmp_path: Path) -> None:
    whole = series_of(series_files(tmp_path, n=7))
    third = thinned(whole, 3)
    assert third.headers == whole.headers[::3]
    assert whole.grid is not None
    assert third.grid is not None
    assert third.grid.shape_kji == (3, 48, 40)
    for k in range(3):
        assert third.grid.to_lps((k, 5, 6)) == pytest.approx(whole.grid.to_lps((3 * k, 5, 6)))
    (check,) = third.checks
    assert (check.code, check.severity) == ("thinned", "warning")
    assert "one slice in 3" in str(check.text)
    volume = load.load_volume(third, Job())
    assert (volume.voxels[1] == ramp(3) - 1024).all()
    assert volume.regular
    volume.close()


def test_a_series_thinned_by_one_is_the_series() -> None:
    whole = series(4)
    assert thinned(whole, 1) is whole
    assert thinned(replace(whole, grid=None), 2).grid is None


def test_sizes_are_said_as_people_say_them() -> None:
    assert [size_text(n) for n in (6_200_000_000, 340_000_000, 1_500)] == ["6.2 GB", "340 MB", "1 MB"]


@pytest.mark.parametrize("system", ["linux without meminfo", "macos"])
def test_other_systems_are_asked_in_their_way(system: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    if system == "macos":
        told = "Mach Virtual Memory Statistics: (page size)\nPages free: 100.\nPages active: 7.\nPages inactive: 50.\n"
        monkeypatch.setattr("sys.platform", "darwin")
        monkeypatch.setattr("subprocess.run", lambda *_a, **_k: type("Done", (), {"stdout": told}))
        assert free_bytes() == 150 * os.sysconf("SC_PAGE_SIZE")
    else:
        monkeypatch.setattr(room, "_MEMINFO", tmp_path / "none")
        assert free_bytes() > MB
