"""Metrics agree with what can be worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from medviewer.train.crops import Crops
from medviewer.train.evaluate import (
    against_readers,
    between_readers,
    central,
    consensus,
    dice,
    drawn_by,
    interval,
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


def test_the_part_nearest_to_the_middle_is_kept() -> None:
    mask = np.zeros((1, 32, 32), np.bool_)
    mask[0, 14:17, 15:17] = mask[0, 2:10, 2:10] = True
    kept = central(mask)
    assert kept.sum() == 6
    assert not central(np.zeros((1, 8, 8), np.bool_)).any()


def test_otsu_outlines_a_bright_disc_on_dark(crops: Crops) -> None:
    assert dice(otsu(crops.images), crops.reader(0)).min() > 0.95


def test_a_mean_over_pairs_of_readers_weights_slices_by_their_pairs(crops: Crops) -> None:
    several = overlaps(crops.reader(0), crops)
    assert several["by_pairs_of_readers"]["mean"] == several["slices_of_two_or_more_readers"]["mean"]
    two = replace(crops, masks=np.where(crops.nodule[:, None, None] == 0, crops.masks & 3, crops.masks))
    values = against_readers(two.reader(0), two)
    pairs = np.where(two.nodule == 0, 1.0, np.where(two.nodule % 2 == 0, 3.0, 0.0))
    expected = (values * pairs).sum() / pairs.sum()
    assert overlaps(two.reader(0), two)["by_pairs_of_readers"]["mean"] == pytest.approx(expected, abs=1e-3)


def test_dice_known_already_is_not_worked_out_again(crops: Crops) -> None:
    known = np.linspace(0.0, 1.0, len(crops))
    assert overlaps(crops.reader(0), crops, known)["all_slices"]["mean"] == pytest.approx(0.5)


def test_what_most_others_drew_is_compared_with_the_reader_left_out(crops: Crops) -> None:
    four = replace(crops, masks=np.where(crops.masks > 0, crops.masks | 8, crops.masks).astype(np.uint8))
    only = four.nodule == 0
    drawn = np.stack([four.reader(r) for r in range(4)])
    own = [dice(np.delete(drawn, r, axis=0).sum(axis=0) >= 2, drawn[r])[0] for r in range(4)]
    first = replace(four, images=four.images[only], masks=four.masks[only], nodule=four.nodule[only])
    assert consensus(first)["slices_of_all_four_readers"]["mean"] == pytest.approx(np.mean(own), abs=0.02)
    assert consensus(crops)["slices_of_all_four_readers"]["mean"] is None
