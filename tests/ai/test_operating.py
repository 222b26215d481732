"""What a description says of thresholds: read where it makes sense, left out where it does not."""

from typing import Any

import pytest

from medviewer.ai.operating import operating, words

ROW: dict[str, Any] = {
    "threshold": 0.5, "sensitivity": 0.84, "sensitivity_low": 0.78, "sensitivity_high": 0.9,
    "false_positives": 0.24, "false_positives_low": 0.19, "false_positives_high": 0.3, "per": "field",
}  # fmt: skip


def test_points_come_in_the_order_of_their_thresholds() -> None:
    rows = [ROW | {"threshold": t} for t in (0.7, 0.3, 0.5)]
    found = operating({"operating_points": rows, "measured_of": "nodules", "measured_on": "val"}, 0.52)
    assert [point.threshold for point in found.points] == [0.3, 0.5, 0.7]
    assert found.default_point == 1
    assert (found.of, found.on) == ("nodules", "val")


@pytest.mark.parametrize("output", [{}, {"operating_points": "none"}, {"operating_points": 3}])
def test_a_model_that_says_nothing_has_no_points(output: dict[str, Any]) -> None:
    assert operating(output, 0.5).points == ()


@pytest.mark.parametrize(
    "wrong",
    [
        {"sensitivity": 1.2, "sensitivity_high": 1.3},
        {"sensitivity": 0.95},
        {"false_positives": -0.1, "false_positives_low": -0.2},
        {"threshold": 1.0},
        {"threshold": float("nan")},
        {"sensitivity_low": "much"},
        {"false_positives": None},
    ],
    ids=str,
)
def test_a_row_that_is_no_measurement_is_left_out(wrong: dict[str, Any]) -> None:
    found = operating({"operating_points": [ROW | wrong, ROW, "no row", {}]}, 0.5)
    assert [point.threshold for point in found.points] == [0.5]


def test_a_point_says_what_it_finds_and_what_it_costs_with_intervals() -> None:
    (point,) = operating({"operating_points": [ROW]}, 0.5).points
    assert str(words(point, "nodules of 3 mm")) == (
        "Finds 84 % (78–90) of nodules of 3 mm; 0.24 (0.19–0.30) false ones per field."
    )
