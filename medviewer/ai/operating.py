"""What a threshold costs and finds, as measured: rows in a model's description, which nobody interpolates between.

In ``model.toml``, table ``output``::

    measured_of = "nodules of at least 3 mm that three or more readers drew"     # what was to be found
    measured_on = "LIDC-IDRI, val split, 115 patients, crops as fields"          # on what
    trained_diameter_mm = [3.0, 30.0]        # 1 % and 99 % quantile of the long axes trained on

    [[output.operating_points]]              # any order; one row for each threshold measured
    threshold = 0.50                         # of a finding's score, 0..1
    sensitivity = 0.84                       # share found, with its 95 % interval (bootstrap by patient)
    sensitivity_low = 0.78
    sensitivity_high = 0.90
    false_positives = 0.24                   # mean count per ``per``, with its 95 % interval
    false_positives_low = 0.19
    false_positives_high = 0.30
    per = "field"                            # "field" (a crop of 128 x 128 pixels with all its slices) or "scan"

All of it may be missing. A row that is no measurement is left out, as nobody is to act on it. No torch here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from math import isfinite
from typing import Any

from medviewer.i18n import N_, Message

PER = {"field": N_("field"), "scan": N_("scan")}


@dataclass(frozen=True)
class OperatingPoint:
    """What was measured at one threshold; intervals are 95 % by patient bootstrap."""

    threshold: float
    sensitivity: float
    sensitivity_low: float
    sensitivity_high: float
    false_positives: float
    false_positives_low: float
    false_positives_high: float
    per: str

    @property
    def makes_sense(self) -> bool:
        """Whether shares are shares, counts are counts and values lie in their intervals."""
        shares = (self.sensitivity_low, self.sensitivity, self.sensitivity_high)
        counts = (self.false_positives_low, self.false_positives, self.false_positives_high)
        finite = all(isfinite(value) for value in (self.threshold, *shares, *counts))
        in_order = all(list(three) == sorted(three) and three[0] >= 0.0 for three in (shares, counts))
        return finite and in_order and shares[-1] <= 1.0 and 0.0 < self.threshold < 1.0


@dataclass(frozen=True)
class Operating:
    """The measured thresholds of a model, from the lowest to the highest, and the one it came with.

    ``of`` and ``on`` say what was to be found in what, as the model's card does; empty where it does not say.
    """

    points: tuple[OperatingPoint, ...]
    default: float
    of: str = ""
    on: str = ""

    @property
    def default_point(self) -> int:
        """The place in ``points`` of the threshold the model came with, or of the measured one nearest to it."""
        return self.nearest(self.default)

    def nearest(self, threshold: float) -> int:
        """Return the place in ``points`` of the measured threshold nearest to ``threshold``; ValueError without any."""
        return min(range(len(self.points)), key=lambda n: abs(self.points[n].threshold - threshold))


def operating(output: Mapping[str, Any], default: float) -> Operating:
    """Read what was measured from the table ``output`` of a model.toml; no points where nothing was."""
    rows = output.get("operating_points")
    found = [_point(row) for row in rows] if isinstance(rows, Sequence) and not isinstance(rows, str) else []
    by_threshold = {point.threshold: point for point in found if point is not None}
    points = tuple(by_threshold[threshold] for threshold in sorted(by_threshold))
    said = {name: str(output.get(f"measured_{name}", "")) for name in ("of", "on")}
    return Operating(points, default, **said)


def _point(row: Any) -> OperatingPoint | None:
    """Return a row as a point; None where a number is missing, is no number, or makes no sense."""
    if not isinstance(row, Mapping):
        return None
    try:
        numbers = {one.name: float(row[one.name]) for one in fields(OperatingPoint) if one.name != "per"}
    except (KeyError, TypeError, ValueError):
        return None
    point = OperatingPoint(**numbers, per=str(row.get("per", "")))
    return point if point.makes_sense else None


def words(point: OperatingPoint, of: str = "") -> Message:
    """Say what a threshold finds and what it costs, with intervals."""
    return N_(
        "Finds {share:.0f} % ({low:.0f}–{high:.0f}) of {what}; "
        "{false:.2f} ({least:.2f}–{most:.2f}) false ones per {per}.",
        share=100 * point.sensitivity,
        low=100 * point.sensitivity_low,
        high=100 * point.sensitivity_high,
        what=Message(of) if of else N_("the nodules"),
        false=point.false_positives,
        least=point.false_positives_low,
        most=point.false_positives_high,
        per=PER.get(point.per, Message(point.per)),
    )
