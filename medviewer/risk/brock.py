"""The arithmetic of the Brock (PanCan) family of models, McWilliams 2013; sizes in mm, ages in years."""

from collections.abc import Callable
from dataclasses import dataclass

from medviewer.core import fields
from medviewer.core.assessment import Contribution
from medviewer.core.fields import Field
from medviewer.i18n import N_, Message
from medviewer.risk.logistic import probability
from medviewer.risk.model import Answer, Inputs

REFERENCE = (
    "McWilliams A, et al. Probability of cancer in pulmonary nodules detected on first screening CT. "
    "N Engl J Med 2013;369:910-919. doi:10.1056/NEJMoa1214726"
)
POPULATION = N_(
    "Developed on nodules found at the first screening CT of people aged 50 to 75 who smoke or have smoked "
    "(PanCan study). Elsewhere it may estimate too high or too low."
)
VALIDATION = N_(
    "Both Brock models with all inputs were tested by Chung 2018 (Thorax): AUC 0.90 to 0.91; "
    "at a cut of 10 %, sensitivity 75 to 81 % and specificity 84 to 85 %."
)
AGES_YEARS = (50.0, 75.0)
SIZES_MM = (1.0, 86.0)

FIELDS: tuple[Field, ...] = (
    fields.AGE,
    fields.FEMALE,
    fields.FAMILY_HISTORY,
    fields.EMPHYSEMA,
    fields.LONG_AXIS,
    fields.NODULE_TYPE,
    fields.UPPER_LOBE,
    fields.NODULE_COUNT,
)


@dataclass(frozen=True)
class Coefficients:
    """Log-odds per unit of each input; ``spiculation`` is None in the model that does not ask for it."""

    constant: float
    age: float
    female: float
    family_history: float
    emphysema: float
    size: float
    part_solid: float
    non_solid: float
    upper_lobe: float
    count: float
    spiculation: float | None = None


def solver(c: Coefficients) -> Callable[[Inputs], Answer]:
    """Return the function from inputs to a probability, with contributions that add up to its log-odds."""

    def solve(inputs: Inputs) -> Answer:
        parts = contributions(inputs, c)
        return Answer(probability(c.constant + sum(part.value for part in parts)), parts)

    return solve


def contributions(inputs: Inputs, c: Coefficients) -> tuple[Contribution, ...]:
    """Return log-odds against the published reference person.

    That is a man of 62 without family history or emphysema, whose one of 4 nodules is solid, 4 mm in its
    maximal diameter, not in an upper lobe and not spiculated.
    """
    types = {fields.SOLID: 0.0, fields.PART_SOLID: c.part_solid, fields.NON_SOLID: c.non_solid}
    parts = [
        (fields.AGE, c.age * (_number(inputs, fields.AGE) - 62.0)),
        (fields.FEMALE, c.female * bool(inputs[fields.FEMALE.name])),
        (fields.FAMILY_HISTORY, c.family_history * bool(inputs[fields.FAMILY_HISTORY.name])),
        (fields.EMPHYSEMA, c.emphysema * bool(inputs[fields.EMPHYSEMA.name])),
        # The size is not reduced by 4 mm first, as several calculators do: this centring already stands for 4 mm.
        (fields.LONG_AXIS, c.size * ((_number(inputs, fields.LONG_AXIS) / 10.0) ** -0.5 - 1.58113883)),
        (fields.NODULE_TYPE, types[str(inputs[fields.NODULE_TYPE.name])]),
        (fields.UPPER_LOBE, c.upper_lobe * bool(inputs[fields.UPPER_LOBE.name])),
        (fields.NODULE_COUNT, c.count * (_number(inputs, fields.NODULE_COUNT) - 4.0)),
    ]
    if c.spiculation is not None:
        parts.append((fields.SPICULATION, c.spiculation * bool(inputs[fields.SPICULATION.name])))
    return tuple(Contribution(field.name, field.title, value) for field, value in parts)


def limits(inputs: Inputs) -> tuple[Message, ...]:
    """Return a sentence for each known input beyond the development data."""
    found: list[Message] = []
    age, size = inputs.get(fields.AGE.name), inputs.get(fields.LONG_AXIS.name)
    if age is not None and not AGES_YEARS[0] <= float(age) <= AGES_YEARS[1]:
        found.append(
            N_(
                "The age of {age} is outside the {low} to {high} years of the people the model was developed on: "
                "an extrapolation.",
                age=f"{float(age):g}",
                low=f"{AGES_YEARS[0]:g}",
                high=f"{AGES_YEARS[1]:g}",
            )
        )
    if size is not None and not SIZES_MM[0] <= float(size) <= SIZES_MM[1]:
        found.append(
            N_(
                "The long axis of {size} mm is outside the {low} to {high} mm of the nodules the model was "
                "developed on: an extrapolation.",
                size=f"{float(size):.0f}",
                low=f"{SIZES_MM[0]:g}",
                high=f"{SIZES_MM[1]:g}",
            )
        )
    return tuple(found)


def _number(inputs: Inputs, field: Field) -> float:
    return float(inputs[field.name])
