"""The networks: shapes, fusing, bfloat16, and the shipped weights' own example."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from medviewer import paths
from medviewer.ai import nets, selftest
from medviewer.ai.bundle import Bundle, load
from medviewer.ai.loaded import Loaded, loaded, net_of
from medviewer.ai.nets.unet import NET
from medviewer.core.discover import discover
from medviewer.core.problem import Problem
from medviewer.train.publish import drawn_stacks
from tests.ai.bundles import tiny


@pytest.fixture(scope="module")
def shipped() -> Bundle:
    return load(paths.models() / "nodule-detection")


def windows() -> torch.Tensor:
    return drawn_stacks(128)


@pytest.mark.parametrize("size", [32, 96, 128])
def test_the_u_net_answers_every_pixel(size: int) -> None:
    net = NET.make({"channels": 2, "widths": [4, 8, 8]}).eval()
    assert net(torch.zeros(3, 2, size, size)).shape == (3, 1, size, size)


def test_an_untrained_net_expects_no_nodule() -> None:
    torch.manual_seed(0)
    net = Loaded(NET.make({"channels": 2, "widths": [4, 8]}))
    assert net.chances(torch.zeros(1, 2, 32, 32)).max() < 0.1


def test_architectures_are_found_by_name() -> None:
    assert discover(nets, nets.Net)["unet"] is NET


def test_drawing_norms_into_convolutions_changes_no_answer(shipped: Bundle) -> None:
    net = net_of(shipped)
    with torch.inference_mode():
        plain = torch.sigmoid(net(windows()))[:, 0].numpy()
    assert Loaded(net).chances(windows()) == pytest.approx(plain, abs=1e-4)


def test_bfloat16_stays_close_to_float32(shipped: Bundle) -> None:
    net = net_of(shipped)
    difference = np.abs(Loaded(net, bf16=True).chances(windows()) - Loaded(net).chances(windows()))
    assert difference.mean() < 0.002
    assert difference.max() < 0.15


def test_the_same_input_gives_the_same_answer_to_the_last_bit(shipped: Bundle) -> None:
    net = Loaded(net_of(shipped), bf16=True)
    assert np.array_equal(net.chances(windows()), net.chances(windows()))


def test_the_net_is_loaded_once_per_weights(shipped: Bundle) -> None:
    assert loaded(shipped) is loaded(load(shipped.folder))
    assert loaded(shipped) is not loaded(shipped, bf16=True)


def test_the_shipped_example_holds(shipped: Bundle) -> None:
    assert selftest.self_test(shipped) <= selftest.TOLERANCE


def test_the_shipped_net_sees_the_drawn_nodule_and_no_other(shipped: Bundle) -> None:
    with_nodule, without = loaded(shipped).chances(windows())
    assert with_nodule[66:70, 56:60].min() > 0.8
    assert with_nodule[:40].max() < shipped.threshold
    assert without.max() < shipped.threshold


def test_other_weights_fail_the_self_test(tmp_path: Path) -> None:
    bundle = tiny(tmp_path / "tiny")
    selftest.self_test(bundle)
    with np.load(bundle.example) as stored:
        changed = {**stored, "answers": stored["answers"] + np.float32(2.0)}
    np.savez(bundle.example, **changed)
    with pytest.raises(Problem, match="does not give the answer of its example"):
        selftest.self_test(replace(bundle, id="tiny"))
