"""Whether a finding is like what was trained on."""

from typing import Any

import pytest

from medviewer.ai.limits import Limits
from medviewer.ai.within import of_attributes, trained_on, trained_span
from medviewer.core.grid import Grid
from medviewer.core.study import Header, Series
from tests.cases import finding

INPUT = {
    "modality": "CT",
    "body_parts": ["CHEST"],
    "orientation": "axial",
    "pixel_mm": [0.45, 1.0],
    "slice_mm": [0.5, 5],
}
LIMITS = Limits.of("Net", INPUT)
OUTPUT = {"trained_diameter_mm": [3.0, 30.0]}
FINE = Grid((40, 512, 512), spacing_kji_mm=(1.0, 0.7, 0.7))


def series(grid: Grid, thickness_mm: float) -> Series:
    return Series("1.9", (Header("", "1.2", "", "1", "1.9", modality="CT", thickness_mm=thickness_mm),), (), grid)


def test_what_is_like_the_training_is_said_with_its_ranges() -> None:
    said = trained_on(LIMITS, OUTPUT, finding(long_axis_mm=12.3), series(FINE, 1.0))
    assert str(said) == (
        "Within what the network was trained on: 12.3 mm long (3–30 mm); 1.0 mm slices (0.5–5 mm); "
        "0.70 mm pixels (0.45–1 mm)."
    )


def test_what_is_outside_is_named_alone() -> None:
    said = trained_on(LIMITS, OUTPUT, finding(long_axis_mm=68.4), series(FINE, 7.0))
    assert str(said) == "Outside what the network was trained on: 68.4 mm long (3–30 mm); 7.0 mm slices (0.5–5 mm)."


def test_without_sizes_slices_and_pixels_are_compared() -> None:
    said = trained_on(LIMITS, {}, finding(long_axis_mm=68.4), series(FINE, 1.0))
    assert str(said).startswith("Within what the network was trained on: 1.0 mm slices")


def test_nothing_known_is_nothing_said() -> None:
    assert trained_on(LIMITS, {}, finding(), None) is None
    assert of_attributes(finding()) is None


@pytest.mark.parametrize("span", [None, 3, "3-30", [30.0, 3.0], [3.0], ["a", "b"]])
def test_a_span_that_is_none_is_not_used(span: Any) -> None:
    assert trained_span({"trained_diameter_mm": span}) is None


def test_what_the_describing_network_noted_is_said_alike() -> None:
    rows = [
        {"name": "long_axis_mm", "value": 2.1, "low": 3.6, "high": 32.0, "inside": False},
        {"name": "pixel_mm", "value": 0.7, "low": 0.5, "high": 0.9, "inside": True},
        {"name": "unheard of"},
    ]
    said = of_attributes(finding(training_range=rows))
    assert str(said) == "Outside what the network was trained on: 2.1 mm long (3.6–32 mm)."
