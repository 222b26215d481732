"""From voxels to the grey values of the screen."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from medviewer.imaging.window import Window

Bytes = NDArray[np.uint8]


def to_grey(
    plane: NDArray[np.int16], window: Window, slope: float = 1.0, intercept: float = 0.0, invert: bool = False
) -> Bytes:
    """Return ``plane`` (int16, any shape) as grey values 0 to 255; ``invert`` (MONOCHROME1) acts after the window.

    The window is DICOM's linear VOI function on real values (PS3.3 C.11.2.1.2.1), exact to the rounding.
    """
    grey: Bytes = np.take(lookup_table(window, slope, intercept, invert), plane.view(np.uint16))
    return grey


@lru_cache(maxsize=32)
def lookup_table(window: Window, slope: float = 1.0, intercept: float = 0.0, invert: bool = False) -> Bytes:
    """Return the grey of every int16 value, uint8 (65536,), at the index of its bits read as uint16."""
    stored = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.float64)
    grey = np.rint(255.0 * voi_linear(stored * slope + intercept, window)).astype(np.uint8)
    table = 255 - grey if invert else grey
    table.setflags(write=False)
    return table


def voi_linear(values: NDArray[np.float64], window: Window) -> NDArray[np.float64]:
    """Return DICOM's linear VOI function of ``values``, 0.0 (black) to 1.0 (white); width 1 is a step."""
    center, span = window.center - 0.5, max(window.width, 1.0) - 1.0
    if span == 0.0:
        return (values > center).astype(np.float64)
    return np.clip((values - center) / span + 0.5, 0.0, 1.0)
