"""Patches are joined to scans by what is on them and by the order of scans."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from medviewer.core.job import Job
from medviewer.train.joining import Pictures, Scans, anchors_of, in_order, looked_up, possible, ranges, reserved_ranges
from medviewer.train.patches import Patches

CROPS_EACH = 3


@pytest.fixture(scope="module")
def scans() -> Scans:
    """Six scans of three crops each, the third and the fourth of patients kept back."""
    random = np.random.default_rng(1)
    textures = gaussian_filter(random.normal(0.0, 1.0, (6 * CROPS_EACH, 128, 128)), (0, 2, 2))
    images = np.clip(128 + 200 * textures, 0, 255).astype(np.uint8)
    split = np.array(["train", "train", "val", "holdout", "train", "train"])
    return Scans(images, np.repeat(np.arange(6), CROPS_EACH), split)


def regreyed(image: np.ndarray) -> np.ndarray:
    """The same picture, darker and with less contrast, as it is in a patch."""
    return np.rint(image * 0.7 + 11).astype(np.uint8)


@pytest.fixture(scope="module")
def patches(scans: Scans) -> Patches:
    """Two patches a scan: a nodule cut from its second crop, and another candidate, from nowhere."""
    images = []
    for scan in range(6):
        images.append(regreyed(scans.images[scan * CROPS_EACH + 1, 30:80, 45:95]))
        images.append(np.random.default_rng(scan).integers(0, 255, (50, 50)).astype(np.uint8))
    return Patches(np.stack(images), np.tile([True, False], 6), np.arange(12) * 300 + 7)


def test_the_same_picture_in_other_greys_correlates_fully(scans: Scans) -> None:
    patch = regreyed(scans.images[4, 30:80, 45:95]).astype(np.float32)
    found = Pictures(scans.images.astype(np.float32), 50).correlation(patch)
    assert found.argmax() == 4
    assert found[4] > 0.999
    assert np.delete(found, 4).max() < 0.8


def test_a_patch_is_found_in_the_scan_it_was_cut_from_and_noise_in_none(scans: Scans, patches: Patches) -> None:
    found, alike = looked_up(patches.images, scans, Job())
    assert found[::2].tolist() == [0, 1, 2, 3, 4, 5]
    assert alike[::2].min() > 0.99
    assert alike[1::2].max() < 0.5


def test_the_longest_row_in_order_is_kept() -> None:
    assert in_order(np.array([0, 4, 1, 1, 2])).tolist() == [True, False, True, True, True]
    assert in_order(np.array([], np.int64)).tolist() == []


def test_between_two_anchors_lie_only_the_scans_between_theirs() -> None:
    bounds = possible(np.array([5, 10, 15, 20, 25]), np.array([10, 20]), np.array([2, 4]), 8)
    assert bounds.tolist() == [[0, 2], [2, 2], [2, 4], [4, 4], [4, 7]]


def test_an_anchor_out_of_order_is_none(scans: Scans, patches: Patches) -> None:
    nodules = patches[patches.nodule]
    candidates, of_scan = anchors_of(nodules, scans, Job())
    assert candidates.tolist() == nodules.candidate.tolist()
    assert of_scan.tolist() == [0, 1, 2, 3, 4, 5]
    mixed = nodules.images.copy()
    mixed[1] = nodules.images[5]
    candidates, of_scan = anchors_of(Patches(mixed, nodules.nodule, nodules.candidate), scans, Job())
    assert of_scan.tolist() == [0, 2, 3, 4, 5]


def test_every_patch_that_may_be_of_a_patient_kept_back_is_reserved(scans: Scans, patches: Patches) -> None:
    # From the stranger before the third scan's patch to the one after the fourth's.
    assert reserved_ranges(patches, scans, Job()) == [(907, 2107)]


def test_runs_become_ranges(patches: Patches) -> None:
    marked = np.zeros(12, np.bool_)
    marked[[0, 1, 5, 11]] = True
    assert ranges(patches.candidate, marked) == [(7, 307), (1507, 1507), (3307, 3307)]
