"""A net in memory: the same answers however it is asked, sensible ones only, with as much memory as there is."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import Tensor, nn

from medviewer.ai import bundle as bundles
from medviewer.ai import loaded as loading
from medviewer.ai.bundle import Bundle
from medviewer.ai.loaded import Loaded, left_the_gpu, loaded, net_of
from medviewer.ai.prepare import normalise, spacing_value
from medviewer.core.problem import Problem
from medviewer.phantom import thorax

LAST_BITS = 1e-4  # of a logit, in float32
BF16_MEAN, BF16_MAX = 0.001, 0.1  # of a chance 0..1; measured: 0.00008 and 0.042 (nodule-detection, 9 windows)
OUTLINERS = [bundle for bundle in bundles.bundles().values() if bundle.net == "unet"]


@cache
def phantom_slice() -> NDArray[np.int16]:
    """A slice of the virtual chest through its largest nodule, int16 HU (rows, columns)."""
    ct = thorax.make(0, shape_kji=(40, 512, 512))
    largest = max(ct.truth, key=lambda nodule: nodule.long_axis_mm)
    shown: NDArray[np.int16] = ct.voxels[round(float(ct.grid.to_kji(largest.center_lps_mm)[0]))]
    return shown


def phantom_windows(bundle: Bundle) -> Tensor:
    """Windows all over a slice of a chest, as the bundle's network gets them; the slices beside it are the same."""
    (rows, columns), slice_hu = bundle.patch, phantom_slice()
    corners = [(j, i) for j in range(128, 384 - rows + 1, rows // 2) for i in range(64, 448 - columns + 1, columns)]
    channels = int(bundle.options["channels"])
    inputs = torch.zeros(len(corners), channels, rows, columns)
    pictures = 1 if channels == 2 else channels - 2
    for n, (j, i) in enumerate(corners):
        inputs[n, :pictures] = torch.from_numpy(normalise(slice_hu[j : j + rows, i : i + columns]))
    inputs[:, pictures] = spacing_value(torch.tensor(0.69))
    return inputs


class Net(nn.Module):
    """Answers what it is told to; remembers how much it was asked at a time."""

    def __init__(self, answer: Callable[[Tensor], Any], most: int = 1000) -> None:
        super().__init__()
        self.answer, self.most, self.asked = answer, most, list[int]()

    def forward(self, x: Tensor) -> Any:
        self.asked.append(len(x))
        if len(x) > self.most:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB.")
        return self.answer(x)


def double(x: Tensor) -> Tensor:
    return x * 2.0


def net_in(net: Loaded) -> Net:
    assert isinstance(net.net, Net)
    return net.net


NUMBERS = torch.arange(7 * 2 * 4 * 4, dtype=torch.float32).reshape(7, 2, 4, 4)


@pytest.mark.parametrize("bundle", OUTLINERS, ids=lambda bundle: bundle.id)
def test_bfloat16_stays_close_to_float32_on_a_slice_of_a_chest(bundle: Bundle) -> None:
    net, windows = net_of(bundle), phantom_windows(bundle)
    difference = np.abs(Loaded(net, bf16=True).chances(windows) - Loaded(net).chances(windows))
    assert difference.mean() < BF16_MEAN
    assert difference.max() < BF16_MAX


@pytest.mark.parametrize("bundle", OUTLINERS, ids=lambda bundle: bundle.id)
@pytest.mark.parametrize(("bf16", "most"), [(True, 0.0), (False, LAST_BITS)])
def test_an_answer_depends_neither_on_its_batch_nor_on_the_order(bundle: Bundle, bf16: bool, most: float) -> None:
    net, windows = Loaded(net_of(bundle), bf16=bf16), phantom_windows(bundle)
    together = net.answers(windows)
    alone = torch.cat([net.answers(window[None]) for window in windows])
    backwards = net.answers(windows.flip(0)).flip(0)
    assert float((together - alone).abs().max()) <= most
    assert float((together - backwards).abs().max()) <= most


@pytest.mark.parametrize("bundle", OUTLINERS, ids=lambda bundle: bundle.id)
def test_an_answer_does_not_depend_on_the_number_of_threads(bundle: Bundle) -> None:
    net, windows, before = Loaded(net_of(bundle), bf16=True), phantom_windows(bundle), torch.get_num_threads()
    try:
        answers = []
        for threads in (1, 2):
            torch.set_num_threads(threads)
            answers.append(net.answers(windows))
    finally:
        torch.set_num_threads(before)
    assert torch.equal(*answers)


def test_a_batch_that_does_not_fit_is_answered_in_halves_and_later_ones_begin_there() -> None:
    net = Loaded(Net(double, most=2))
    assert torch.equal(net.answers(NUMBERS), NUMBERS * 2.0)
    assert net_in(net).asked == [7, 3, 1, 1, 1, 1, 1, 1, 1]  # one alone, not twice, where memory is short
    net_in(net).asked.clear()
    assert torch.equal(net.answers(NUMBERS[:2]), NUMBERS[:2] * 2.0)
    assert net_in(net).asked == [1, 1]


def test_the_next_reading_begins_with_whole_batches_again() -> None:
    net = Loaded(Net(double, most=1))
    net.answers(NUMBERS)
    net_in(net).most = 1000
    net.renew()
    net_in(net).asked.clear()
    net.answers(NUMBERS)
    assert net_in(net).asked == [7]


def test_where_not_even_one_fits_the_engine_is_asked_for_another_way() -> None:
    with pytest.raises(MemoryError):
        Loaded(Net(double, most=0)).answers(NUMBERS)


def test_another_error_is_not_taken_for_lack_of_memory() -> None:
    def fail(_x: Tensor) -> Tensor:
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    with pytest.raises(RuntimeError, match="mat1"):
        Loaded(Net(fail)).answers(NUMBERS)


def test_batch_after_batch_is_answered_in_order() -> None:
    net = Loaded(Net(double))
    assert [len(answer) for answer in net.each([NUMBERS[:3], NUMBERS[3:]])] == [3, 4]
    assert torch.equal(torch.cat(list(net.each([NUMBERS[:3], NUMBERS[3:]]))), NUMBERS * 2.0)


@pytest.mark.parametrize(
    "answer",
    [
        lambda x: x * float("nan"),
        lambda x: x / 0.0,
        lambda x: x[:3],
        lambda x: x.sum(),
        lambda x: (x, x),
        lambda _x: None,
    ],
    ids=["nan", "infinite", "too few", "one number", "two answers", "nothing"],
)
def test_an_answer_that_makes_no_sense_is_one_sentence(answer: Callable[[Tensor], Any]) -> None:
    with pytest.raises(Problem, match="make no sense"):
        Loaded(Net(answer)).answers(NUMBERS + 1.0)


@pytest.mark.parametrize("answer", [lambda x: x[..., :3], lambda x: x.mean((2, 3))], ids=["cropped", "pooled"])
def test_chances_of_pixels_need_an_answer_for_each_pixel(answer: Callable[[Tensor], Any]) -> None:
    with pytest.raises(Problem, match="make no sense"):
        Loaded(Net(answer)).chances(NUMBERS)


class MockGpu(Loaded):
    """Stands in for CUDA, which this computer lacks: moves and answers on the CPU, with the GPU's own limits."""

    def __init__(self, net: Net) -> None:
        self.sent, self.got = 0, 0
        super().__init__(net, "cpu")
        self._wanted = "cuda"
        self.renew()

    def _go_to(self, device: str) -> None:
        self.device, self._most = device, 1000

    def _on_gpu(self, inputs: Tensor) -> tuple[Tensor, Any]:
        raw, _none = self._on_cpu(inputs)
        self.sent += 1
        return raw, self

    def synchronize(self) -> None:
        """Count what was waited for; the event of an answer."""
        self.got += 1


@pytest.fixture
def no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.empty_cache", lambda: None)


def test_the_next_batch_is_sent_to_the_gpu_before_the_last_one_is_waited_for() -> None:
    gpu = MockGpu(Net(double))
    ahead = [(gpu.sent, gpu.got) for _answer in gpu.each([NUMBERS[:3], NUMBERS[3:5], NUMBERS[5:]])]
    assert ahead == [(2, 1), (3, 2), (3, 3)]


@pytest.mark.usefixtures("no_cache")
def test_a_gpu_without_room_for_one_input_leaves_the_rest_to_the_cpu() -> None:
    class Small(MockGpu):
        def _on_gpu(self, _inputs: Tensor) -> tuple[Tensor, Any]:
            raise torch.OutOfMemoryError("CUDA out of memory.")

    gpu = Small(Net(double))
    assert not left_the_gpu()
    assert torch.equal(torch.cat(list(gpu.each([NUMBERS[:3], NUMBERS[3:]]))), NUMBERS * 2.0)
    assert gpu.device == "cpu"
    assert left_the_gpu()
    gpu.renew()
    assert gpu.device == "cuda"
    assert not left_the_gpu()


@pytest.mark.usefixtures("no_cache")
def test_a_full_gpu_answers_in_halves_what_was_underway_unharmed() -> None:
    gpu = MockGpu(Net(double, most=2))
    assert torch.equal(torch.cat(list(gpu.each([NUMBERS[:2], NUMBERS[2:]]))), NUMBERS * 2.0)
    assert gpu.device == "cuda"


@pytest.mark.parametrize(("capability", "kind"), [((6, 1), torch.float32), ((7, 5), torch.float16)])
def test_a_gpu_without_bfloat16_computes_in_what_it_is_fast_at(
    capability: tuple[int, int], kind: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.cuda.get_device_capability", lambda: capability)
    assert loading._kind("cuda", bf16=False) == kind
    assert loading._kind("cuda", bf16=True) == torch.bfloat16
    assert loading._kind("cpu", bf16=False) == torch.float32


def test_a_net_comes_back_to_whole_batches_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    net = loaded(OUTLINERS[0])
    net._most = 1
    assert loaded(OUTLINERS[0]) is net
    assert net._most > 1000


def test_weights_of_another_net_are_one_sentence(tmp_path: Path) -> None:
    strange = replace(OUTLINERS[0], folder=tmp_path)
    save_file({"weight": torch.zeros(3)}, strange.weights)
    with pytest.raises(Problem, match="do not fit its network"):
        net_of(strange)


def test_damaged_weights_are_one_sentence(tmp_path: Path) -> None:
    strange = replace(OUTLINERS[0], folder=tmp_path)
    strange.weights.write_bytes(b"no weights at all")
    with pytest.raises(Problem, match="do not fit its network"):
        net_of(strange)


def test_an_unknown_architecture_is_one_sentence() -> None:
    with pytest.raises(Problem, match="do not fit its network"):
        net_of(replace(OUTLINERS[0], net="transformer-of-tomorrow"))
