"""Growth: doubling times by published vectors, and which change is more than measuring error."""

from dataclasses import replace

import pytest

from medviewer.core.finding import Finding
from medviewer.core.growth import (
    Making,
    alike,
    doubling_days,
    doubling_words,
    growth,
    unequal,
)
from tests.cases import finding


def sized(mm: float, mm3: float) -> Finding:
    return replace(finding(long_axis_mm=mm), volume_mm3=mm3)


def test_the_published_vector_holds() -> None:
    assert doubling_days(500.0, 700.0, 90) == pytest.approx(185.40, abs=0.005)  # clinical.md, Schwartz 1961


def test_a_volume_that_doubles_takes_just_that_long() -> None:
    assert doubling_days(100.0, 200.0, 365) == pytest.approx(365.0)
    assert doubling_days(100.0, 400.0, 365) == pytest.approx(182.5)


def test_a_diameter_that_doubles_is_three_doublings_of_volume() -> None:
    assert doubling_days(5.0**3, 10.0**3, 300) == pytest.approx(100.0)


@pytest.mark.parametrize(("before", "after", "days"), [(100, 100, 90), (100, 80, 90), (0, 80, 90), (100, 200, 0)])
def test_what_has_not_grown_has_no_doubling_time(before: float, after: float, days: float) -> None:
    assert doubling_days(before, after, days) is None


@pytest.mark.parametrize(
    ("mm3", "course"), [(124.9, "unchanged"), (125.0, "grown"), (75.0, "smaller"), (75.1, "unchanged")]
)
def test_a_quarter_of_the_volume_counts(mm3: float, course: str) -> None:
    assert growth(sized(8.0, 100.0), sized(8.0, mm3), 400).course == course


@pytest.mark.parametrize(
    ("mm", "days", "course"),
    [
        (9.5, 300, "unchanged"),  # 1.5 mm is not more than 1.5 mm
        (9.6, 300, "grown"),  # Lung-RADS, within 12 months
        (9.6, 700, "unchanged"),  # two years: only Fleischner's 2 mm count
        (10.0, 700, "grown"),
        (6.0, 700, "smaller"),
        (6.4, 300, "unchanged"),  # Lung-RADS knows no shrinking by 1.6 mm
    ],
)
def test_diameters_count_by_the_guidelines(mm: float, days: int, course: str) -> None:
    assert growth(sized(8.0, 100.0), sized(mm, 100.0), days).course == course


def test_the_limits_reached_are_named() -> None:
    both = growth(sized(8.0, 100.0), sized(10.5, 200.0), 200)
    assert [str(text) for text in both.why] == [
        "volume +100 % (25 % and more counts, BTS 2015)",
        "mean diameter +2.5 mm (2 mm and more counts, Fleischner 2017)",
    ]
    assert both.doubling_days == pytest.approx(200.0)


def test_between_slices_of_other_thickness_volumes_do_not_count() -> None:
    thin, thick = Making(1.0), Making(5.0)
    change = growth(sized(8.0, 100.0), sized(8.5, 180.0), 200, thick, thin)
    assert change.course == "unchanged"
    assert [str(text) for text in change.cautions] == [
        "Slices of 5 and 1 mm: volumes are not compared, only diameters."
    ]
    assert growth(sized(8.0, 100.0), sized(10.5, 60.0), 200, thick, thin).course == "grown"  # by its diameter


def test_a_small_difference_of_thickness_is_a_caution_only() -> None:
    change = growth(sized(8.0, 100.0), sized(8.5, 180.0), 200, Making(1.25), Making(1.0))
    assert change.course == "grown"
    assert len(change.cautions) == 1
    assert alike(Making(1.5), Making(1.0))
    assert not alike(Making(1.6), Making(1.0))


def test_kernel_and_contrast_are_named() -> None:
    told = unequal(Making(1.0, "B70f", "Iomeprol"), Making(1.0, "B30f", ""))
    assert [str(text) for text in told] == [
        "Kernels B70f and B30f: a small change may be due to that.",
        "Only one of the examinations names a contrast agent: densities differ.",
    ]
    assert unequal(Making(1.0, "", None), Making(None, "B30f", "")) == ()


def test_without_dates_there_is_no_doubling_time() -> None:
    change = growth(sized(8.0, 100.0), sized(9.0, 200.0), None)
    assert change.doubling_days is None
    assert change.course == "grown"


def test_nothing_is_divided_by_an_empty_volume() -> None:
    assert growth(sized(4.0, 0.0), sized(8.0, 100.0), 90).volume_share is None


@pytest.mark.parametrize(
    ("days", "said"), [(400, "400 or fewer"), (401, "400 to 600"), (600, "400 to 600"), (601, "more than 600")]
)
def test_doubling_times_are_banded_as_bts_does(days: float, said: str) -> None:
    assert said in str(doubling_words(days))
