"""The whole way in real processes: a network, of MONAI or of torch alone, is added, read by the engine, removed."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from medviewer.ai import bundle as bundles
from medviewer.ai.bundle import Bundle
from medviewer.ai.engine import Engine
from medviewer.ai.foreign import adding, trial
from medviewer.app import reading
from medviewer.core.finding import Finding
from medviewer.core.job import Job
from medviewer.core.problem import Cancelled, Problem
from medviewer.phantom import small
from tests.ai.foreign import deaths
from tests.ai.foreign.nets import METADATA, Threshold, described, monai_bundle
from tests.ui.samples import volume_of


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = Engine()
    yield engine
    engine.close()


def read(engine: Engine, bundle: Bundle) -> tuple[Finding, ...]:
    volume = volume_of()
    try:
        reading.refuse(bundle, volume.series)
        return engine.run(bundle, volume, Job()).findings
    finally:
        volume.close()


def sphere_in(findings: tuple[Finding, ...]) -> Finding:
    (truth,) = small.make().truth
    return min(findings, key=lambda f: float(np.linalg.norm(np.subtract(f.center_lps_mm, truth.center_lps_mm))))


def test_a_bundle_is_tried_and_read_in_processes_of_their_own(engine: Engine, tmp_path: Path) -> None:
    bundle = adding.add(*described(monai_bundle(tmp_path / "tissue", Threshold())), Job())
    assert bundles.bundles()["tissue"].example.stat().st_size < 100_000
    found = sphere_in(read(engine, bundle))
    assert found.center_lps_mm == pytest.approx(small.make().truth[0].center_lps_mm, abs=1.0)
    adding.remove("tissue")
    with pytest.raises(Problem, match="tissue"):
        engine.run(bundle, volume_of(), Job())


@pytest.mark.parametrize("death", [deaths.die, deaths.lie], ids=["dies", "sends an object"])
def test_a_trial_that_ends_badly_is_one_sentence(
    death: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial, "child", death)
    with pytest.raises(Problem, match="stopped unexpectedly"):
        trial.first(tmp_path, Job())


def test_a_trial_that_hangs_is_ended_when_time_is_up_or_the_reader_cancels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial, "child", deaths.hang)
    monkeypatch.setattr(trial, "PATIENCE_S", 0.1)
    with pytest.raises(Problem, match="did not answer its example in time"):
        trial.first(tmp_path, Job())
    job = Job()
    job.cancel()
    with pytest.raises(Cancelled):
        trial.first(tmp_path, job)


# ---- MONAI ----


@pytest.fixture(scope="module")
def unet() -> nn.Module:
    """MONAI's U-Net, taught in a few steps on the small chest to outline what is denser than lung."""
    nets: Any = pytest.importorskip("monai.networks.nets", reason="MONAI, which only tests need, is not installed")
    torch.manual_seed(0)
    net: nn.Module = nets.UNet(3, 1, 2, channels=(8, 16), strides=(2,), num_res_units=1)
    voxels = torch.from_numpy(small.make(noise_hu=20.0).voxels.astype(np.float32))
    image = ((voxels + 1000.0) / 1400.0).clamp(0, 1)[None, None, :16]
    truth = (image[:, 0] > 0.55).long()
    step = torch.optim.Adam(net.parameters(), 0.02)
    for _n in range(30):
        step.zero_grad()
        nn.functional.cross_entropy(net(image), truth).backward()  # type: ignore[no-untyped-call]
        step.step()
    return net.eval()


@pytest.mark.filterwarnings("ignore")
def test_a_network_of_monai_gives_the_same_findings_in_every_format(
    engine: Engine, unet: nn.Module, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("onnxruntime", reason="ONNX Runtime, an optional part, is not installed")
    pytest.importorskip("onnx", reason="ONNX, which torch needs to export, is not installed")

    def ask(folder: Path, write_answer: bool, _job: Job) -> dict[str, Any]:
        return {"difference": trial.attempt(folder, write_answer)}

    spheres = {}
    for suffix in (".ts", ".pt2", ".onnx"):
        folder = monai_bundle(tmp_path / f"unet{suffix.replace('.', '-')}", unet, suffix, metadata=METADATA)
        bundle = adding.add(*described(folder), Job())  # the first in a process of its own
        spheres[suffix] = sphere_in(read(engine, bundle))
        adding.remove(bundle.id)
        monkeypatch.setattr(trial, "_ask", ask)
    (truth,) = small.make().truth
    for found in spheres.values():
        assert found.center_lps_mm == pytest.approx(truth.center_lps_mm, abs=2.5)
        assert found.long_axis_mm == pytest.approx(truth.long_axis_mm, abs=8.0)  # it was taught for 30 steps only
        assert found.volume_mm3 == pytest.approx(spheres[".ts"].volume_mm3, rel=0.01)
    assert not [bundle for bundle in bundles.bundles().values() if bundle.added]
