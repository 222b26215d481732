"""How readers describe a lung nodule: the scales of LIDC-IDRI and the words of each step.

The scales are those of the LIDC-IDRI readers (McNitt-Gray 2007, doi:10.1016/j.acra.2007.07.020), from 1 upwards. They
are opinions of readers of one CT, not diagnoses.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from medviewer.core.fields import NON_SOLID, PART_SOLID, SOLID
from medviewer.i18n import N_, Message


@dataclass(frozen=True)
class Scale:
    """One scale: machine name (the column of the data), title, and the word of each step from 1 on."""

    id: str
    title: Message
    words: tuple[Message, ...]

    @property
    def steps(self) -> int:
        """How many steps there are."""
        return len(self.words)


_DEGREES = (N_("none"), N_("hardly any"), N_("some"), N_("clear"), N_("marked"))
SUBTLETY = Scale(
    "subtlety",
    N_("Conspicuity"),
    (N_("extremely subtle"), N_("moderately subtle"), N_("fairly subtle"), N_("moderately obvious"), N_("obvious")),
)
STRUCTURE = Scale("internalStructure", N_("Internal structure"), (N_("soft tissue"), N_("fluid"), N_("fat"), N_("air")))
CALCIFICATION = Scale(
    "calcification",
    N_("Calcification"),
    (N_("popcorn"), N_("laminated"), N_("dense throughout"), N_("off centre"), N_("central"), N_("absent")),
)
SPHERICITY = Scale(
    "sphericity",
    N_("Shape"),
    (N_("linear"), N_("between linear and oval"), N_("oval"), N_("between oval and round"), N_("round")),
)
MARGIN = Scale(
    "margin",
    N_("Margin"),
    (N_("poorly defined"), N_("rather poorly defined"), N_("moderately defined"), N_("rather sharp"), N_("sharp")),
)
LOBULATION = Scale("lobulation", N_("Lobulation"), _DEGREES)
SPICULATION = Scale("spiculation", N_("Spiculation"), _DEGREES)
TEXTURE = Scale(
    "texture",
    N_("Texture"),
    (N_("ground glass"), N_("mostly ground glass"), N_("part-solid"), N_("mostly solid"), N_("solid")),
)
MALIGNANCY = Scale(
    "malignancy",
    N_("Readers' opinion of malignancy"),
    (
        N_("highly unlikely"),
        N_("moderately unlikely"),
        N_("indeterminate"),
        N_("moderately suspicious"),
        N_("highly suspicious"),
    ),
)
SCALES = (SUBTLETY, STRUCTURE, CALCIFICATION, SPHERICITY, MARGIN, LOBULATION, SPICULATION, TEXTURE, MALIGNANCY)
TYPES = (NON_SOLID, NON_SOLID, PART_SOLID, SOLID, SOLID)  # which step of TEXTURE is which type of ``core.fields``

CHANCES = (
    (0.9, N_("very likely")),
    (0.7, N_("likely")),
    (0.3, N_("possible")),
    (0.1, N_("unlikely")),
    (0.0, N_("very unlikely")),
)


def chance_word(chance: float) -> Message:
    """Return the word for a calibrated chance 0..1 that a reader would say so."""
    return next((word for least, word in CHANCES if chance >= least), CHANCES[-1][1])


def opinion_word(opinion: float) -> Message:
    """Return the word of the step nearest to a mean opinion of malignancy, 1..5."""
    return MALIGNANCY.words[min(max(round(opinion), 1), MALIGNANCY.steps) - 1]


def mean_step(shares: Sequence[float]) -> float:
    """Return the mean step, from 1 on, of the shares of each step."""
    return sum(step * share for step, share in enumerate(shares, start=1))


def type_of(shares: Sequence[float]) -> str:
    """Return the nodule type of ``core.fields`` at the median of the shares of TEXTURE's steps."""
    total = 0.0
    for share, kind in zip(shares, TYPES, strict=True):
        total += share
        if total >= sum(shares) / 2.0:
            return kind
    return TYPES[-1]


_RANGES = {
    "long_axis_mm": N_("its long axis is {value:g} mm, and most in training had {low:g} to {high:g} mm"),
    "pixel_mm": N_("pixels are {value:g} mm wide, and most in training were {low:g} to {high:g} mm"),
    "slice_step_mm": N_("slices are {value:g} mm apart, and most in training were {low:g} to {high:g} mm"),
}


def outside_training(ranges: Iterable[Mapping[str, Any]]) -> list[Message]:
    """Say where a nodule lies outside the middle 98 % of training; ``ranges`` as in the attribute "training_range"."""
    return [Message(_RANGES[row["name"]].msgid, dict(row)) for row in ranges if not row["inside"]]
