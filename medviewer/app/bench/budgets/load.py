"""Slices from files into the volume, uncompressed and compressed."""

import os
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from medviewer.app.bench.budget import Budget
from medviewer.app.bench.workbench import Workbench, times
from medviewer.core.job import Job
from medviewer.core.problem import Cancelled
from medviewer.core.study import Series
from medviewer.i18n import N_

_LONG = 10  # times the CT: 3,000 slices


def _load(series: Series) -> None:
    from medviewer.dicom.load import load_volume

    load_volume(series, Job()).close()


def _read_raw(paths: list[str]) -> None:
    """Read the files one behind the other into fresh memory: what no reader can do without."""
    sizes = [os.path.getsize(path) for path in paths]
    memory = memoryview(bytearray(sum(sizes)))
    at = 0
    for path, size in zip(paths, sizes, strict=True):
        with open(path, "rb", buffering=0) as file:
            file.readinto(memory[at : at + size])
        at += size


def _times_raw_read(bench: Workbench) -> float:
    paths = [header.path for header in bench.series.headers]
    _read_raw(paths)
    return times(lambda: _load(bench.series), lambda: _read_raw(paths))


def _times_one_core(bench: Workbench) -> float:
    from medviewer.dicom.decode import default_pool
    from medviewer.dicom.write.compress import compress

    folder = bench.home / "jpeg-ls"
    folder.mkdir(exist_ok=True)
    for header in bench.series.headers:
        compress(Path(header.path), folder / Path(header.path).name)
    series = bench.catalogue_of(folder).studies()[0].series[0]
    default_pool()
    _load(series)  # starts the workers
    return times(lambda: _decode_all(series), lambda: _load(series))


def _decode_all(series: Series) -> None:
    """Decode the same slices, one after the other, with the workers' own decoder in this process."""
    from medviewer.dicom.pixels.codecs import decode

    for header in series.headers:
        decode(header)


def _long_series_s(bench: Workbench) -> float:
    """Seconds from a click on a series of 3,000 slices to the one in the middle."""
    series = replace(bench.series, headers=bench.series.headers * _LONG, grid=None)
    return first_slice_s(series, len(series.headers) // 2)


def first_slice_s(series: Series, first: int) -> float:
    """Seconds until slice ``first`` of ``series`` can be looked at; the others are not waited for."""
    from medviewer.dicom.load import allocate, fill

    job, shown_s = Job(), 0.0
    start_s = time.perf_counter()

    def stop(_k: int) -> None:
        nonlocal shown_s
        shown_s = shown_s or time.perf_counter() - start_s
        job.cancel()

    volume = allocate(series)
    try:
        with suppress(Cancelled):
            fill(volume, job, first=first, on_slice=stop)
    finally:
        volume.close()
    return shown_s


RAW = Budget("load-uncompressed", N_("Loading 300 uncompressed slices, times the raw read"), 2.0, "x", _times_raw_read)
CODED = Budget(
    "load-compressed",
    N_("Decoding 300 JPEG-LS slices, times one core's rate"),
    1.6,
    "x",
    _times_one_core,
    at_least=True,
)
LONG = Budget("long-series", N_("Series of 3,000 slices clicked until its image"), 0.1, "s", _long_series_s)
