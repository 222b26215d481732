"""Slices from files into the volume, uncompressed and compressed."""

import os
import time
from pathlib import Path

from medviewer.app.bench.budget import Budget
from medviewer.app.bench.workbench import Workbench, best_s
from medviewer.core.job import Job
from medviewer.core.study import Series
from medviewer.i18n import N_

_COMPRESSED = 60  # slices: enough for a rate, and encoding takes its time
_WARM_UP = 4


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
    return best_s(lambda: _load(bench.series)) / best_s(lambda: _read_raw(paths))


def _times_one_core(bench: Workbench) -> float:
    from medviewer.dicom.load import default_pool
    from medviewer.dicom.write.compress import compress

    folder = bench.home / "jpeg-ls"
    folder.mkdir(exist_ok=True)
    for header in bench.series.headers[:_COMPRESSED]:
        compress(Path(header.path), folder / Path(header.path).name)
    series = bench.catalogue_of(folder).studies()[0].series[0]
    default_pool()
    _load(series)  # starts the workers
    return _one_core_s(series) / best_s(lambda: _load(series), 3)


def _one_core_s(series: Series) -> float:
    """Seconds for the same slices, one after the other, with the workers' own decoder in this process."""
    from medviewer.dicom.codecs import decode

    for header in series.headers[:_WARM_UP]:
        decode(header, 0)
    start_s = time.perf_counter()
    for header in series.headers:
        decode(header, 0)
    return time.perf_counter() - start_s


RAW = Budget("load-uncompressed", N_("Loading 300 uncompressed slices, times the raw read"), 2.0, "x", _times_raw_read)
CODED = Budget(
    "load-compressed", N_("Decoding JPEG-LS slices, times one core's rate"), 1.6, "x", _times_one_core, at_least=True
)
