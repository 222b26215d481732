"""How a finding has changed between two examinations, and whether that is more than measuring error.

Volume doubling time after Schwartz 1961 (doi:10.1002/1097-0142(196111/12)14:6<1272::aid-cncr2820140618>3.0.co;2-h).
Limits: 25 % of volume (BTS 2015, doi:10.1136/thoraxjnl-2015-207168); mean diameter 2 mm (Fleischner 2017,
doi:10.1148/radiol.2017161659), and more than 1.5 mm within 12 months (Lung-RADS v2022).
"""

from dataclasses import dataclass
from math import log
from typing import Literal

from medviewer.core.finding import Finding
from medviewer.i18n import N_, Message

# Of a finding that only one examination has: "outside": the other images do not show its place; "unread": nobody has
# looked for findings in them.
Course = Literal["unchanged", "grown", "smaller", "new", "gone", "outside", "unread"]
COURSE_TITLES: dict[Course, Message] = {
    "unchanged": N_("unchanged within measuring error"),
    "grown": N_("grown"),
    "smaller": N_("smaller"),
    "new": N_("new"),
    "gone": N_("no longer seen"),
    "outside": N_("outside the other images"),
    "unread": N_("the other images have not been read"),
}
VOLUME_SHARE, DIAMETER_MM = 0.25, 2.0
DIAMETER_WITHIN_YEAR_MM, YEAR_DAYS = 1.5, 366
FAST_DAYS, SLOW_DAYS = 400.0, 600.0  # BTS 2015
MOST_THICKER = 1.5  # times: beyond that volumes are not compared
LEAST_UNEQUAL_MM = 0.1  # slice thicknesses that differ by less are one


@dataclass(frozen=True)
class Making:
    """How images were made, as far as it changes what is measured on them; None or empty where unknown.

    ``contrast`` is empty where the file names no agent, None where nobody looked.
    """

    thickness_mm: float | None = None
    kernel: str = ""
    contrast: str | None = None


@dataclass(frozen=True)
class Growth:
    """From an earlier to a later measurement of one finding.

    Attributes:
        days: between the examinations; None where a date is missing.
        volume_share: change of volume, 0.25 is a quarter more; None where the earlier volume is 0.
        diameter_mm: change of the mean of long and short axis.
        doubling_days: volume doubling time; None where it has not become larger, or the days are not known.
        course: "unchanged", "grown" or "smaller".
        why: the limits reached, in words.
        cautions: what makes the two hard to compare.
    """

    days: int | None
    volume_share: float | None
    diameter_mm: float
    doubling_days: float | None
    course: Course
    why: tuple[Message, ...] = ()
    cautions: tuple[Message, ...] = ()


def doubling_days(before_mm3: float, after_mm3: float, days: float) -> float | None:
    """Return the volume doubling time in days; None where the volume has not become larger or no day has passed."""
    if before_mm3 <= 0 or after_mm3 <= before_mm3 or days <= 0:
        return None
    return days * log(2.0) / log(after_mm3 / before_mm3)


def growth(
    before: Finding,
    after: Finding,
    days: int | None,
    made_before: Making | None = None,
    made_after: Making | None = None,
) -> Growth:
    """Compare an earlier with a later measurement of one finding, ``days`` apart (0 or more; None where unknown).

    A change of volume counts where the slices of both are about equally thick, else only the diameter does.
    """
    one, other = made_before or Making(), made_after or Making()
    share = after.volume_mm3 / before.volume_mm3 - 1.0 if before.volume_mm3 > 0 else None
    step_mm = after.mean_diameter_mm - before.mean_diameter_mm
    why = list(_by_diameter(step_mm, days))
    change = step_mm if why else 0.0
    if share is not None and alike(one, other) and abs(share) >= VOLUME_SHARE:
        why.insert(0, _by_volume(share))
        change = share  # where the two disagree the volume, which sees every direction, has it
    course: Course = "grown" if change > 0 else "smaller" if change < 0 else "unchanged"
    doubling = None if days is None else doubling_days(before.volume_mm3, after.volume_mm3, days)
    return Growth(days, share, step_mm, doubling, course, tuple(why), unequal(one, other))


def _by_volume(share: float) -> Message:
    percent = f"{100 * share:+.0f}".replace("-", "\u2212")
    return N_("volume {percent} % (25 % and more counts, BTS 2015)", percent=percent)


def _by_diameter(step_mm: float, days: int | None) -> tuple[Message, ...]:
    mm = f"{step_mm:+.1f}".replace("-", "\u2212")
    within_year = days is not None and days <= YEAR_DAYS
    if abs(step_mm) >= DIAMETER_MM:
        return (N_("mean diameter {mm} mm (2 mm and more counts, Fleischner 2017)", mm=mm),)
    if step_mm > DIAMETER_WITHIN_YEAR_MM and within_year:
        return (N_("mean diameter {mm} mm (more than 1.5 mm within 12 months counts, Lung-RADS v2022)", mm=mm),)
    return ()


def alike(one: Making, other: Making) -> bool:
    """Whether volumes measured on the two can be compared: slices about equally thick, as far as known."""
    a, b = one.thickness_mm, other.thickness_mm
    return not (a and b) or max(a, b) <= MOST_THICKER * min(a, b)


def unequal(one: Making, other: Making) -> tuple[Message, ...]:
    """Return in words, earlier first, what makes measures on the two hard to compare; empty where nothing is known."""
    told = []
    a, b = one.thickness_mm, other.thickness_mm
    if a and b and not alike(one, other):
        told.append(N_("Slices of {a:g} and {b:g} mm: volumes are not compared, only diameters.", a=a, b=b))
    elif a and b and abs(a - b) > LEAST_UNEQUAL_MM:
        told.append(N_("Slices of {a:g} and {b:g} mm: a small change may be due to that.", a=a, b=b))
    if one.kernel and other.kernel and one.kernel != other.kernel:
        told.append(N_("Kernels {a} and {b}: a small change may be due to that.", a=one.kernel, b=other.kernel))
    if one.contrast is not None and other.contrast is not None and bool(one.contrast) != bool(other.contrast):
        told.append(N_("Only one of the examinations names a contrast agent: densities differ."))
    return tuple(told)


def doubling_words(days: float) -> Message:
    """Say a volume doubling time and what BTS 2015 makes of it."""
    if days <= FAST_DAYS:
        return N_("doubles in {days:.0f} days (400 or fewer: work-up, BTS 2015)", days=days)
    if days <= SLOW_DAYS:
        return N_("doubles in {days:.0f} days (400 to 600: biopsy or surveillance, BTS 2015)", days=days)
    return N_("doubles in {days:.0f} days (more than 600: may be discharged, BTS 2015)", days=days)
