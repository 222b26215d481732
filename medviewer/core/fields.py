"""The clinical inputs that risk models and guidelines ask for: one definition each, shared by all."""

import math
from dataclasses import dataclass
from typing import Literal

from medviewer.core.problem import Problem
from medviewer.i18n import N_, Message, _

Value = float | bool | str
Kind = Literal["number", "yes_no", "choice"]
Scope = Literal["patient", "finding"]


@dataclass(frozen=True)
class Field:
    """One input: machine name, title, kind, unit, range or choices, and whom it is about."""

    name: str
    title: Message
    kind: Kind
    scope: Scope = "patient"
    unit: str = ""
    low: float = -math.inf
    high: float = math.inf
    choices: tuple[tuple[str, Message], ...] = ()
    help: Message | None = None

    def check(self, value: object) -> Value:
        """Return ``value`` in the field's type; Problem where it is of the wrong type or outside the range."""
        if self.kind == "yes_no" and isinstance(value, bool):
            return value
        if self.kind == "choice" and value in [choice for choice, _title in self.choices]:
            return str(value)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if self.kind == "number" and number and self.low <= float(str(value)) <= self.high:
            return float(str(value))
        raise Problem(
            _("'{value}' is not a valid value for {field}.").format(value=value, field=self.name),
            self.expects,
        )

    @property
    def expects(self) -> str:
        """Say in a sentence which values are allowed."""
        if self.kind == "yes_no":
            return _("It takes yes or no (true or false).")
        if self.kind == "choice":
            return _("It takes one of: {choices}.").format(choices=", ".join(choice for choice, _title in self.choices))
        if not self.unit:
            return _("It takes a number from {low:g} to {high:g}.").format(low=self.low, high=self.high)
        return _("It takes a number from {low:g} to {high:g} {unit}.").format(
            low=self.low, high=self.high, unit=self.unit_title
        )

    @property
    def unit_title(self) -> Message:
        """The unit as it is written for people: years and months in words."""
        return {"a": N_("years"), "mo": N_("months")}.get(self.unit, Message(self.unit))


SOLID, PART_SOLID, NON_SOLID = "solid", "part-solid", "non-solid"

AGE = Field("age_years", N_("Age"), "number", unit="a", low=0, high=120)
FEMALE = Field("female", N_("Female"), "yes_no")
FAMILY_HISTORY = Field("family_history_lung_cancer", N_("Family history of lung cancer"), "yes_no")
EMPHYSEMA = Field("emphysema", N_("Emphysema on CT"), "yes_no")
KNOWN_CANCER = Field("known_cancer", N_("Known cancer"), "yes_no")
IMMUNOSUPPRESSED = Field("immunosuppressed", N_("Immunosuppressed"), "yes_no")
SCREENING = Field(
    "screening",
    N_("CT made for lung cancer screening"),
    "yes_no",
    help=N_("Fleischner applies to incidental nodules, Lung-RADS to screening."),
)
HIGH_RISK = Field(
    "high_risk",
    N_("High risk of lung cancer"),
    "yes_no",
    help=N_(
        "Smoking; exposure to asbestos, uranium or radon; lung cancer in a first-degree relative; "
        "emphysema or fibrosis; upper lobe; older age."
    ),
)
SLICE_THICKNESS = Field("slice_thickness_mm", N_("Slice thickness"), "number", unit="mm", low=0.1, high=20)
NODULE_COUNT = Field("nodule_count", N_("Number of nodules"), "number", low=1, high=100)

LONG_AXIS = Field("long_axis_mm", N_("Long axis"), "number", "finding", unit="mm", low=1, high=200)
SHORT_AXIS = Field("short_axis_mm", N_("Short axis"), "number", "finding", unit="mm", low=0.5, high=200)
NODULE_TYPE = Field(
    "nodule_type",
    N_("Nodule type"),
    "choice",
    "finding",
    choices=((SOLID, N_("solid")), (PART_SOLID, N_("part-solid")), (NON_SOLID, N_("ground-glass"))),
)
SOLID_PART = Field(
    "solid_part_mm", N_("Mean diameter of the solid part"), "number", "finding", unit="mm", low=0, high=200
)
UPPER_LOBE = Field("upper_lobe", N_("In an upper lobe"), "yes_no", "finding")
SPICULATION = Field("spiculation", N_("Spiculation"), "yes_no", "finding")
BENIGN_FEATURES = Field(
    "benign_features",
    N_("Benign calcification or fat"),
    "yes_no",
    "finding",
    help=N_("Diffuse, central, popcorn or concentric-ring calcification, or fat."),
)
JUXTAPLEURAL_SMOOTH = Field(
    "juxtapleural_smooth",
    N_("Juxtapleural, smooth, oval, lentiform or triangular"),
    "yes_no",
    "finding",
)
SUSPICIOUS_FEATURES = Field(
    "suspicious_features",
    N_("Features that raise suspicion"),
    "yes_no",
    "finding",
    help=N_("Such as spiculation, enlarged lymph nodes, or ground glass that doubled within a year."),
)
COURSE = Field(
    "nodule_course",
    N_("Compared with earlier scans"),
    "choice",
    "finding",
    choices=(
        ("baseline", N_("first scan, nothing to compare")),
        ("new", N_("new")),
        ("growing", N_("growing")),
        ("slowly-growing", N_("growing slowly over several scans")),
        ("stable", N_("stable")),
    ),
)
MONTHS_SINCE_PRIOR = Field(
    "months_since_prior",
    N_("Months since the scan compared with"),
    "number",
    "finding",
    unit="mo",
    low=0,
    high=600,
)
LESION_KIND = Field(
    "lesion_kind",
    N_("Kind of lesion"),
    "choice",
    "finding",
    choices=(
        ("nodule", N_("nodule in the lung")),
        ("airway-subsegmental", N_("in a subsegmental airway")),
        ("airway-segmental", N_("in a segmental or more proximal airway")),
        ("cyst", N_("cyst with a wall of 2 mm or more, or multilocular")),
        ("cyst-cavity-growing", N_("thick-walled cyst whose cystic part grows")),
        ("cyst-became-multilocular", N_("cyst that became multilocular")),
        ("cyst-wall-growing", N_("cyst with growing wall, nodularity or loculation")),
    ),
)
SCAN_STATE = Field(
    "scan_state",
    N_("State of the screening examination"),
    "choice",
    choices=(
        ("complete", N_("complete")),
        ("prior-awaited", N_("an earlier CT is being located")),
        ("not-evaluable", N_("the lungs cannot be evaluated fully")),
        ("infection", N_("signs of infection or inflammation")),
    ),
)

BY_NAME: dict[str, Field] = {value.name: value for value in list(globals().values()) if isinstance(value, Field)}
