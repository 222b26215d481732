"""A nodule outlined in a volume is described as its crops are, in plain values, wherever it lies."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from medviewer.ai.bundle import Bundle
from medviewer.ai.nets.describer import NET
from medviewer.ai.nodules import describing
from medviewer.ai.nodules.describing import attributes, by_size, describe, largest, parts, sizes_mm
from medviewer.core.characters import CALCIFICATION, MALIGNANCY, SCALES, SPICULATION, TEXTURE
from medviewer.core.grid import Grid
from medviewer.core.job import Job
from medviewer.core.mask import Mask
from medviewer.train.characters import CONSENSUS, Nodules
from medviewer.train.crops import load
from medviewer.train.nodule_characterisation import DESCRIPTION, OPTIONS, example
from medviewer.train.publish import publish
from tests.train import rated

GRID = Grid((12, 160, 150), spacing_kji_mm=(2.5, 0.7, 0.7))
OUTPUT = {
    "scales": [scale.id for scale in SCALES],
    "temperatures": [1.0] * len(SCALES),
    "set_least": [0.1] * len(SCALES),
    "by_size": [0.0, 1.0],
    "train_means": [2.0] * len(SCALES),
    "range": [
        {"name": name, "low": low, "middle": (low + high) / 2, "high": high}
        for name, low, high in (("long_axis_mm", 3.0, 30.0), ("pixel_mm", 0.5, 0.9), ("slice_step_mm", 0.6, 3.0))
    ],
}


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    torch.manual_seed(0)
    options = OPTIONS | {"widths": [4, 8, 8], "hidden": 8}
    weights = NET.make(options).state_dict()
    folder = tmp_path_factory.mktemp("models") / "tiny"
    return publish(folder, {**DESCRIPTION, "options": options, "output": OUTPUT}, weights, "# Tiny\n", example())


def drawn(middle: tuple[int, int, int], radius: float, grid: Grid = GRID) -> tuple[NDArray[np.int16], Mask]:
    """A ball of 30 HU in lung with noise and a gradient, and its mask."""
    away = np.indices(grid.shape_kji) - np.array(middle)[:, None, None, None]
    scaled = away * np.array(grid.spacing_kji_mm)[:, None, None, None]
    inside = np.sqrt((scaled**2).sum(axis=0)) <= radius
    hu = np.where(inside, 30.0, -860.0 + np.arange(grid.shape_kji[2])) + np.random.default_rng(1).normal(
        0.0, 20.0, grid.shape_kji
    )
    return np.rint(hu).astype(np.int16), Mask.cut(inside)


def test_the_net_sees_a_volume_as_it_saw_the_crops_it_learnt_from(tmp_path: Path) -> None:
    crops = load(rated.write(tmp_path), ("train",), Job())
    crops.images[:, 0, :2] = 0, 255  # each window has its own darkest and brightest place, as the real ones
    nodules = Nodules.of(crops)
    rows = np.flatnonzero(nodules.crops.nodule == 0)
    volume = np.pad(nodules.crops.images[rows].astype(np.int16), ((4, 4), (30, 40), (20, 9)))
    outline = np.pad(nodules.labels[rows] >= CONSENSUS * 240, ((4, 4), (30, 40), (20, 9)))
    mask, grid = Mask.cut(outline), Grid((11, 198, 157), spacing_kji_mm=(2.5, 0.7, 0.7))
    sizes = sizes_mm(mask.voxels, grid.spacing_kji_mm)
    seen = describing._inputs(volume, grid, mask, largest(mask.voxels.sum(axis=(1, 2))), sizes)
    assert sizes == pytest.approx(nodules.sizes[0])
    assert seen.numpy() == pytest.approx(nodules.plain(rows).numpy(), abs=0.003)


def test_a_finding_gets_plain_values_only(bundle: Bundle) -> None:
    found = describe(bundle, *_args((6, 80, 70), 6.0))
    assert json.loads(json.dumps(found)) == found
    assert found["nodule_type"] in ("solid", "part-solid", "non-solid")
    assert 1.0 <= found["malignancy_opinion"] <= 5.0
    assert found["malignancy_opinion_by_size"] == pytest.approx(np.log(12.0), abs=0.1)
    assert found["descriptors"].keys() == {scale.id for scale in SCALES}
    for scale in SCALES:
        assert sum(found["descriptors"][scale.id]["shares"]) == pytest.approx(1.0, abs=0.01)
        assert found["descriptors"][scale.id]["set"]


def _args(middle: tuple[int, int, int], radius: float, grid: Grid = GRID) -> tuple[NDArray[np.int16], Grid, Mask]:
    hu, mask = drawn(middle, radius, grid)
    return hu, grid, mask


@pytest.mark.parametrize("middle", [(0, 0, 0), (11, 159, 149), (0, 80, 149)])
def test_a_nodule_at_the_volumes_corner_is_described(bundle: Bundle, middle: tuple[int, int, int]) -> None:
    assert describe(bundle, *_args(middle, 5.0))["malignancy_opinion"] > 0.0


def test_a_volume_smaller_than_the_window_is_described(bundle: Bundle) -> None:
    small = Grid((1, 40, 30), spacing_kji_mm=(2.5, 0.7, 0.7))
    assert describe(bundle, *_args((0, 20, 15), 4.0, small))["malignancy_opinion"] > 0.0


def test_a_mirrored_nodule_is_described_alike(bundle: Bundle) -> None:
    grid = Grid((12, 161, 161), spacing_kji_mm=(2.5, 0.7, 0.7))
    hu, mask = drawn((6, 80, 80), 6.0, grid)
    hu[:, :, 80:84] += 300
    turned = Mask.cut(mask.full(grid.shape_kji)[:, :, ::-1])
    one = describe(bundle, hu, grid, mask)
    other = describe(bundle, np.ascontiguousarray(hu[:, :, ::-1]), grid, turned)
    assert one["malignancy_opinion"] == pytest.approx(other["malignancy_opinion"], abs=0.05)


def test_what_training_did_not_hold_is_told(bundle: Bundle) -> None:
    rows = {row["name"]: row for row in describe(bundle, *_args((6, 80, 70), 6.0))["training_range"]}
    assert all(row["inside"] for row in rows.values())
    thick = Grid((12, 160, 150), spacing_kji_mm=(8.0, 0.7, 0.7))
    rows = {row["name"]: row for row in describe(bundle, *_args((6, 80, 70), 6.0, thick))["training_range"]}
    assert (rows["slice_step_mm"]["value"], rows["slice_step_mm"]["inside"]) == (8.0, False)


def test_bfloat16_says_nearly_the_same(bundle: Bundle) -> None:
    one, other = (describe(bundle, *_args((6, 80, 70), 6.0), bf16=bf16) for bf16 in (False, True))
    assert one["malignancy_opinion"] == pytest.approx(other["malignancy_opinion"], abs=0.05)


def test_attributes_follow_from_the_shares() -> None:
    shares = {scale.id: [0.0] * (scale.steps - 1) + [1.0] for scale in SCALES}
    shares |= {
        TEXTURE.id: [0.1, 0.1, 0.4, 0.2, 0.2],
        SPICULATION.id: [0.1, 0.1, 0.5, 0.2, 0.1],
        CALCIFICATION.id: [0.0, 0.0, 0.6, 0.1, 0.2, 0.1],
        MALIGNANCY.id: [0.0, 0.0, 0.5, 0.5, 0.0],
    }
    found = attributes(shares)
    assert (found["nodule_type"], found["nodule_type_chance"]) == ("part-solid", 0.4)
    assert (found["spiculation"], found["spiculation_chance"], found["spiculation_word"]) == (True, 0.8, "likely")
    assert (found["calcified"], found["calcification_pattern"]) == (True, "dense throughout")
    assert found["malignancy_opinion"] == 3.5


def test_the_largest_slices_are_read_and_no_empty_one() -> None:
    assert largest(np.array([0, 3, 9, 4, 0])).tolist() == [1, 2, 3]
    assert len(largest(np.arange(1, 30))) == describing.MOST_SLICES


def test_an_opinion_by_size_stays_on_the_scale() -> None:
    assert by_size([0.0, 2.0], np.array([1.0, np.e, 100.0])).tolist() == pytest.approx([1.0, 2.0, 5.0])


def test_every_output_belongs_to_one_scale() -> None:
    ends = [(part.start, part.stop) for part in parts()]
    assert ends[0][0] == 0
    assert all(stop == start for (_a, stop), (start, _b) in pairwise(ends))
    assert ends[-1][1] == OPTIONS["outputs"]
