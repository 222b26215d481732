"""The engine's process starts, ends and never outlives the program."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from medviewer.ai import engine as engines
from medviewer.ai.engine import Engine
from medviewer.core.job import Job
from medviewer.core.problem import Cancelled, Problem
from tests.ai.engine_cases import TASKS, Background, FakeBundle, small_volume

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
from tests.ai.engine_cases import *
if __name__ == "__main__":
    engine, volume = Engine(TASKS, torch=False), small_volume()
    {body}
"""


def program(tmp_path: Path, body: str) -> "subprocess.Popen[str]":
    script = tmp_path / "program.py"
    script.write_text(PROGRAM.format(body=body))
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env
    )


def test_close_ends_the_process_and_the_next_run_starts_another() -> None:
    engine, volume = Engine(TASKS, torch=False), small_volume()
    assert engine.pid is None
    engine.warm()
    child = engine._child
    assert child is not None
    engine.close()
    assert child.process.exitcode is not None
    assert engine.pid is None
    assert engine.run(FakeBundle("mean"), volume, Job()).findings
    engine.close()
    volume.close()


def test_close_cancels_a_run_that_is_under_way() -> None:
    engine, volume = Engine(TASKS, torch=False), small_volume()
    run = Background(engine, "spin", volume).under_way()
    engine.close()
    assert isinstance(run.ended(), Cancelled)
    volume.close()


def test_cancel_while_the_engine_starts_lets_it_go_on_starting() -> None:
    engine, volume = Engine(TASKS, torch=False), small_volume()
    engine.warm()
    pid, job = engine.pid, Job()
    job.cancel()
    with pytest.raises(Cancelled):
        engine.run(FakeBundle("mean"), volume, job)
    assert engine.pid == pid
    engine.close()
    volume.close()


def test_an_engine_that_cannot_start_is_one_sentence(caplog: pytest.LogCaptureFixture) -> None:
    engine, volume = Engine("tests.no_such_tasks", torch=False), small_volume()
    with pytest.raises(Problem, match="could not start"):
        engine.run(FakeBundle("mean"), volume, Job())
    assert "No module named 'tests.no_such_tasks'" in caplog.text
    engine.close()
    volume.close()


def test_with_torch_the_reading_names_the_device() -> None:
    engine, volume = Engine(TASKS), small_volume()
    reading = engine.run(FakeBundle("mean"), volume, Job())
    assert reading.findings[0].attributes["device"] in ("cpu", "cuda")
    assert reading.device
    engine.close()
    volume.close()


def test_the_program_has_one_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "_default", None)
    engines.close_engine()
    assert engines.default() is engines.default()
    assert engines.default().pid is None


def test_a_program_that_just_ends_leaves_no_process_and_no_complaint(tmp_path: Path) -> None:
    body = "print(engine.run(FakeBundle('mean'), volume, Job()).findings[0].mean_hu); volume.close()"
    out, err = program(tmp_path, body).communicate(timeout=60)
    assert (out, err) == ("40.0\n", "")


@pytest.mark.parametrize("task", ["steps", "spin"])
def test_the_worker_dies_with_a_program_that_is_killed(tmp_path: Path, task: str) -> None:
    body = (
        f"Background(engine, {task!r}, volume).under_way(); print('running', flush=True); volume.state.sum(); input()"
    )
    parent = program(tmp_path, body)
    assert parent.stdout is not None
    assert parent.stdout.readline() == "running\n"
    parent.kill()
    parent.communicate(timeout=60)  # the worker holds the same stdout: this ends only when it is gone, too
    assert parent.returncode != 0
