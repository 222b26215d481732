"""The engine runs models in a process of its own that may hang or die without harm."""

import logging
import os
import signal

import numpy as np
import pytest

from medviewer.ai import engine as engines
from medviewer.ai.engine import Engine
from medviewer.ai.protocol import Reading
from medviewer.core.job import Job
from medviewer.core.problem import Cancelled, Problem
from medviewer.core.volume import PENDING, Volume
from medviewer.i18n import set_language
from tests.ai.engine_cases import Background, FakeBundle, small_volume


def read(engine: Engine, volume: Volume, task: str = "mean") -> Reading:
    return engine.run(FakeBundle(task), volume, Job())


def refused(engine: Engine, volume: Volume, task: str) -> str:
    with pytest.raises(Problem) as raised:
        read(engine, volume, task)
    return str(raised.value)


def test_a_reading_brings_findings_with_their_times_and_device(engine: Engine, volume: Volume) -> None:
    reading = read(engine, volume)
    (found,) = reading.findings
    assert (found.mean_hu, found.series_uid, found.sop_uid) == (40.0, "1.9", "1.2.0")
    assert set(reading.timings_s) == {"network", "reading"}
    assert reading.device == "CPU"


def test_no_finding_is_an_answer_too(engine: Engine, volume: Volume) -> None:
    assert read(engine, volume, "nothing").findings == ()


def test_the_same_warm_process_serves_run_after_run(engine: Engine, volume: Volume) -> None:
    read(engine, volume)
    pid = engine.pid
    read(engine, volume)
    assert engine.pid == pid


@pytest.mark.skipif(not hasattr(os, "nice"), reason="nice levels are Unix")
def test_the_worker_gives_way_to_everything_else(engine: Engine, volume: Volume) -> None:
    assert read(engine, volume).findings[0].attributes["nice"] >= 10


def test_the_worker_cannot_write_to_the_voxels(
    engine: Engine, volume: Volume, caplog: pytest.LogCaptureFixture
) -> None:
    assert not read(engine, volume).findings[0].attributes["writeable"]
    refused(engine, volume, "write")
    assert "read-only" in caplog.text
    assert np.all(volume.voxels == 40)


def test_the_worker_speaks_the_language_of_the_screen(engine: Engine, volume: Volume) -> None:
    set_language("zh_CN")
    try:
        assert read(engine, volume).findings[0].attributes["language"] == "zh_CN"
    finally:
        set_language("en")


def test_progress_reaches_the_job(engine: Engine, volume: Volume) -> None:
    run = Background(engine, "mean", volume)
    run.ended()
    assert "half way" in run.job.texts
    assert run.job.share == 1.0


@pytest.mark.parametrize(
    "task", ["spin", pytest.param("hold", marks=pytest.mark.skipif(os.name == "nt", reason="needs Unix sleep"))]
)
def test_cancel_inside_a_tile_ends_the_process_and_warms_another(engine: Engine, volume: Volume, task: str) -> None:
    run = Background(engine, task, volume).under_way()
    pid = engine.pid
    run.job.cancel()
    assert isinstance(run.ended(), Cancelled)
    assert engine.pid not in (None, pid)
    assert read(engine, volume).findings[0].mean_hu == 40.0


def test_cancel_between_tiles_keeps_the_process(
    engine: Engine, volume: Volume, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "CANCEL_PATIENCE_S", 60.0)  # so that a busy computer is no stubborn task
    run = Background(engine, "steps", volume).under_way()
    pid = engine.pid
    run.job.cancel()
    assert isinstance(run.ended(), Cancelled)
    assert engine.pid == pid
    assert read(engine, volume).findings


@pytest.mark.parametrize("how", ["killed", "crashed"])
def test_a_dead_engine_is_one_sentence_and_the_next_run_works(
    engine: Engine, volume: Volume, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    run = Background(engine, "spin" if how == "killed" else "crash", volume).under_way()
    if how == "killed":
        assert engine.pid is not None
        os.kill(engine.pid, signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
    result = run.ended()
    assert isinstance(result, Problem)
    assert "stopped unexpectedly" in result.text
    assert "exit code" in caplog.text
    assert np.all(volume.voxels == 40)
    assert read(engine, volume).findings[0].mean_hu == 40.0


def test_the_programs_other_threads_go_on_while_the_engine_computes(engine: Engine, volume: Volume) -> None:
    run = Background(engine, "spin", volume).under_way()
    beats = sum(1 for _beat in range(100_000))
    run.job.cancel()
    run.ended()
    assert beats == 100_000


def test_two_runs_take_turns_in_the_order_they_came(engine: Engine, volume: Volume) -> None:
    first = Background(engine, "steps", volume).under_way()
    second = Background(engine, "mean", volume)
    assert second.result is None
    first.job.cancel()
    assert isinstance(first.ended(), Cancelled)
    assert isinstance(second.ended(), Reading)


def test_a_waiting_run_can_be_cancelled_and_the_running_one_goes_on(engine: Engine, volume: Volume) -> None:
    first = Background(engine, "steps", volume).under_way()
    second = Background(engine, "mean", volume)
    second.job.cancel()
    assert isinstance(second.ended(), Cancelled)
    assert first.result is None
    first.job.cancel()
    first.ended()


def test_running_out_of_memory_makes_tiles_smaller(engine: Engine, volume: Volume) -> None:
    assert read(engine, volume, "hungry").findings[0].attributes["tile_scale"] == 0.25


def test_no_memory_at_all_is_one_sentence(engine: Engine, volume: Volume) -> None:
    assert "not enough memory" in refused(engine, volume, "insatiable")


def test_a_problem_in_the_task_comes_as_it_is(engine: Engine, volume: Volume) -> None:
    assert refused(engine, volume, "problem") == "There is no lung in the picture. Choose a chest CT."


def test_a_fault_in_the_task_is_one_sentence_with_the_traceback_in_the_log(
    engine: Engine, volume: Volume, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "medviewer.ai"):
        assert "fault in the program" in refused(engine, volume, "fault")
    assert "KeyError: 'a fault in the task'" in caplog.text


@pytest.mark.parametrize("task", ["nan", "wrong"])
def test_an_answer_that_makes_no_sense_is_not_shown(engine: Engine, volume: Volume, task: str) -> None:
    assert "makes no sense" in refused(engine, volume, task)


def test_a_model_for_an_unknown_task_is_refused(engine: Engine, volume: Volume) -> None:
    assert "does not know how to run the model 'test-model'" in refused(engine, volume, "telepathy")


def test_a_series_still_loading_is_refused(engine: Engine, volume: Volume) -> None:
    volume.state[2] = PENDING
    assert "still being loaded" in refused(engine, volume, "mean")


def test_a_series_closed_too_early_is_one_sentence(engine: Engine) -> None:
    volume = small_volume()
    volume.voxels_block.close()
    assert "closed before" in refused(engine, volume, "mean")
    volume.close()
