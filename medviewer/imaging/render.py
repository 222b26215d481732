"""From voxels to the grey values of the screen."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from medviewer.core.look import Chain, Lut, Rescale, Tone, Window
from medviewer.core.presentation import Presented
from medviewer.core.study import Header

Bytes = NDArray[np.uint8]
Reals = NDArray[np.float64]


def to_grey(
    plane: NDArray[np.int16], tone: Tone, slope: float = 1.0, intercept: float = 0.0, invert: bool = False
) -> Bytes:
    """Return ``plane`` (int16, any shape) as grey values 0 to 255; ``invert`` (MONOCHROME1) acts after ``tone``.

    The tone is a window, a VOI table or a presentation state's chain of steps on real values, exact to the rounding.
    """
    grey: Bytes = np.take(lookup_table(tone, slope, intercept, invert), plane.view(np.uint16), mode="wrap")
    return grey


@lru_cache(maxsize=32)
def lookup_table(tone: Tone, slope: float = 1.0, intercept: float = 0.0, invert: bool = False) -> Bytes:
    """Return the grey of every int16 value, uint8 (65536,), at the index of its bits read as uint16."""
    stored = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.float64)
    grey = np.rint(255.0 * shades(stored * slope + intercept, tone)).astype(np.uint8)
    table = 255 - grey if invert else grey
    table.setflags(write=False)
    return table


def shades(values: Reals, tone: Tone) -> Reals:
    """Return real ``values`` as 0.0 (black) to 1.0 (white)."""
    if isinstance(tone, Window):
        return _VOI[tone.function](values, tone)
    if isinstance(tone, Lut):
        return looked_up(values, tone) / ((1 << tone.bits) - 1)
    shown = shades(modality(values * tone.stored.slope + tone.stored.intercept, tone.modality), tone.voi)
    if tone.presentation is None:
        return shown
    last = len(tone.presentation.values) - 1
    return looked_up(shown * last, tone.presentation) / ((1 << tone.presentation.bits) - 1)


def modality(stored: Reals, step: Rescale | Lut) -> Reals:
    """Return real values of ``stored`` ones."""
    return stored * step.slope + step.intercept if isinstance(step, Rescale) else looked_up(stored, step)


def looked_up(values: Reals, lut: Lut) -> Reals:
    """Return the table's own values; below its first entry the first, beyond its last the last."""
    at = np.clip(np.rint(values - lut.first), 0, len(lut.values) - 1).astype(np.int64)
    return lut.values[at].astype(np.float64)


def voi_linear(values: Reals, window: Window) -> Reals:
    """Return DICOM's LINEAR function of ``values`` (PS3.3 C.11.2.1.2.1); width 1 is a step."""
    center, span = window.center - 0.5, max(window.width, 1.0) - 1.0
    if span == 0.0:
        return (values > center).astype(np.float64)
    return np.clip((values - center) / span + 0.5, 0.0, 1.0)


def voi_linear_exact(values: Reals, window: Window) -> Reals:
    """Return DICOM's LINEAR_EXACT function of ``values`` (PS3.3 C.11.2.1.3.2)."""
    return np.clip((values - window.center) / window.width + 0.5, 0.0, 1.0)


def voi_sigmoid(values: Reals, window: Window) -> Reals:
    """Return DICOM's SIGMOID function of ``values`` (PS3.3 C.11.2.1.3.1)."""
    return 1.0 / (1.0 + np.exp(np.clip(-4.0 * (values - window.center) / window.width, -700.0, 700.0)))


_VOI = {"LINEAR": voi_linear, "LINEAR_EXACT": voi_linear_exact, "SIGMOID": voi_sigmoid}


def chain_of(presented: Presented, header: Header, unit: str = "") -> Chain:
    """Return the grey steps of a presentation state for real values in ``unit`` of the image ``header``.

    A state begins with stored values and takes none of the image's own steps; values of an image that went through a
    modality table cannot be turned back, so that the state's own one is taken for the same.
    """
    stored, step = _stored(header, unit), presented.modality or Rescale()
    if header.modality_lut:
        stored = step = Rescale()
    return Chain(stored, step, presented.voi or _everything(header, step), presented.table)


def _stored(header: Header, unit: str) -> Rescale:
    """Return the way back from real values to stored ones."""
    slope = header.slope or 1.0
    suv = header.suv if unit == "SUVbw" and header.suv else 1.0
    return Rescale(1.0 / (slope * suv), -header.intercept / slope)


def _everything(header: Header, step: Rescale | Lut) -> Window:
    """Return the window over all that the modality step can give."""
    if isinstance(step, Lut):
        return Window(((1 << step.bits) - 1) / 2.0, float((1 << step.bits) - 1), "LINEAR_EXACT")
    bits = max(1, min(header.bits_stored or header.bits_allocated or 8, 32))
    low = -(1 << bits - 1) if header.signed else 0
    one, other = (value * step.slope + step.intercept for value in (low, low + (1 << bits) - 1))
    return Window((one + other) / 2.0, max(abs(other - one), 1.0), "LINEAR_EXACT")
