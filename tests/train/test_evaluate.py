"""Metrics agree with what can be worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from medviewer.train.crops import Crops
from medviewer.train.evaluate import (
    against_readers,
    axis_errors,
    between_readers,
    central,
    dice,
    drawn_by,
    interval,
    largest_slices,
    long_axes_mm,
    otsu,
    overlaps,
)


def squares(*sides: int) -> NDArray[np.bool_]:
    masks = np.zeros((len(sides), 32, 32), np.bool_)
    for mask, side in zip(masks, sides, strict=True):
        mask[:side, :side] = True
    return masks


def test_dice_is_twice_the_common_part_over_the_sum() -> None:
    assert dice(squares(4, 4, 0, 0), squares(4, 2, 4, 0)) == pytest.approx([1.0, 0.4, 0.0, np.nan], nan_ok=True)


def test_each_reader_who_drew_counts_and_one_who_did_not_does_not(crops: Crops) -> None:
    assert drawn_by(crops)[[0, 3]].tolist() == [[True, True, True, False], [True, False, False, False]]
    masks = crops.reader(1)
    expected = np.mean([dice(masks, crops.reader(r))[0] for r in range(3)])
    assert against_readers(masks, crops)[0] == pytest.approx(expected)
    assert between_readers(crops)[0] == pytest.approx(
        np.mean([dice(crops.reader(a), crops.reader(b))[0] for a, b in ((0, 1), (0, 2), (1, 2))])
    )
    assert np.isnan(between_readers(crops)[3])


def test_slices_of_one_and_of_more_readers_are_told_apart(crops: Crops) -> None:
    report = overlaps(crops.reader(0), crops)
    assert report["slices_of_one_reader"]["mean"] == 1.0
    assert 0.5 < report["slices_of_two_or_more_readers"]["mean"] < 1.0
    assert report["slices_of_one_reader"]["patients"] == 3


def test_the_interval_holds_the_mean_and_resamples_patients_not_slices() -> None:
    values = np.repeat([0.0, 1.0, 0.0, 1.0], 50)
    patients = np.repeat(["a", "b", "c", "d"], 50)
    found = interval(values, patients)
    assert found["mean"] == 0.5
    assert (found["low"], found["high"]) == (0.0, 1.0)
    assert (found["n"], found["patients"]) == (200, 4)
    alone = interval(values, np.arange(200).astype(str))
    assert 0.4 < alone["low"] < 0.5 < alone["high"] < 0.6


def test_an_interval_of_nothing_is_empty() -> None:
    assert interval([np.nan], np.array(["a"]))["mean"] is None


def test_the_long_axis_is_in_mm() -> None:
    masks = np.zeros((2, 32, 32), np.bool_)
    masks[0, 10, 5:15] = True
    lengths = long_axes_mm(masks, np.array([0.7, 0.7]))
    assert lengths == pytest.approx([7.0, np.nan], abs=0.5, nan_ok=True)


def test_the_part_nearest_to_the_middle_is_kept() -> None:
    mask = np.zeros((1, 32, 32), np.bool_)
    mask[0, 14:17, 15:17] = mask[0, 2:10, 2:10] = True
    kept = central(mask)
    assert kept.sum() == 6
    assert not central(np.zeros((1, 8, 8), np.bool_)).any()


def test_otsu_outlines_a_bright_disc_on_dark(crops: Crops) -> None:
    assert dice(otsu(crops.images), crops.reader(0)).min() > 0.95


def test_one_slice_per_nodule_is_measured_and_only_with_enough_readers(crops: Crops) -> None:
    assert sorted(crops.nodule[largest_slices(crops)]) == [0, 2, 4]
    assert len(largest_slices(crops, least_readers=1)) == 6


def test_the_axis_error_is_zero_for_the_readers_mean_and_whole_for_nothing(crops: Crops) -> None:
    on = largest_slices(crops)
    good, none = axis_errors(crops.reader(1), crops, on), axis_errors(np.zeros_like(crops.reader(1)), crops, on)
    assert good["absolute_mm"]["mean"] < 0.3
    assert none["signed_mm"]["mean"] == pytest.approx(-none["absolute_mm"]["mean"])
    assert none["absolute_mm"]["mean"] > 7.0
    assert 0.0 < good["readers_absolute_mm"]["mean"] < 1.5


def test_a_reader_alone_has_no_axis_to_compare_with(crops: Crops) -> None:
    single = replace(crops, masks=crops.masks & np.uint8(1))
    assert axis_errors(single.reader(0), single, np.array([0]))["readers_absolute_mm"]["mean"] is None
