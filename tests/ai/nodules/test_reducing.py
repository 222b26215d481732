"""Candidates are judged on the patches that the net learnt from: cut, scaled and turned as those were."""

from pathlib import Path

import numpy as np
import pytest
import torch

from medviewer.ai import nets
from medviewer.ai.bundle import Bundle
from medviewer.ai.loaded import Loaded
from medviewer.ai.nets.patch_resnet import NET
from medviewer.ai.nodules.reducing import SIZE, chances, cut, from_crop, logits, own_range, scaled, turned
from medviewer.core.discover import discover
from medviewer.core.job import Job
from medviewer.core.problem import Cancelled
from medviewer.train.nodule_reducer import DESCRIPTION
from medviewer.train.publish import example, publish

OPTIONS = {"channels": 1, "widths": [4, 8], "blocks": [2], "dropout": 0.0}


def judged(bundle: Bundle, hu: np.ndarray, centers: object, slice_mm: float = 1.0, bf16: bool = False) -> np.ndarray:
    places = np.asarray(centers, np.float64)
    return chances(bundle, hu, places, slice_mm=slice_mm, device="cpu", bf16=bf16, job=Job())


def net() -> torch.nn.Module:
    torch.manual_seed(0)
    made = NET.make(OPTIONS)
    made(torch.rand(8, 1, SIZE, SIZE))  # so that the norms hold something
    return made.eval()


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    description = {**DESCRIPTION, "options": OPTIONS, "output": {"temperature": 1.5}}
    folder: Path = tmp_path_factory.mktemp("bundles") / "nodule-reducer"
    return publish(folder, description, net().state_dict(), "# Small\n", scaled(example(SIZE)))


@pytest.fixture(scope="module")
def hu() -> np.ndarray:
    return np.random.default_rng(0).integers(-1000, 400, (9, 80, 90)).astype(np.int16)


def test_the_net_answers_one_number_a_patch_and_is_found_by_name() -> None:
    assert net()(torch.zeros(3, 1, SIZE, SIZE)).shape == (3, 1)
    assert discover(nets, nets.Net)["patch-resnet"] is NET


def test_drawing_norms_into_convolutions_changes_no_answer_and_leaves_none() -> None:
    plain, inputs = net(), torch.rand(4, 1, SIZE, SIZE)
    fused = Loaded(plain)
    with torch.inference_mode():
        assert torch.allclose(fused.answers(inputs), plain(inputs), atol=1e-5)
    assert not any(isinstance(layer, torch.nn.BatchNorm2d) for layer in fused.net.modules())


def test_a_patch_is_native_pixels_with_the_candidate_in_the_middle(hu: np.ndarray) -> None:
    patch = cut(hu, (3.4, 40.0, 45.6))
    assert patch.shape == (SIZE, SIZE)
    assert (patch == hu[3, 15:65, 21:71]).all()
    assert patch[SIZE // 2, SIZE // 2] == hu[3, 40, 46]


def test_beyond_the_slice_is_air_and_beyond_the_stack_its_last_slice(hu: np.ndarray) -> None:
    corner = cut(hu, (0, 0, 89))
    assert (corner[25:, :26] == hu[0, :25, 64:]).all()
    assert (corner[:25] == -1000).all()
    assert (corner[:, 26:] == -1000).all()
    assert (cut(hu, (-4, 40, 40)) == cut(hu, (0, 40, 40))).all()
    assert (cut(hu, (30, 40, 40)) == cut(hu, (8, 40, 40))).all()
    assert (cut(hu, (0, 500, 500)) == -1000).all()


def test_greys_are_minus_1000_to_400_hu() -> None:
    patch = np.array([[[-3000, -1000, -300, 400, 3000]]], np.int16)
    assert scaled(patch)[0, 0, 0].tolist() == pytest.approx([0.0, 0.0, 0.5, 1.0, 1.0])


def test_the_eight_views_are_all_there_are_and_the_first_four_turn_no_quarter() -> None:
    patch = torch.zeros(1, 1, 6, 6)
    patch[0, 0, 0, 1] = 1.0
    views = [turned(patch, view) for view in range(8)]
    assert torch.equal(views[0], patch)
    assert len({tuple(view.flatten().tolist()) for view in views}) == 8
    assert all(view[0, 0, [0, 5]].sum() == 1.0 for view in views[:4])


def test_the_mean_logit_of_all_views_does_not_know_how_a_patch_lies() -> None:
    loaded, patch = Loaded(net()), torch.rand(3, 1, SIZE, SIZE)
    straight = logits(loaded, patch, 8, Job())
    assert logits(loaded, turned(patch, 5), 8, Job()) == pytest.approx(straight, abs=1e-5)
    assert np.abs(logits(loaded, turned(patch, 5), 1, Job()) - logits(loaded, patch, 1, Job())).max() > 1e-4


def test_chances_are_of_three_slices_through_the_temperature(bundle: Bundle, hu: np.ndarray) -> None:
    centers = np.array([[4.0, 40.0, 45.0], [0.0, 5.0, 80.0]])
    found = judged(bundle, hu, centers)
    patches = np.stack([cut(hu, (k, 40, 45)) for k in (4, 2, 6)])
    seen = logits(Loaded(net()), scaled(patches), 4, Job())
    mean = 0.5 * seen[0] + 0.25 * seen[1] + 0.25 * seen[2]
    assert found.shape == (2,)
    assert found[0] == pytest.approx(1.0 / (1.0 + np.exp(-mean / 1.5)), abs=1e-5)
    assert judged(bundle, hu, np.zeros((0, 3))).shape == (0,)


def test_thick_slices_are_judged_with_their_very_neighbours(bundle: Bundle, hu: np.ndarray) -> None:
    thick = judged(bundle, hu, [[4, 40, 45]], 5.0)
    changed = hu.copy()
    changed[[2, 6]] = 0
    assert judged(bundle, changed, [[4, 40, 45]], 5.0) == pytest.approx(thick)
    changed[5] = 0
    assert judged(bundle, changed, [[4, 40, 45]], 5.0) != pytest.approx(thick)


def test_bfloat16_stays_close_to_float32(bundle: Bundle, hu: np.ndarray) -> None:
    centers = np.array([[4.0, 20.0 + n, 45.0] for n in range(12)])
    fine, rough = (judged(bundle, hu, centers, bf16=bf16) for bf16 in (False, True))
    assert np.abs(fine - rough).max() < 0.05


def test_judging_can_be_cancelled(bundle: Bundle, hu: np.ndarray) -> None:
    job = Job()
    job.cancel()
    with pytest.raises(Cancelled):
        chances(bundle, hu, [[4, 40, 45]], slice_mm=1.0, device="cpu", bf16=False, job=job)


def test_a_crop_without_hounsfield_units_is_shown_in_its_own_range() -> None:
    crop = np.full((1, 128, 128), 60, np.uint8)
    crop[0, 60:70, 60:70] = 160
    inputs = from_crop(crop, [64], [64])
    assert inputs.shape == (1, 1, SIZE, SIZE)
    assert (float(inputs.min()), float(inputs.max())) == (0.0, 1.0)
    assert inputs[0, 0, 25, 25] == 1.0
    brighter = from_crop((crop // 2 + 70).astype(np.uint8), [64], [64])
    assert torch.allclose(inputs, brighter)


def test_a_patch_of_one_grey_stays_finite() -> None:
    assert torch.isfinite(own_range(torch.full((1, 1, SIZE, SIZE), 0.3))).all()
