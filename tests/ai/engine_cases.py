"""A small volume, a bundle and a run in a thread, for the engine's tests."""

import threading
from dataclasses import dataclass, field
from typing import Any

from medviewer.ai.engine import Engine, Look
from medviewer.ai.protocol import Reading
from medviewer.core.finding import Finding
from medviewer.core.grid import Grid
from medviewer.core.job import Job
from medviewer.core.shared import SharedArray
from medviewer.core.study import Header, Series
from medviewer.core.volume import READY, Volume

TASKS = "tests.ai.engine_tasks"


@dataclass(frozen=True)
class FakeBundle:
    """What the engine and the window need of a bundle."""

    task: str
    id: str = "test-model"
    threshold: float = 0.5
    output: dict[str, Any] = field(default_factory=dict, hash=False)


def small_volume(value: int = 40) -> Volume:
    """A CT of 4 × 8 × 8 voxels, all of them ``value``."""
    headers = tuple(Header("", f"1.2.{k}", "", "1", "1.9", modality="CT") for k in range(4))
    voxels, state = SharedArray.make((4, 8, 8), "int16"), SharedArray.make((4,), "uint8")
    voxels.array[...] = value
    state.array[...] = READY
    return Volume(Series("1.9", headers), Grid((4, 8, 8)), voxels, state, unit="HU")


class WatchedJob(Job):
    """A job that forgets no step; ``begun`` is set when the task itself has spoken, not the engine that waits."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = threading.Event()
        self.texts: list[str] = []

    def step(self, share: float, text: str = "") -> None:
        super().step(share, text)
        self.texts.append(text)
        if share > 0.0:
            self.begun.set()


class Background:
    """A run in a thread; ``result`` is the reading or what was raised, ``found`` what came before it."""

    def __init__(self, engine: Engine, task: str, volume: Volume, look: Look | None = None) -> None:
        self.job = WatchedJob()
        self.result: Reading | BaseException | None = None
        self.found: list[Finding] = []
        self._thread = threading.Thread(target=self._run, args=(engine, task, volume, look), daemon=True)
        self._thread.start()

    def _run(self, engine: Engine, task: str, volume: Volume, look: Look | None) -> None:
        try:
            self.result = engine.run(FakeBundle(task), volume, self.job, self.found.extend, look)
        except BaseException as error:
            self.result = error

    def under_way(self) -> "Background":
        """Wait until the task has begun."""
        assert self.job.begun.wait(60)
        return self

    def ended(self) -> Reading | BaseException | None:
        """Wait for the end; fails where it never comes."""
        self._thread.join(60)
        assert not self._thread.is_alive()
        return self.result
