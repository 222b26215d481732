"""How long before (or after) one examination another one was, in the words of a report."""

from datetime import date, datetime

from medviewer.i18n import N_, Message

MOST_DAYS, MOST_WEEK_DAYS, MOST_MONTHS = 13, 62, 23
MONTH_DAYS, YEAR_DAYS = 30.4375, 365.25
_UNKNOWN = N_("date unknown")


def day_of(yyyymmdd: str) -> date | None:
    """Return a DICOM date as a date; None where it is none."""
    try:
        return date(int(yyyymmdd[:4]), int(yyyymmdd[4:6]), int(yyyymmdd[6:8]))
    except ValueError:
        return None


def days_between(earlier: str, later: str) -> int | None:
    """Return the days from one DICOM date to another, negative where they go back; None where one is missing."""
    first, second = day_of(earlier), day_of(later)
    return None if first is None or second is None else (second - first).days


def age_words(of: tuple[str, str], seen_from: tuple[str, str]) -> Message:
    """Say when an examination was, seen from another: each a DICOM date and time ("20260115", "093000").

    "13 months before", "3 days after"; on one day by the hours between them.
    """
    days = days_between(of[0], seen_from[0])
    if days is None:
        return _UNKNOWN
    if days == 0:
        return _same_day(_minutes(of[1]), _minutes(seen_from[1]))
    return _before(days) if days > 0 else _after(-days)


def _before(days: int) -> Message:
    kind, n = _unit(days)
    return {
        ("day", True): N_("1 day before"),
        ("day", False): N_("{n} days before", n=n),
        ("week", False): N_("{n} weeks before", n=n),
        ("month", False): N_("{n} months before", n=n),
        ("year", False): N_("{n} years before", n=n),
    }[kind, n == 1]


def _after(days: int) -> Message:
    kind, n = _unit(days)
    return {
        ("day", True): N_("1 day after"),
        ("day", False): N_("{n} days after", n=n),
        ("week", False): N_("{n} weeks after", n=n),
        ("month", False): N_("{n} months after", n=n),
        ("year", False): N_("{n} years after", n=n),
    }[kind, n == 1]


def _unit(days: int) -> tuple[str, int]:
    if days <= MOST_DAYS:
        return "day", days
    if days <= MOST_WEEK_DAYS:
        return "week", round(days / 7)
    months = round(days / MONTH_DAYS)
    return ("month", months) if months <= MOST_MONTHS else ("year", round(days / YEAR_DAYS))


def _minutes(time: str) -> int | None:
    """Return the minutes since midnight of a DICOM time; None where it is none."""
    try:
        return int(datetime.strptime(time[:4], "%H%M").hour) * 60 + int(time[2:4])
    except ValueError:
        return None


def _same_day(of: int | None, seen_from: int | None) -> Message:
    if of is None or seen_from is None or of == seen_from:
        return N_("same day")
    minutes = abs(seen_from - of)
    before = of < seen_from
    if minutes < 60:
        return N_("{n} min before", n=minutes) if before else N_("{n} min after", n=minutes)
    hours = round(minutes / 60)
    return N_("{n} h before", n=hours) if before else N_("{n} h after", n=hours)
