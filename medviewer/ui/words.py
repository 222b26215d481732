"""What is said of a finding on the screen, the same in the table, on the image and in the card."""

from medviewer.core.case import Case
from medviewer.core.fields import NODULE_TYPE
from medviewer.core.finding import Finding, Status
from medviewer.i18n import N_, _
from medviewer.report import wording
from medviewer.ui.provisional import Provisional

STATUS_TITLES = {
    "unreviewed": N_("to review"),
    "accepted": N_("accepted"),
    "rejected": N_("rejected"),
    "edited": N_("edited"),
}
# A symbol goes with every colour.
STATUS_SYMBOLS: dict[Status, str] = {"unreviewed": "?", "accepted": "✓", "rejected": "✕", "edited": "✓*"}
STATUS_COLOURS: dict[Status, str] = {
    "unreviewed": "found",
    "accepted": "good",
    "rejected": "image_dim",
    "edited": "good",
}
_TYPES = dict(NODULE_TYPE.choices)
UNKNOWN = "–"


def number(case: Case, finding_id: str) -> int:
    """Return the finding's number on the screen, from 1; KeyError where the case does not have it."""
    for place, found in enumerate(case.findings, start=1):
        if found.id == finding_id:
            return place
    raise KeyError(finding_id)


def place(finding: Finding) -> str:
    """Say where it is, as "right upper zone"."""
    return str(wording.place(finding) or UNKNOWN)


def kind(finding: Finding) -> str:
    """Say its type, as "part-solid"."""
    return str(_TYPES.get(str(finding.attributes.get("nodule_type", "")), UNKNOWN))


def size(finding: Finding) -> str:
    """Long and short axis in mm, one decimal, without the unit."""
    return f"{finding.long_axis_mm:.1f} × {finding.short_axis_mm:.1f}"


def volume(finding: Finding) -> str:
    """Volume in mm³, without the unit."""
    return f"{finding.volume_mm3:.0f}"


def mean_hu(finding: Finding) -> str:
    """Mean density in HU, without the unit, with a true minus sign."""
    return f"{finding.mean_hu:.0f}".replace("-", "\u2212")


def symbol(finding: Finding) -> str:
    """Return the sign of the reader's verdict; dots while the model still reads."""
    return "…" if isinstance(finding, Provisional) else STATUS_SYMBOLS[finding.status]


def status(finding: Finding) -> str:
    """Symbol and word of the reader's verdict."""
    title = _("still being read") if isinstance(finding, Provisional) else STATUS_TITLES[finding.status]
    return f"{symbol(finding)} {title}"


def sentence(finding: Finding) -> str:
    """Say all that is measured in one line."""
    return _("{size} mm, {volume} mm³, {hu} HU").format(size=size(finding), volume=volume(finding), hu=mean_hu(finding))


def belief(finding: Finding) -> str:
    """The calibrated word of the model's score; a dash where there is none."""
    return _(finding.wording) if finding.wording else UNKNOWN
