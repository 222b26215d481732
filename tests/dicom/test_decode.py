"""Decode workers may die, hang or meet hostile files: each costs one image and one sentence."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.uid import JPEG2000Lossless, JPEGLSLossless, RLELossless

from medviewer.core.job import Job
from medviewer.core.problem import Cancelled, Problem
from medviewer.core.shared import SharedArray
from medviewer.core.study import Header, Series
from medviewer.core.volume import FAILED, READY
from medviewer.dicom import decode as module
from medviewer.dicom import load
from medviewer.dicom.catalogue import Catalogue
from medviewer.dicom.decode import DecodePool, close_pool
from medviewer.dicom.decode_worker import Task, answer
from medviewer.dicom.header import read_header
from medviewer.dicom.pixels.codecs import decode
from medviewer.dicom.pixels.encapsulated import Refused
from medviewer.dicom.pixels.values import Rule
from medviewer.dicom.scan import scan
from tests.dicom.doomed import doomed
from tests.dicom.files import ramp, series_files, slice_file


def series_in(folder: Path) -> Series:
    found = Catalogue()
    found.add(scan(folder, Job()))
    return found.studies()[0].series[0]


@pytest.fixture
def doomed_pool(monkeypatch: pytest.MonkeyPatch) -> Iterator[DecodePool]:
    monkeypatch.setattr(module, "main", doomed)
    pool = DecodePool(workers=2, limit_s=2.0)
    yield pool
    pool.close()


def test_a_worker_that_dies_and_one_that_hangs_cost_one_slice_each(tmp_path: Path, doomed_pool: DecodePool) -> None:
    series_files(tmp_path, n=9, syntax=JPEGLSLossless)
    volume = load.allocate(series_in(tmp_path))
    bad = load.fill(volume, Job(), pool=doomed_pool)
    assert [one.path for one in bad] == [volume.series.headers[k].path for k in (1, 2)]
    assert "ended the decoder" in bad[0].reason
    assert "more than 2 seconds" in bad[1].reason
    assert [int(state) for state in volume.state] == [READY, FAILED, FAILED] + [READY] * 6
    for k in (0, 3, 8):
        assert np.array_equal(volume.voxels[k], ramp(k) - 1024)
    volume.close()


def test_two_series_can_be_filled_through_one_pool_at_once(tmp_path: Path) -> None:
    pool = DecodePool(workers=2)
    volumes = []
    for name in ("a", "b"):
        series_files(tmp_path / name, n=12, syntax=JPEGLSLossless)
        volumes.append(load.allocate(series_in(tmp_path / name)))
    threads = [threading.Thread(target=load.fill, args=(v, Job()), kwargs={"pool": pool}) for v in volumes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for volume in volumes:
        assert volume.complete
        assert np.array_equal(volume.voxels[11], ramp(11) - 1024)
        volume.close()
    pool.close()


def test_cancel_ends_the_wait_for_a_worker_that_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "main", doomed)
    pool = DecodePool(workers=1, limit_s=3600.0)
    series_files(tmp_path, n=4, syntax=JPEGLSLossless)
    volume, job = load.allocate(series_in(tmp_path)), Job()
    with pytest.raises(Cancelled):
        load.fill(volume, job, first=3, on_slice=lambda _k: job.cancel(), pool=pool)
    assert volume.state[3] == READY
    pool.close()
    volume.close()


def test_what_is_queued_when_the_pool_closes_is_answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "main", doomed)
    pool = DecodePool(workers=1, limit_s=3600.0)
    header = read_header(slice_file(tmp_path / "a.dcm", ramp(), syntax=JPEGLSLossless))
    block = SharedArray.make((3, 48, 40), "int16")
    answers = [pool.submit(Task(header, Rule(), block.handle, 2)) for _ in range(5)]
    pool.close()
    assert {str(one.result()) for one in answers} == {"Reading was stopped."}
    block.close()


def test_a_volume_closed_meanwhile_is_no_accident(tmp_path: Path) -> None:
    header = read_header(slice_file(tmp_path / "a.dcm", ramp(), syntax=JPEGLSLossless))
    block = SharedArray.make((1, 48, 40), "int16")
    block.close()
    assert answer(Task(header, Rule(), block.handle, 0)) is not None


@pytest.mark.parametrize("syntax", [JPEGLSLossless, JPEG2000Lossless, RLELossless], ids=["jpeg-ls", "j2k", "rle"])
def test_a_codestream_cut_short_is_refused_never_filled_up(tmp_path: Path, syntax: str) -> None:
    path = slice_file(tmp_path / "a.dcm", np.random.default_rng(0).integers(0, 4000, (48, 40), "int16"), syntax=syntax)
    header, data = read_header(path), path.read_bytes()
    for share in (0.3, 0.6, 0.95):
        path.write_bytes(data[: header.pixels_at + int((len(data) - header.pixels_at) * share)])
        with pytest.raises(Refused, match="cut short"):
            decode(header)


@pytest.mark.parametrize("syntax", [JPEGLSLossless, JPEG2000Lossless, RLELossless], ids=["jpeg-ls", "j2k", "rle"])
def test_an_image_of_another_size_than_its_header_is_refused(tmp_path: Path, syntax: str) -> None:
    header = read_header(slice_file(tmp_path / "a.dcm", ramp(), syntax=syntax))
    with pytest.raises(Refused):
        decode(replace(header, rows=96))


def test_frames_of_a_compressed_file_are_found_one_by_one(tmp_path: Path) -> None:
    frames = np.stack([ramp(k) for k in range(4)])
    path = slice_file(
        tmp_path / "a.dcm", frames, Rows=48, Columns=40, NumberOfFrames=4, syntax=JPEGLSLossless, RescaleIntercept=0
    )
    header = read_header(path)
    assert header.frames == 4
    for k in range(4):
        assert np.array_equal(decode(replace(header, frame=k)).stored, ramp(k))
    with pytest.raises(Refused, match="as many frames"):
        decode(replace(header, frames=3))


def test_a_multi_frame_file_becomes_a_volume_of_its_frames(tmp_path: Path) -> None:
    frames = np.stack([ramp(k) for k in range(4)])
    slice_file(tmp_path / "a.dcm", frames, Rows=48, Columns=40, NumberOfFrames=4)
    volume = load.load_volume(series_in(tmp_path), Job())
    assert volume.voxels.shape == (4, 48, 40)
    assert len(volume.series.headers) == 4
    assert np.array_equal(volume.voxels, frames - 1024)
    assert not volume.regular
    volume.close()


@pytest.mark.parametrize(
    ("stored", "tags", "expected"),
    [
        (np.full((4, 6, 3), (255, 0, 0), "uint8"), {"PhotometricInterpretation": "RGB"}, 76),
        (np.full((4, 6, 3), (0, 255, 0), "uint8"), {"PhotometricInterpretation": "RGB"}, 150),
    ],
)
def test_colours_are_shown_as_their_brightness(
    tmp_path: Path, stored: NDArray[Any], tags: dict[str, Any], expected: int
) -> None:
    more: dict[str, Any] = {"SamplesPerPixel": 3, "PlanarConfiguration": 0, "Modality": "OT", "RescaleIntercept": None}
    slice_file(tmp_path / "a.dcm", stored, **more, **tags)
    volume = load.load_volume(series_in(tmp_path), Job())
    assert np.all(volume.voxels == expected)
    volume.close()
    close_pool()


def test_a_compression_nobody_knows_is_named_as_such(tmp_path: Path) -> None:
    header = read_header(slice_file(tmp_path / "a.dcm", ramp(), syntax=RLELossless))
    with pytest.raises(Refused, match="compressed cannot be read"):
        decode(replace(header, transfer_syntax="1.2.3.4"))
    with pytest.raises(Refused, match="stored as a video"):
        decode(replace(header, transfer_syntax="1.2.840.10008.1.2.4.100"))


def test_a_header_that_claims_gigabytes_is_refused_before_memory_is_asked_for(tmp_path: Path) -> None:
    header = read_header(slice_file(tmp_path / "a.dcm", ramp()))
    for lie in ({"rows": 65535, "columns": 65535}, {"frames": 1_000_000}):
        with pytest.raises(Problem, match="claim far more pixels"):
            load.allocate(Series("1", (replace(header, **lie),)))  # type: ignore[arg-type]


def test_objects_without_images_are_refused_in_a_sentence(tmp_path: Path) -> None:
    header = read_header(slice_file(tmp_path / "a.dcm", ramp()))
    with pytest.raises(Problem, match="holds no images"):
        load.allocate(Series("1", (replace(header, rows=0),)))


def test_a_program_that_forgets_to_close_leaves_nothing_behind(tmp_path: Path) -> None:
    series_files(tmp_path, n=4, syntax=JPEGLSLossless)
    program = tmp_path / "program.py"
    program.write_text(
        "import sys\nfrom pathlib import Path\n"
        "from medviewer.core.job import Job\nfrom medviewer.dicom import decode, load\n"
        "from medviewer.dicom.catalogue import Catalogue\nfrom medviewer.dicom.scan import scan\n"
        "if __name__ == '__main__':\n"
        "    found = Catalogue()\n"
        "    found.add(scan(Path(sys.argv[1]), Job()))\n"
        "    volume = load.load_volume(found.studies()[0].series[0], Job())\n"
        "    print(*decode.default_pool().pids)\n"
        "    volume.close()\n"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, str(program), str(tmp_path)],
        capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": str(root)},
    )  # fmt: skip
    assert done.stderr == ""
    for pid in done.stdout.split():
        with pytest.raises(ProcessLookupError):
            os.kill(int(pid), 0)


@pytest.mark.data
def test_hostile_files_end_in_a_sentence_and_never_in_a_crash(shared_data: Path) -> None:
    pool, failed, shown = DecodePool(workers=2), 0, 0
    for header in scan(shared_data / "dicom" / "malformed-fuzz", Job()):
        if not isinstance(header, Header) or not header.rows:
            continue
        try:
            volume = load.allocate(Series("1", (header,)))
        except Problem:
            failed += 1
            continue
        bad = load.fill(volume, Job(), pool=pool)
        assert all(one.reason.endswith(".") for one in bad)
        shown += int(np.count_nonzero(volume.state == READY))
        failed += len(bad)
        volume.close()
    pool.close()
    assert shown > 100
    assert failed > 10


@pytest.mark.data
def test_one_image_is_the_same_in_every_lossless_transfer_syntax(shared_data: Path) -> None:
    pool, images = DecodePool(workers=2), {}
    for header in scan(shared_data / "dicom" / "transfer-syntaxes-cs3d", Job()):
        if isinstance(header, Header) and Path(header.path).name.startswith("CTImage"):
            volume = load.allocate(Series("1", (header,)))
            assert load.fill(volume, Job(), pool=pool) == ()
            if not header.lossy:
                images[Path(header.path).name] = volume.voxels[0].astype(np.int32)
            volume.close()
    pool.close()
    plain = images.pop("CTImage.dcm")
    near = {name: int(np.abs(image - plain).max()) for name, image in images.items()}
    assert len(near) >= 8
    lossy = ("JPEGLSLossy", "JPEG2000TransferSyntax")
    assert {name: off for name, off in near.items() if off and not any(word in name for word in lossy)} == {}
