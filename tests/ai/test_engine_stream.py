"""Findings come while the reading goes on, and the slice looked at is read first."""

import os
import signal
import time
from typing import Any

import numpy as np
import pytest

from medviewer.ai.engine import Engine
from medviewer.ai.protocol import Reading
from medviewer.core.finding import Finding
from medviewer.core.job import Job
from medviewer.core.problem import Cancelled, Problem
from medviewer.core.volume import Volume
from tests.ai.engine_cases import Background, FakeBundle, small_volume


def wait_for(run: Background) -> None:
    while not run.found:
        assert run.result is None
        time.sleep(0.002)


def test_findings_come_before_the_answer_that_replaces_them_by_id(engine: Engine, volume: Volume) -> None:
    run = Background(engine, "stream", volume)
    reading = run.ended()
    assert isinstance(reading, Reading)
    assert [(found.id, found.mean_hu) for found in run.found] == [("1", 1.0), ("2", 2.0)]
    assert [(found.id, found.mean_hu) for found in reading.findings] == [("1", 10.0), ("2", 2.0)]


def test_nobody_needs_to_listen(engine: Engine, volume: Volume) -> None:
    assert len(engine.run(FakeBundle("stream"), volume, Job()).findings) == 2


def test_candidates_come_apart_from_the_findings_the_surest_first(engine: Engine, volume: Volume) -> None:
    reading = engine.run(FakeBundle("candidates"), volume, Job())
    assert [found.id for found in reading.findings] == ["1"]
    assert [found.id for found in reading.candidates] == ["2", "3"]


@pytest.mark.parametrize("task", ["stream-nan", "stream-wrong", "bad-candidate"])
def test_what_makes_no_sense_is_not_shown_however_it_comes(engine: Engine, volume: Volume, task: str) -> None:
    run = Background(engine, task, volume)
    result = run.ended()
    assert isinstance(result, Problem)
    assert "makes no sense" in result.text
    assert run.found == []


def test_the_model_hears_where_the_reader_looks_at_first_and_later(engine: Engine, volume: Volume) -> None:
    slices = iter([1, 1, 2, None])
    reading = Background(engine, "look", volume, look=lambda: next(slices, 3)).ended()
    assert isinstance(reading, Reading)
    assert reading.findings[0].attributes["seen"] == [1, 2, 3]


def test_without_a_screen_the_model_knows_of_no_slice(engine: Engine, volume: Volume) -> None:
    slices = iter([None, None])
    reading = Background(engine, "look", volume, look=lambda: next(slices, 3)).ended()
    assert isinstance(reading, Reading)
    assert reading.findings[0].attributes["seen"] == [None, 3]


def test_a_reading_that_is_cancelled_after_its_first_finding_ends(engine: Engine, volume: Volume) -> None:
    run = Background(engine, "stream-then-spin", volume)
    wait_for(run)
    run.job.cancel()
    assert isinstance(run.ended(), Cancelled)
    assert np.all(volume.voxels == 40)


def test_a_cancel_from_within_the_listener_is_heard(engine: Engine, volume: Volume) -> None:
    job = Job()

    def listen(_found: tuple[Finding, ...]) -> None:
        job.cancel()

    with pytest.raises(Cancelled):
        engine.run(FakeBundle("stream-then-spin"), volume, job, listen)


@pytest.mark.parametrize("fault", [OSError("disk full"), KeyError("listener")])
def test_a_fault_of_the_listener_ends_the_reading_and_blames_nobody_else(
    engine: Engine, volume: Volume, fault: Exception
) -> None:
    def listen(_found: tuple[Finding, ...]) -> None:
        raise fault

    with pytest.raises(type(fault), match=str(fault.args[0])):
        engine.run(FakeBundle("stream-then-spin"), volume, Job(), listen)
    assert engine.run(FakeBundle("mean"), volume, Job()).findings[0].mean_hu == 40.0


def test_an_engine_killed_after_its_first_finding_is_one_sentence(engine: Engine, volume: Volume) -> None:
    run = Background(engine, "stream-then-spin", volume)
    wait_for(run)
    assert engine.pid is not None
    os.kill(engine.pid, signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
    result = run.ended()
    assert isinstance(result, Problem)
    assert "stopped unexpectedly" in result.text
    assert engine.run(FakeBundle("mean"), volume, Job()).findings[0].mean_hu == 40.0


def test_an_engine_killed_while_idle_is_noticed_by_nobody(engine: Engine, volume: Volume) -> None:
    engine.run(FakeBundle("mean"), volume, Job())
    before: Any = engine._child
    before.process.kill()
    before.process.join()
    assert engine.run(FakeBundle("mean"), volume, Job()).findings[0].mean_hu == 40.0
    assert engine._child is not before


def test_two_volumes_asked_for_at_once_are_both_read_one_after_the_other(engine: Engine) -> None:
    volumes = small_volume(40), small_volume(-600)
    runs = [Background(engine, "mean", volume) for volume in volumes]
    means = [run.ended() for run in runs]
    assert [one.findings[0].mean_hu for one in means if isinstance(one, Reading)] == [40.0, -600.0]
    for volume in volumes:
        volume.close()
