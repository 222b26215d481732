"""Loading follows the reader's eyes, keeps colours, and loses one image where one image goes wrong."""

import errno
import os
import queue
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK
from pydicom.uid import JPEGLSLossless, RLELossless

from medviewer.core.job import Job
from medviewer.core.problem import Cancelled
from medviewer.core.study import Header, Series
from medviewer.core.volume import FAILED, PENDING, READY
from medviewer.dicom import load
from medviewer.dicom.decode import DecodePool
from medviewer.dicom.header import read_header
from medviewer.dicom.pixels import native
from medviewer.dicom.room import thinned
from medviewer.dicom.sources.foreign import headers_of
from medviewer.dicom.write.cine import picture, write_cine
from tests.dicom.files import ramp, series_files, series_of, slice_file


@pytest.fixture(scope="module")
def pool() -> Iterator[DecodePool]:
    pool = DecodePool(workers=2)
    yield pool
    pool.close()


def frames_of(header: Header) -> Series:
    """Return the series of all frames of one file."""
    return Series("1", tuple(replace(header, frame=n) for n in range(header.frames)))


def test_where_the_reader_scrolls_to_is_read_next(tmp_path: Path) -> None:
    volume = load.allocate(series_of(series_files(tmp_path, n=12)))
    seen: list[int] = []
    load.fill(volume, Job(), look=lambda: 1 if len(seen) < 3 else 9, on_slice=seen.append)
    assert seen[:7] == [1, 2, 0, 9, 10, 8, 11]
    assert sorted(seen) == list(range(12))
    volume.close()


def test_a_jump_waits_for_no_more_than_what_the_workers_hold(tmp_path: Path, pool: DecodePool) -> None:
    volume = load.allocate(series_of(series_files(tmp_path, n=41, syntax=JPEGLSLossless)))
    seen: list[int] = []
    load.fill(volume, Job(), look=lambda: 0 if len(seen) < 5 else 35, on_slice=seen.append, pool=pool)
    assert seen.index(35) <= 5 + pool.capacity
    assert volume.complete
    volume.close()


def test_each_header_is_the_frame_it_says(tmp_path: Path, pool: DecodePool) -> None:
    frames = np.stack([ramp(k) for k in range(4)])
    for name, syntax in (("raw", "1.2.840.10008.1.2.1"), ("coded", JPEGLSLossless)):
        path = slice_file(tmp_path / name, frames, Rows=48, Columns=40, NumberOfFrames=4, syntax=syntax)
        header = read_header(str(path))
        some = Series("1", tuple(replace(header, frame=n) for n in (2, 0, 3)))
        volume = load.allocate(some)
        assert load.fill(volume, Job(), pool=pool) == ()
        assert np.array_equal(volume.voxels, frames[[2, 0, 3]] - 1024)
        volume.close()


def test_a_colour_clip_keeps_its_colours_and_its_brightness_frame_by_frame(tmp_path: Path, pool: DecodePool) -> None:
    header = read_header(str(write_cine(tmp_path / "us.dcm", 5, 64, 96)))
    volume = load.allocate(frames_of(header))
    assert load.fill(volume, Job(), first=3, pool=pool) == ()
    assert volume.colours is not None
    assert volume.colours.shape == (5, 64, 96, 3)
    for n in range(5):
        shown, drawn = volume.colours[n].astype(int), picture(n, 64, 96).astype(int)
        assert np.abs(shown - drawn).mean() < 8  # JPEG with halved colours
        grey = drawn @ (0.299, 0.587, 0.114)
        assert np.abs(volume.voxels[n] - grey).mean() < 8
    red, blue = volume.colours[0, 22, 48], volume.colours[0, 41, 48]
    assert red[0] > 200 > 100 > red[2]
    assert blue[2] > 200 > 100 > blue[0]
    volume.close()


def test_a_grey_image_among_colours_is_shown_grey(tmp_path: Path, pool: DecodePool) -> None:
    more: dict[str, Any] = {"Modality": "OT", "RescaleIntercept": None, "RescaleSlope": None}
    stored = np.full((4, 6, 3), (255, 0, 0), "uint8")
    red = slice_file(
        tmp_path / "a.dcm", stored, SamplesPerPixel=3, PlanarConfiguration=0, PhotometricInterpretation="RGB", **more
    )
    grey = slice_file(tmp_path / "b.dcm", np.full((4, 6), 77, "uint8"), 1, **more)
    volume = load.allocate(Series("1", (read_header(str(red)), read_header(str(grey)))))
    assert load.fill(volume, Job(), pool=pool) == ()
    assert volume.colours is not None
    assert volume.colours[0, 0, 0].tolist() == [255, 0, 0]
    assert volume.colours[1, 0, 0].tolist() == [77, 77, 77]
    volume.close()


def test_grey_series_have_no_colours(tmp_path: Path) -> None:
    volume = load.allocate(series_of(series_files(tmp_path)))
    assert volume.colours is None
    volume.close()


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.1", RLELossless], ids=["raw", "compressed"])
def test_a_file_that_vanishes_meanwhile_is_named_and_the_rest_arrives(
    tmp_path: Path, pool: DecodePool, syntax: str
) -> None:
    series = series_of(series_files(tmp_path, n=21, syntax=syntax))
    last = Path(series.headers[20].path)
    volume = load.allocate(series)
    bad = load.fill(volume, Job(), on_slice=lambda _k: last.unlink(missing_ok=True), pool=pool)
    assert [(one.path, one.reason) for one in bad] == [(str(last), "The file is no longer there.")]
    assert list(volume.state) == [READY] * 20 + [FAILED]
    volume.close()


def test_a_disc_that_cannot_be_read_is_a_sentence_for_each_image(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def scratched(*_args: object) -> bool:
        raise OSError(errno.EIO, "scratched")

    series = series_of(series_files(tmp_path))
    monkeypatch.setattr(native, "_read_all", scratched)
    volume = load.allocate(series)
    bad = load.fill(volume, Job())
    assert len(bad) == 6
    assert {one.reason for one in bad} == {"This file could not be read from the disk: Input/output error."}
    volume.close()


def test_every_worker_killed_over_and_over_costs_only_what_they_held(tmp_path: Path, pool: DecodePool) -> None:
    volume = load.allocate(series_of(series_files(tmp_path, n=41, syntax=JPEGLSLossless)))
    killed: list[int] = []

    def kill(_k: int) -> None:
        if len(killed) < 3 and pool.pids and pool.pids[0] not in killed:
            killed.append(pool.pids[0])
            os.kill(killed[-1], signal.SIGKILL)

    bad = load.fill(volume, Job(), on_slice=kill, pool=pool)
    assert len(bad) <= 3
    assert all("ended the decoder" in one.reason for one in bad)
    assert np.count_nonzero(volume.state == READY) == 41 - len(bad)
    volume.close()


def test_a_pool_that_closes_meanwhile_keeps_what_was_read(tmp_path: Path) -> None:
    pool = DecodePool(workers=2)
    volume = load.allocate(series_of(series_files(tmp_path, n=31, syntax=JPEGLSLossless)))
    closing = threading.Thread(target=pool.close)
    bad = load.fill(volume, Job(), on_slice=lambda _k: None if closing.ident else closing.start(), pool=pool)
    closing.join()
    assert bad
    assert {one.reason for one in bad} == {"Reading was stopped."}
    assert np.count_nonzero(volume.state == READY) >= 1
    assert volume.complete
    volume.close()


def test_cancel_leaves_the_rest_pending_and_a_second_try_goes_on(tmp_path: Path, pool: DecodePool) -> None:
    volume = load.allocate(series_of(series_files(tmp_path, n=21, syntax=JPEGLSLossless)))
    job = Job()
    with pytest.raises(Cancelled):
        load.fill(volume, job, on_slice=lambda _k: job.cancel(), pool=pool)
    assert np.count_nonzero(volume.state == PENDING) == 20
    assert load.fill(volume, Job(), pool=pool) == ()
    assert np.array_equal(volume.voxels[19], ramp(19) - 1024)
    volume.close()


def test_where_the_memory_ends_the_images_read_so_far_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    volume = load.allocate(series_of(series_files(tmp_path)))
    write = os.pwrite

    def short(descriptor: int, values: memoryview, at: int) -> int:
        if at >= 4 * 48 * 40 * 2:
            raise OSError(errno.ENOSPC, "full")
        return write(descriptor, values[:1000], at)

    monkeypatch.setattr(os, "pwrite", short)
    bad = load.fill(volume, Job())
    assert [one.reason for one in bad] == ["There is no memory left for this image."] * 2
    assert list(volume.state) == [READY] * 4 + [FAILED] * 2
    volume.close()


def test_a_worker_sees_the_blocks_of_the_volume_at_work_and_of_no_closed_one(tmp_path: Path) -> None:
    pool = DecodePool(workers=1)
    names = []
    for name in "ab":
        volume = load.allocate(series_of(series_files(tmp_path / name, syntax=RLELossless)))
        assert load.fill(volume, Job(), pool=pool) == ()
        names.append(volume.voxels_block.handle.name)
        volume.close()
    maps = Path(f"/proc/{pool.pids[0]}/maps")
    left: queue.SimpleQueue[None] = queue.SimpleQueue()
    for _try in range(100):  # the worker lets go when it has had nothing to do for a moment
        if not maps.exists() or not any(name.strip("/") in maps.read_text() for name in names):
            left.put(None)
            break
        with pytest.raises(queue.Empty):
            left.get(timeout=0.05)
    assert not left.empty()
    pool.close()


def test_a_packed_nifti_file_fills_all_its_slices_in_one_go_or_fails_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "a.nii.gz"
    voxels = np.arange(5 * 6 * 7, dtype=np.int16).reshape(5, 6, 7)
    SimpleITK.WriteImage(SimpleITK.GetImageFromArray(voxels), str(path))
    series = Series("1", headers_of(str(path)))
    some = thinned(series, 2)
    volume, seen = load.allocate(some), list[int]()
    assert load.fill(volume, Job(), first=1, on_slice=seen.append) == ()
    assert seen == [1, 2, 0]
    drawn = {tuple(sorted(plane.ravel())) for plane in voxels[::2]}
    assert {
        tuple(sorted(np.asarray(volume.voxels[k] * volume.slope + volume.intercept).ravel())) for k in range(3)
    } == drawn
    volume.close()
    path.write_bytes(path.read_bytes()[:60])
    volume = load.allocate(some)
    bad = load.fill(volume, Job())
    assert len(bad) == 3
    assert len({one.reason for one in bad}) == 1
    assert list(volume.state) == [FAILED] * 3
    volume.close()
    job = Job()
    job.cancel()
    volume = load.allocate(some)
    with pytest.raises(Cancelled):
        load.fill(volume, job)
    volume.close()
