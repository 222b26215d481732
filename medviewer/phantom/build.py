"""What differs from one virtual patient to the next, drawn from the seed."""

from dataclasses import dataclass

import numpy as np

from medviewer.phantom.virtual import Point

FIELD_MM = (345.6, 345.6, 280.0)  # field of view along x, y, z whatever the matrix
CENTER_Y_MM = 8.0  # of the field, so that the table is in it


@dataclass(frozen=True)
class Build:
    """One patient's proportions; lengths in mm of the standard body, which is x left, y back, z up from the bottom.

    ``scale`` stretches the standard body along x, y, z. ``lies_lps_mm`` is where the standard origin is in the scanner.
    ``waves`` are phases that make outlines irregular.
    """

    seed: int
    female: bool
    age_years: int
    scale: Point
    fat: float
    dome_right_mm: float
    dome_left_mm: float
    fissure_mm: float
    minor_fissure_mm: float
    vertebra_mm: float
    apex_mm: float
    lies_lps_mm: Point
    waves: tuple[float, ...]


def build(seed: int) -> Build:
    """Draw the patient of ``seed``."""
    rng = np.random.default_rng([seed, 1])
    female = bool(rng.random() < 0.5)
    slim = 0.955 if female else 0.99
    return Build(
        seed=seed,
        female=female,
        age_years=int(rng.integers(56, 75)),
        scale=(slim * _about(rng, 1.0, 0.018), slim * _about(rng, 1.0, 0.018), _about(rng, 0.985, 0.015)),
        fat=_about(rng, 1.15 if female else 0.95, 0.25),
        dome_right_mm=_about(rng, 95.0, 4.0),
        dome_left_mm=_about(rng, 82.0, 4.0),
        fissure_mm=_about(rng, 130.0, 5.0),
        minor_fissure_mm=_about(rng, 141.0, 4.0),
        vertebra_mm=_about(rng, 0.0, 8.0),
        apex_mm=_about(rng, 258.0, 3.0),
        lies_lps_mm=(
            round(_about(rng, 0.0, 6.0), 1),
            round(_about(rng, -150.0, 8.0), 1),
            round(_about(rng, -330.0, 60.0), 1),
        ),
        waves=tuple(float(w) for w in rng.uniform(0.0, 2.0 * np.pi, 12)),
    )


def _about(rng: np.random.Generator, middle: float, spread: float) -> float:
    return float(middle + spread * rng.uniform(-1.0, 1.0))
