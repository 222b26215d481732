"""The out-of-domain gate: in a sentence, why a model does not fit a series. No torch here.

It runs where the headers are, in the program's own process: a model learns neither name nor age.
"""

from collections.abc import Callable, Iterator

from medviewer.ai import gate_making
from medviewer.ai.limits import ANY, AXES, Limits
from medviewer.core.body_parts import far_apart, parts_in
from medviewer.core.study import Check, Series
from medviewer.i18n import N_, Message

SLACK = 2.0  # beyond this factor outside the range it was trained on, a model is refused, not only warned about
ALONG = 0.8  # cosine between a slice's normal and the body's axis


def refusals(limits: Limits, series: Series) -> tuple[Check, ...]:
    """Return what speaks against reading ``series``, the gravest first; a wrong modality alone says everything."""
    if series.modality != limits.modality:
        text = N_(
            "'{model}' reads {needed} only; this series is {modality}.",
            model=Message(limits.title),
            needed=limits.modality,
            modality=N_("of unknown kind") if series.modality in ("", "OT") else series.modality,
        )
        return (Check("model-modality", "stop", text),)
    told = [check for look in _LOOKS for check in look(limits, series)]
    return tuple(sorted(told, key=lambda check: check.severity != "stop"))


def _stack(limits: Limits, series: Series) -> Iterator[Check]:
    if series.grid is None and not series.stopped:  # else the reason why there is none is told already
        text = N_("'{model}' needs a stack of slices with known positions.", model=Message(limits.title))
        yield Check("model-geometry", "stop", text)
    if series.grid is None:
        return
    normal = series.grid.axes_kji_lps[0]
    if limits.orientation != ANY and abs(normal[AXES[limits.orientation]]) < ALONG:
        text = N_(
            "'{model}' reads {orientation} slices only.", model=Message(limits.title), orientation=limits.orientation
        )
        yield Check("model-orientation", "stop", text)


def _stopped(limits: Limits, series: Series) -> Iterator[Check]:
    for check in series.stopped:
        text = N_("'{model}' must not read this series: {why}", model=Message(limits.title), why=check.text)
        yield Check(f"model-{check.code}", "stop", text)


def _resampled(limits: Limits, series: Series) -> Iterator[Check]:
    """What is found must be written with references to original images, which a straightened volume no longer has."""
    if any(check.code == "straightened" for check in series.checks):
        text = N_("'{model}' reads original images only, not straightened ones.", model=Message(limits.title))
        yield Check("model-straightened", "stop", text)


def _body(limits: Limits, series: Series) -> Iterator[Check]:
    """Another part of the body; even a far one is refused only where the model asks: headers name one of several."""
    part = series.first.body_part.strip().upper()
    if not limits.body_parts:
        return
    if part and not any(known in part for known in limits.body_parts):
        text = N_(
            "The files say body part '{part}'; '{model}' was made for others.", part=part, model=Message(limits.title)
        )
        far = far_apart(parts_in(part), parts_in(" ".join(limits.body_parts)))
        yield Check("model-body-part", "stop" if far and "body_parts" in limits.refuse else "warning", text)
    if not part:
        text = N_(
            "The files do not say which body part this is; '{model}' may not be meant for it.",
            model=Message(limits.title),
        )
        yield Check("model-body-part", "warning", text)


def _resolution(limits: Limits, series: Series) -> Iterator[Check]:
    if series.grid is None:
        return
    step_mm, row_mm, column_mm = series.grid.spacing_kji_mm
    pixels = N_("The pixels measure {mm:.2f} mm; '{model}' was trained on {low:g} to {high:g} mm.")
    slices = N_("The slices are {mm:.2f} mm apart; '{model}' was trained on {low:g} to {high:g} mm.")
    thick = N_("The slices are {mm:.2f} mm thick; '{model}' was trained on {low:g} to {high:g} mm.")
    yield from _range("model-pixel-size", pixels, max(row_mm, column_mm), "pixel_mm", limits)
    yield from _range("model-slice-distance", slices, step_mm, "slice_mm", limits)
    if series.first.thickness_mm:
        yield from _range("model-slice-thickness", thick, series.first.thickness_mm, "slice_mm", limits)


def _range(code: str, text: Message, mm: float, key: str, limits: Limits) -> Iterator[Check]:
    low, high = limits.pixel_mm if key == "pixel_mm" else limits.slice_mm
    if low <= mm <= high:
        return
    far = not low / SLACK <= mm <= high * SLACK
    filled = Message(text.msgid, {"mm": mm, "low": low, "high": high, "model": Message(limits.title)})
    yield Check(code, "stop" if far else limits.severity(key), filled)


def _coverage(limits: Limits, series: Series) -> Iterator[Check]:
    """How much of the body the stack shows: in height, in width, and between its slices."""
    if series.grid is None:
        return
    n, (step_mm, _row_mm, column_mm) = len(series.headers), series.grid.spacing_kji_mm
    model, thickness_mm = Message(limits.title), series.first.thickness_mm
    if n < limits.min_slices:
        text = N_(
            "The stack has {n} slices; '{model}' needs at least {least}.", n=n, model=model, least=limits.min_slices
        )
        yield Check("model-few-slices", "stop", text)
    height_mm = (n - 1) * step_mm + (thickness_mm or step_mm)
    if height_mm < limits.min_extent_mm:
        text = N_(
            "The stack is {mm:.0f} mm high; '{model}' was trained on scans of {least:g} mm and more.",
            mm=height_mm, model=model, least=limits.min_extent_mm,
        )  # fmt: skip
        yield Check("model-extent", limits.severity("min_extent_mm"), text)
    width_mm = series.grid.shape_kji[2] * column_mm
    if limits.field_mm is not None and not limits.field_mm[0] <= width_mm <= limits.field_mm[1]:
        text = N_(
            "The picture is {mm:.0f} mm wide; '{model}' was trained on {low:g} to {high:g} mm.",
            mm=width_mm, model=model, low=limits.field_mm[0], high=limits.field_mm[1],
        )  # fmt: skip
        yield Check("model-field", limits.severity("field_mm"), text)
    if limits.gap_mm is not None and thickness_mm and step_mm - thickness_mm > limits.gap_mm:
        text = N_(
            "Between slices {mm:.1f} mm of the body are not imaged; '{model}' was trained on at most {most:g} mm.",
            mm=step_mm - thickness_mm, model=model, most=limits.gap_mm,
        )  # fmt: skip
        yield Check("model-gaps", limits.severity("gap_mm"), text)


_LOOKS: tuple[Callable[[Limits, Series], Iterator[Check]], ...] = (
    _stopped, _stack, _resampled, _body, _resolution, _coverage, *gate_making.LOOKS,
)  # fmt: skip
