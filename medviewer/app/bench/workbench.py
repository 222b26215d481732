"""What the measurements share: a virtual chest CT of 300 slices of 512 x 512, as files and as voxels."""

import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import numpy as np

from medviewer.core.job import Job
from medviewer.core.study import Series
from medviewer.core.volume import Volume

if TYPE_CHECKING:
    from medviewer.dicom.catalogue import Catalogue

SHAPE_KJI = (300, 512, 512)
SEED = 1
_HASHED_BYTES = 1 << 23
_SLOWED = 1.2  # times the least time of the same loop


class Workbench:
    """Makes the CT when a measurement first asks for it, and takes it away at the end (``with``)."""

    def __init__(self, job: Job, shape_kji: tuple[int, int, int] = SHAPE_KJI) -> None:
        self.job = job
        self._shape_kji = shape_kji
        self._pace_s = _loop_s()
        self._home = tempfile.TemporaryDirectory(prefix="medviewer-bench-")

    def __enter__(self) -> "Workbench":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if "volume" in self.__dict__:
            self.volume.close()
        self._home.cleanup()

    @property
    def home(self) -> Path:
        """A folder for whatever a measurement writes."""
        return Path(self._home.name)

    @cached_property
    def folder(self) -> Path:
        """The CT as uncompressed DICOM files."""
        from medviewer.phantom.write import write

        write(self.home, SEED, shape_kji=self._shape_kji)
        return self.home / "current"

    @cached_property
    def series(self) -> Series:
        """The CT as the catalogue sees it."""
        return self.catalogue_of(self.folder).studies()[0].series[0]

    def catalogue_of(self, folder: Path) -> "Catalogue":
        """Scan ``folder`` into a new catalogue."""
        from medviewer.app.scanning import scan_into
        from medviewer.dicom.catalogue import Catalogue

        catalogue = Catalogue()
        scan_into(catalogue, folder, Job())
        return catalogue

    def slowed(self) -> bool:
        """Whether this processor is now slower than it was, as where others on the same machine are busy."""
        now_s = _loop_s()
        self._pace_s = min(self._pace_s, now_s)
        return now_s > _SLOWED * self._pace_s

    @cached_property
    def volume(self) -> Volume:
        """The CT, loaded."""
        from medviewer.dicom.load import load_volume

        return load_volume(self.series, Job())


def _loop_s() -> float:
    """Seconds for work that is always the same and keeps two cores busy, as the decode workers do."""
    data = bytes(_HASHED_BYTES)
    with ThreadPoolExecutor(2) as both:
        return best_s(lambda: list(both.map(lambda _n: sha256(data).digest(), range(2))))


def best_s(work: Callable[[], object], rounds: int = 5) -> float:
    """Return the seconds of the fastest of ``rounds`` runs: what the work costs when nobody else is busy."""
    spent_s = []
    for _round in range(rounds):
        start_s = time.perf_counter()
        work()
        spent_s.append(time.perf_counter() - start_s)
    return min(spent_s)


def times(one: Callable[[], object], other: Callable[[], object], rounds: int = 5) -> float:
    """Return how many times ``other`` fits into ``one``, by the fastest of each.

    They take turns, so that a computer that slows down for a while slows both.
    """
    turns = [(best_s(one, 1), best_s(other, 1)) for _round in range(rounds)]
    return min(spent for spent, _other in turns) / min(spent for _one, spent in turns)


def median_ms(work: Callable[[int], object], rounds: int = 30) -> float:
    """Return the median milliseconds of ``work(round)``, the first run (compilers, caches) not counted."""
    work(0)
    spent_s = []
    for number in range(rounds):
        start_s = time.perf_counter()
        work(number)
        spent_s.append(time.perf_counter() - start_s)
    return float(np.median(spent_s)) * 1000.0


def with_bytecode(home: Path) -> dict[str, str]:
    """Return what lets a program started from here keep its byte code in ``home``, as one that is installed has it.

    Without, a checkout in which Python may write nothing would be compiled at each start.
    """
    return {"PYTHONPYCACHEPREFIX": str(home / "bytecode"), "PYTHONDONTWRITEBYTECODE": ""}
