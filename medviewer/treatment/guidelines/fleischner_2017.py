"""Fleischner Society 2017, incidental lung nodules; thresholds as facts, in our own words (MacMahon 2017).

Grades are given where the paper's text was confirmed; for single solid nodules of 6 mm and more it was not.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from medviewer.core import fields
from medviewer.core.assessment import Option, Risk
from medviewer.core.fields import Field
from medviewer.i18n import N_, Message
from medviewer.treatment import grade
from medviewer.treatment.grade import Grade, option
from medviewer.treatment.guideline import Decision, Guideline, Known
from medviewer.treatment.size import THIN_SLICE_MM, axes_known, axes_mm, mean_to_millimetre, rounded

YOUNGEST_YEARS = 35.0
MASS_ABOVE_MM = 30.0
ALWAYS: tuple[Field, ...] = (
    fields.SCREENING,
    fields.AGE,
    fields.KNOWN_CANCER,
    fields.IMMUNOSUPPRESSED,
    fields.NODULE_TYPE,
    fields.LONG_AXIS,
    fields.SHORT_AXIS,
    fields.NODULE_COUNT,
)


@dataclass(frozen=True)
class Row:
    """One row of the guideline: its category and what it offers."""

    category: Message
    options: tuple[Option, ...]


def _row(category: Message, confirmed: Grade, *offers: tuple[Message, Message]) -> Row:
    return Row(category, tuple(option(text, when, confirmed) for text, when in offers))


_NO_DATE = N_("no date")
_NONE = (N_("Routine CT follow-up may be left out"), _NO_DATE)
_AGAIN = N_("CT may be repeated")
_CONSIDER = N_("A further CT may be considered")
_FURTHER = N_("A further CT may follow")
_AT_3, _AT_12 = N_("at 3 months"), N_("at 12 months")
_AT_3_6, _AT_6_12, _AT_18_24 = N_("at 3 to 6 months"), N_("at 6 to 12 months"), N_("at 18 to 24 months")
_INSTEAD = N_("instead of waiting")

SOLID_SMALL_LOW = _row(N_("Single solid nodule under 6 mm, low risk"), grade.STRONG_LOW, _NONE)
SOLID_SMALL_HIGH = _row(
    N_("Single solid nodule under 6 mm, high risk"), grade.WEAK_HIGH, _NONE, (N_("One CT may be made"), _AT_12)
)
SOLID_MIDDLE_LOW = _row(
    N_("Single solid nodule of 6 to 8 mm, low risk"), grade.NOT_CONFIRMED, (_AGAIN, _AT_6_12), (_CONSIDER, _AT_18_24)
)
SOLID_MIDDLE_HIGH = _row(
    N_("Single solid nodule of 6 to 8 mm, high risk"), grade.NOT_CONFIRMED, (_AGAIN, _AT_6_12), (_FURTHER, _AT_18_24)
)
SOLID_LARGE = _row(
    N_("Single solid nodule over 8 mm"),
    grade.NOT_CONFIRMED,
    (N_("CT may be considered"), _AT_3),
    (N_("PET/CT may be considered"), _INSTEAD),
    (N_("Tissue sampling may be considered"), _INSTEAD),
)
SOLIDS_SMALL_LOW = _row(N_("Several solid nodules under 6 mm, low risk"), grade.WEAK_MODERATE, _NONE)
SOLIDS_SMALL_HIGH = _row(
    N_("Several solid nodules under 6 mm, high risk"), grade.WEAK_MODERATE, _NONE, (N_("One CT may be made"), _AT_12)
)
SOLIDS_LARGE_LOW = _row(
    N_("Several solid nodules of 6 mm or more, low risk"),
    grade.STRONG_MODERATE,
    (_AGAIN, _AT_3_6),
    (_CONSIDER, _AT_18_24),
)
SOLIDS_LARGE_HIGH = _row(
    N_("Several solid nodules of 6 mm or more, high risk"),
    grade.STRONG_MODERATE,
    (_AGAIN, _AT_3_6),
    (_FURTHER, _AT_18_24),
)
_NEAR_6 = option(N_("CT may be considered where the nodule is suspicious and close to 6 mm"), N_("at 2 and 4 years"))
_GLASS_SMALL = _row(N_("Single ground-glass nodule under 6 mm"), grade.STRONG_MODERATE, _NONE)
GLASS_SMALL = Row(_GLASS_SMALL.category, (*_GLASS_SMALL.options, _NEAR_6))
GLASS_LARGE = _row(
    N_("Single ground-glass nodule of 6 mm or more"),
    grade.STRONG_MODERATE,
    (_AGAIN, _AT_6_12),
    (N_("CT may be repeated while it persists"), N_("every 2 years until 5 years")),
)
PART_SMALL = _row(N_("Single part-solid nodule under 6 mm"), grade.STRONG_LOW, _NONE)
PART_LARGE_SOLID_SMALL = _row(
    N_("Single part-solid nodule of 6 mm or more, solid part under 6 mm"),
    grade.NOT_GRADED,
    (_AGAIN, _AT_3_6),
    (N_("CT may be repeated while it is unchanged"), N_("every year until 5 years")),
)
PART_LARGE_SOLID_LARGE = _row(
    N_("Single part-solid nodule of 6 mm or more, solid part of 6 mm or more"),
    grade.STRONG_MODERATE,
    (N_("CT may be considered"), _AT_3_6),
    (
        N_("PET/CT, biopsy or resection may be considered"),
        N_("where the solid part is over 8 mm or grows, or the shape is suspicious"),
    ),
)
SUBSOLIDS_SMALL = _row(
    N_("Several subsolid nodules under 6 mm"),
    grade.STRONG_LOW,
    (_AGAIN, _AT_3_6),
    (N_("CT may be considered while they are stable"), N_("at 2 and 4 years")),
)
SUBSOLIDS_LARGE = _row(
    N_("Several subsolid nodules, this one of 6 mm or more"),
    grade.STRONG_LOW,
    (_AGAIN, _AT_3_6),
    (N_("What follows may be chosen by the most suspicious nodule"), N_("after that CT")),
)


def excluded(known: Known) -> tuple[Message, ...]:
    """Return why the guideline does not apply: screening, youth, cancer, immunosuppression, a benign nodule."""
    reasons: list[Message] = []
    age = known.get(fields.AGE.name)
    if known.get(fields.SCREENING.name) is True:
        reasons.append(N_("The CT was made for screening; this guideline is about incidental nodules."))
    if age is not None and float(age) < YOUNGEST_YEARS:
        reasons.append(N_("The patient is {age} years old; it applies from 35 years.", age=f"{float(age):g}"))
    if known.get(fields.KNOWN_CANCER.name) is True:
        reasons.append(N_("The patient has a known cancer; nodules may be metastases."))
    if known.get(fields.IMMUNOSUPPRESSED.name) is True:
        reasons.append(N_("The patient is immunosuppressed; nodules may be infections."))
    if known.get(fields.BENIGN_FEATURES.name) is True:
        reasons.append(N_("The nodule has benign calcification or fat; it is about indeterminate nodules."))
    return tuple(reasons)


def needed(known: Known) -> tuple[Field, ...]:
    """Return the fields the decision needs: the patient's risk and the solid part only where they matter."""
    kind, count = known.get(fields.NODULE_TYPE.name), known.get(fields.NODULE_COUNT.name)
    if kind is None or count is None or not axes_known(known):
        return ALWAYS
    size_mm, several = mean_to_millimetre(known), float(count) > 1.0
    if kind == fields.SOLID and (several or size_mm <= 8.0):
        return (*ALWAYS, fields.HIGH_RISK)
    if kind == fields.PART_SOLID and not several and size_mm >= 6.0:
        return (*ALWAYS, fields.SOLID_PART)
    return ALWAYS


def decide(known: Known, _risks: Sequence[Risk]) -> Decision:
    """Return the row of the guideline for a finding, with the sentences that led there."""
    several = float(known[fields.NODULE_COUNT.name]) > 1.0
    size_mm = mean_to_millimetre(known)
    row = _solid(known, size_mm, several) if known[fields.NODULE_TYPE.name] == fields.SOLID else None
    row = row or _subsolid(known, size_mm, several)
    cautions = _cautions(known, several, row)
    options = tuple(Option(o.text, o.when, o.strength, o.certainty, (*o.cautions, *cautions)) for o in row.options)
    return Decision(row.category.msgid, _why(known, size_mm, row), options)


def _solid(known: Known, size_mm: float, several: bool) -> Row:
    high = known.get(fields.HIGH_RISK.name) is True
    if several:
        if size_mm < 6.0:
            return SOLIDS_SMALL_HIGH if high else SOLIDS_SMALL_LOW
        return SOLIDS_LARGE_HIGH if high else SOLIDS_LARGE_LOW
    if size_mm < 6.0:
        return SOLID_SMALL_HIGH if high else SOLID_SMALL_LOW
    if size_mm <= 8.0:
        return SOLID_MIDDLE_HIGH if high else SOLID_MIDDLE_LOW
    return SOLID_LARGE


def _subsolid(known: Known, size_mm: float, several: bool) -> Row:
    if several:
        return SUBSOLIDS_SMALL if size_mm < 6.0 else SUBSOLIDS_LARGE
    if known[fields.NODULE_TYPE.name] == fields.NON_SOLID:
        return GLASS_SMALL if size_mm < 6.0 else GLASS_LARGE
    if size_mm < 6.0:
        return PART_SMALL
    return PART_LARGE_SOLID_SMALL if _solid_part_mm(known) < 6.0 else PART_LARGE_SOLID_LARGE


def _solid_part_mm(known: Known) -> float:
    return rounded(float(known[fields.SOLID_PART.name]), 0)


def _why(known: Known, size_mm: float, row: Row) -> tuple[Message, ...]:
    long_mm, short_mm = axes_mm(known)
    why = [
        N_("{age} years old, incidental, no known cancer, not immunosuppressed.", age=f"{known[fields.AGE.name]:g}"),
        N_(
            "Mean of {long:.1f} and {short:.1f} mm, rounded: {mean:.0f} mm.",
            long=long_mm,
            short=short_mm,
            mean=size_mm,
        ),
        N_(
            "{count:.0f} nodule(s) counted; this one is {kind}.",
            count=float(known[fields.NODULE_COUNT.name]),
            kind=dict(fields.NODULE_TYPE.choices)[str(known[fields.NODULE_TYPE.name])],
        ),
    ]
    if row in (PART_LARGE_SOLID_SMALL, PART_LARGE_SOLID_LARGE):
        why.append(N_("Solid part, rounded: {size:.0f} mm.", size=_solid_part_mm(known)))
    if row is PART_LARGE_SOLID_LARGE:
        why += _raised(known)
    return tuple(why)


def _raised(known: Known) -> list[Message]:
    """What of the paper's signs for PET/CT, biopsy or resection is already known."""
    signs: list[Message] = []
    if _solid_part_mm(known) > 8.0:
        signs.append(N_("The solid part is over 8 mm."))
    if known.get(fields.COURSE.name) in ("growing", "slowly-growing"):
        signs.append(N_("The nodule grows."))
    if known.get(fields.SUSPICIOUS_FEATURES.name) is True:
        signs.append(N_("Suspicious features are marked."))
    return signs


def _cautions(known: Known, several: bool, row: Row) -> tuple[Message, ...]:
    cautions: list[Message] = []
    thickness = known.get(fields.SLICE_THICKNESS.name)
    if thickness is None:
        cautions.append(N_("The slice thickness is unknown; the guideline expects slices of 1.5 mm or less."))
    elif float(thickness) > THIN_SLICE_MM:
        cautions.append(
            N_(
                "Slices of {thickness:g} mm are too thick for a sure size and type; the guideline expects 1.5 mm "
                "or less.",
                thickness=float(thickness),
            )
        )
    if axes_mm(known)[0] > MASS_ABOVE_MM:
        cautions.append(N_("A lesion over 30 mm is a mass; the guideline is about nodules."))
    if several:
        cautions.append(N_("The most suspicious nodule, not always the largest, may guide what is done."))
    if row in (SOLID_SMALL_HIGH, SOLIDS_SMALL_HIGH):
        cautions.append(N_("The CT at 12 months is meant for suspicious shape or an upper-lobe site above all."))
    return tuple(cautions)


GUIDELINE = Guideline(
    id="fleischner_2017",
    title=N_("Fleischner Society 2017, incidental nodules"),
    fields=(
        *ALWAYS,
        fields.HIGH_RISK,
        fields.SOLID_PART,
        fields.SLICE_THICKNESS,
        fields.BENIGN_FEATURES,
        fields.COURSE,
        fields.SUSPICIOUS_FEATURES,
    ),
    reference=(
        "MacMahon H, et al. Guidelines for management of incidental pulmonary nodules detected on CT images: "
        "from the Fleischner Society 2017. Radiology 2017;284:228-243. doi:10.1148/radiol.2017161659"
    ),
    note=N_("Growth means at least 2 mm more in mean diameter. Earlier scans, where there are any, come first."),
    excluded=excluded,
    needed=needed,
    decide=decide,
)
