"""The nodule reading of a whole CT, and how fast it can be stopped."""

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from medviewer.app.bench.budget import Budget
from medviewer.app.bench.workbench import Workbench
from medviewer.core.job import Job
from medviewer.core.problem import Cancelled, Problem
from medviewer.i18n import N_, _

if TYPE_CHECKING:
    from medviewer.ai.bundle import Bundle


def _bundle(bench: Workbench) -> "Bundle":
    from medviewer.app.reading import fitting

    fits = fitting(bench.series)
    if not fits:
        raise Problem(_("No model is installed that could read this study."))
    return fits[0]


def _reading_s(bench: Workbench) -> float:
    from medviewer.app.reading import read

    bundle, volume = _bundle(bench), bench.volume
    start_s = time.perf_counter()
    read(volume, bundle, Job(), fresh=True)
    return time.perf_counter() - start_s


def _cancel_s(bench: Workbench) -> float:
    """Return the longer of two cancels: while the engine still starts, and in the midst of a reading."""
    from medviewer.ai.engine import Engine
    from medviewer.app.reading import read

    bundle, volume = _bundle(bench), bench.volume
    engine = Engine()
    try:
        starting_s = _stopped_s(lambda job: engine.run(bundle, volume, job), 0.0)
    finally:
        engine.close()
    return max(starting_s, _stopped_s(lambda job: read(volume, bundle, job, fresh=True), 0.2))


def _stopped_s(work: Callable[[Job], object], share: float) -> float:
    """Cancel ``work`` in another thread once it has reached ``share``; return the seconds until it has ended."""
    busy = threading.Event()
    job = Job(report=lambda job: busy.set() if job.share >= share else None)
    asked_s: list[float] = []

    def cancel() -> None:
        busy.wait()
        asked_s.append(time.perf_counter())
        job.cancel()

    threading.Thread(target=cancel, daemon=True).start()
    try:
        work(job)
    except Cancelled:
        return time.perf_counter() - asked_s[0]
    raise Problem(_("The reading ended before it could be cancelled."))


READING = Budget("nodule-reading", N_("Nodule reading of a 300-slice CT on this machine"), 45.0, "s", _reading_s)
CANCEL = Budget("cancel", N_("Time until a cancel takes effect"), 0.5, "s", _cancel_s)
