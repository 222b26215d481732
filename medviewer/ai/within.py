"""Whether a finding is like what its model was trained on, in a sentence. No torch here."""

from collections.abc import Iterator, Mapping
from typing import Any

from medviewer.ai.limits import Limits
from medviewer.core.finding import Finding
from medviewer.core.study import Series
from medviewer.i18n import N_, Message

Span = tuple[float, float]
TRAINED = "trained_diameter_mm"  # of a model.toml's ``output``: see ``ai.operating``
_SIZE = N_("{mm:.1f} mm long ({low:g}–{high:g} mm)")
_SLICES = N_("{mm:.1f} mm slices ({low:g}–{high:g} mm)")
_PIXELS = N_("{mm:.2f} mm pixels ({low:g}–{high:g} mm)")
_TEXTS = {"long_axis_mm": _SIZE, "slice_step_mm": _SLICES, "pixel_mm": _PIXELS}


def trained_span(output: Mapping[str, Any]) -> Span | None:
    """Return the long axes in mm that a model was trained on, as far as its description says."""
    span = output.get(TRAINED)
    if not isinstance(span, list | tuple) or len(span) != 2 or not all(isinstance(n, int | float) for n in span):
        return None
    low, high = (float(n) for n in span)
    return (low, high) if 0.0 <= low < high else None


def trained_on(limits: Limits, output: Mapping[str, Any], finding: Finding, series: Series | None) -> Message | None:
    """Say whether size, slices and pixels of ``finding`` are those of the training; None where nothing is known."""
    return _sentence(list(_compared(limits, trained_span(output), finding, series)))


def _sentence(compared: list[tuple[Message, bool]]) -> Message | None:
    if not compared:
        return None
    outside = [words for words, is_inside in compared if not is_inside]
    if outside:
        return N_("Outside what the network was trained on: {what}.", what=_joined(outside))
    return N_("Within what the network was trained on: {what}.", what=_joined([words for words, _in in compared]))


def of_attributes(finding: Finding) -> Message | None:
    """Say the same by what the describing network itself noted, rows of name, value, low and high in mm."""
    noted = finding.attributes.get("training_range")
    rows = noted if isinstance(noted, list | tuple) else ()
    compared = []
    for row in rows:
        if isinstance(row, Mapping) and row.get("name") in _TEXTS:
            mm, low, high = (float(row[name]) for name in ("value", "low", "high"))
            compared.append(_one(_TEXTS[row["name"]], mm, (low, high)))
    return _sentence(compared)


def _compared(
    limits: Limits, sizes_mm: Span | None, finding: Finding, series: Series | None
) -> Iterator[tuple[Message, bool]]:
    """Yield each value with its range in words, and whether it lies in it."""
    if sizes_mm is not None:
        yield _one(_SIZE, finding.long_axis_mm, sizes_mm)
    if series is None or series.grid is None:
        return
    step_mm, row_mm, column_mm = series.grid.spacing_kji_mm
    slice_mm = max(step_mm, series.first.thickness_mm or 0.0)
    yield _one(_SLICES, slice_mm, limits.slice_mm)
    yield _one(_PIXELS, max(row_mm, column_mm), limits.pixel_mm)


def _one(text: Message, mm: float, span: Span) -> tuple[Message, bool]:
    low, high = span
    return Message(text.msgid, {"mm": mm, "low": low, "high": high}), low <= mm <= high


def _joined(parts: list[Message]) -> Message:
    first, *rest = parts
    for part in rest:
        first = N_("{first}; {second}", first=first, second=part)
    return first
