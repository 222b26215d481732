"""Colours that a file recommends for its segments, as the screen shows them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from medviewer.dicom.objects.reading import Data, numbers

Rgb = tuple[int, int, int]
# Twelve colours that differ in brightness too, for segments whose file recommends none.
PALETTE: tuple[Rgb, ...] = (
    (244, 201, 93), (86, 180, 233), (0, 158, 115), (230, 97, 72), (204, 121, 167), (240, 228, 66),
    (133, 212, 136), (222, 138, 60), (141, 160, 240), (199, 199, 199), (63, 200, 208), (226, 150, 140),
)  # fmt: skip
# The white of sRGB. The standard means the white of printing (D50), but those who write files use this one.
_WHITE = np.array([0.95047, 1.0, 1.08883])
_XYZ_TO_RGB = np.array(
    [[3.2404542, -1.5371385, -0.4985314], [-0.9692660, 1.8760108, 0.0415560], [0.0556434, -0.2040259, 1.0572252]]
)


def from_cielab(values: Sequence[float]) -> Rgb | None:
    """Return the sRGB colour of a RecommendedDisplayCIELabValue (three times 0 to 65535); None where it is none."""
    if len(values) != 3 or not all(0 <= value <= 65535 for value in values):
        return None
    lightness = values[0] / 65535.0 * 100.0
    a, b = (value / 65535.0 * 255.0 - 128.0 for value in values[1:])
    y = (lightness + 16.0) / 116.0
    f = np.array([y + a / 500.0, y, y - b / 200.0])
    xyz = np.where(f > 6 / 29, f**3, 3 * (6 / 29) ** 2 * (f - 4 / 29)) * _WHITE
    linear = np.clip(_XYZ_TO_RGB @ xyz, 0.0, 1.0)
    red, green, blue = np.rint(255.0 * np.where(linear <= 0.0031308, 12.92 * linear, _gamma(linear)))
    return int(red), int(green), int(blue)


def _gamma(linear: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1.055 * linear ** (1 / 2.4) - 0.055)


def from_palette(data: Data) -> dict[int, Rgb]:
    """Return the colour of each stored value of a PALETTE COLOR label map; empty where the tables are damaged."""
    tables = [_table(data, name) for name in ("Red", "Green", "Blue")]
    shared = set.intersection(*(set(table) for table in tables))
    return {value: (tables[0][value], tables[1][value], tables[2][value]) for value in sorted(shared)}


def _table(data: Data, name: str) -> dict[int, int]:
    described = numbers(data, f"{name}PaletteColorLookupTableDescriptor")
    raw = data.get(f"{name}PaletteColorLookupTableData")
    if len(described) != 3 or not isinstance(raw, bytes):
        return {}
    count, start, bits = (int(value) for value in described)
    count = count or 65536
    wide = bits == 16 and len(raw) >= 2 * count
    entries = np.frombuffer(raw[: len(raw) & ~1], "<u2") >> 8 if wide else np.frombuffer(raw, np.uint8)
    return {start + n: int(entry) for n, entry in enumerate(entries[:count])}
