"""What the engine, its worker process and the tasks say to each other; no torch here."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from medviewer.core.finding import Finding
from medviewer.core.grid import Grid
from medviewer.core.heat import Heat
from medviewer.core.job import Job
from medviewer.core.job import Report as Reporter
from medviewer.core.problem import Problem
from medviewer.core.shared import Handle
from medviewer.core.volume import FAILED, Volume

if TYPE_CHECKING:
    from medviewer.ai.bundle import Bundle


class AnyBundle(Protocol):
    """All that the engine itself needs to know of a bundle; it must be picklable."""

    @property
    def id(self) -> str:
        """Name for machines."""

    @property
    def task(self) -> str:
        """The id of the task that reads with it."""


@dataclass(frozen=True)
class Meta:
    """What a task may know of a series beside voxels and grid; nothing about the patient.

    ``sop_uids[k]`` is the image of slice k; ``failed_slices`` could not be read and hold no picture.
    Real value (HU for CT) = voxel * slope + intercept.
    """

    series_uid: str = ""
    sop_uids: tuple[str, ...] = ()
    modality: str = ""
    slope: float = 1.0
    intercept: float = 0.0
    unit: str = ""
    thickness_mm: float | None = None
    kernel: str = ""
    contrast: str = ""
    body_part: str = ""
    failed_slices: tuple[int, ...] = ()

    @staticmethod
    def of(volume: Volume) -> "Meta":
        """Take what a task may know from ``volume``."""
        first = volume.series.first
        return Meta(
            series_uid=volume.series.uid,
            sop_uids=tuple(header.sop_uid for header in volume.series.headers),
            modality=first.modality,
            slope=volume.slope,
            intercept=volume.intercept,
            unit=volume.unit,
            thickness_mm=first.thickness_mm,
            kernel=first.kernel,
            contrast=first.contrast,
            body_part=first.body_part,
            failed_slices=tuple(int(k) for k in np.flatnonzero(volume.state == FAILED)),
        )


class Report(Job):
    """The job as a task sees it: ``step`` and ``check`` raise Cancelled; ``part`` gives a share of it away.

    Attributes:
        device: torch device to compute on, "cpu" or "cuda".
        bf16: whether bfloat16 pays on that device.
        tile_scale: 1.0 at first; 0.5 and 0.25 after memory ran out: make tiles or batches that much smaller.
        timings_s: seconds by name, filled with ``timed``; they end in the reading.
        attention_k: the slice the reader looks at now (None unknown); a task looks there first. It may change.
    """

    def __init__(
        self,
        device: str = "cpu",
        bf16: bool = False,
        tile_scale: float = 1.0,
        report: Reporter | None = None,
        found: Callable[[Sequence[Finding]], None] | None = None,
    ) -> None:
        super().__init__(report=report)
        self.device, self.bf16, self.tile_scale = device, bf16, tile_scale
        self.timings_s: dict[str, float] = {}
        self.attention_k: int | None = None
        self._found = found

    def found(self, findings: Sequence[Finding]) -> None:
        """Show findings that are sure before the reading ends; those of the final answer replace them by ``id``.

        Raises Problem, as at the end, where they are no findings or hold no plain numbers.
        """
        if self._found is not None and findings:
            self._found(findings)

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Add the seconds spent inside to ``timings_s[name]``."""
        start_s = time.perf_counter()
        try:
            yield
        finally:
            self.timings_s[name] = self.timings_s.get(name, 0.0) + time.perf_counter() - start_s


@dataclass(frozen=True)
class Answered:
    """What a task answers: ``findings``, and ``candidates`` that stayed under the threshold, the surest first.

    Where it was asked to explain a finding it answers with ``heat`` alone.
    """

    findings: Sequence[Finding]
    candidates: Sequence[Finding] = ()
    heat: Heat | None = None


TaskRun = Callable[["Bundle", NDArray[np.int16], Grid, Meta, Report], Answered]


@dataclass(frozen=True)
class Task:
    """A kind of work the worker can do; a bundle names its task by ``id``.

    ``run(bundle, voxels, grid, meta, report)`` gets int16 voxels (k, j, i) that it must not write to, and returns
    what it ``Answered``. It calls ``report.step`` at least once a tile. It raises Problem for what the reader can
    understand; MemoryError (or torch's out of memory) makes the worker call it again with a smaller
    ``report.tile_scale``.
    """

    id: str
    run: TaskRun


@dataclass(frozen=True)
class Conditions:
    """What an answer was computed with: the same input under equal conditions gives the same answer, bit for bit.

    ``device`` is torch's ("cpu", "cuda"), ``words`` its name; ``tile_scale`` is that of the ``Report``; ``torch`` is
    its version. Empty where nobody noted them.
    """

    device: str = ""
    words: str = ""
    bf16: bool = False
    threads: int = 0
    tile_scale: float = 1.0
    torch: str = ""


@dataclass(frozen=True)
class Reading:
    """What a model answered about a volume, how long each part took, and on which device (in words).

    ``candidates`` are what it saw under its threshold, the surest first: never in the case unless the reader asks.
    ``heat`` is where it looked, of a run that was asked for that and nothing else.
    """

    findings: tuple[Finding, ...]
    timings_s: dict[str, float] = field(default_factory=dict)
    device: str = ""
    candidates: tuple[Finding, ...] = ()
    conditions: Conditions = Conditions()
    heat: Heat | None = None


@dataclass(frozen=True)
class Run:
    """To the worker: read these voxels. ``number`` tells answers to different runs apart."""

    number: int
    bundle: AnyBundle
    voxels: Handle
    grid: Grid
    meta: Meta
    language: str
    attention_k: int | None = None


@dataclass(frozen=True)
class Explain(Run):
    """To the worker: a run that tells where the model looked for ``finding``, which it found in these voxels."""

    finding: Finding = field(kw_only=True)


@dataclass(frozen=True)
class Attend:
    """To the worker: the reader looks at slice ``k`` now."""

    number: int
    k: int


@dataclass(frozen=True)
class Cancel:
    """To the worker: stop that run at its next step."""

    number: int


@dataclass(frozen=True)
class Ready:
    """From the worker: torch is in, runs are welcome."""

    device: str


@dataclass(frozen=True)
class Progress:
    """From the worker: how far a run is."""

    number: int
    share: float
    text: str


@dataclass(frozen=True)
class Found:
    """From the worker: findings of a run that goes on."""

    number: int
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Done:
    """From the worker: the answer of a run."""

    number: int
    reading: Reading


@dataclass(frozen=True)
class Failed:
    """From the worker: a run ended without an answer; no ``problem`` and no ``fault`` means it was cancelled.

    ``fault`` is a traceback for the log. ``number`` is 0 where the worker could not even start. ``gpu_lost`` is
    what was said where the GPU no longer answers: this process cannot go on, the run is worth a try without it.
    """

    number: int
    problem: Problem | None = None
    fault: str = ""
    gpu_lost: str = ""


Answer = Ready | Progress | Found | Done | Failed
