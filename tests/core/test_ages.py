"""How long before another examination one was, in words."""

import pytest

from medviewer.core.ages import age_words, days_between

TODAY = ("20260115", "101500")


@pytest.mark.parametrize(
    ("date", "said"),
    [
        ("20260114", "1 day before"),
        ("20260112", "3 days before"),
        ("20260102", "13 days before"),
        ("20260101", "2 weeks before"),
        ("20251120", "8 weeks before"),
        ("20251113", "2 months before"),
        ("20241215", "13 months before"),
        ("20240215", "23 months before"),
        ("20240115", "2 years before"),
        ("20160115", "10 years before"),
        ("20260116", "1 day after"),
        ("20260415", "3 months after"),
        ("", "date unknown"),
        ("20261399", "date unknown"),
    ],
)
def test_ages_are_said_in_the_unit_a_reader_would_use(date: str, said: str) -> None:
    assert str(age_words((date, ""), TODAY)) == said


@pytest.mark.parametrize(
    ("time", "said"),
    [
        ("095000", "25 min before"),
        ("0815", "2 h before"),
        ("180000.123", "8 h after"),
        ("101500", "same day"),
        ("", "same day"),
        ("xx", "same day"),
    ],
)
def test_on_one_day_the_hours_tell(time: str, said: str) -> None:
    assert str(age_words(("20260115", time), TODAY)) == said


def test_days_are_counted_over_leap_years() -> None:
    assert days_between("20240228", "20240301") == 2
    assert days_between("20260301", "20260228") == -1
    assert days_between("", "20260228") is None
