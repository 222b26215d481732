"""A GPU that goes, a worker without torch, a cancel while all of it starts."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from medviewer.ai import device as devices
from medviewer.ai import worker
from medviewer.ai.device import Device
from medviewer.ai.engine import Engine
from medviewer.core.finding import Finding
from medviewer.core.job import Job
from medviewer.core.problem import Cancelled, Problem
from medviewer.core.volume import Volume
from tests.ai.engine_cases import TASKS, Background, FakeBundle


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = Engine(TASKS, torch=False)
    yield engine
    engine.close()


def test_a_gpu_lost_on_the_way_is_one_sentence_in_the_log_and_the_cpu_reads_again(
    engine: Engine, volume: Volume, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    streamed: list[Finding] = []
    reading = engine.run(FakeBundle("lost-gpu", id=str(tmp_path / "lost")), volume, Job(), streamed.extend)
    assert reading.findings[0].attributes["other_process"]
    assert reading.device == "CPU, because the graphics processor failed"
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "unspecified launch failure" in caplog.text
    assert "Traceback" not in caplog.text
    assert [found.id for found in streamed] == [found.id for found in reading.findings]


def test_after_that_models_stay_on_the_cpu_in_the_same_process(engine: Engine, volume: Volume, tmp_path: Path) -> None:
    engine.run(FakeBundle("lost-gpu", id=str(tmp_path / "lost")), volume, Job())
    pid = engine.pid
    assert engine.run(FakeBundle("mean"), volume, Job()).device.startswith("CPU, because")
    assert engine.pid == pid


def test_a_gpu_that_fails_on_the_cpu_too_is_a_fault_and_no_loop(
    engine: Engine, volume: Volume, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "medviewer.ai"), pytest.raises(Problem, match="fault in the program"):
        engine.run(FakeBundle("dead-gpu"), volume, Job())
    assert "illegal memory access" in caplog.text


def test_a_gpu_that_does_not_start_leaves_the_work_to_the_cpu(
    engine: Engine, volume: Volume, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks = tmp_path / "tasks_that_fail_once"
    tasks.mkdir()
    (tasks / "__init__.py").write_text("")
    (tasks / "first.py").write_text(
        "from pathlib import Path\nfrom tests.ai.engine_tasks.good import MEAN\n"
        f"marker = Path({str(tmp_path / 'begun')!r})\n"
        "if not marker.exists():\n    marker.touch()\n    raise RuntimeError('CUDA driver version is insufficient')\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    engine._tasks = "tasks_that_fail_once"
    assert engine.run(FakeBundle("mean"), volume, Job()).device == "CPU, because the graphics processor failed"


@pytest.mark.parametrize(
    "words",
    [
        "CUDA error: unspecified launch failure",
        "cuDNN error: CUDNN_STATUS_EXECUTION_FAILED",
        "CUBLAS_STATUS_EXECUTION_FAILED when calling cublasGemmEx",
    ],
)
def test_a_lost_gpu_is_known_in_all_its_words(words: str) -> None:
    assert devices.is_gpu_lost(RuntimeError(words))


@pytest.mark.parametrize("error", [RuntimeError("CUDA error: out of memory"), KeyError("CUDA error"), MemoryError()])
def test_a_full_gpu_is_not_a_lost_one(error: Exception) -> None:
    assert not devices.is_gpu_lost(error)


def test_an_engine_that_keeps_to_the_cpu_does_not_ask_for_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: pytest.fail("asked"))
    monkeypatch.setattr("torch.set_num_threads", lambda _n: None)
    monkeypatch.setattr("torch.set_grad_enabled", lambda _on: None)
    assert worker._start_torch(cpu_only=True).name == "cpu"


def test_a_gpu_is_woken_before_the_first_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    gpu, woken = Device("cuda", True, "a GPU"), list[Device]()
    monkeypatch.setattr(devices, "choose", lambda: gpu)
    monkeypatch.setattr(devices, "wake", woken.append)
    monkeypatch.setattr("torch.set_num_threads", lambda _n: None)
    monkeypatch.setattr("torch.set_grad_enabled", lambda _on: None)
    assert worker._start_torch(cpu_only=False) == gpu
    assert woken == [gpu]


def test_a_reading_that_left_the_gpu_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from medviewer.ai import loaded

    assert worker._used(Device("cuda", True, "NVIDIA H200")) == "NVIDIA H200"
    monkeypatch.setattr(loaded, "left_the_gpu", lambda: True)
    assert worker._used(Device("cuda", True, "NVIDIA H200")) == "NVIDIA H200, then the CPU because its memory ran out"
    assert worker._used(devices.CPU) == "CPU"


def test_a_worker_that_cannot_import_torch_is_one_sentence(
    volume: Volume, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "torch.py").write_text("raise ImportError('libtorch_cpu.so: cannot open shared object file')\n")
    monkeypatch.syspath_prepend(tmp_path)
    engine = Engine(TASKS)
    with pytest.raises(Problem, match="could not start"):
        engine.run(FakeBundle("mean"), volume, Job())
    assert "libtorch_cpu.so" in caplog.text
    engine.close()


def test_a_cancel_while_the_engine_starts_is_heard_before_it_has_started(engine: Engine, volume: Volume) -> None:
    run = Background(engine, "spin", volume)
    run.job.cancel()
    assert isinstance(run.ended(), Cancelled)
    child = engine._child
    assert child is None or child.device is None or not child.ended
    assert engine.run(FakeBundle("mean"), volume, Job()).findings


def test_a_waiter_that_is_cancelled_leaves_the_queue_to_the_others(engine: Engine, volume: Volume) -> None:
    running = Background(engine, "steps", volume).under_way()
    waiting = [Background(engine, "mean", volume) for _each in range(3)]
    waiting[1].job.cancel()
    assert isinstance(waiting[1].ended(), Cancelled)
    assert running.result is None
    running.job.cancel()
    assert [type(run.ended()).__name__ for run in waiting] == ["Reading", "Cancelled", "Reading"]
