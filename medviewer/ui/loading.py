"""Series into volumes beside the work; each volume is freed when the last job on it has ended."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from PySide6.QtCore import QObject

from medviewer.core.job import REPORT_EVERY_S, Job
from medviewer.core.study import Series, Unreadable
from medviewer.core.volume import Volume
from medviewer.i18n import _
from medviewer.ui.jobs import Jobs


@dataclass(eq=False)
class Lease:
    """A volume in use, None until there is memory for it, and the jobs that read or fill it.

    ``readers`` hold it, too, but are stopped by who started them: they may go on when nobody looks any more.
    """

    volume: Volume | None = None
    jobs: list[Job] = field(default_factory=list)
    readers: list[Job] = field(default_factory=list)
    ended: bool = False


@dataclass(frozen=True)
class Steps:
    """What to do in the window's thread: at the first image, at more of them, when all are in, or where it failed."""

    first: Callable[[Volume], None]
    more: Callable[[], None]
    done: Callable[[Volume, tuple[Unreadable, ...]], None]
    failed: Callable[[Exception], None]


@dataclass(frozen=True)
class Wanted:
    """How to load: slice ``first`` first, then those nearest to ``look(volume)``, within ``budget_bytes`` of memory."""

    series: Series
    first: int = 0
    look: Callable[[Volume], int] | None = None
    budget_bytes: int | None = None


class Loader(QObject):
    """Loads volumes and keeps account of them."""

    def __init__(self, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._leases: list[Lease] = []
        jobs.changed.connect(self._sweep)

    def load(self, wanted: Wanted, steps_of: Callable[[Lease], Steps]) -> Lease:
        """Make the volume of a series and fill it."""
        lease = Lease()
        steps = steps_of(lease)
        self._leases.append(lease)
        job = self._jobs.start(
            _("Loading images"),
            lambda job: self._fill(lease, wanted, steps, job),
            done=lambda bad: None if lease.ended or lease.volume is None else steps.done(lease.volume, bad),
            failed=steps.failed,
        )
        lease.jobs.append(job)
        return lease

    def _fill(self, lease: Lease, wanted: Wanted, steps: Steps, job: Job) -> tuple[Unreadable, ...]:
        """Load in the job's thread: even asking for the memory takes longer than the window may wait."""
        from medviewer.dicom.load import allocate, fill

        volume = lease.volume = allocate(wanted.series, budget_bytes=wanted.budget_bytes)
        pace = _Pace(self._jobs, lambda: steps.first(volume), steps.more)
        look = None if wanted.look is None else partial(wanted.look, volume)
        return fill(volume, job, first=wanted.first, look=look, on_slice=pace.on_slice)

    def adopt(self, volume: Volume) -> Lease:
        """Take charge of a volume that was made elsewhere."""
        lease = Lease(volume)
        self._leases.append(lease)
        return lease

    def hold(self, job: Job, volume: Volume) -> None:
        """Free ``volume`` no sooner than ``job``, which reads it, has ended."""
        for lease in self._leases:
            if lease.volume is volume:
                lease.jobs.append(job)

    def end(self, lease: Lease | None) -> None:
        """Nobody looks at the volume any more: stop its jobs and free it as soon as they have ended."""
        if lease is not None:
            lease.ended = True
            for job in lease.jobs:
                job.cancel()
            self._sweep()

    def close(self) -> None:
        """Free everything; the jobs have been stopped before."""
        for lease in self._leases:
            _free(lease)
        self._leases.clear()

    def _sweep(self) -> None:
        for lease in [one for one in self._leases if one.ended]:
            if not any(self._jobs.is_busy(job) for job in lease.jobs + lease.readers):
                self._leases.remove(lease)
                _free(lease)


def _free(lease: Lease) -> None:
    if lease.volume is not None:
        lease.volume.close()


class _Pace:
    """Tells of slices at the first one, then at most ten times a second; runs in the loading thread."""

    def __init__(self, jobs: Jobs, first: Callable[[], None], more: Callable[[], None]) -> None:
        self._jobs, self._first, self._more = jobs, first, more
        self._told_s = 0.0

    def on_slice(self, _k: int) -> None:
        now_s = time.monotonic()
        if self._told_s == 0.0:
            self._jobs.post(self._first)
        elif now_s - self._told_s < REPORT_EVERY_S:
            return
        else:
            self._jobs.post(self._more)
        self._told_s = now_s
