"""Fields judge everything found, in three dimensions."""

import numpy as np
import pytest
from numpy.typing import NDArray

from medviewer.train.crops import Crops, soft_labels
from medviewer.train.fields import Fields, at_threshold, curve, detect, threshold_for


def perfect(crops: Crops) -> NDArray[np.float16]:
    return (0.9 * crops.reader(0)).astype(np.float16)


def judged(chances: NDArray[np.float16], crops: Crops) -> Fields:
    return detect(chances, crops, soft_labels(crops), 0.4)


def test_a_nodule_seen_on_its_slices_is_one_hit(crops: Crops) -> None:
    fields = judged(perfect(crops), crops)
    assert len(fields.found) == len(fields.patients) == 6
    assert all(found.true and found.own for found in fields.found)
    report = at_threshold(fields, 0.5)
    assert report["sensitivity_1_or_more_readers"]["mean"] == 1.0
    assert report["sensitivity_3_or_more_readers"]["n"] == 3
    assert report["false_positives_per_field"]["mean"] == 0.0
    assert report["share_true"]["mean"] == 1.0


def test_a_ball_elsewhere_is_a_false_positive(crops: Crops) -> None:
    chances = perfect(crops)
    chances[:3, 10:20, 10:20] = 0.7
    report = at_threshold(judged(chances, crops), 0.5)
    assert report["false_positives_per_field"]["mean"] == pytest.approx(1 / 6, abs=1e-3)
    assert report["sensitivity_1_or_more_readers"]["mean"] == 1.0


def test_a_missed_nodule_lowers_the_sensitivity(crops: Crops) -> None:
    chances = perfect(crops)
    chances[:3] = 0
    assert at_threshold(judged(chances, crops), 0.5)["sensitivity_1_or_more_readers"]["mean"] == pytest.approx(
        5 / 6, abs=1e-3
    )


def test_a_flood_that_happens_to_cover_the_nodule_is_judged_by_the_nodule(crops: Crops) -> None:
    chances = perfect(crops)
    chances[:3, 60:68, 66:70] = 0.9
    assert all(found.true for found in judged(chances, crops).found)


def test_a_speck_is_nothing(crops: Crops) -> None:
    chances = np.zeros(crops.images.shape, np.float16)
    chances[0, 64, 64] = 0.9
    assert judged(chances, crops).found == ()


def test_the_threshold_is_the_lowest_with_few_enough_false_positives(crops: Crops) -> None:
    chances = perfect(crops)
    chances[:3, 10:20, 10:20] = 0.7
    chances[3:6, 10:20, 10:20] = 0.6
    fields = judged(chances, crops)
    assert threshold_for(fields, 2 / 6) == 0.01
    assert threshold_for(fields, 1 / 6) == pytest.approx(0.61)
    assert threshold_for(fields, 0.0) == pytest.approx(0.71)


def test_large_nodules_of_three_readers_are_reported_apart(crops: Crops) -> None:
    report = at_threshold(judged(perfect(crops), crops), 0.5)
    assert report["sensitivity_3_or_more_readers_6_mm"]["n"] == 3
    crops.rows[0]["diam_mm"] = "5.0"
    assert at_threshold(judged(perfect(crops), crops), 0.5)["sensitivity_3_or_more_readers_6_mm"]["n"] == 2


def test_a_higher_threshold_finds_and_errs_less(crops: Crops) -> None:
    chances = perfect(crops)
    chances[:3, 10:20, 10:20] = 0.7
    rows = curve(judged(chances, crops), (0.5, 0.8, 0.95))
    assert [row["threshold"] for row in rows] == [0.5, 0.8, 0.95]
    assert [row["false_positives_per_field"]["mean"] > 0 for row in rows] == [True, False, False]
    assert [row["sensitivity_1_or_more_readers"]["mean"] for row in rows] == [1.0, 1.0, 0.0]


def test_what_is_found_says_where_for_the_second_network(crops: Crops) -> None:
    found = judged(perfect(crops), crops).found[0]
    assert crops.nodule[found.crop] == 0
    assert (found.row, found.column) == pytest.approx((64.0, 64.0), abs=1.0)


def test_other_scores_change_nothing_else(crops: Crops) -> None:
    fields = judged(perfect(crops), crops)
    other = fields.scored(np.linspace(0.1, 0.6, len(fields.found)))
    assert [f.score for f in other.found] == pytest.approx(np.linspace(0.1, 0.6, 6))
    assert [f.true for f in other.found] == [f.true for f in fields.found]
