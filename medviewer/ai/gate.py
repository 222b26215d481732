"""The out-of-domain gate: in a sentence, why a model does not fit a series. No torch here."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from medviewer.core.study import Check, Series
from medviewer.i18n import N_, Message

SLACK = 2.0  # beyond this factor outside the range it was trained on, a model is refused, not only warned about
ALONG = 0.8  # cosine between a slice's normal and the body's axis
_AXES = {"sagittal": 0, "coronal": 1, "axial": 2}


@dataclass(frozen=True)
class Limits:
    """What a model was trained on; pixel size and slice thickness as (low, high) in mm."""

    title: str
    modality: str
    body_parts: tuple[str, ...]
    orientation: str
    pixel_mm: tuple[float, float]
    slice_mm: tuple[float, float]

    @staticmethod
    def of(title: str, table: Mapping[str, Any]) -> "Limits":
        """Read the limits from the table ``input`` of a model.toml; KeyError or ValueError where they are wrong."""
        pixel_low, pixel_high = (float(v) for v in table["pixel_mm"])
        slice_low, slice_high = (float(v) for v in table["slice_mm"])
        if table["orientation"] not in _AXES:
            raise ValueError(f"orientation {table['orientation']}")
        return Limits(
            title,
            table["modality"],
            tuple(part.upper() for part in table["body_parts"]),
            table["orientation"],
            (pixel_low, pixel_high),
            (slice_low, slice_high),
        )


def refusals(limits: Limits, series: Series) -> tuple[Check, ...]:
    """Return what speaks against reading ``series``; a wrong modality alone says everything."""
    if series.modality != limits.modality:
        text = N_(
            "'{model}' reads {needed} only; this series is {modality}.",
            model=Message(limits.title),
            needed=limits.modality,
            modality=N_("of unknown kind") if series.modality in ("", "OT") else series.modality,
        )
        return (Check("model-modality", "stop", text),)
    return tuple(check for look in _LOOKS for check in look(limits, series))


def _stack(limits: Limits, series: Series) -> Iterator[Check]:
    if series.grid is None:
        text = N_("'{model}' needs a stack of slices with known positions.", model=Message(limits.title))
        yield Check("model-geometry", "stop", text)
        return
    normal = series.grid.axes_kji_lps[0]
    if abs(normal[_AXES[limits.orientation]]) < ALONG:
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
    part = series.first.body_part.strip().upper()
    if part and not any(known in part for known in limits.body_parts):
        text = N_(
            "The files say body part '{part}'; '{model}' was made for others.", part=part, model=Message(limits.title)
        )
        yield Check("model-body-part", "warning", text)
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
    yield from _range("model-pixel-size", pixels, max(row_mm, column_mm), limits.pixel_mm, limits)
    yield from _range("model-slice-distance", slices, step_mm, limits.slice_mm, limits)
    if series.first.thickness_mm:
        yield from _range("model-slice-thickness", thick, series.first.thickness_mm, limits.slice_mm, limits)


def _range(code: str, text: Message, mm: float, span: tuple[float, float], limits: Limits) -> Iterator[Check]:
    low, high = span
    if low <= mm <= high:
        return
    far = not low / SLACK <= mm <= high * SLACK
    filled = Message(text.msgid, {"mm": mm, "low": low, "high": high, "model": Message(limits.title)})
    yield Check(code, "stop" if far else "warning", filled)


_LOOKS: tuple[Callable[[Limits, Series], Iterator[Check]], ...] = (_stack, _stopped, _resampled, _body, _resolution)
