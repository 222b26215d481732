"""What is said of marks: the same numbers on the image, in the table and on the clipboard."""

from medviewer.core.mark import Mark, MarkKind
from medviewer.i18n import N_, Message, _
from medviewer.imaging.marks.measure import DEGREE, Measured, Quantity
from medviewer.ui.value_words import MINUS

KIND_TITLES: dict[MarkKind, Message] = {
    "length": N_("Length"),
    "bidirectional": N_("Bidirectional"),
    "angle": N_("Angle"),
    "cobb": N_("Cobb angle"),
    "probe": N_("Probe"),
    "ellipse": N_("Ellipse"),
    "rectangle": N_("Rectangle"),
    "freehand": N_("Freehand"),
    "polygon": N_("Polygon"),
    "arrow": N_("Arrow"),
    "text": N_("Text"),
}
NOTHING = "–"


def number(quantity: Quantity) -> str:
    """Write a value with the decimals it is worth and a true minus sign."""
    return f"{quantity.value:.{quantity.decimals}f}".replace("-", MINUS)


def with_unit(quantity: Quantity) -> str:
    """Write a value with its unit: "12.3 mm", "41.5°"."""
    unit = str(quantity.unit)
    return f"{number(quantity)}{unit if unit == DEGREE else f' {unit}'}".strip()


def label_lines(mark: Mark, measured: Measured, *, short: bool = False) -> tuple[str, ...]:
    """Return the lines of a mark's label on the image: its name, then what it measures or says; one line if short."""
    said = (mark.text,) if mark.kind in ("arrow", "text") else _measured_lines(mark, measured)
    return tuple(line for line in (mark.name, *said) if line)[: 1 if short else None]


def _measured_lines(mark: Mark, measured: Measured) -> tuple[str, ...]:
    if not mark.is_region:
        return (_short(measured),)
    mean, area = measured.get("mean"), measured.get("area")
    lines = [] if mean is None else [_("Mean {value}").format(value=_spread(measured)), _range(measured)]
    lines += [] if area is None else [with_unit(area)]
    return tuple(lines) or (NOTHING,)


def value_words(mark: Mark, measured: Measured) -> str:
    """Say in one line what a mark measures; what a text or an arrow says."""
    if mark.kind in ("arrow", "text"):
        return mark.text
    if not mark.is_region:
        return _short(measured)
    mean, area = measured.get("mean"), measured.get("area")
    said = ["" if mean is None else _spread(measured), "" if area is None else with_unit(area)]
    return ", ".join(part for part in said if part) or NOTHING


def _short(measured: Measured) -> str:
    """Return the one or two numbers of a mark that encloses nothing."""
    long, short = measured.get("long_axis"), measured.get("short_axis")
    if long is not None and short is not None:
        return f"{number(long)} × {with_unit(short)}"
    red, green, blue = (measured.get(name) for name in ("red", "green", "blue"))
    if red is not None and green is not None and blue is not None:
        return f"R {number(red)} G {number(green)} B {number(blue)}"
    return with_unit(measured.quantities[0]) if measured.quantities else NOTHING


def _spread(measured: Measured) -> str:
    """Return mean and SD: "41.3 ± 12.0 HU"."""
    mean, sd = measured.get("mean"), measured.get("sd")
    assert mean is not None
    spread = "" if sd is None else f" ± {number(sd)}"
    return f"{number(mean)}{spread} {mean.unit}".strip()


def _range(measured: Measured) -> str:
    low, high = measured.get("min"), measured.get("max")
    if low is None or high is None:
        return ""
    return _("Min {low}  Max {high}").format(low=number(low), high=number(high))


def title(mark: Mark) -> str:
    """Return what a mark is called where it has no name: its kind."""
    return mark.name or str(KIND_TITLES[mark.kind])
