"""A window on the small chest, whose model answered four things, two of them under its threshold."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from medviewer.ai.protocol import Reading
from medviewer.core.edits import AddFindings
from medviewer.core.finding import Finding
from medviewer.core.grid import triple
from medviewer.core.mask import Mask
from medviewer.core.study import Study
from medviewer.core.volume import Volume
from medviewer.phantom import small
from medviewer.ui.explaining.answers import ModelAnswers, answers_of
from medviewer.ui.panels.findings import FindingsPanel
from medviewer.ui.window import MainWindow
from tests.ui.samples import sphere, volume_of

SCORES = (0.9, 0.7, 0.5, 0.3)
OWN = 0.6


def row(threshold: float, sensitivity: float, false_positives: float) -> dict[str, Any]:
    return {
        "threshold": threshold,
        "sensitivity": sensitivity,
        "sensitivity_low": sensitivity - 0.05,
        "sensitivity_high": sensitivity + 0.05,
        "false_positives": false_positives,
        "false_positives_low": false_positives / 2.0,
        "false_positives_high": false_positives * 2.0,
        "per": "field",
    }


MEASURED = {
    "measured_of": "drawn nodules",
    "measured_on": "drawn chests",
    "operating_points": [row(0.2, 0.95, 2.0), row(0.4, 0.9, 1.0), row(OWN, 0.84, 0.24), row(0.8, 0.6, 0.1)],
}


@dataclass(frozen=True, eq=False)
class FakeBundle:
    """What is asked of a bundle here."""

    id: str = "test-model"
    threshold: float = OWN
    output: dict[str, Any] = field(default_factory=lambda: dict(MEASURED))


def answer(volume: Volume, score: float, number: int) -> Finding:
    """A finding of its own place, named by its score."""
    made = sphere(volume, f"{score}", center_kji=(4.0 + 5 * number, 30.0, 45.0), diameter_mm=8.0)
    return replace(made, score=score)


@dataclass
class Room:
    """The window, the findings panel in it, and what the model answered."""

    window: MainWindow
    volume: Volume
    reading: Reading
    panel: FindingsPanel
    answers: ModelAnswers

    @property
    def ids(self) -> list[str]:
        """The findings of the case."""
        return [found.id for found in self.window.session.case.findings]

    @property
    def under(self) -> list[str]:
        """What is under the threshold."""
        return [found.id for found in self.answers.candidates(self.window.session.case)]


@pytest.fixture
def make_room(window: MainWindow) -> Iterator[Callable[..., Room]]:
    """Rooms with a model that says what its thresholds do, or that says something else."""
    volume = volume_of()

    def make(**output: Any) -> Room:
        session = window.session
        session.catalogue.add(volume.series.headers)
        study = Study("1.2.3", (volume.series,))
        session.open_study(study.uid)
        window.view.show_volume(volume, window.view.window, triple(volume.grid.to_lps(small.CENTER_KJI)))
        every = [answer(volume, score, n) for n, score in enumerate(SCORES)]
        reading = Reading(tuple(every[:2]), candidates=tuple(every[2:]))
        session.do(AddFindings(reading.findings))
        answers = answers_of(window.view)
        answers.put(volume.series.uid, [(FakeBundle(output=output or dict(MEASURED)), reading)])  # type: ignore[list-item]
        panel = window.docks.panels["findings"].content
        assert isinstance(panel, FindingsPanel)
        return Room(window, volume, reading, panel, answers)

    yield make
    window.view.show_volume(None, window.view.window, (0.0, 0.0, 0.0))
    volume.close()


@pytest.fixture
def room(make_room: Callable[..., Room]) -> Room:
    """A room with a model that says what its thresholds do."""
    return make_room()


def full(mask: Mask, volume: Volume) -> np.ndarray:
    """Return a mask as voxels of its volume."""
    made = np.zeros(volume.voxels.shape, np.bool_)
    made[mask.box] = mask.voxels
    return made
