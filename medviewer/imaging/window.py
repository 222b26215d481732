"""Windows: which real values are shown from black to white."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.study import Header
from medviewer.i18n import N_, Message


@dataclass(frozen=True, slots=True)
class Window:
    """Centre and width in real values (HU for CT), as in DICOM; the width is at least 1."""

    center: float
    width: float

    def moved(self, center: float, width: float) -> "Window":
        """Return the window shifted by ``center`` and widened by ``width``, never narrower than 1."""
        return Window(self.center + center, max(1.0, self.width + width))


@dataclass(frozen=True)
class Preset:
    """A window under a number key; ``window`` is None for the series' own (key 0)."""

    key: int
    name: str
    title: Message
    window: Window | None


LUNG = Window(-600.0, 1500.0)
MEDIASTINUM = Window(40.0, 400.0)

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


def default_window(header: Header, voxels: NDArray[Any], slope: float = 1.0, intercept: float = 0.0) -> Window:
    """Return a sensible first window: the file's own, else lung or mediastinum for CT, else the bulk of the values.

    ``voxels`` is a sample of any shape (one slice will do); real value = voxel * slope + intercept.
    """
    if header.window_center is not None and (header.window_width or 0.0) >= 1.0:
        return Window(header.window_center, float(header.window_width or 1.0))
    values = _sample(header, voxels) * slope + intercept
    if header.modality == "CT":
        return LUNG if _shows_lung(values) else MEDIASTINUM
    if not values.size:
        return Window(128.0, 256.0)
    low, high = (float(v) for v in np.percentile(values, (1.0, 99.0)))
    return Window((low + high) / 2.0, max(1.0, high - low))


def _sample(header: Header, voxels: NDArray[Any]) -> NDArray[np.float64]:
    """Return about 10,000 of the values without the padding."""
    few = voxels.reshape(-1)[:: max(1, voxels.size // 10_000)]
    return few[few != header.padding].astype(np.float64) if header.padding is not None else few.astype(np.float64)


def _shows_lung(values_hu: NDArray[np.float64]) -> bool:
    """Whether there is lung enough to begin with it: values that only aerated lung has, against soft tissue."""
    lung = np.count_nonzero((values_hu > -940) & (values_hu < -600))
    return bool(lung > 0.25 * np.count_nonzero(values_hu > -200) and lung > 0)
