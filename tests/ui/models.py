"""Models that answer without a network: what the window does with an answer is tested here, not the answer."""

import threading
from collections.abc import Callable

import pytest

from medviewer.ai.engine import Engine, Look, OnFound
from medviewer.ai.protocol import Reading
from medviewer.app import reading
from medviewer.core.finding import Finding
from medviewer.core.job import Job
from medviewer.core.volume import Volume
from tests.ai.engine_cases import TASKS, FakeBundle
from tests.ui.samples import sphere


class FakeModel:
    """Finds the sphere; with ``hold`` it waits between its two steps until it is let go or cancelled.

    It tells of ``early`` findings before it waits, keeps what it ``look``s at, and whether it was asked ``fresh``.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.runs, self.hold = 0, threading.Event()
        self.hold.set()
        self.answer: Callable[[Volume], tuple[Finding, ...]] = lambda volume: (sphere(volume, f"f{self.runs}"),)
        self.early: Callable[[Volume], tuple[Finding, ...]] = lambda _volume: ()
        self.look: Look = lambda: None
        self.fresh: list[bool] = []
        monkeypatch.setattr(reading, "fitting", lambda _series, _wanted=(): [FakeBundle("fake")])
        monkeypatch.setattr(reading, "read", self.read)

    def read(
        self,
        volume: Volume,
        _bundle: FakeBundle,
        job: Job,
        *,
        fresh: bool = False,
        on_found: OnFound | None = None,
        look: Look | None = None,
    ) -> Reading:
        """Answer as ``app.reading.read`` does."""
        self.runs += 1
        self.fresh.append(fresh)
        self.look = look or self.look
        job.step(0.25, "first half")
        if on_found is not None and (early := self.early(volume)):
            on_found(early)
        while not self.hold.wait(0.005):
            job.check()
        job.step(1.0)
        return Reading(self.answer(volume), device="CPU")


def real_engine(monkeypatch: pytest.MonkeyPatch, task: str) -> Engine:
    """Let every series be read by ``task`` of the engine's tests, in a process of its own."""
    engine = Engine(TASKS, torch=False)
    monkeypatch.setattr(reading, "fitting", lambda _series, _wanted=(): [FakeBundle(task)])

    def read(volume: Volume, bundle: FakeBundle, job: Job, *, fresh: bool, on_found: OnFound, look: Look) -> Reading:
        return engine.run(bundle, volume, job, on_found, look)

    monkeypatch.setattr(reading, "read", read)
    return engine
