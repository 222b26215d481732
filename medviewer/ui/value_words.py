"""What is written of the value under the mouse: with its unit, and only a unit that is known."""

from math import log10

from medviewer.core.finding import Point
from medviewer.core.volume import Volume
from medviewer.ui.planes.plane import Plane

MINUS = "\u2212"
_UNITS = {"BQML": "Bq/ml", "CNTS": "", "PROPCNTS": "", "PROPCPS": "", "US": "", "NONE": "", "US_RESCALE": ""}


def value_words(plane: Plane, at_lps_mm: Point) -> str:
    """Say the value at a place: "40 HU", "2.31 SUVbw  12300 Bq/ml", "R 12 G 34 B 56"; empty where there is none."""
    colour = plane.colour_at(at_lps_mm)
    if colour is not None:
        return "R {} G {} B {}".format(*colour)
    value = plane.value_at(at_lps_mm)
    if value is None:
        return ""
    volume = plane.volume
    words = f"{number(value, volume.slope)} {unit_title(volume.unit)}".strip()
    activity = _activity(volume, at_lps_mm, value)
    return (f"{words}  {activity}" if activity else words).replace("-", MINUS)


def unit_title(unit: str) -> str:
    """Return a unit as people write it; empty for words that are no unit."""
    return _UNITS.get(unit.strip().upper(), unit.strip())


def number(value: float, step: float) -> str:
    """Write a value with the decimals that its steps can tell, three at most beyond the first telling one."""
    if step == 0 or abs(step) >= 0.5:
        return f"{value:.0f}"
    if abs(step) >= 1e-4:
        return f"{value:.{min(2, max(1, round(-log10(abs(step)))))}f}"
    return f"{value:.2f}" if abs(value) >= 1.0 or value == 0 else f"{value:.3g}"


def _activity(volume: Volume, at_lps_mm: Point, suv: float) -> str:
    """Say the activity that an SUV stands for, where the file gave it."""
    k = round(float(volume.grid.to_kji(at_lps_mm)[0]))
    header = volume.series.headers[k]
    if volume.unit != "SUVbw" or not header.suv or header.unit != "BQML":
        return ""
    return f"{suv / header.suv:.0f} {unit_title(header.unit)}"
