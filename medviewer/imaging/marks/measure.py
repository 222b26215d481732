"""What marks measure, with units that say how far they are to be trusted.

Lengths are in mm where the files say how large a pixel is (and at what: the patient, the detector, a nominal scale), in
pixels where they do not. Values of voxels are those of the images, never of what an enhancement or a slab shows.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medviewer.core.lengths import length_label, length_note, spacing_kind
from medviewer.core.mark import OUTLINES, Mark
from medviewer.core.study import Check, Header, Series, SpacingKind
from medviewer.core.volume import READY, Volume
from medviewer.i18n import N_, Message
from medviewer.imaging.marks import place as mark_place
from medviewer.imaging.marks import shapes as mark_shapes
from medviewer.imaging.marks.area import Covered, covered

BINS = 64
DEGREE = "°"
WHOLE = 0.9995  # shares nearer to all or nothing than this are not worth a sentence
# Stops with which an image holds no values, or nobody knows which: nothing in it is measured.
NOTHING_THERE = frozenset({"no-pixels", "cut-short", "absurd-size"})
_AREAS: dict[SpacingKind, Message] = {
    "": N_("px²"),
    "plane": N_("mm²"),
    "calibrated": N_("mm²"),
    "region": N_("mm²"),
    "detector": N_("mm² at the detector"),
    "nominal": N_("mm², nominal"),
}
_VALUES = ("mean", "sd", "min", "max")
TITLES: dict[str, Message] = {
    "length": N_("Length"),
    "long_axis": N_("Long axis"),
    "short_axis": N_("Short axis"),
    "angle": N_("Angle"),
    "value": N_("Value"),
    "red": N_("Red"),
    "green": N_("Green"),
    "blue": N_("Blue"),
    "area": N_("Area"),
    "mean": N_("Mean"),
    "sd": N_("SD"),
    "min": N_("Min"),
    "max": N_("Max"),
    "pixels": N_("Pixels"),
}


@dataclass(frozen=True)
class Quantity:
    """One measured number: its name for machines (see ``TITLES``), its unit, and how many decimals it is worth."""

    name: str
    value: float
    unit: Message | str
    decimals: int = 1

    @property
    def title(self) -> Message:
        """What it is called."""
        return TITLES[self.name]


@dataclass(frozen=True, eq=False)
class Histogram:
    """How often values occur: ``counts`` (n,) in pixels between ``edges`` (n + 1,), both float64."""

    edges: NDArray[np.float64]
    counts: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Measured:
    """What one mark measures: its numbers, sentences that go with them, the histogram of a region.

    ``complete`` is False while slices under it are still being read.
    """

    quantities: tuple[Quantity, ...] = ()
    notes: tuple[Message, ...] = ()
    histogram: Histogram | None = None
    complete: bool = True

    def get(self, name: str) -> Quantity | None:
        """Return the quantity of that name, None where there is none."""
        return next((one for one in self.quantities if one.name == name), None)

    @property
    def numbers(self) -> dict[str, float]:
        """The values by name, as a mark keeps them."""
        return {one.name: one.value for one in self.quantities}


@dataclass(frozen=True)
class _Units:
    """In what lengths and areas are given on an image."""

    kind: SpacingKind
    length: Message
    area: Message


def measure(mark: Mark, series: Series, volume: Volume | None = None) -> Measured:
    """Measure ``mark``, drawn on ``series``; without its volume, values of voxels are those that the mark keeps."""
    refused = refusals(series)
    if refused:
        return Measured(notes=tuple(check.text for check in refused))
    header = mark_place.header_of(mark, series)
    units = _units(header)
    found = _Found(mark)
    if _has_values(mark):
        found = _values(mark, volume, units) if volume is not None else _remembered(mark, units)
    notes = (*_notes(mark, series, header, units), *found.notes)
    return Measured((*_geometry(mark, units), *found.quantities), notes, found.histogram, found.complete)


def _has_values(mark: Mark) -> bool:
    return mark.is_region or mark.kind == "probe"


def refusals(series: Series) -> tuple[Check, ...]:
    """Return the checks for which nothing is measured in the images of ``series``; mostly empty."""
    return tuple(check for check in series.stopped if check.code in NOTHING_THERE)


def pixels_under(mark: Mark, volume: Volume) -> float:
    """Return about how many voxels the box around a region holds, to tell whether measuring it takes long."""
    if not mark.is_region:
        return 1.0
    spread = np.ptp(mark_shapes.to_uv(mark, mark_shapes.outline(mark)), axis=0)
    return float(np.prod(np.maximum(spread, 1e-6)) / min(volume.grid.spacing_kji_mm[1:]) ** 2)


def _units(header: Header) -> _Units:
    kind = spacing_kind(header)
    return _Units(kind, length_label(header), _AREAS[kind])


# ---- lengths, angles, areas ----


def _geometry(mark: Mark, units: _Units) -> tuple[Quantity, ...]:
    points = mark.points_lps_mm
    if mark.kind == "length":
        return (Quantity("length", mark_shapes.length_mm(*points), units.length),)
    if mark.kind == "bidirectional":
        short, long = sorted((mark_shapes.length_mm(*points[:2]), mark_shapes.length_mm(*points[2:])))
        return Quantity("long_axis", long, units.length), Quantity("short_axis", short, units.length)
    if mark.kind == "angle":
        return (Quantity("angle", mark_shapes.angle_deg(*points), DEGREE),)
    if mark.kind == "cobb":
        return (Quantity("angle", mark_shapes.cobb_deg(mark), DEGREE),)
    if mark.kind in ("ellipse", "rectangle"):
        wide, high = mark_shapes.sides_mm(mark)
        return (_area(wide * high * (np.pi / 4.0 if mark.kind == "ellipse" else 1.0), units),)
    return ()


def _area(area_mm2: float, units: _Units) -> Quantity:
    return Quantity("area", area_mm2, units.area, 1 if area_mm2 < 1000.0 else 0)


# ---- values of voxels ----


class _Found:
    """Numbers and sentences as they are gathered for one mark."""

    def __init__(self, mark: Mark) -> None:
        self.mark = mark
        self.quantities: list[Quantity] = []
        self.notes: list[Message] = []
        self.histogram: Histogram | None = None
        self.complete = True

    def add(self, name: str, value: float, unit: str, step: float) -> None:
        """Take up a value of voxels whose values are ``step`` apart."""
        self.quantities.append(Quantity(name, value, _value_unit(unit), decimals(step, name in ("mean", "sd"))))


def _values(mark: Mark, volume: Volume, units: _Units) -> _Found:
    found = _Found(mark)
    if mark.kind == "probe":
        _probe(found, volume)
        return found
    under = covered(mark, volume)
    if under is None:
        return _remembered(mark, units)
    found.complete = under.unread == 0.0 or bool(volume.complete)
    if mark.kind in OUTLINES:
        found.quantities.append(_area(under.area_samples * _sample_area(under, units), units))
    found.notes += _left_out(under)
    if under.weights.size and float(under.weights.sum()) > 0.0:
        _statistics(found, under, volume)
    return found


def _sample_area(under: Covered, units: _Units) -> float:
    """Return the area of a sample in the units shown: where no spacing is known the volume's space has 1 mm a pixel."""
    return under.sample_mm2 if units.kind else 1.0


def _statistics(found: _Found, under: Covered, volume: Volume) -> None:
    values, weights = under.values, under.weights
    total = float(weights.sum())
    mean = float((values * weights).sum()) / total  # no matrix product: its threads wait longer than this takes
    sd = float(np.sqrt(((values - mean) ** 2 * weights).sum() / total))
    core = weights >= 0.5 if bool(np.any(weights >= 0.5)) else weights > 0
    ends = float(values[core].min()), float(values[core].max())
    for name, value in zip(_VALUES, (mean, sd, *ends), strict=True):
        found.add(name, value, volume.unit, under.step)
    if under.colours is not None:
        means = (under.colours.T * weights).sum(axis=1) / total
        for name, value in zip(("red", "green", "blue"), means.tolist(), strict=True):
            found.add(name, value, "", 1.0)
    found.quantities.append(Quantity("pixels", total, N_("px"), 1 if total < 100.0 else 0))
    found.histogram = histogram(values[core], weights[core], under.step)


def histogram(values: NDArray[np.float64], weights: NDArray[np.float64], step: float) -> Histogram:
    """Count values (n,) by their weights in at most BINS bins, each a whole number of steps wide."""
    low, high = float(values.min()), float(values.max())
    step = step or 1.0
    steps = round((high - low) / step) + 1
    each = max(1, -(-steps // BINS))
    count = -(-steps // each)
    edges: NDArray[np.float64] = low + (np.arange(count + 1, dtype=np.float64) * each - 0.5) * step
    counts = np.asarray(np.histogram(values, edges, weights=weights)[0], dtype=np.float64)
    return Histogram(edges, counts)


def _probe(found: _Found, volume: Volume) -> None:
    """Take the value of the voxel that the point is in."""
    k = mark_place.image_of(found.mark, volume.series)
    at = mark_place.in_voxels(volume, found.mark.points_lps_mm[0], k)
    if not volume.grid.contains(at):
        found.notes.append(N_("The point is outside the images."))
        return
    k, j, i = (round(float(v)) for v in at)
    if volume.state[k] != READY:
        found.complete = bool(volume.complete)
        found.notes.append(_UNREAD)
        return
    if volume.colours is not None:
        for name, value in zip(("red", "green", "blue"), volume.colours[k, j, i].tolist(), strict=True):
            found.add(name, float(value), "", 1.0)
        return
    found.add("value", float(volume.voxels[k, j, i]) * volume.slope + volume.intercept, volume.unit, volume.slope)


def _remembered(mark: Mark, units: _Units) -> _Found:
    """Give what the mark kept when it was drawn: its images are not at hand."""
    found = _Found(mark)
    for name, value in mark.measured.items():
        if name == "area" and mark.kind in OUTLINES:
            found.quantities.append(_area(value, units))
        elif name == "pixels":
            found.quantities.append(Quantity("pixels", value, N_("px"), 1 if value < 100.0 else 0))
        elif name in ("value", *_VALUES):
            found.add(name, value, mark.unit, 1.0 if mark.unit in ("", "HU") else 0.01)
        elif name in ("red", "green", "blue"):
            found.add(name, value, "", 1.0)
    return found


def decimals(step: float, averaged: bool) -> int:
    """Return how many decimals values that are ``step`` apart are worth; one more where they are averaged."""
    own = 0 if step == 0 or abs(step) >= 0.5 else min(2, max(1, round(-np.log10(abs(step)))))
    return int(own + 1 if averaged and own < 2 else own)


_UNIT_WORDS = {"BQML": "Bq/ml", "CNTS": "", "PROPCNTS": "", "PROPCPS": "", "US": "", "NONE": "", "US_RESCALE": ""}


def _value_unit(unit: str) -> str:
    return _UNIT_WORDS.get(unit.strip().upper(), unit.strip())


# ---- sentences ----

_UNREAD = N_("The images under it are not read: there are no values.")


def _left_out(under: Covered) -> Iterable[Message]:
    """Say how much of a region does not count."""
    if under.padding > 1.0 - WHOLE:
        yield N_("{percent:.0f} % of it is no image (padding) and left out.", percent=100 * under.padding)
    if under.unread > WHOLE:
        yield _UNREAD
    elif under.unread > 1.0 - WHOLE:
        yield N_("{percent:.0f} % of it is not read and left out.", percent=100 * under.unread)
    if under.outside > 1.0 - WHOLE:
        yield N_("{percent:.0f} % of it lies outside the images and is left out.", percent=100 * under.outside)


def _notes(mark: Mark, series: Series, header: Header, units: _Units) -> Iterable[Message]:
    """Say what the reader should know of lengths, angles and values here."""
    has_values = _has_values(mark)
    if mark.kind not in ("probe", "arrow", "text"):
        yield from _length_notes(mark, series, header, units)
    if has_values and series.is_colour:
        yield N_("A colour image: values are brightness, 0 to 255, and measure nothing in the body.")
    if has_values and mark.slab_mm > 0.0:
        yield N_("Drawn on a slab of {mm:.1f} mm: the values are of its middle layer.", mm=mark.slab_mm)


def _length_notes(mark: Mark, series: Series, header: Header, units: _Units) -> Iterable[Message]:
    if not units.kind:
        is_angle = mark.kind in ("angle", "cobb")
        yield (
            N_("The files do not say how large a pixel is: the angle holds where pixels are square.")
            if is_angle
            else N_("The files do not say how large a pixel is: lengths are in pixels.")
        )
    elif (note := length_note(header)) is not None and mark.kind not in ("angle", "cobb"):
        yield note
    if not mark.sop_uid:
        yield from (check.text for check in series.checks if check.code == "spacing-varies")
