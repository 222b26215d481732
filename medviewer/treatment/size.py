"""Sizes as guidelines round them, in mm."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from medviewer.core import fields
from medviewer.core.fields import Value

THIN_SLICE_MM = 1.5


def rounded(value_mm: float, decimals: int) -> float:
    """Return ``value_mm`` rounded half up, as people do (Python rounds 6.5 to 6)."""
    step = Decimal(1).scaleb(-decimals)
    return float(Decimal(repr(round(value_mm, 6))).quantize(step, ROUND_HALF_UP))


def axes_known(known: Mapping[str, Value]) -> bool:
    """Whether both axes are known."""
    return fields.LONG_AXIS.name in known and fields.SHORT_AXIS.name in known


def axes_mm(known: Mapping[str, Value]) -> tuple[float, float]:
    """Return long and short axis."""
    return float(known[fields.LONG_AXIS.name]), float(known[fields.SHORT_AXIS.name])


def mean_to_millimetre(known: Mapping[str, Value]) -> float:
    """Return the mean of both axes rounded to the nearest mm (Fleischner 2017)."""
    long_mm, short_mm = axes_mm(known)
    return rounded((long_mm + short_mm) / 2.0, 0)


def mean_to_tenth(known: Mapping[str, Value]) -> float:
    """Return the mean of both axes, each to one decimal, to one decimal (Lung-RADS v2022)."""
    long_mm, short_mm = (rounded(axis_mm, 1) for axis_mm in axes_mm(known))
    return rounded((long_mm + short_mm) / 2.0, 1)
