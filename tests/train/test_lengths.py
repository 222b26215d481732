"""Long axes and volumes beside those of readers."""

from dataclasses import replace

import numpy as np
import pytest

from medviewer.train.crops import Crops
from medviewer.train.lengths import (
    axis_errors,
    drawn_axes_mm,
    fine_axes_mm,
    largest_slices,
    volume_errors,
)


def chances(crops: Crops, reader: int) -> np.ndarray:
    return crops.reader(reader).astype(np.float16)


def test_the_long_axis_of_a_mask_is_in_mm() -> None:
    masks = np.zeros((2, 32, 32), np.bool_)
    masks[0, 10, 5:15] = True
    assert drawn_axes_mm(masks, np.array([0.7, 0.7])) == pytest.approx([7.0, np.nan], abs=0.5, nan_ok=True)


def test_the_long_axis_of_chances_ends_where_they_cross_the_level() -> None:
    found = np.zeros((1, 32, 32), np.float16)
    found[0, 10:20, 10:20] = 1.0
    found[0, 10:20, 20] = 0.4
    lengths = [fine_axes_mm(found, found >= level, level, np.array([1.0]))[0] for level in (0.3, 0.5)]
    assert lengths[0] > lengths[1] > 9.0


def test_one_slice_per_nodule_is_measured_and_only_with_enough_readers(crops: Crops) -> None:
    assert sorted(crops.nodule[largest_slices(crops)]) == [0, 2, 4]
    assert len(largest_slices(crops, least_readers=1)) == 6


def test_the_axis_error_is_small_for_the_middle_reader_and_whole_for_nothing(crops: Crops) -> None:
    on, own = largest_slices(crops), crops.reader(1)
    good = axis_errors(chances(crops, 1), own, 0.5, crops, on)
    none = axis_errors(np.zeros(own.shape, np.float16), np.zeros_like(own), 0.5, crops, on)
    assert good["absolute_mm"]["mean"] < 0.5
    assert good["share_within_1.5_mm"]["mean"] == 1.0
    assert none["signed_mm"]["mean"] == pytest.approx(-none["absolute_mm"]["mean"])
    assert none["absolute_mm"]["mean"] > 7.0
    assert none["share_within_1.5_mm"]["mean"] == 0.0
    assert 0.0 < good["readers_absolute_mm"]["mean"] < 1.5


def test_a_reader_alone_has_no_axis_to_compare_with(crops: Crops) -> None:
    single = replace(crops, masks=crops.masks & np.uint8(1))
    report = axis_errors(chances(single, 0), single.reader(0), 0.5, single, np.array([0]))
    assert report["readers_absolute_mm"]["mean"] is None
    assert report["readers_share_within_1.5_mm"]["mean"] is None


def test_a_volume_is_a_share_of_the_readers_median_volume(crops: Crops) -> None:
    report = volume_errors(chances(crops, 1), crops.reader(1), 0.5, crops)
    assert report["share_of_readers"]["mean"] == pytest.approx(1.0, abs=0.05)
    assert report["share_of_readers"]["n"] == 3
    half = crops.reader(1).copy()
    half[1::3] = False
    less = volume_errors(half.astype(np.float16), half, 0.5, crops)
    assert less["share_of_readers"]["mean"] == pytest.approx(2.0 / 3.0, abs=0.05)
    assert less["absolute_percent"]["mean"] == pytest.approx(100.0 / 3.0, abs=5.0)
