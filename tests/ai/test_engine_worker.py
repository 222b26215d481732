"""What the worker decides for itself: memory, answers, devices."""

import os
from dataclasses import replace

import pytest

from medviewer.ai import device as devices
from medviewer.ai import worker
from medviewer.ai.device import Device
from medviewer.ai.protocol import Meta, Report
from medviewer.core.problem import Cancelled, Problem
from medviewer.core.volume import FAILED
from tests.ai.engine_cases import small_volume
from tests.ai.engine_tasks.good import finding


def test_memory_is_tried_smaller_on_the_gpu_then_on_the_cpu() -> None:
    tried = [(where.name, scale) for where, scale in worker._attempts(Device("cuda", True, "a GPU"))]
    assert tried == [("cuda", 1.0), ("cuda", 0.5), ("cuda", 0.25), ("cpu", 1.0), ("cpu", 0.5), ("cpu", 0.25)]
    assert [scale for _where, scale in worker._attempts(devices.CPU)] == [1.0, 0.5, 0.25]


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("CUDA out of memory. Tried to allocate 20.00 MiB."),
        RuntimeError("[enforce fail at alloc_cpu.cpp:117] err == 0. DefaultCPUAllocator: can't allocate memory"),
        RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
    ],
)
def test_running_out_of_memory_is_known_in_all_its_words(error: Exception) -> None:
    assert devices.is_out_of_memory(error)


def test_another_runtime_error_is_no_lack_of_memory() -> None:
    assert not devices.is_out_of_memory(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))


@pytest.mark.parametrize("nonsense", [None, 3, "three nodules", [{"center": 1}], [None]])
def test_an_answer_must_be_findings(nonsense: object) -> None:
    with pytest.raises(Problem, match="makes no sense"):
        worker.checked(nonsense)


def test_an_answer_must_be_of_finite_numbers() -> None:
    good = finding(Meta(), -600.0, solid_part_mm=2.0)
    assert worker.checked([good]) == (good,)
    for bad in (
        replace(good, mean_hu=float("nan")),
        replace(good, score=float("inf")),
        replace(good, center_lps_mm=(0.0, float("nan"), 0.0)),
        replace(good, attributes={"solid_part_mm": float("nan")}),
    ):
        with pytest.raises(Problem, match="makes no sense"):
            worker.checked([good, bad])


def test_a_task_learns_of_the_series_but_not_of_the_patient() -> None:
    volume = small_volume()
    volume.state[2] = FAILED
    meta = Meta.of(volume)
    assert (meta.series_uid, meta.modality, meta.failed_slices) == ("1.9", "CT", (2,))
    assert meta.sop_uids == ("1.2.0", "1.2.1", "1.2.2", "1.2.3")
    assert not any("patient" in name or "name" in name for name in vars(meta))
    volume.close()


def test_a_report_adds_up_times_and_stops_when_cancelled() -> None:
    report = Report()
    for _twice in range(2):
        with report.timed("network"):
            pass
    assert list(report.timings_s) == ["network"]
    report.cancel()
    with pytest.raises(Cancelled):
        report.part(0.0, 0.5).step(0.1)


def test_the_cpu_is_named_with_its_threads() -> None:
    device = devices.cpu()
    assert device.name == "cpu"
    assert device.words.startswith(f"CPU ({devices.threads()})")
    assert 1 <= devices.threads() <= (os.cpu_count() or 1)


def test_a_computer_with_a_gpu_uses_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("torch.cuda.is_bf16_supported", lambda including_emulation: not including_emulation)
    monkeypatch.setattr("torch.cuda.get_device_name", lambda _n: "NVIDIA H200")
    assert devices.choose() == Device("cuda", True, "NVIDIA H200")


def test_a_computer_without_a_gpu_uses_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert devices.choose().name == "cpu"
