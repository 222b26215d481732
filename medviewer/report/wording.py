"""Words and numbers of a report in one language."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

from medviewer.core.case import Case
from medviewer.core.fields import BY_NAME, Field, Value
from medviewer.core.finding import Finding
from medviewer.core.key_image import KeyImage
from medviewer.core.study import Series, Study
from medviewer.i18n import N_, Message

PLACES: dict[tuple[str, str], Message] = {
    ("right", "upper"): N_("right upper zone"),
    ("right", "middle"): N_("right middle zone"),
    ("right", "lower"): N_("right lower zone"),
    ("left", "upper"): N_("left upper zone"),
    ("left", "middle"): N_("left middle zone"),
    ("left", "lower"): N_("left lower zone"),
    ("right", ""): N_("right lung"),
    ("left", ""): N_("left lung"),
}
TYPES: dict[str, Message] = {
    "solid": N_("Solid nodule"),
    "part-solid": N_("Part-solid nodule"),
    "non-solid": N_("Ground-glass nodule"),
}
MASSES: dict[str, Message] = {
    "solid": N_("Solid mass"),
    "part-solid": N_("Part-solid mass"),
    "non-solid": N_("Ground-glass lesion"),
}
MASS_ABOVE_MM = 30.0


@dataclass(frozen=True)
class Words:
    """Says messages, numbers and dates in ``language``."""

    language: str

    def __call__(self, message: Message) -> str:
        """Return ``message`` in the language."""
        return message.to(self.language)

    def joined(self, parts: Iterable[str]) -> str:
        """Return the parts as one enumeration."""
        return self(N_(", ")).join(parts)

    def sentences(self, parts: Iterable[str]) -> str:
        """Return the parts one behind the other, with a space between them where the language has one."""
        return reduce(lambda first, second: self(N_("{first} {second}", first=first, second=second)), parts, "").strip()

    def date(self, yyyymmdd: str) -> str:
        """Return a DICOM date as YYYY-MM-DD, or what is written there instead."""
        whole = len(yyyymmdd) == 8 and yyyymmdd.isdigit()
        return f"{yyyymmdd[:4]}-{yyyymmdd[4:6]}-{yyyymmdd[6:]}" if whole else yyyymmdd

    def field(self, name: str) -> str:
        """Return the title of the input ``name``."""
        return self(BY_NAME[name].title) if name in BY_NAME else name

    def value(self, name: str, value: Value) -> str:
        """Return an input's value with its unit, a choice by its title."""
        field = BY_NAME.get(name)
        if isinstance(value, bool):
            return self(N_("yes")) if value else self(N_("no"))
        if field is not None and field.kind == "choice":
            titles = dict(field.choices)
            return self(titles[str(value)]) if value in titles else str(value)
        number = f"{float(value):.4g}" if isinstance(value, int | float) else str(value)
        return f"{number} {self.unit(field)}".rstrip()

    def unit(self, field: Field | None) -> str:
        """Return the unit as written in a report."""
        return self(field.unit_title) if field is not None and field.unit else ""

    def percent(self, share: float) -> str:
        """Return a probability as percent with about two figures that matter."""
        return format_percent(share)


def format_percent(share: float) -> str:
    """Return a probability from 0 to 1 as "12.3 %", with more decimals below 1 % and never a false 0 or 100."""
    percent = 100.0 * share
    if percent < 0.01:
        return "< 0.01 %"
    if percent > 99.9:
        return "> 99.9 %"
    return f"{percent:.2f} %" if percent < 1.0 else f"{percent:.1f} %"


def kind(finding: Finding) -> Message:
    """Return what the finding is: its type where known, else its label; above 30 mm it is a mass."""
    found = (MASSES if finding.long_axis_mm > MASS_ABOVE_MM else TYPES).get(
        str(finding.attributes.get("nodule_type", ""))
    )
    return found or (Message(finding.label) if finding.label else N_("Finding"))


def numbered(case: Case) -> list[tuple[int, Finding]]:
    """Return the findings not rejected with the numbers they have on the screen, where rejected ones count."""
    return [(number, finding) for number, finding in enumerate(case.findings, 1) if finding.status != "rejected"]


def place(finding: Finding) -> Message | None:
    """Return where the finding is, None where that is unknown."""
    side, zone = (str(finding.attributes.get(name) or "") for name in ("side", "zone"))
    return PLACES.get((side, zone)) or PLACES.get((side, ""))


def series_of(study: Study, findings: Iterable[Finding]) -> Series | None:
    """Return the series the findings are in, else the largest one with images, None where there is none."""
    uids = [finding.series_uid for finding in findings]
    found = next((series for uid in uids for series in study.series if series.uid == uid), None)
    imaged = [series for series in study.series if series.grid is not None]
    return found or max(imaged, key=lambda series: len(series.headers), default=None)


def image_number(study: Study, of: Finding | KeyImage) -> str:
    """Return the instance number of the image that something is on, else its place in the series, else nothing."""
    for series in study.series:
        if series.uid == of.series_uid:
            for index, header in enumerate(series.headers):
                if header.sop_uid == of.sop_uid:
                    return str(header.instance_number or index + 1)
    return ""
