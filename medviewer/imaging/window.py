"""Windows: which real values are shown from black to white."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.look import NARROWEST, Window
from medviewer.core.study import Header
from medviewer.i18n import N_, Message

__all__ = [
    "EIGHT_BITS", "LUNG", "MEDIASTINUM", "PRESETS", "Preset", "Window", "default_window", "file_window",
    "starts_inverted",
]  # fmt: skip


@dataclass(frozen=True)
class Preset:
    """A window under a number key; ``window`` is None for the series' own (key 0)."""

    key: int
    name: str
    title: Message
    window: Window | None


LUNG = Window(-600.0, 1500.0)
MEDIASTINUM = Window(40.0, 400.0)
EIGHT_BITS = Window(128.0, 256.0)  # 0 black, 255 white: colours as they are
SUV = Window(5.0, 10.0, "LINEAR_EXACT")

PRESETS: tuple[Preset, ...] = (
    Preset(0, "default", N_("Default"), None),
    Preset(1, "lung", N_("Lung"), LUNG),
    Preset(2, "mediastinum", N_("Mediastinum"), MEDIASTINUM),
    Preset(3, "abdomen", N_("Abdomen"), Window(40.0, 350.0)),
    Preset(4, "liver", N_("Liver"), Window(90.0, 150.0)),
    Preset(5, "brain", N_("Brain"), Window(40.0, 80.0)),
    Preset(6, "stroke", N_("Stroke"), Window(40.0, 40.0)),
    Preset(7, "subdural", N_("Subdural"), Window(75.0, 200.0)),
    Preset(8, "bone", N_("Bone"), Window(400.0, 2000.0)),
    Preset(9, "angio", N_("Angiography"), Window(200.0, 600.0)),
)


def default_window(
    header: Header, voxels: NDArray[Any], slope: float = 1.0, intercept: float = 0.0, unit: str = "HU"
) -> Window:
    """Return a sensible first window: the file's own, else by modality what a reader expects, else the bulk.

    ``voxels`` is a sample of any shape (one slice will do); real value = voxel * slope + intercept, in ``unit``.
    """
    if header.is_colour:
        return EIGHT_BITS
    if header.modality == "PT" and unit == "SUVbw":
        return SUV
    values = _sample(header, voxels, slope, intercept)
    own = file_window(header, unit)
    if own is not None and (header.modality == "CT" or _shows_any(own, values)):
        return own
    return _BY_MODALITY.get(header.modality, _bulk)(header, values, unit)


def file_window(header: Header, unit: str = "") -> Window | None:
    """Return the window that the file of an image names, in real values of ``unit``; None where it has no sound one."""
    center, width = header.window_center, header.window_width
    if center is None or width is None:
        return None
    named = header.voi_function.strip().upper()
    exact = named in ("LINEAR_EXACT", "SIGMOID")
    if width < (NARROWEST if exact else 1.0):
        return None
    window = Window(center, width, "LINEAR")
    if exact:
        window = Window(center, width, "SIGMOID" if named == "SIGMOID" else "LINEAR_EXACT")
    return window.scaled(header.suv) if unit == "SUVbw" and header.suv else window


def starts_inverted(header: Header) -> bool:
    """Whether readers expect black on white: PET."""
    return header.modality == "PT"


def _sample(header: Header, voxels: NDArray[Any], slope: float, intercept: float) -> NDArray[np.float64]:
    """Return about 10,000 of the real values without the padding."""
    few = voxels.reshape(-1)[:: max(1, voxels.size // 10_000)].astype(np.float64) * slope + intercept
    if header.padding is None:
        return few
    padding = header.padding * header.slope + header.intercept
    return few[np.abs(few - padding) > abs(slope) / 2]


def _shows_any(window: Window, values: NDArray[np.float64]) -> bool:
    """Whether the bulk of the values is not all black or all white: windows of stored values are a common mistake."""
    if not values.size:
        return True
    low, high = np.percentile(values, (2.0, 98.0))
    return bool(high > window.center - window.width / 2 and low < window.center + window.width / 2)


def _ct(header: Header, values: NDArray[np.float64], unit: str) -> Window:
    if unit not in ("HU", ""):
        return _bulk(header, values, unit)
    return LUNG if _shows_lung(values) else MEDIASTINUM


def _bulk(_header: Header, values: NDArray[np.float64], _unit: str) -> Window:
    """Return the window from the darkest to the brightest percent."""
    if not values.size:
        return EIGHT_BITS
    low, high = (float(v) for v in np.percentile(values, (1.0, 99.0)))
    return _from_to(low, high)


def _uptake(_header: Header, values: NDArray[np.float64], _unit: str) -> Window:
    """Return the window from nothing to nearly the hottest: counts and activity without SUV."""
    return _from_to(0.0, float(np.percentile(values, 99.8))) if values.size else EIGHT_BITS


def _whole(header: Header, _values: NDArray[np.float64], _unit: str) -> Window:
    """Return the window over all that the stored bits can hold."""
    bits = max(1, min(header.bits_stored or header.bits_allocated or 8, 32))
    low = -(1 << bits - 1) if header.signed else 0
    darkest, brightest = sorted(value * header.slope + header.intercept for value in (low, low + (1 << bits) - 1))
    if brightest - darkest < 16.0:
        return _from_to(darkest, brightest)
    return Window((darkest + brightest + 1.0) / 2.0, brightest - darkest + 1.0)  # LINEAR's ends, to the value


_BY_MODALITY: dict[str, Callable[[Header, NDArray[np.float64], str], Window]] = {
    "CT": _ct, "US": _whole, "IVUS": _whole, "ES": _whole, "PT": _uptake, "NM": _uptake,
}  # fmt: skip


def _from_to(low: float, high: float) -> Window:
    """Return the window that is black at ``low`` and white at ``high``; small spans keep their fractions."""
    if high - low >= 16.0 or high == low:
        return Window((low + high) / 2.0, max(1.0, high - low))
    return Window((low + high) / 2.0, high - low, "LINEAR_EXACT")


def _shows_lung(values_hu: NDArray[np.float64]) -> bool:
    """Whether there is lung enough to begin with it: values that only aerated lung has, against soft tissue."""
    lung = np.count_nonzero((values_hu > -940) & (values_hu < -600))
    return bool(lung > 0.25 * np.count_nonzero(values_hu > -200) and lung > 0)
