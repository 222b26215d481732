"""Two examinations of one patient side by side, finding by finding, as plain data."""

from dataclasses import dataclass

from medviewer.core.finding import Finding
from medviewer.core.growth import Course, Growth
from medviewer.core.registration import Registration
from medviewer.core.study import Series


@dataclass(frozen=True, eq=False)
class Examined:
    """One of the two examinations: its series, and the findings kept on it, in its own patient space.

    ``was_read``: somebody or something has looked for findings; else their absence says nothing.
    """

    study_uid: str
    series: Series
    findings: tuple[Finding, ...] = ()
    was_read: bool = True

    @property
    def date(self) -> str:
        """Its date, YYYYMMDD."""
        return self.series.first.study_date


@dataclass(frozen=True, eq=False)
class Row:
    """A finding now, its other self, and what came of it; one of the two findings may be missing.

    ``by_reader`` tells that the reader paired or parted them. ``apart_mm`` is the distance of their middles once the
    other one is mapped; None where there are not two.
    """

    now: Finding | None
    other: Finding | None
    course: Course
    growth: Growth | None = None
    apart_mm: float | None = None
    by_reader: bool = False


@dataclass(frozen=True, eq=False)
class Compared:
    """Two examinations side by side: the rows in the order of the findings now, then those only the other one has."""

    other: Examined
    registration: Registration
    days: int | None
    rows: tuple[Row, ...]

    @property
    def is_later(self) -> bool:
        """Whether the other examination is the later one of the two."""
        return self.days is not None and self.days < 0
