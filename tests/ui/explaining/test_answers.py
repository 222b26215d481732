"""The model's answers: of the series on the screen only, and there again when a case is opened again."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from pytestqt.qtbot import QtBot

from medviewer.app import reading
from medviewer.app.result_cache import ResultCache, key_of
from medviewer.core.job import Job
from medviewer.ui.explaining.answers import kept
from medviewer.ui.model_run import ModelRun
from tests.ui.explaining.conftest import FakeBundle, Room, answer


@dataclass(frozen=True, eq=False)
class Hashed(FakeBundle):
    """A bundle whose answers are kept."""

    all_sha256: str = "cd" * 32


@pytest.fixture
def bundle(monkeypatch: pytest.MonkeyPatch) -> Hashed:
    """The only model that may read the series."""
    made = Hashed()
    monkeypatch.setattr(reading, "fitting", lambda _series, _wanted=(): [made])
    return made


def test_an_opened_case_has_its_candidates_again_from_the_kept_reading(
    room: Room, bundle: Hashed, qtbot: QtBot
) -> None:
    ResultCache().put(key_of(room.volume, bundle), room.reading)  # type: ignore[arg-type]
    room.answers.put(room.volume.series.uid, [])
    assert room.under == []
    run = ModelRun(room.window.session, room.window.view)
    assert run.recall(room.volume)
    qtbot.waitUntil(lambda: room.answers.answers is not None)
    assert room.under == ["0.5", "0.3"]
    assert room.panel.candidates.head.text() == "Under the threshold: 2"
    assert room.panel.threshold.isVisibleTo(room.panel)


def test_without_a_kept_reading_there_are_none_and_nothing_is_read(room: Room, bundle: Hashed) -> None:
    assert kept(room.volume, Job()) == []


def test_answers_about_another_series_are_not_taken(room: Room, bundle: Hashed, qtbot: QtBot) -> None:
    ResultCache().put(key_of(room.volume, bundle), room.reading)  # type: ignore[arg-type]
    room.answers.put(room.volume.series.uid, [])
    room.answers.recall(room.volume)
    room.window.view.show_volume(None, room.window.view.window, (0.0, 0.0, 0.0))
    qtbot.waitUntil(lambda: not room.window.jobs.quiet and not room.window.jobs.has_posted)
    assert room.answers.answers is None


def test_of_several_models_the_one_whose_thresholds_were_measured_has_the_slider(
    make_room: Callable[..., Room],
) -> None:
    room = make_room()
    plain = FakeBundle("plain", output={})
    room.answers.put(room.volume.series.uid, [(plain, room.reading), (FakeBundle(), room.reading)])  # type: ignore[list-item]
    assert room.answers.answers is not None
    assert room.answers.answers.model_id == "test-model"


def test_a_finding_read_again_under_another_name_is_no_candidate(room: Room) -> None:
    again = answer(room.volume, 0.55, 0)  # where "0.9" is
    reading_again = type(room.reading)((), candidates=(again,))
    room.answers.put(room.volume.series.uid, [(FakeBundle(), reading_again)])  # type: ignore[list-item]
    assert room.under == []
