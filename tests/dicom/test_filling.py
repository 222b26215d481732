"""Slices become HU in shared memory, whatever way they were stored; a bad slice costs only itself."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.uid import JPEG2000Lossless, JPEGLSLossless, RLELossless

from medviewer.core.job import Job
from medviewer.core.problem import Cancelled, Problem
from medviewer.core.volume import FAILED, READY, Volume
from medviewer.dicom import load
from medviewer.dicom.decode import DecodePool
from tests.dicom.files import ramp, series_files, series_of, slice_file


@pytest.fixture(scope="module")
def pool() -> Iterator[DecodePool]:
    pool = DecodePool(workers=2)
    yield pool
    pool.close()


def _real(volume: Volume, k: int) -> np.ndarray[Any, Any]:
    return np.asarray(volume.voxels[k] * volume.slope + volume.intercept)


def test_slices_come_in_the_order_of_the_patient_as_hounsfield_units(tmp_path: Path) -> None:
    volume = load.load_volume(series_of(series_files(tmp_path)), Job())
    for k in range(6):
        assert np.array_equal(volume.voxels[k], ramp(k) - 1024)
    assert volume.complete
    assert (volume.unit, volume.slope, volume.intercept, volume.regular) == ("HU", 1.0, 0.0, True)
    volume.close()


@pytest.mark.parametrize("syntax", [JPEGLSLossless, RLELossless, JPEG2000Lossless], ids=["jpeg-ls", "rle", "j2k"])
def test_compressed_slices_are_the_same_pixels(tmp_path: Path, pool: DecodePool, syntax: str) -> None:
    volume = load.allocate(series_of(series_files(tmp_path, syntax=syntax)))
    assert load.fill(volume, Job(), pool=pool) == ()
    for k in range(6):
        assert np.array_equal(volume.voxels[k], ramp(k) - 1024)
    volume.close()


def test_the_slice_on_the_screen_is_read_first_then_its_neighbours(tmp_path: Path) -> None:
    volume = load.allocate(series_of(series_files(tmp_path)))
    seen: list[int] = []
    load.fill(volume, Job(), first=3, on_slice=seen.append)
    assert seen == [3, 4, 2, 5, 1, 0]
    volume.close()


def test_a_truncated_file_is_named_and_the_rest_arrives(tmp_path: Path) -> None:
    paths = series_files(tmp_path)
    series = series_of(paths)
    broken = Path(series.headers[2].path)
    broken.write_bytes(broken.read_bytes()[:-100])
    volume = load.allocate(series)
    bad = load.fill(volume, Job())
    assert [(b.path, "cut short" in b.reason) for b in bad] == [(str(broken), True)]
    assert list(volume.state) == [READY, READY, FAILED, READY, READY, READY]
    assert np.all(volume.voxels[2] == -1024)
    volume.close()


def test_a_file_that_went_away_is_named_and_the_rest_arrives(tmp_path: Path) -> None:
    series = series_of(series_files(tmp_path))
    Path(series.headers[0].path).unlink()
    volume = load.allocate(series)
    (bad,) = load.fill(volume, Job())
    assert bad.reason == "The file is no longer there."
    assert list(volume.state[1:]) == [READY] * 5
    volume.close()


def test_damaged_compressed_data_cost_one_slice_and_one_sentence(tmp_path: Path, pool: DecodePool) -> None:
    series = series_of(series_files(tmp_path, syntax=JPEGLSLossless))
    broken = Path(series.headers[4].path)
    data = bytearray(broken.read_bytes())
    data[series.headers[4].pixels_at + 30 :] = b"\xff" * (len(data) - series.headers[4].pixels_at - 30)
    broken.write_bytes(data)
    volume = load.allocate(series)
    (bad,) = load.fill(volume, Job(), pool=pool)
    assert bad.path == str(broken)
    assert "damaged" in bad.reason
    assert list(volume.state) == [READY, READY, READY, READY, FAILED, READY]
    volume.close()


def test_a_killed_decoder_costs_at_most_the_slices_in_its_hands(tmp_path: Path, pool: DecodePool) -> None:
    series = series_of(series_files(tmp_path, n=30, syntax=JPEGLSLossless))
    volume = load.allocate(series)
    before: list[int] = []

    def kill_one(_k: int) -> None:
        if not before:
            before.extend(pool.pids)
            os.kill(pool.pids[0], signal.SIGKILL)

    bad = load.fill(volume, Job(), on_slice=kill_one, pool=pool)
    assert len(bad) <= 1
    assert np.count_nonzero(volume.state == READY) >= 29
    again = load.allocate(series)
    assert load.fill(again, Job(), pool=pool) == ()
    assert set(pool.pids) != set(before)
    volume.close()
    again.close()


def test_closing_the_pool_ends_its_processes(tmp_path: Path) -> None:
    pool = DecodePool(workers=2)
    volume = load.allocate(series_of(series_files(tmp_path, n=4, syntax=RLELossless)))
    load.fill(volume, Job(), pool=pool)
    pids = pool.pids
    pool.close()
    assert pids
    assert pool.pids == ()
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    volume.close()


def test_cancel_stops_between_slices(tmp_path: Path) -> None:
    volume = load.allocate(series_of(series_files(tmp_path)))
    job = Job()
    with pytest.raises(Cancelled):
        load.fill(volume, job, on_slice=lambda _k: job.cancel())
    assert np.count_nonzero(volume.state == READY) == 1
    volume.close()


def test_a_slice_of_another_size_is_refused_not_squeezed_in(tmp_path: Path) -> None:
    paths = series_files(tmp_path)
    odd = slice_file(tmp_path / "odd.dcm", ramp(9, rows=8, columns=8), 9)
    volume = load.allocate(series_of([*paths, odd]))
    (bad,) = load.fill(volume, Job())
    assert bad.path == str(odd)
    volume.close()


def test_a_series_of_which_nothing_can_be_read_is_a_problem(tmp_path: Path) -> None:
    series = series_of(series_files(tmp_path))
    for header in series.headers:
        Path(header.path).write_bytes(b"")
    with pytest.raises(Problem, match=r"No image of this series could be read\..*cut short"):
        load.load_volume(series, Job())


@pytest.mark.parametrize(
    ("dtype", "tags"),
    [
        ("uint16", {}),
        ("uint8", {"RescaleIntercept": 0}),
        ("uint16", {"Modality": "CR", "RescaleIntercept": 0}),
        ("uint16", {"Modality": "PT", "RescaleSlope": 0.37, "RescaleIntercept": 0}),
        ("int32", {"Modality": "MR", "RescaleIntercept": 0}),
    ],
)
def test_real_values_survive_every_way_of_storing(tmp_path: Path, dtype: str, tags: dict[str, Any]) -> None:
    stored = ramp(0, dtype)
    stored.flat[:2] = (np.iinfo(dtype).min, 250)
    path = slice_file(tmp_path / "a.dcm", stored, **tags)
    volume = load.load_volume(series_of([path]), Job())
    header = volume.series.first
    expected = stored.astype(np.float64) * header.slope + header.intercept
    np.testing.assert_allclose(_real(volume, 0), expected, atol=max(abs(volume.slope), 1e-9) * 0.51)
    volume.close()


def test_slices_with_their_own_rescale_keep_their_own_values(tmp_path: Path) -> None:
    paths = [
        slice_file(tmp_path / f"{k}.dcm", ramp(k), k, Modality="PT", RescaleSlope=slope, RescaleIntercept=0)
        for k, slope in enumerate((0.5, 3.25, 7.75))
    ]
    volume = load.load_volume(series_of(paths), Job())
    for k, slope in enumerate((0.5, 3.25, 7.75)):
        np.testing.assert_allclose(_real(volume, k), ramp(k) * slope, atol=volume.slope * 0.51)
    volume.close()


def test_bits_above_the_stored_ones_are_no_pixels(tmp_path: Path) -> None:
    stored = (ramp(0, "uint16") & 0x0FFF) | 0xF000
    path = slice_file(tmp_path / "a.dcm", stored, BitsStored=12, HighBit=11)
    volume = load.load_volume(series_of([path]), Job())
    assert np.array_equal(volume.voxels[0], (stored & 0x0FFF).astype(np.int16) - 1024)
    volume.close()


@pytest.mark.data
def test_the_real_chest_ct_decodes_to_what_pydicom_decodes(shared_data: Path, pool: DecodePool) -> None:
    import pydicom

    folder = shared_data / "dicom" / "chest-ct-1mm-LIDC-IDRI-0314-jls"
    series = series_of(sorted(folder.glob("*.dcm"))[:8])
    volume = load.allocate(series)
    assert load.fill(volume, Job(), pool=pool) == ()
    for k, header in enumerate(series.headers):
        image = pydicom.dcmread(header.path)
        assert np.array_equal(volume.voxels[k], image.pixel_array.astype(int) + int(image.RescaleIntercept))
    volume.close()
